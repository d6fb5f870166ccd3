"""Holes between candles: short ones are filled flat, long ones are marked closed (Spec 8.2, D41)."""

from dataclasses import dataclass

import numpy as np

from catalog.candles import INTERVAL_NS, MINUTE_NS, Candles, FloatArray, IntArray
from catalog.schedule import FILL_LIMIT_NS, FUTURES_CALENDARS, FX_WEEK, Schedule

EDGE_TOLERANCE_NS = 60 * MINUTE_NS  # FX and futures feeds start and stop up to an hour around the bell
DAY_TOLERANCE_NS = 22 * EDGE_TOLERANCE_NS  # a holiday leaves up to 21 open hours around it, a lost day 23
SOFT_BELLS = (FX_WEEK, *FUTURES_CALENDARS)


@dataclass(frozen=True, slots=True)
class Continuity:
    """Hold a series without short gaps and the list of its long ones.

    Attributes
    ----------
    candles : Candles
        Oldest first, fillers included.
    filled_ns : int64, shape (k,)
        Open stamps of the flat candles that were put in.
    gaps_ns : int64, shape (g, 2)
        Unscheduled holes: last close before, first open after, nanoseconds UTC.
    closures : int
        Holes that the market's calendar explains.
    """

    candles: Candles
    filled_ns: IntArray
    gaps_ns: IntArray
    closures: int


@dataclass(frozen=True, slots=True)
class Holes:
    """Hold what lies between candles.

    Attributes
    ----------
    missing : int64, shape (n - 1,)
        Candles to put in after each row.
    gaps_ns : int64, shape (g, 2)
        As in ``Continuity``.
    closures : int
        As in ``Continuity``.
    """

    missing: IntArray
    gaps_ns: IntArray
    closures: int


def find_holes(ts_open_ns: IntArray, interval: str, schedule: Schedule) -> Holes:
    """Return the short gaps to fill, the long ones, and how many of those the calendar explains.

    Notes
    -----
    Source: Spec 8.2. A gap runs from a close to the next open, so that at most four one-minute candles in a row are
    put in. A gap of exactly five minutes is marked.
    """
    step = INTERVAL_NS[interval]
    width = ts_open_ns[1:] - ts_open_ns[:-1] - step
    missing = np.zeros(len(width), np.int64)
    at = np.flatnonzero(width > 0)
    short = (width[at] < FILL_LIMIT_NS) & (width[at] % step == 0)
    missing[at[short]] = width[at[short]] // step
    long = at[~short]
    holes = np.column_stack([ts_open_ns[long] + step, ts_open_ns[long + 1]])
    scheduled = _is_scheduled(holes, interval, schedule)
    return Holes(missing, holes[~scheduled], int(scheduled.sum()))


def close_gaps(candles: Candles, interval: str, schedule: Schedule) -> Continuity:
    """Fill gaps shorter than five minutes with flat candles of volume 0, and mark the others.

    Parameters
    ----------
    candles : Candles
        Sorted, unique, clean.
    interval : str
        Key of ``INTERVAL_NS``.
    schedule : Schedule
        Tells a scheduled closure from a hole.
    """
    holes = find_holes(candles.ts_open_ns, interval, schedule)
    filled, filled_ns = _fill(candles, holes.missing, INTERVAL_NS[interval])
    return Continuity(filled, filled_ns, holes.gaps_ns, holes.closures)


def _is_scheduled(holes: IntArray, interval: str, schedule: Schedule) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which holes hold (nearly) no open market time, though they hold closed time."""
    if schedule.always_open or len(holes) == 0:
        return np.zeros(len(holes), np.bool_)
    open_ns = schedule.open_time_ns(holes[:, 0], holes[:, 1])
    tolerance = FILL_LIMIT_NS - 1
    if schedule.name in SOFT_BELLS:
        tolerance = DAY_TOLERANCE_NS if interval == "1d" else EDGE_TOLERANCE_NS
    closed_ns = holes[:, 1] - holes[:, 0] - open_ns
    return (open_ns <= tolerance) & (closed_ns > 0)


def _fill(candles: Candles, missing: IntArray, step: int) -> tuple[Candles, IntArray]:
    """Repeat each row that precedes a short gap, flat at its close."""
    if not missing.any():
        return candles, np.empty(0, np.int64)
    repeats = np.append(missing, 0) + 1
    source = np.repeat(np.arange(len(candles)), repeats)
    starts = np.cumsum(repeats) - repeats
    offset = np.arange(len(source)) - starts[source]
    is_filler = offset > 0
    ts = candles.ts_open_ns[source] + offset * step
    close = candles.close[source]

    def flat(column: FloatArray) -> FloatArray:
        out = column[source]
        out[is_filler] = close[is_filler]
        return out

    volume = candles.volume[source]
    volume[is_filler] = 0.0
    out = Candles(ts, flat(candles.open), flat(candles.high), flat(candles.low), close, volume)
    return out, ts[is_filler]
