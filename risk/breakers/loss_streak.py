"""Losses in a row halve the size of the next trades (Spec 5.5; D30)."""

from compiled import Records, compiled_bare
from risk.breakers.state import DAY_NS


@compiled_bare
def judge_result(states: Records, limits: Records, net: float) -> None:
    """Take the net result of a finished trade; one that is not known counts as a loss.

    Whenever the last five were losses the next ten trades are half as large, so a sixth loss starts the ten anew.
    """
    s = states[0]
    l = limits[0]  # noqa: E741
    s.losses = 0 if net >= 0.0 else s.losses + 1
    if s.losses >= l.losses_in_a_row:
        s.reduced_left = l.reduced_trades


@compiled_bare
def count_trade(states: Records, ts_ns: int) -> None:
    """Take the first fill of an entry: one trade of its UTC day, one of those that are half as large."""
    s = states[0]
    s.day_trades = trades_on(states, ts_ns) + 1
    s.trades_day = ts_ns // DAY_NS
    s.reduced_left = max(0, s.reduced_left - 1)


@compiled_bare
def trades_on(states: Records, ts_ns: int) -> int:
    """Return how many trades were opened on the UTC day of a moment, up to the last one counted."""
    s = states[0]
    return s.day_trades if s.trades_day == ts_ns // DAY_NS else 0


@compiled_bare
def size_factor(states: Records, limits: Records) -> float:
    """Return the factor on the risk of the next trade."""
    return limits[0].reduced_size_factor if states[0].reduced_left > 0 else 1.0
