"""Account size decides risk per trade and position count (Spec 11.3, D23)."""

from typing import NamedTuple


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


def tier_of(equity: float) -> Tier | None:
    """Return the tier of an account, or None above 10 M: "review strategy viability" (D23).

    >>> tier_of(99_999.0).risk_frac, tier_of(100_000.0).risk_frac, tier_of(10_000_001.0)
    (0.01, 0.0075, None)
    """
    for tier in TIERS:
        if equity < tier.below_equity:
            return tier
    return TOP_TIER if equity <= TOP_TIER.below_equity else None
