"""The words and numbers that terminal and page share."""

from collections.abc import Callable

from research.monte_carlo.study import OwnOrder
from research.report.numbers import number, percent

METHOD_NAMES = {"reorder": "Reorder", "resample": "Resample", "block": "Block"}
METHOD_NOTES = {
    "reorder": "the same trades in every order: the end is fixed, only the way there changes",
    "resample": "trades drawn one by one with replacement: the trades themselves could have been others",
    "block": "blocks of neighbouring trades drawn with replacement: streaks and clusters stay together",
}


def _plus(value: float | None) -> str:
    return percent(value, plus=True)


def _whole(value: float | None) -> str:
    return number(value, 0)


type Show = Callable[[float | None], str]

ROWS: tuple[tuple[str, str, Show], ...] = (
    ("final_return_frac", "Final return", _plus),
    ("max_drawdown_frac", "Max drawdown", percent),
    ("sharpe", "Sharpe (trades)", number),
    ("recovery_trades", "Recovery, trades", _whole),
    ("recovery_days", "Recovery, days", _whole),
)
LEVELS = (("p05", "5 %"), ("p50", "median"), ("p95", "95 %"))


def own_value(own: OwnOrder, key: str, show: Show) -> str:
    """Return a value of the run's own order as text."""
    value: float = getattr(own, key)
    return show(value)
