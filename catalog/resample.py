"""Signal bars from finer candles, stamped at their close on UTC boundaries (D1)."""

import numpy as np

from catalog.candles import Candles, FloatArray, IntArray


def resample(candles: Candles, fine_ns: int, coarse_ns: int) -> Candles:
    """Return coarser candles: first open, highest high, lowest low, last close, summed volume.

    Parameters
    ----------
    candles : Candles
        Sorted and unique, intervals of ``fine_ns``.
    fine_ns, coarse_ns : int
        Lengths in nanoseconds; ``coarse_ns`` is a multiple of ``fine_ns``.

    Notes
    -----
    A candle belongs to the coarse bar in which it **closes**, as the engine's time bars do. Empty bars are left out.
    The stamp is that of the boundary, also where the last fine candles are missing.
    """
    if coarse_ns == fine_ns or len(candles) == 0:
        return candles
    bucket = (candles.ts_open_ns + fine_ns - 1) // coarse_ns
    first = np.flatnonzero(np.r_[True, bucket[1:] != bucket[:-1]])
    last = np.r_[first[1:], len(bucket)] - 1
    return Candles(
        ts_open_ns=bucket[first] * coarse_ns,
        open=candles.open[first],
        high=np.maximum.reduceat(candles.high, first),
        low=np.minimum.reduceat(candles.low, first),
        close=candles.close[last],
        volume=np.add.reduceat(candles.volume, first),
    )


def last_of_each(close_ns: IntArray, close: FloatArray, period_ns: int) -> tuple[IntArray, FloatArray]:
    """Return stamp and value of the last close in every period that has one; a close on a boundary ends a period."""
    if len(close_ns) == 0:
        return close_ns, close
    period = (close_ns - 1) // period_ns
    last = np.flatnonzero(np.r_[period[1:] != period[:-1], True])
    return close_ns[last], close[last]
