"""Is a result too good to be true? What no honest search over public prices shows is a leak until it is explained.

A walk-forward compares a strategy with itself: one that sees the future in and out of the sample keeps its whole Sharpe
ratio, and passes. Only the size of it gives that away. A leak that gains little looks like skill and is not found here.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

MAX_TRUE_SHARPE = 2.5  # per year; a true one above it, after costs and over years, is a wonder
ERRORS_ALLOWED = 2.0  # standard errors that chance and the choice among many may add
DAYS_A_YEAR = 365.25


class Window(Protocol):
    """One step of a walk-forward."""

    @property
    def is_start(self) -> date: ...
    @property
    def is_end(self) -> date: ...
    @property
    def oos_start(self) -> date: ...
    @property
    def oos_end(self) -> date: ...
    @property
    def is_sharpe(self) -> float | None: ...
    @property
    def oos_sharpe(self) -> float | None: ...


def highest_believable(years: float) -> float:
    """Return the annual Sharpe ratio above which a track record of so many years is not believed.

    Notes
    -----
    ``2.5 + 2 / sqrt(years)``: the standard error of an annual Sharpe ratio is about ``1 / sqrt(years)`` (Lo 2002, daily
    returns without memory), so that a short record may show more by chance.

    >>> highest_believable(4.0), highest_believable(0.0)
    (3.5, inf)
    """
    return MAX_TRUE_SHARPE + ERRORS_ALLOWED / math.sqrt(years) if years > 0.0 else math.inf


def too_good(windows: Sequence[Window], stitched_sharpe: float | None) -> Iterator[str]:
    """Yield every record of a walk-forward that is too good to be true, in words.

    Parameters
    ----------
    windows : windows, oldest first
    stitched_sharpe : float or None
        Per year, of the out-of-sample parts put together.
    """
    if windows:
        span = (windows[0].oos_start, windows[-1].oos_end)
        yield from _judge(stitched_sharpe, span, "of all out-of-sample parts put together")
    for one in windows:
        yield from _judge(one.is_sharpe, (one.is_start, one.is_end), f"in the sample from {one.is_start}")
        yield from _judge(one.oos_sharpe, (one.oos_start, one.oos_end), f"out of sample from {one.oos_start}")


def _judge(sharpe: float | None, span: tuple[date, date], where: str) -> Iterator[str]:
    limit = highest_believable((span[1] - span[0]).days / DAYS_A_YEAR)
    if sharpe is not None and not sharpe <= limit:  # not a number is no better
        yield f"Sharpe ratio {sharpe:.2f} {where}, at most {limit:.2f} is believed"
