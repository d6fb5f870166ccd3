"""Figures side by side: one line a metric, one value a run, and its difference to the first run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from research import benchmark
from research.comparison.runs import Compared, currencies
from research.report.numbers import money, number, percent
from research.run_metrics import to_ns

type Show = Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One metric.

    Parameters
    ----------
    name : str
        As a reader sees it, unit included.
    values : list of float or None
        One a run; None where it is not defined.
    show : callable
        How a value and a difference are written.
    better : int
        1: more is better, -1: less is better, 0: neither.
    is_comparable : bool
        Whether a difference has a meaning.
    """

    name: str
    values: list[float | None]
    show: Show
    better: int
    is_comparable: bool = True

    def show_difference(self, difference: float) -> str:
        """Return a difference with its sign; between two percentages it is in points."""
        text = self.show(difference).replace(" %", " pts")
        return text if difference < 0.0 else f"+{text}"

    def differences(self) -> list[float | None]:
        """Return each run's value minus the first run's; None where either is not defined or they do not compare."""
        first = self.values[0]
        return [None if one is None or first is None or not self.is_comparable else one - first for one in self.values]


def _r(value: float | None) -> str:
    return number(value, 3) + ("" if value is None else " R")


def _count(value: float | None) -> str:
    return number(value, 0)


KPIS: tuple[tuple[str, str, Show, int], ...] = (
    ("sharpe", "Sharpe ratio", number, 1),
    ("sortino", "Sortino ratio", number, 1),
    ("max_drawdown_frac", "Max drawdown", percent, -1),
    ("calmar", "Calmar ratio", number, 1),
    ("win_rate", "Win rate", percent, 0),
    ("profit_factor", "Profit factor", number, 1),
    ("expectancy_r", "Expectancy", _r, 1),
    ("recovery_factor", "Recovery factor", number, 1),
)
OTHERS: tuple[tuple[str, str, Show, int], ...] = (
    ("total_return_frac", "Total return", percent, 1),
    ("annual_return_frac", "Annual return", percent, 1),
    ("annual_volatility_frac", "Annual volatility", percent, -1),
    ("longest_drawdown_days", "Longest drawdown, days", _count, -1),
    ("exposure_frac", "In the market, share of bars", percent, 0),
    ("trades", "Trades", _count, 0),
    ("longest_losing_streak", "Longest losing streak", _count, -1),
    ("avg_hold_hours", "Average hold, hours", number, 0),
    ("fee_to_pnl_frac", "Fees over gross profit", percent, -1),
)
MONEY: tuple[tuple[str, str, Show, int], ...] = (
    ("net_profit_quote", "Net result", money, 1),
    ("gross_pnl_quote", "Gross at fill prices", money, 1),
    ("fees_quote", "Fees", money, -1),
    ("slippage_quote", "Slippage", money, -1),
    ("funding_quote", "Funding and rollover", money, -1),
)
COMMON: tuple[tuple[str, str, Show, int], ...] = (
    ("sharpe", "Sharpe ratio", number, 1),
    ("sortino", "Sortino ratio", number, 1),
    ("total_return_frac", "Return", percent, 1),
    ("annual_volatility_frac", "Annual volatility", percent, -1),
    ("max_drawdown_frac", "Max drawdown", percent, -1),
)
RATIOS = frozenset({"sharpe", "sortino"})


def metric_lines(runs: Sequence[Compared]) -> list[Line]:
    """Return every figure of the runs' ``metrics.json`` side by side; each over its own span."""
    values = [
        {row["key"]: row["value"] for row in one.run.metrics["kpis"]} | dict(one.run.metrics["other"]) for one in runs
    ]
    same_days = len({one.run.annual_days for one in runs}) == 1
    same_money = len(currencies(runs)) == 1
    lines = [
        Line(name, [_number(one.get(key)) for one in values], show, better, same_days or key not in RATIOS)
        for key, name, show, better in (*KPIS, *OTHERS)
    ]
    unit = currencies(runs)[0] if same_money else "own currency"
    return lines + [
        Line(f"{name}, {unit}".strip(", "), [_number(one.get(key)) for one in values], show, better, same_money)
        for key, name, show, better in MONEY
    ]


def common_span_ns(runs: Sequence[Compared]) -> tuple[int, int] | None:
    """Return the first and last moment that all runs cover, nanoseconds UTC; None without one."""
    spans = [one.run.span_ns for one in runs]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None
    first, last = max(span[0] for span in known), min(span[1] for span in known)
    return (first, last) if first < last else None


def common_lines(runs: Sequence[Compared], span_ns: tuple[int, int]) -> list[Line]:
    """Return the figures of the equity curves over a span that all runs cover, from the equity each had at its start.

    A run that compounds carries its earlier gains and losses into the span: fractions compare, money does not.
    """
    values = [_span_figures(one, span_ns) for one in runs]
    same_days = len({one.run.annual_days for one in runs}) == 1
    return [
        Line(name, [one[key] for one in values], show, better, same_days or key not in RATIOS)
        for key, name, show, better in COMMON
    ]


def _span_figures(one: Compared, span_ns: tuple[int, int]) -> dict[str, float | None]:
    ts_ns, equity = to_ns(one.run.equity["ts"]), one.run.equity["equity"].to_numpy(np.float64)
    begin, end = np.searchsorted(ts_ns, span_ns[0], side="left"), np.searchsorted(ts_ns, span_ns[1], side="right")
    start = float(equity[begin - 1]) if begin > 0 else one.run.start_equity
    return benchmark.buy_and_hold(ts_ns[begin:end], equity[begin:end], start, one.run.annual_days)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
