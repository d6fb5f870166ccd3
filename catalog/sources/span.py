"""A span of whole UTC days, as a command line names it."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from errors import ConfigError

DAY = dt.timedelta(days=1)
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Span:
    """Hold the first and the last day, both inclusive, UTC."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ConfigError(f"--start must not be after --end, was {self.first} and {self.last}")

    @property
    def start_ns(self) -> int:
        """Return the first nanosecond of the first day."""
        return _midnight_ns(self.first)

    @property
    def end_ns(self) -> int:
        """Return the first nanosecond after the last day."""
        return _midnight_ns(self.last + DAY)

    def days(self) -> Iterator[dt.date]:
        """Yield each day, oldest first."""
        for number in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield dt.date.fromordinal(number)


def parse_span(start: str, end: str | None, newest: dt.date) -> Span:
    """Return the span from ``start`` to ``end``, cut at ``newest``.

    Parameters
    ----------
    start, end : str
        A day (``2024-01-31``) or a month (``2024-01``: from its first, to its last day). No ``end`` is ``newest``.
    newest : datetime.date
        The newest day that there can be.

    Raises
    ------
    ConfigError
        Not a date, or ``start`` after ``end`` or after ``newest``.

    >>> parse_span("2024-01", "2024-02", newest=dt.date(2026, 1, 1))
    Span(first=datetime.date(2024, 1, 1), last=datetime.date(2024, 2, 29))
    """
    first = _parse_month_or_day("--start", start, last=False)
    last = newest if end is None else _parse_month_or_day("--end", end, last=True)
    if first > newest:
        raise ConfigError(f"--start must not be after {newest}, the newest day there is, was {first}")
    return Span(first, min(last, newest) if last >= first else last)


def today_utc() -> dt.date:
    """Return the day that has not ended yet."""
    return dt.datetime.now(dt.UTC).date()


def month_of(day: dt.date) -> Span:
    """Return the calendar month that ``day`` is in."""
    return Span(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def _parse_month_or_day(key: str, text: str, *, last: bool) -> dt.date:
    found = _DATE.fullmatch(text.strip())
    try:
        day = dt.date.fromisoformat(f"{found[1]}-{found[2]}-{found[3] or '01'}") if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise ConfigError(f"{key} must be a day (2024-01-31) or a month (2024-01), was '{text}'")
    return month_of(day).last if last and found[3] is None else day


def _midnight_ns(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days * 86_400 * 1_000_000_000
