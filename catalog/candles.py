"""Candles as columns: the one shape that sources produce and cleaning consumes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

MINUTE_NS = 60 * 1_000_000_000
INTERVAL_NS: dict[str, int] = {
    "1m": MINUTE_NS,
    "3m": 3 * MINUTE_NS,
    "5m": 5 * MINUTE_NS,
    "15m": 15 * MINUTE_NS,
    "30m": 30 * MINUTE_NS,
    "1h": 60 * MINUTE_NS,
    "2h": 120 * MINUTE_NS,
    "4h": 240 * MINUTE_NS,
    "6h": 360 * MINUTE_NS,
    "8h": 480 * MINUTE_NS,
    "12h": 720 * MINUTE_NS,
    "1d": 1440 * MINUTE_NS,
}


@dataclass(frozen=True, slots=True)
class Candles:
    """Hold candles of one instrument and interval, oldest first once cleaned.

    Attributes
    ----------
    ts_open_ns : int64, shape (n,)
        Bar **open**, nanoseconds UTC. The catalog stamps bars at the close: it adds the interval.
    open, high, low, close : float64, shape (n,)
        Prices in quote units. NaN only before cleaning.
    volume : float64, shape (n,)
        Base units, contracts or ticks, as the instrument's ``volume_unit`` says.
    """

    ts_open_ns: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.ts_open_ns)

    def take(self, index: npt.NDArray[np.bool_] | IntArray | slice) -> "Candles":
        """Return the rows that ``index`` selects."""
        return Candles(*(getattr(self, name)[index] for name in COLUMNS))


COLUMNS = ("ts_open_ns", "open", "high", "low", "close", "volume")


def concat(parts: Sequence[Candles]) -> Candles:
    """Return the rows of all parts, in the order given."""
    return Candles(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))
