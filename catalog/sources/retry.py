"""Try again what failed for now, ever more slowly."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from errors import RetryableError


class TryLaterError(RetryableError):
    """Refused for now, perhaps with a time that the server asks to wait."""

    def __init__(self, message: str, retry_after_secs: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_secs = retry_after_secs


@dataclass(frozen=True, slots=True)
class Backoff:
    """Say how often to try and how long to wait in between.

    Attributes
    ----------
    retries : int
        Further attempts after the first.
    base_secs, cap_secs : float
        Attempt ``k`` (from 0) is followed by ``min(cap, base * 2**k)`` seconds, times a uniform draw from [0.5, 1).
    longest_ask_secs : float
        A server that asks for a longer pause is not waited for.
    """

    retries: int = 5
    base_secs: float = 0.5
    cap_secs: float = 30.0
    longest_ask_secs: float = 300.0

    def delay_secs(self, attempt: int, asked_secs: float | None, draw: float) -> float:
        """Return the seconds to wait after ``attempt``; ``draw`` is uniform in [0, 1).

        >>> Backoff().delay_secs(2, None, 0.0), Backoff().delay_secs(2, 7.0, 0.0)
        (1.0, 7.0)
        """
        own = min(self.cap_secs, self.base_secs * 2.0**attempt) * (0.5 + 0.5 * draw)
        return own if asked_secs is None else asked_secs


def retrying[T](
    action: Callable[[], T],
    backoff: Backoff,
    wait: Callable[[float], object],
    draw: Callable[[], float] = random.random,
) -> T:
    """Return what ``action`` returns, repeating it while it raises `TryLaterError`.

    Raises
    ------
    RetryableError
        The retries are used up, or the server asked for more than ``longest_ask_secs``.
    """
    for attempt in range(backoff.retries + 1):
        try:
            return action()
        except TryLaterError as error:
            asked = error.retry_after_secs
            if asked is not None and asked > backoff.longest_ask_secs:
                raise RetryableError(f"{error}, and asks to wait {asked:.0f} s; try again after that") from error
            if attempt == backoff.retries:
                raise RetryableError(f"{error}, after {attempt + 1} attempts; try again later") from error
        wait(backoff.delay_secs(attempt, asked, draw()))
    raise RetryableError("retries must not be negative")


def parse_retry_after(header: str | None, now: dt.datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, None when it is absent or neither number nor date.

    >>> parse_retry_after("7")
    7.0
    """
    value = (header or "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value).astimezone(dt.UTC)
    except ValueError:
        return None
    return max(0.0, (until - (now or dt.datetime.now(dt.UTC))).total_seconds())
