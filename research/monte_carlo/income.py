"""How much capital an income needs, when it is taken out and the capital stays (Spec 3.6, 11.3)."""

import msgspec

from risk.tiers import TIERS, TOP_TIER, tier_of


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Capital for one income, quote units; None where no capital is enough.

    Attributes
    ----------
    median_capital, sure_capital : float, optional
        So that half, or 95 in 100, of the paths earn the income on average over the span.
    median_tier_capital, sure_tier_capital : float, optional
        The same with the risk per trade that the tiers of Spec 11.3 allow an account of that size.
    """

    amount: float
    period: str
    risk_frac: float
    median_capital: float | None
    sure_capital: float | None
    median_tier_capital: float | None
    sure_tier_capital: float | None


def flat_capital(per_year: float, yearly_return_frac: float) -> float | None:
    """Return the capital that earns ``per_year``, at the risk per trade that the run took.

    Notes
    -----
    Source: Spec 3.6. ``capital = income / (mean trade return * trades per year)``. Returns are added up, not
    compounded: what is earned is taken out.

    >>> flat_capital(12_000.0, 0.24), flat_capital(12_000.0, -0.1)
    (50000.0, None)
    """
    return per_year / yearly_return_frac if yearly_return_frac > 0.0 else None


def tier_capital(per_year: float, yearly_return_frac: float, risk_frac: float) -> float | None:
    """Return the least capital that earns ``per_year`` at the risk per trade of its own tier (Spec 11.3, D23).

    Parameters
    ----------
    per_year : float
        Quote units.
    yearly_return_frac : float
        Sum of the trade returns of a year at ``risk_frac`` per trade.
    risk_frac : float
        Risk per trade of the tier the run began in.

    Returns
    -------
    float, optional
        Quote units; None when nothing is earned, or when it takes more than 10 M, where entries are refused.

    >>> round(tier_capital(12_000.0, 0.24, 0.01) or 0.0), round(tier_capital(24_000.0, 0.24, 0.01) or 0.0)
    (50000, 133333)
    """
    if not yearly_return_frac > 0.0:
        return None
    floor = 0.0
    for tier in (*TIERS, TOP_TIER):
        capital = max(per_year / (yearly_return_frac * tier.risk_frac / risk_frac), floor)
        if tier_of(capital) is tier:
            return capital
        floor = tier.below_equity
    return None
