"""The eight rows of Spec 3.4: name, target, pass rule, how the value is written."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One row of Spec 3.4: what it is called, what it must reach, how it is written."""

    key: str
    name: str
    target: str
    passes: Callable[[float], bool]
    show: Callable[[float], str]
    description: str


def _plain(value: float) -> str:
    return f"{value:.2f}"


def _percent(value: float) -> str:
    return f"{100.0 * value:.1f} %"


def _in_r(value: float) -> str:
    return f"{value:+.2f} R"


KPI_ROWS: tuple[KpiRow, ...] = (
    KpiRow(
        "sharpe",
        "Sharpe ratio",
        "> 1.5",
        lambda v: v > 1.5,
        _plain,
        "Return over the risk-free rate per unit of volatility",
    ),
    KpiRow(
        "sortino",
        "Sortino ratio",
        "> 2.0",
        lambda v: v > 2.0,
        _plain,
        "The same, with only downside volatility as risk",
    ),
    KpiRow(
        "max_drawdown_frac",
        "Max drawdown",
        "< 15 %",
        lambda v: v < 0.15,
        _percent,
        "Largest peak-to-trough fall of equity",
    ),
    KpiRow("calmar", "Calmar ratio", "> 2.0", lambda v: v > 2.0, _plain, "Annual return per unit of max drawdown"),
    KpiRow("win_rate", "Win rate", "35-50 %", lambda v: v >= 0.35, _percent, "Share of trades with a net profit"),
    KpiRow(
        "profit_factor", "Profit factor", "> 1.5", lambda v: v > 1.5, _plain, "Sum of net wins over sum of net losses"
    ),
    KpiRow(
        "expectancy_r",
        "Expectancy (R)",
        "> 0.5 R",
        lambda v: v > 0.5,
        _in_r,
        "Average net result of a trade per unit of risk",
    ),
    KpiRow(
        "recovery_factor",
        "Recovery factor",
        "> 3.0",
        lambda v: v > 3.0,
        _plain,
        "Net profit over the largest fall, in money",
    ),
)
"""Spec 3.4 in its order. The win rate's band is 35-50 %: only its lower end is a failure, a higher rate passes with a
note. An undefined value fails its target; infinity (a gain over no risk) passes."""


def kpi_result(row: KpiRow, value: float, has_trades: bool) -> dict[str, object]:
    """Return one row as it stands in ``metrics.json``; without trades no target is met, whatever the value."""
    passed = has_trades and not math.isnan(value) and row.passes(value)
    return {
        "key": row.key,
        "name": row.name,
        "value": json_number(value),
        "display": display(row, value),
        "target": row.target,
        "passed": passed,
        "note": _note(row, value, has_trades),
        "description": row.description,
    }


def display(row: KpiRow, value: float) -> str:
    """Return the value as a reader sees it: "n/a" when undefined, "∞" for a gain over no risk."""
    if math.isnan(value):
        return "n/a"
    return row.show(value) if math.isfinite(value) else "∞" if value > 0 else "-∞"


def _note(row: KpiRow, value: float, has_trades: bool) -> str:
    if not has_trades:
        return "not met: no trades"
    if math.isnan(value):
        return "not met: undefined"
    return "above the band" if row.key == "win_rate" and value > 0.5 else ""


def json_number(value: float) -> float | int | None:
    """Return the value, or None for what JSON cannot hold (NaN, infinity)."""
    return value if isinstance(value, int) or math.isfinite(value) else None
