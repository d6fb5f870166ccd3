"""What the paths of one method say: percentiles, ruin, milestones, incomes."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from compiled import Records
from research.monte_carlo.income import Need, flat_capital, tier_capital
from research.monte_carlo.interval import Share, share_of
from research.monte_carlo.measure import ROUNDING
from research.monte_carlo.plan import Income
from risk.tiers import TOP_TIER, tier_of

Floats = npt.NDArray[np.float64]

RUIN_LEVEL_FRAC = 0.5  # D38
NO_SPREAD = 1e-12  # as in research.metrics: a spread this small beside the largest return is rounding


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often a run traded: what turns results per trade into results per year."""

    trades: int
    years: float

    @property
    def trades_per_year(self) -> float:
        """Return the trades of a year, days without trades and halts included."""
        return self.trades / self.years

    @property
    def days_per_trade(self) -> float:
        """Return the calendar days from one trade to the next, on average."""
        return 365.0 * self.years / self.trades


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """The middle and the ends of a distribution; None where it is not defined on any path."""

    p05: float | None
    p50: float | None
    p95: float | None


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A total return, and on how many paths it was reached at any time, and held at the end."""

    return_frac: float
    reached: Share
    held_at_end_frac: float


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of one method.

    Attributes
    ----------
    percentiles : dict
        ``final_return_frac``, ``max_drawdown_frac``, ``sharpe``, ``recovery_trades``, ``recovery_days``.
    loss_frac, unrecovered_frac : float
        Shares of paths that end below the start, and below their own peak.
    """

    percentiles: dict[str, Percentiles]
    loss_frac: float
    unrecovered_frac: float
    ruin: Share
    milestones: tuple[Milestone, ...]
    income: tuple[Need, ...]


def summarise(
    records: Records, pace: Pace, milestones: Sequence[float], incomes: Sequence[Income], start_equity: float
) -> Summary:
    """Return what the paths say.

    Parameters
    ----------
    records : array of ``PATH``, shape (paths,)
        From `research.monte_carlo.paths.make_paths`.
    pace : Pace
        How often the run traded; every path keeps it (Spec 8.3).
    milestones, incomes
        As in `research.monte_carlo.plan.Plan`.
    start_equity : float
        Quote units; decides the risk per trade that the run's tier allowed (D23).

    Notes
    -----
    Source: Spec 3.6, 8.3, D38. Ruin: equity under half of the start at the close of any trade. A milestone counts as
    reached when equity was there at the close of any trade, whatever came after.
    """
    paths = len(records)
    return Summary(
        percentiles={name: percentiles(values) for name, values in distributions(records, pace).items()},
        loss_frac=float((records["end"] < 1.0 - ROUNDING).mean()),
        unrecovered_frac=float((records["recovered"] == 0).mean()),
        ruin=share_of(int(ruined(records).sum()), paths),
        milestones=tuple(_milestone(records, mark) for mark in milestones),
        income=tuple(_need(records, pace, income, start_equity) for income in incomes),
    )


def distributions(records: Records, pace: Pace) -> dict[str, Floats]:
    """Return what each path came to, by name; arrays of shape (paths,), NaN where it is not defined."""
    longest = records["recovery_trades"].astype(np.float64)
    return {
        "final_return_frac": records["end"] - 1.0,
        "max_drawdown_frac": records["max_drawdown_frac"],
        "sharpe": sharpes(records, pace.trades_per_year),
        "recovery_trades": longest,
        "recovery_days": longest * pace.days_per_trade,
    }


def sharpes(records: Records, trades_per_year: float) -> Floats:
    """Return the annualised Sharpe ratio of the trade returns of each path; NaN where they do not vary.

    Notes
    -----
    ``mean(r) / std(r, ddof=1) * sqrt(trades per year)``, risk-free rate 0: `research.metrics.sharpe` over trades
    instead of days, so it differs from the run's own, which is taken over daily returns (D36).
    """
    spread = records["spread_frac"]
    varies = spread > NO_SPREAD * records["largest_frac"]
    steady = np.divide(records["mean_frac"], spread, out=np.full(len(records), np.nan), where=varies)
    return np.asarray(steady * math.sqrt(trades_per_year), dtype=np.float64)


def ruined(records: Records) -> npt.NDArray[np.bool_]:
    """Return on which paths equity was under half of the start at any time (D38)."""
    return np.asarray(records["lowest"] < RUIN_LEVEL_FRAC * (1.0 - ROUNDING), dtype=np.bool_)


def percentiles(values: Floats) -> Percentiles:
    """Return the 5th, 50th and 95th percentile of the values that are numbers, interpolated between neighbours.

    >>> percentiles(np.arange(101.0)).p95, percentiles(np.array([np.nan])).p50
    (95.0, None)
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return Percentiles(p05=None, p50=None, p95=None)
    low, middle, high = (float(value) for value in np.quantile(known, (0.05, 0.5, 0.95)))
    return Percentiles(p05=low, p50=middle, p95=high)


def _milestone(records: Records, mark: float) -> Milestone:
    level = (1.0 + mark) * (1.0 - ROUNDING)
    reached = share_of(int((records["highest"] >= level).sum()), len(records))
    return Milestone(return_frac=mark, reached=reached, held_at_end_frac=float((records["end"] >= level).mean()))


def _need(records: Records, pace: Pace, income: Income, start_equity: float) -> Need:
    """Return the capital that the median and the 5th percentile of the mean trade return ask for."""
    sure, median = (float(q) * pace.trades_per_year for q in np.quantile(records["mean_frac"], (0.05, 0.5)))
    risk_frac = (tier_of(start_equity) or TOP_TIER).risk_frac
    return Need(
        amount=income.amount,
        period=income.period,
        risk_frac=risk_frac,
        median_capital=flat_capital(income.per_year, median),
        sure_capital=flat_capital(income.per_year, sure),
        median_tier_capital=tier_capital(income.per_year, median, risk_frac),
        sure_tier_capital=tier_capital(income.per_year, sure, risk_frac),
    )
