"""Losses in a row halve the size of the next trades (Spec 5.5; D30)."""

from compiled import Records, compiled


@compiled
def judge_result(states: Records, limits: Records, net: float) -> None:
    """Take the net result of a finished trade; one that is not known counts as a loss.

    Whenever the last five were losses the next ten trades are half as large, so a sixth loss starts the ten anew.
    """
    s = states[0]
    l = limits[0]  # noqa: E741
    s.losses = 0 if net >= 0.0 else s.losses + 1
    if s.losses >= l.losses_in_a_row:
        s.reduced_left = l.reduced_trades


@compiled
def count_trade(states: Records) -> None:
    """Take the first fill of an entry: one trade of the day, one of those that are half as large."""
    s = states[0]
    s.day_trades += 1
    s.reduced_left = max(0, s.reduced_left - 1)


@compiled
def size_factor(states: Records, limits: Records) -> float:
    """Return the factor on the risk of the next trade."""
    return limits[0].reduced_size_factor if states[0].reduced_left > 0 else 1.0
