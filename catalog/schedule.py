"""When a market is open: the windows that tell a closure from a hole in the data (Spec 8.2)."""

import datetime as dt
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from catalog.candles import INTERVAL_NS, MINUTE_NS, IntArray
from errors import ConfigError, close_match

NEW_YORK = ZoneInfo("America/New_York")
DAY_NS = 1440 * MINUTE_NS
FILL_LIMIT_NS = 5 * MINUTE_NS
ALWAYS = "24/7"
FX_WEEK = "FX"
DEFAULT_CALENDARS = {"crypto": ALWAYS, "fx": FX_WEEK, "equity": "XNYS", "future": "CMES"}
FUTURES_CALENDARS = ("CMES", "CME", "CBOT", "COMEX", "NYMEX")
FUTURES_BREAK = (17, 18)  # New York hours of the daily Globex break
FUTURES_HALT = 13  # New York hour of the halt on holidays of the stock exchange
type BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hold the open windows of a market over a span, oldest first, never overlapping.

    Attributes
    ----------
    name : str
        Calendar: ``24/7``, ``FX`` or a name that ``exchange_calendars`` knows.
    opens_ns, closes_ns : int64, shape (m,)
        Window bounds, nanoseconds UTC; empty for ``24/7``.
    """

    name: str
    opens_ns: IntArray
    closes_ns: IntArray

    @property
    def always_open(self) -> bool:
        """Return whether the market never closes."""
        return self.name == ALWAYS

    def open_time_ns(self, start_ns: IntArray, end_ns: IntArray) -> IntArray:
        """Return how long the market was open between each start and end, in nanoseconds."""
        if self.always_open:
            return end_ns - start_ns
        return self._elapsed(end_ns) - self._elapsed(start_ns)

    def _elapsed(self, ts_ns: IntArray) -> IntArray:
        """Return the total open time before each stamp, counted from the first window."""
        lengths = self.closes_ns - self.opens_ns
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        index = np.searchsorted(self.opens_ns, ts_ns, side="right")
        last = np.maximum(index - 1, 0)
        inside = np.clip(ts_ns - self.opens_ns[last], 0, lengths[last])
        return cast(IntArray, np.where(index > 0, before[last] + inside, 0))


def build_schedule(name: str, start_ns: int, end_ns: int) -> Schedule:
    """Return the open windows of a calendar that touch ``[start_ns, end_ns]``.

    Parameters
    ----------
    name : str
        ``24/7``, ``FX``, or a calendar of ``exchange_calendars`` (``XNYS``, ``CMES`` ...).
    start_ns, end_ns : int
        Span, nanoseconds UTC; a week is added on both sides.

    Raises
    ------
    ConfigError
        The calendar is unknown.
    """
    if name == ALWAYS:
        empty = np.empty(0, np.int64)
        return Schedule(name, empty, empty)
    first, last = _date(start_ns - 7 * DAY_NS), _date(end_ns + 7 * DAY_NS)
    if name == FX_WEEK:
        return Schedule(name, *_fx_windows(first, last))
    return Schedule(name, *_exchange_windows(name, first.year, last.year))


def check_calendar(name: str) -> None:
    """Raise ConfigError unless the calendar is known."""
    if name in (ALWAYS, FX_WEEK):
        return
    import exchange_calendars as xcals  # noqa: PLC0415  (half a second: only when equities or futures are loaded)

    known = [ALWAYS, FX_WEEK, *xcals.get_calendar_names()]
    if name not in known:
        raise ConfigError(
            f"--calendar: unknown calendar '{name}'{close_match(name, known)} (allowed: {ALWAYS}, {FX_WEEK}, XNYS, "
            f"CMES or any name that exchange_calendars knows)"
        )


def _date(ts_ns: int) -> dt.date:
    return dt.datetime.fromtimestamp(ts_ns / 1e9, dt.UTC).date()


def _new_york_ns(day: dt.date, hour: int) -> int:
    stamp = dt.datetime.combine(day, dt.time(hour), NEW_YORK)
    return int(stamp.timestamp()) * 1_000_000_000


def _is_fx_holiday(day: dt.date) -> bool:
    """Return whether the FX day that ends at 17:00 New York on this date is Christmas or New Year."""
    return (day.month, day.day) in ((12, 25), (1, 1))


def _fx_windows(first: dt.date, last: dt.date) -> tuple[IntArray, IntArray]:
    """Return one window per FX day: 17:00 New York to 17:00 New York, Monday to Friday, DST included."""
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    open_days = [day for day in days if day.weekday() < 5 and not _is_fx_holiday(day)]
    opens = [_new_york_ns(day - dt.timedelta(1), 17) for day in open_days]
    closes = [_new_york_ns(day, 17) for day in open_days]
    return np.array(opens, np.int64), np.array(closes, np.int64)


@lru_cache(maxsize=8)
def _exchange_windows(name: str, first_year: int, last_year: int) -> tuple[IntArray, IntArray]:
    """Return the sessions of whole years; building a calendar takes a second, so that loads in a row share it."""
    check_calendar(name)
    import exchange_calendars as xcals  # noqa: PLC0415  (see check_calendar)
    import pandas as pd  # noqa: PLC0415

    start, end = pd.Timestamp(first_year, 1, 1), pd.Timestamp(last_year, 12, 31)
    try:
        calendar = _quietly(lambda: xcals.get_calendar(name, start=start, end=end))
    except ValueError as error:
        raise ConfigError(f"--calendar: {name} does not cover {first_year} to {last_year}: {error}") from error
    if name in FUTURES_CALENDARS:
        shares = _quietly(lambda: xcals.get_calendar("XNYS", start=start, end=end))
        full = {day.date() for day in shares.sessions.difference(shares.early_closes)}
        return _globex_windows([session.date() for session in calendar.sessions], full)
    opens = calendar.opens.astype("datetime64[ns, UTC]").astype("int64").to_numpy()
    closes = calendar.closes.astype("datetime64[ns, UTC]").astype("int64").to_numpy()
    return opens, closes


def _quietly(build: Callable[[], Any]) -> Any:
    """Build a calendar without the deprecation warning that exchange_calendars 4.13 draws from pandas 3.1."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Series.values returning", category=DeprecationWarning)
        return build()


def _globex_windows(sessions: list[dt.date], full_days: set[dt.date]) -> tuple[IntArray, IntArray]:
    """Return 18:00 the evening before to 17:00 New York of each session, 13:00 when shares rest or stop early."""
    opens = [_new_york_ns(day - dt.timedelta(1), FUTURES_BREAK[1]) for day in sessions]
    closes = [_new_york_ns(day, FUTURES_BREAK[0] if day in full_days else FUTURES_HALT) for day in sessions]
    return np.array(opens, np.int64), np.array(closes, np.int64)


def inside_sessions(schedule: Schedule, ts_open_ns: IntArray, interval: str) -> BoolArray:
    """Return which candles overlap a session; a daily candle belongs to the session of its date label.

    A candle that starts before the opening bell and ends after it stays: LEAN's 09:00 hour covers 09:30-10:00.
    """
    if schedule.always_open:
        return np.ones(len(ts_open_ns), np.bool_)
    if interval == "1d":
        sessions = np.unique((schedule.closes_ns - 1) // DAY_NS)
        return np.isin(ts_open_ns // DAY_NS, sessions)
    return schedule.open_time_ns(ts_open_ns, ts_open_ns + INTERVAL_NS[interval]) > 0
