"""The calendar of a walk-forward: whole days UTC, whole months, ends not included (Spec 3.5.3, D39)."""

import calendar
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from errors import ConfigError, DataError

Months = Annotated[int, Meta(ge=1, le=600)]
SPEC_IN, SPEC_OUT, SPEC_STEP = 36, 6, 3  # D39


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """Months in the sample, out of it, and from one window to the next."""

    in_months: Months = SPEC_IN
    out_months: Months = SPEC_OUT
    step_months: Months = SPEC_STEP

    @property
    def total(self) -> int:
        """Return the months that one window needs."""
        return self.in_months + self.out_months

    @property
    def short(self) -> bool:
        """Return whether less is tried than D39 asks: shorter windows, or fewer of them."""
        return self.in_months < SPEC_IN or self.out_months < SPEC_OUT or self.step_months > SPEC_STEP


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One step: parameters are chosen in ``[is_start, is_end)`` and tried in ``[oos_start, oos_end)``.

    A bar belongs to a span when it closes after midnight of the first day and not after midnight of the last.
    """

    is_start: date
    is_end: date
    oos_start: date
    oos_end: date


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of a month that is shorter.

    >>> add_months(date(2023, 1, 31), 1), add_months(date(2023, 11, 15), 3)
    (datetime.date(2023, 2, 28), datetime.date(2024, 2, 15))
    """
    years, month0 = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def months_between(first: date, end: date) -> int:
    """Return the whole months of a span.

    >>> months_between(date(2023, 1, 31), date(2023, 2, 28)), months_between(date(2023, 1, 2), date(2023, 2, 1))
    (1, 0)
    """
    months = 12 * (end.year - first.year) + end.month - first.month
    return months if add_months(first, months) <= end else months - 1


def rolling(first: date, end: date, lengths: Lengths) -> tuple[Window, ...]:
    """Return all windows that fit between the first day of the candles and the day after their last.

    Every date is so many months after ``first``, never after another date: month ends do not drift.
    """
    found = []
    for begin in range(0, months_between(first, end) - lengths.total + 1, lengths.step_months):
        middle = add_months(first, begin + lengths.in_months)
        last = add_months(first, begin + lengths.total)
        found.append(Window(is_start=add_months(first, begin), is_end=middle, oos_start=middle, oos_end=last))
    return tuple(found)


def anchored(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """Return the same windows with all that came before in the sample."""
    first = windows[0].is_start
    return tuple(msgspec.structs.replace(window, is_start=first) for window in windows)


def fit(first: date, end: date, asked: Lengths, *, allow_short: bool) -> Lengths:
    """Return the lengths to use: those asked for, or smaller ones in their proportion when that is allowed.

    Raises
    ------
    ConfigError
        Windows that leave days between them out.
    DataError
        The candles are too short; the message says what is missing.
    """
    if asked.step_months > asked.out_months:
        raise ConfigError(
            f"--step-months must not exceed --out-months ({asked.out_months}), was {asked.step_months}: days between "
            "two windows would be tried by none"
        )
    have = months_between(first, end)
    if have >= asked.total:
        return asked
    if not allow_short:
        raise DataError(_missing(first, end, asked, have))
    if have < 2:
        raise DataError(f"{_span(first, end, have)}; even with --allow-short 2 months are needed")
    share = have / asked.total
    out = max(1, int(asked.out_months * share))
    step = min(out, max(1, int(asked.step_months * share)))
    return Lengths(in_months=min(have - out, max(1, int(asked.in_months * share))), out_months=out, step_months=step)


def _span(first: date, end: date, have: int) -> str:
    return f"the candles have {have} whole months ({first} to {end})"


def _missing(first: date, end: date, asked: Lengths, have: int) -> str:
    return (
        f"{_span(first, end, have)}, one window needs {asked.total} ({asked.in_months} in the sample, "
        f"{asked.out_months} after it): {asked.total - have} are missing; load candles from "
        f"{add_months(end, -asked.total)} on, or give --allow-short for a result that is marked short and cannot be "
        "approved"
    )
