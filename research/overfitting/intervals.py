"""How far each number of Spec 3.4 could have come out otherwise: stationary-bootstrap intervals."""

import math
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from errors import DataError
from research import equity_curve, metrics, trade_stats
from research.kpi import json_number
from research.overfitting.stationary_bootstrap import draw_indices, mean_block_length

Floats = npt.NDArray[np.float64]

MIN_DAYS = 60
MIN_TRADES = 20
_MAX_UNDEFINED_FRAC = 0.05


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A number and the range that chance leaves it; what is not a finite number is None, and ``note`` says why."""

    value: float | None
    low: float | None
    high: float | None
    level: float
    sample: int  # days or trades
    mean_block: float | None  # days or trades; None when nothing was resampled
    note: str = ""


def kpi_intervals(
    daily_returns: Floats,
    net_pnl: Floats,
    r_multiples: Floats,
    annual_days: int,
    *,
    level: float = 0.90,
    draws: int = 2_000,
    seed: int = 1,
    risk_free_frac: float = 0.0,
) -> dict[str, Interval]:
    """Return an interval for each of the eight numbers of Spec 3.4, by its key in ``research.kpi``.

    Parameters
    ----------
    daily_returns : float64 array of shape (days,)
        Fractions, oldest first (D36).
    net_pnl, r_multiples : float64 arrays of shape (trades,)
        Columns of ``trades.parquet`` ordered by exit, quote units and R. NaN in R: a trade without a
        stop.
    annual_days : int
        365 or 252.
    level : float
        Share of resamples inside, in (0, 1).
    draws, seed : int
        Resamples, and what makes them repeatable.
    risk_free_frac : float
        Per year.

    Returns
    -------
    dict
        `Interval` by key. Fewer than 60 days or 20 trades, a NaN or no variance: the ends are None, never a pass.

    Raises
    ------
    DataError
        When the trades' columns differ in length or ``level`` is not in (0, 1).

    Notes
    -----
    Percentile intervals (Efron & Tibshirani 1993, chapter 13), rounded outwards; no BCa, whose acceleration is not
    defined for blocks. Days and trades are resampled apart, each with blocks of Politis & White's length. The value of
    a drawdown, and what is divided by it, is over **daily closes**: the run's own looks at every row and is no smaller.
    A percentile interval of a maximum is a range of what could have been, not a bound.
    """
    if len(net_pnl) != len(r_multiples) or not 0.0 < level < 1.0:
        raise DataError(
            f"kpi_intervals: trade columns must be equally long, were {len(net_pnl)} and {len(r_multiples)}; "
            f"level must be in (0, 1), was {level}"
        )

    def of_days(sample: Floats) -> dict[str, float]:
        return _equity_kpis(sample[:, 0], annual_days, risk_free_frac)

    days = np.asarray(daily_returns, dtype=np.float64)[:, None]
    trades = np.column_stack((net_pnl, r_multiples)).astype(np.float64)
    fails = "a day without a return" if not np.isfinite(days).all() else _shortage(len(days), MIN_DAYS, "days")
    found = _intervals(days, of_days, level, draws, seed, fails)
    fails = (
        "a trade without a result" if not np.isfinite(net_pnl).all() else _shortage(len(trades), MIN_TRADES, "trades")
    )
    return found | _intervals(trades, _trade_kpis, level, draws, seed, fails)


def _equity_kpis(returns: Floats, annual_days: int, risk_free_frac: float) -> dict[str, float]:
    curve = np.cumprod(np.concatenate(([1.0], np.maximum(1.0 + returns, 0.0))))  # what is lost stays lost
    end, fall = float(curve[-1]), equity_curve.max_drawdown_frac(curve)
    growth = metrics.annual_return_frac(1.0, end, len(returns), annual_days)
    return {
        "sharpe": metrics.sharpe(returns, annual_days, risk_free_frac),
        "sortino": metrics.sortino(returns, annual_days, risk_free_frac),
        "max_drawdown_frac": fall,
        "calmar": metrics.calmar(growth, fall),
        "recovery_factor": metrics.recovery_factor(end - 1.0, equity_curve.max_drawdown_quote(curve)),
    }


def _trade_kpis(trades: Floats) -> dict[str, float]:
    return {
        "win_rate": trade_stats.win_rate(trades[:, 0]),
        "profit_factor": trade_stats.profit_factor(trades[:, 0]),
        "expectancy_r": trade_stats.expectancy_r(trades[:, 1]),
    }


def _shortage(sample: int, least: int, unit: str) -> str:
    return f"{sample} {unit} are too few, {least} needed" if sample < least else ""


def _intervals(
    rows: Floats, compute: Callable[[Floats], dict[str, float]], level: float, draws: int, seed: int, fails: str
) -> dict[str, Interval]:
    """Return the intervals of one sample, shape (n, columns); with ``fails`` only the values, and why."""
    values, n = compute(rows), len(rows)
    if fails:
        return {key: _unknown(value, level, n, None, fails) for key, value in values.items()}
    block = max(mean_block_length(column[np.isfinite(column)]) for column in rows.T)
    resampled = [compute(rows[index]) for index in draw_indices(n, block, draws, seed)]
    return {
        key: _interval(value, np.array([one[key] for one in resampled]), level, n, block)
        for key, value in values.items()
    }


def _interval(value: float, drawn: Floats, level: float, sample: int, block: float) -> Interval:
    kept = np.sort(drawn[~np.isnan(drawn)])
    if math.isnan(value) or len(kept) < (1.0 - _MAX_UNDEFINED_FRAC) * len(drawn):
        return _unknown(value, level, sample, block, "not defined for this sample or for too many resamples")
    tail, last = (1.0 - level) / 2.0, len(kept) - 1
    low, high = float(kept[math.floor(tail * last)]), float(kept[math.ceil((1.0 - tail) * last)])
    note = "" if math.isfinite(low) and math.isfinite(high) else "no finite bound"
    if low == high:
        return _unknown(value, level, sample, block, "every resample says the same: no variance")
    return Interval(
        value=json_number(value), low=json_number(low), high=json_number(high), level=level, sample=sample,
        mean_block=block, note=note,
    )  # fmt: skip


def _unknown(value: float, level: float, sample: int, block: float | None, why: str) -> Interval:
    return Interval(
        value=json_number(value), low=None, high=None, level=level, sample=sample, mean_block=block, note=why
    )
