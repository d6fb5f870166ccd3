"""What one parameter set did in one span, in a few numbers."""

import math

import msgspec
import numpy as np
import numpy.typing as npt

from research import equity_curve, metrics, trade_stats
from research.kpi import json_number
from research.walk_forward.plan import Objective

Floats = npt.NDArray[np.float64]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a span that begins with the starting balance and nothing open; None is not defined.

    Attributes
    ----------
    sharpe, sortino, calmar : float or None
        Per year, of daily equity (D36); the drawdown under ``calmar`` is that of daily closes.
    net : float
        Account currency, after all costs, open positions at mark.
    expectancy_r : float or None
        Mean net result of a trade in units of its risk.
    """

    sharpe: float | None
    sortino: float | None
    calmar: float | None
    net: float
    expectancy_r: float | None
    max_drawdown_frac: float | None
    trades: int


def returns_of(equity: Floats, start_equity: float) -> Floats:
    """Return the daily returns of an equity curve that has one value a day."""
    days = np.arange(len(equity), dtype=np.int64) * equity_curve.DAY_NS
    return equity_curve.daily_returns(days, equity, start_equity, every_day=True)


def score_of(equity: Floats, r_multiples: Floats, start_equity: float, annual_days: int) -> Score:
    """Return the score of a daily equity curve and the results of its trades in R."""
    returns = returns_of(equity, start_equity)
    end = float(equity[-1]) if len(equity) else start_equity
    drawdown = equity_curve.max_drawdown_frac(np.r_[start_equity, equity])
    growth = metrics.annual_return_frac(start_equity, end, len(returns), annual_days)
    return Score(
        sharpe=json_number(metrics.sharpe(returns, annual_days)),
        sortino=json_number(metrics.sortino(returns, annual_days)),
        calmar=json_number(metrics.calmar(growth, drawdown)),
        net=end - start_equity,
        expectancy_r=json_number(trade_stats.expectancy_r(r_multiples)),
        max_drawdown_frac=json_number(drawdown),
        trades=len(r_multiples),
    )


def objective_of(score: Score, objective: Objective) -> float:
    """Return what a search maximises; NaN where it is not defined."""
    value: float | None = getattr(score, objective)
    return math.nan if value is None else value
