"""Account size decides risk per trade and position count (Spec 11.3, D23)."""

from typing import NamedTuple

from compiled import compiled


class Tier(NamedTuple):
    """One row of Spec 11.3."""

    below_equity: float
    risk_frac: float
    max_positions: int


TIERS = (
    Tier(100_000.0, 0.01, 5),
    Tier(500_000.0, 0.0075, 8),
    Tier(2_000_000.0, 0.005, 12),
)
TOP_TIER = Tier(10_000_000.0, 0.0025, 20)


BELOW = tuple(tier.below_equity for tier in TIERS)
RISK_FRAC = tuple(tier.risk_frac for tier in (*TIERS, TOP_TIER))
MAX_POSITIONS = tuple(tier.max_positions for tier in (*TIERS, TOP_TIER))
HIGHEST = TOP_TIER.below_equity


@compiled
def tier_row(equity: float) -> int:
    """Return the number of an account's tier, -1 above 10 M (D23)."""
    for row in range(len(BELOW)):
        if equity < BELOW[row]:
            return row
    return len(BELOW) if equity <= HIGHEST else -1


@compiled
def tier_limits(equity: float) -> tuple[float, int]:
    """Return risk per trade and number of positions of an account's tier; nothing at all above 10 M."""
    row = tier_row(equity)
    return (RISK_FRAC[row], MAX_POSITIONS[row]) if row >= 0 else (0.0, 0)


def tier_of(equity: float) -> Tier | None:
    """Return the tier of an account, or None above 10 M: "review strategy viability" (D23).

    >>> tier_of(99_999.0).risk_frac, tier_of(100_000.0).risk_frac, tier_of(10_000_001.0)
    (0.01, 0.0075, None)
    """
    row = tier_row(equity)
    return (*TIERS, TOP_TIER)[row] if row >= 0 else None
