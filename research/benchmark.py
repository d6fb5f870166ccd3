"""Buy-and-hold beside the strategy (Spec 8.4): what the same money would have done by itself."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from research import metrics, run_metrics

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def hold_equity(ts_ns: Ints, closes: Sequence[tuple[Ints, Floats]], start_equity: float) -> Floats:
    """Return the equity of holding all instruments in equal parts, at the given times.

    Parameters
    ----------
    ts_ns : int64 array of shape (n,)
        Times to value the holding at, nanoseconds UTC, oldest first.
    closes : sequence of (int64 array of shape (m,), float64 array of shape (m,))
        Close times and closing prices of each instrument, oldest first.
    start_equity : float
        Quote units; each instrument gets an equal part.

    Returns
    -------
    float64 array of shape (n,)
        Quote units, without costs or leverage and never rebalanced. A part is cash until its instrument's first
        close, is then bought at that close, and keeps its last close after the data ends. Without instruments,
        the start equity.

    >>> day = np.array([1, 2, 3])
    >>> hold_equity(day, [(day, np.array([1.0, 2.0, 3.0])), (day[1:], np.array([4.0, 2.0]))], 100.0).tolist()
    [100.0, 150.0, 175.0]
    """
    parts = [pair for pair in closes if len(pair[0])]
    if not parts:
        return np.full(len(ts_ns), start_equity)
    return start_equity * np.mean([_growth(ts_ns, times, close) for times, close in parts], axis=0)


def buy_and_hold(
    ts_ns: Ints, equity: Floats, start_equity: float, annual_days: int, risk_free_frac: float = 0.0
) -> dict[str, float | None]:
    """Return the figures of an equity-like series that can stand beside the strategy's, NaN and infinity as None.

    Keys: those of `research.run_metrics.equity_numbers`, plus ``calmar`` and ``recovery_factor``.
    """
    frame = pd.DataFrame({"ts": pd.to_datetime(ts_ns, utc=True), "equity": equity})
    numbers = run_metrics.equity_numbers(frame, start_equity, annual_days, risk_free_frac)
    numbers["calmar"] = metrics.calmar(numbers["annual_return_frac"], numbers["max_drawdown_frac"])
    numbers["recovery_factor"] = metrics.recovery_factor(numbers["net_profit_quote"], numbers["max_drawdown_quote"])
    return {key: float(value) if np.isfinite(value) else None for key, value in numbers.items()}


def alpha_beta(returns: Floats, benchmark: Floats, annual_days: int) -> tuple[float, float]:
    """Return Jensen's alpha per year (arithmetic) and beta against a benchmark.

    Parameters
    ----------
    returns, benchmark : float64 arrays of shape (days,)
        Daily returns of the same days, fractions.
    annual_days : int
        365 or 252.

    Returns
    -------
    (float, float)
        Alpha as a fraction per year, beta. Both NaN with fewer than two days or a benchmark that does not move.

    Notes
    -----
    Source: Spec 8.4; Jensen (1968).
    ``beta = cov(r, b) / var(b)``, ``alpha = annual_days * (mean(r) - beta * mean(b))``.

    >>> b = np.array([0.01, -0.01, 0.02])
    >>> [round(float(x), 6) for x in alpha_beta(0.001 + 2.0 * b, b, 252)]
    [0.252, 2.0]
    """
    if len(returns) < 2 or not float(np.var(benchmark)) > 0.0:
        return float("nan"), float("nan")
    covariance = np.cov(returns, benchmark, ddof=1)
    beta = float(covariance[0, 1] / covariance[1, 1])
    return annual_days * float(np.mean(returns) - beta * np.mean(benchmark)), beta


def information_ratio(returns: Floats, benchmark: Floats, annual_days: int) -> float:
    """Return the Sharpe ratio of the daily difference to the benchmark (Spec 8.4); NaN where `sharpe` is.

    >>> round(information_ratio(np.array([0.02, 0.02]), np.array([0.01, -0.01]), 252), 6)
    22.449944
    """
    return metrics.sharpe(np.asarray(returns) - np.asarray(benchmark), annual_days)


def _growth(ts_ns: Ints, times: Ints, close: Floats) -> Floats:
    rows = np.searchsorted(times, ts_ns, side="right") - 1
    return np.where(rows < 0, 1.0, close[np.maximum(rows, 0)] / close[0])
