"""Candles in columns."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bars:
    """Hold candles of one interval, oldest first; times are opens in milliseconds, volumes in base units."""

    interval_ms: int
    open_ms: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.open_ms)

    @classmethod
    def empty(cls, interval_ms: int) -> Self:
        none = np.empty(0)
        return cls(interval_ms, np.empty(0, np.int64), none, none, none, none, none)

    def between(self, from_ms: int, before_ms: int) -> "Bars":
        """Return the candles that open in a span and close by its end."""
        low, high = np.searchsorted(self.open_ms, [from_ms, before_ms - self.interval_ms + 1])
        part = slice(int(low), int(max(low, high)))
        columns = (self.open, self.high, self.low, self.close, self.volume)
        return Bars(self.interval_ms, self.open_ms[part], *(column[part] for column in columns))

    def aggregate(self, interval_ms: int) -> "Bars":
        """Return candles of a multiple of the interval, on its boundaries; empty spans stay absent."""
        if len(self) == 0:
            return Bars.empty(interval_ms)
        buckets = self.open_ms // interval_ms
        starts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
        ends = np.r_[starts[1:], len(self)] - 1
        return Bars(
            interval_ms,
            buckets[starts] * interval_ms,
            self.open[starts],
            np.maximum.reduceat(self.high, starts),
            np.minimum.reduceat(self.low, starts),
            self.close[ends],
            np.add.reduceat(self.volume, starts).round(8),
        )
