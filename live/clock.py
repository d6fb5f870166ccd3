"""The market's clock: real time, or the time of a replay that runs faster (``environment = "simulated"``).

Every delay of the rules (15 s, 30 s, 24 h) is meant in market time, so that a fast replay behaves as the market did.
"""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import msgspec

from errors import StateError

MILLI_NS = 1_000_000


class Pace(msgspec.Struct, frozen=True):
    """How market time follows from real time; nanoseconds since 1970."""

    from_ns: int = 0
    start_real_ns: int = 0
    speed: float = 1.0

    @property
    def is_real(self) -> bool:
        """Return whether the market's time is real time."""
        return self.speed == 1.0 and self.from_ns == self.start_real_ns

    def market_ns(self, real_ns: int) -> int:
        """Return the market's time.

        >>> Pace(1_000, 50, 60.0).market_ns(52)
        1120
        """
        return (
            self.from_ns + round((real_ns - self.start_real_ns) * self.speed)
            if self.speed != 1.0
            else (real_ns + self.from_ns - self.start_real_ns)
        )

    def real_ns(self, market_ns: int) -> int:
        """Return the real time at which the market's will be ``market_ns``, rounded up."""
        return self.start_real_ns + -int(-(market_ns - self.from_ns) // self.speed)


def pace_of(url: str) -> Pace:
    """Return the pace of a simulated venue's replay; without an address the market's time is real.

    Raises
    ------
    StateError
        Nobody answers there, or something else does.
    """
    if not url:
        return Pace()
    try:
        with urllib.request.urlopen(url, timeout=5.0) as answer:
            found = json.load(answer)
        return Pace(int(found["market_ms"]) * MILLI_NS, time.time_ns(), float(found["speed"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StateError(f"{url}: no clock of a simulated venue there ({error})") from error


class MarketClock:
    """The part of the engine's clock that strategy and desk use, in market time."""

    def __init__(self, engine: Callable[[], Any], pace: Pace) -> None:
        self._engine = engine
        self._pace = pace

    def timestamp_ns(self) -> int:
        """Return the market's time now."""
        return self._pace.market_ns(time.time_ns())

    def set_time_alert_ns(self, name: str, at_ns: int, callback: Callable[[Any], None]) -> None:
        """Call back once the market's time is ``at_ns``; at once when that has passed."""
        real_ns = max(self._pace.real_ns(at_ns), time.time_ns() + 1_000_000)
        self._engine().set_time_alert_ns(name, real_ns, callback, True)

    def next_time_ns(self, name: str) -> int | None:
        """Return when a timer is due, market time; None when there is none."""
        due_ns = self._engine().next_time_ns(name)
        return None if due_ns is None else self._pace.market_ns(due_ns)

    def cancel_timer(self, name: str) -> None:
        """Cancel a timer."""
        self._engine().cancel_timer(name)
