"""Every number of a finished run, from its trades and its equity curve (Spec 3.4, 7.3, D36)."""

import math

import numpy as np
import pandas as pd

from research import equity_curve, metrics, trade_stats
from research.kpi import KPI_ROWS, json_number, kpi_result

HOUR_NS = 3_600_000_000_000


def compute_metrics(
    trades: pd.DataFrame, equity: pd.DataFrame, start_equity: float, annual_days: int, risk_free_frac: float = 0.0
) -> dict[str, object]:
    """Return the numbers of a run, ready for ``metrics.json``.

    Parameters
    ----------
    trades, equity : DataFrame
        Rows of ``trades.parquet`` and ``equity.parquet`` (architecture.md), any order of trades, equity oldest
        first; either may be empty.
    start_equity : float
        Quote units before the first row.
    annual_days : int
        365 (every UTC day counts) or 252 (only days that have equity rows, D36).
    risk_free_frac : float
        Per year.

    Returns
    -------
    dict
        ``annual_days``, ``risk_free_frac``, ``kpis`` (a list of rows: key, name, value, display, target, passed, note,
        description) and ``other`` (numbers with their unit in the name). JSON-serialisable: a value that is NaN or
        infinite is ``None``; ``display`` says "n/a" or "∞".

    Raises
    ------
    ValueError
        When ``annual_days`` is neither 365 nor 252.
    """
    if annual_days not in {365, 252}:
        raise ValueError(f"annual_days must be 365 or 252, was {annual_days} (D36)")
    other = equity_numbers(equity, start_equity, annual_days, risk_free_frac) | trade_numbers(trades)
    other["trades_per_day"] = metrics.ratio(other["trades"], other["days"])
    values = other | {
        "calmar": metrics.calmar(other["annual_return_frac"], other["max_drawdown_frac"]),
        "recovery_factor": metrics.recovery_factor(other["net_profit_quote"], other["max_drawdown_quote"]),
    }
    shown = {row.key for row in KPI_ROWS}
    return {
        "annual_days": annual_days,
        "risk_free_frac": risk_free_frac,
        "kpis": [kpi_result(row, values[row.key], len(trades) > 0) for row in KPI_ROWS],
        "other": {key: json_number(value) for key, value in other.items() if key not in shown},
    }


def equity_numbers(
    equity: pd.DataFrame, start_equity: float, annual_days: int, risk_free_frac: float = 0.0
) -> dict[str, float]:
    """Return what the equity curve alone says; columns ``ts``, ``equity`` and, if there, ``open_positions``.

    Drawdowns are taken over all rows with the start equity as the first peak; the ratios over daily returns.
    """
    ts_ns = to_ns(equity["ts"])
    values = equity["equity"].to_numpy(np.float64)
    returns = equity_curve.daily_returns(ts_ns, values, start_equity, every_day=annual_days == 365)
    end = float(values[-1]) if len(values) else start_equity
    curve = np.concatenate(([start_equity], values))
    stamps = np.concatenate((ts_ns[:1], ts_ns)) if len(ts_ns) else np.zeros(1, dtype=np.int64)
    return {
        "start_equity": start_equity,
        "end_equity": end,
        "net_profit_quote": end - start_equity,
        "days": len(returns),
        "years": len(returns) / annual_days,
        "total_return_frac": metrics.total_return_frac(start_equity, end),
        "annual_return_frac": metrics.annual_return_frac(start_equity, end, len(returns), annual_days),
        "annual_volatility_frac": metrics.annual_volatility_frac(returns, annual_days),
        "sharpe": metrics.sharpe(returns, annual_days, risk_free_frac),
        "sortino": metrics.sortino(returns, annual_days, risk_free_frac),
        "max_drawdown_frac": equity_curve.max_drawdown_frac(curve),
        "max_drawdown_quote": equity_curve.max_drawdown_quote(curve),
        "longest_drawdown_days": equity_curve.longest_drawdown_days(stamps, curve),
        "exposure_frac": exposure_frac(equity),
    }


def exposure_frac(equity: pd.DataFrame) -> float:
    """Return the share of equity rows with at least one open position; NaN without rows or without the column."""
    if len(equity) == 0 or "open_positions" not in equity:
        return math.nan
    return float((equity["open_positions"].to_numpy() > 0).mean())


def trade_numbers(trades: pd.DataFrame) -> dict[str, float]:
    """Return what the closed trades alone say; quote units are the account's, R is net of costs."""
    by_exit = trades.sort_values("exit_ts", kind="stable")
    net, r = by_exit["net_pnl"].to_numpy(np.float64), by_exit["r_multiple"].to_numpy(np.float64)
    gross, fees = by_exit["gross_pnl"].to_numpy(np.float64), by_exit["fees"].to_numpy(np.float64)
    hold_hours = (to_ns(by_exit["exit_ts"]) - to_ns(by_exit["entry_ts"])) / HOUR_NS
    return {
        "trades": len(net),
        "wins": int((net > 0).sum()),
        "losses": int((net < 0).sum()),
        "break_evens": int((net == 0).sum()),
        "win_rate": trade_stats.win_rate(net),
        "profit_factor": trade_stats.profit_factor(net),
        "expectancy_r": trade_stats.expectancy_r(r),
        "avg_win_quote": trade_stats.mean(net[net > 0]),
        "avg_loss_quote": trade_stats.mean(net[net < 0]),
        "avg_win_r": trade_stats.mean(r[r > 0]),
        "avg_loss_r": trade_stats.mean(r[r < 0]),
        "longest_losing_streak": trade_stats.longest_losing_streak(net),
        "avg_hold_hours": trade_stats.mean(hold_hours),
        "gross_pnl_quote": float(gross.sum()),
        "fees_quote": float(fees.sum()),
        "funding_quote": float(by_exit["funding"].to_numpy(np.float64).sum()),
        "slippage_quote": float(by_exit["slippage"].to_numpy(np.float64).sum()),
        "net_pnl_quote": float(net.sum()),
        "fee_to_pnl_frac": trade_stats.fee_to_pnl_frac(fees, gross),
    }


def to_ns(stamps: "pd.Series[pd.Timestamp]") -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return UTC stamps of any resolution as int64 nanoseconds."""
    return pd.DatetimeIndex(stamps).as_unit("ns").asi8
