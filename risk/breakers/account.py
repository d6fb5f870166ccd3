"""One look at the account: days and weeks begin, losses are judged (D22, D24)."""

import numpy as np

from compiled import Records, compiled_bare
from risk.breakers.daily_loss import judge_day, roll_day
from risk.breakers.drawdown import judge_drawdown
from risk.breakers.state import DAY_NS, MONDAY, WEEK_DAYS
from risk.breakers.weekly_loss import judge_week, open_week, roll_week


@compiled_bare
def week_of(day: int) -> int:
    """Return the number of the week that a day (since 1970) is in; weeks start on Monday.

    >>> week_of(3), week_of(4), week_of(10), week_of(11)
    (-1, 0, 0, 1)
    """
    return (day - MONDAY) // WEEK_DAYS


@compiled_bare
def elapse(states: Records, limits: Records, ts_ns: int, equity: float) -> None:
    """Let time pass up to a moment: periods that began unseen start from the last equity seen before them."""
    s = states[0]
    if s.known == 0:
        _begin(states, ts_ns, equity)
    _roll(states, limits, max(s.day, (ts_ns - 1) // DAY_NS), s.equity)
    open_week(s, ts_ns)


@compiled_bare
def judge(states: Records, limits: Records, ts_ns: int, equity: float) -> None:
    """Judge the losses of day and week, and the drawdown."""
    s = states[0]
    l = limits[0]  # noqa: E741
    judge_day(s, l, equity)
    judge_week(s, l, ts_ns, equity)
    judge_drawdown(s, l, equity)
    s.equity = equity
    s.seen_ns = max(s.seen_ns, ts_ns)


@compiled_bare
def settle(states: Records, limits: Records, ts_ns: int, equity: float) -> None:
    """Begin the periods that start at exactly this moment."""
    _roll(states, limits, max(states[0].day, ts_ns // DAY_NS), equity)


@compiled_bare
def observe_equity(states: Records, limits: Records, ts_ns: int, equity: float) -> None:
    """Take the account's equity at one moment: ``elapse``, ``judge``, ``settle``.

    Parameters
    ----------
    states, limits : arrays of one ``STATE`` and one ``LIMITS`` record
        The state is changed in place.
    ts_ns : int
        Nanoseconds UTC, never earlier than the last one. What is seen at exactly 00:00 still belongs to the day that
        ends, and is what the new one starts from; what a second look at that moment finds lost counts for the new day.
    equity : float
        Cash plus unrealized result, account currency. Not finite: unknown, nothing is judged and nothing opens.

    Notes
    -----
    Source: Spec 5.4, 5.5; D24 - D26, D29.
    """
    if np.isfinite(equity):
        elapse(states, limits, ts_ns, equity)
        judge(states, limits, ts_ns, equity)
        settle(states, limits, ts_ns, equity)


@compiled_bare
def _begin(states: Records, ts_ns: int, equity: float) -> None:
    s = states[0]
    s.known = 1
    s.equity = equity
    s.peak = max(s.peak, equity)
    s.day = ts_ns // DAY_NS
    s.day_open = equity
    s.week = week_of(s.day)
    s.week_open = equity


@compiled_bare
def _roll(states: Records, limits: Records, day: int, opening: float) -> None:
    s = states[0]
    if day <= s.day:
        return
    roll_day(s, limits[0], day, opening)
    week = week_of(day)
    if week > s.week:
        roll_week(s, week, opening)
