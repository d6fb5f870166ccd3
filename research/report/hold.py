"""Buy-and-hold at the times of the run's own equity rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research import benchmark, equity_curve
from research.report.prices import PriceSeries
from research.report.run import Run
from research.run_metrics import to_ns


@dataclass(frozen=True, slots=True)
class Hold:
    """The holding's equity, one value per equity row, and its figures beside the strategy's."""

    equity: npt.NDArray[np.float64]
    figures: dict[str, float | None]
    alpha: float
    beta: float
    information_ratio: float


def compute_hold(run: Run, prices: Mapping[str, PriceSeries]) -> Hold | None:
    """Return the holding of all instruments in equal parts; None without prices or without equity rows."""
    if len(run.equity) == 0 or not any(map(len, prices.values())):
        return None
    ts_ns = to_ns(run.equity["ts"])
    closes = [(series.ts_ns, series.close) for series in prices.values()]
    equity = benchmark.hold_equity(ts_ns, closes, run.start_equity)
    every_day = run.annual_days == 365
    strategy = run.equity["equity"].to_numpy(np.float64)
    ours = equity_curve.daily_returns(ts_ns, strategy, run.start_equity, every_day)
    held = equity_curve.daily_returns(ts_ns, equity, run.start_equity, every_day)
    alpha, beta = benchmark.alpha_beta(ours, held, run.annual_days)
    rate = float(run.metrics.get("risk_free_frac") or 0.0)
    figures = benchmark.buy_and_hold(ts_ns, equity, run.start_equity, run.annual_days, rate)
    return Hold(equity, figures, alpha, beta, benchmark.information_ratio(ours, held, run.annual_days))
