"""Join new candles with those that the catalog holds: equal stamps are compared, never doubled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.candles import COLUMNS, INTERVAL_NS, Candles, IntArray, concat
from errors import DataError

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Merged:
    """Hold the joined rows and how many of the new ones were unknown, equal, or different."""

    candles: Candles
    new: int
    same: int
    conflicts: int


def merge(held: Candles | None, fresh: Candles, *, replace: bool) -> Merged:
    """Return all stamps of both, oldest first; the held row wins on a conflict unless ``replace``.

    Parameters
    ----------
    held, fresh : Candles
        Sorted and unique, on the same decimals.
    """
    if held is None or len(held) == 0:
        return Merged(fresh, len(fresh), 0, 0)
    if len(fresh) and fresh.ts_open_ns[0] > held.ts_open_ns[-1]:
        return Merged(concat([held, fresh]), len(fresh), 0, 0)
    at = np.minimum(np.searchsorted(held.ts_open_ns, fresh.ts_open_ns), len(held) - 1)
    known: BoolArray = held.ts_open_ns[at] == fresh.ts_open_ns
    same = known & _equal_rows(held.take(at), fresh)
    conflicts = known & ~same
    base = held
    if replace and conflicts.any():
        keep = np.ones(len(held), np.bool_)
        keep[at[conflicts]] = False
        base = held.take(keep)
    added = fresh.take(~known | conflicts if replace else ~known)
    counts = (int((~known).sum()), int(same.sum()), int(conflicts.sum()))
    if len(added) == 0:
        return Merged(held, *counts)
    joined = concat([base, added])
    return Merged(joined.take(np.argsort(joined.ts_open_ns, kind="stable")), *counts)


def equal(left: Candles, right: Candles) -> bool:
    """Return whether both hold the same rows."""
    return all(np.array_equal(getattr(left, name), getattr(right, name)) for name in COLUMNS)


def real_rows(candles: Candles, filled_open_ns: IntArray) -> Candles:
    """Return the rows that a source gave: without the flat candles that cleaning put in."""
    if len(filled_open_ns) == 0:
        return candles
    at = np.minimum(np.searchsorted(filled_open_ns, candles.ts_open_ns), len(filled_open_ns) - 1)
    return candles.take(filled_open_ns[at] != candles.ts_open_ns)


def check_overlap(candles: Candles, interval: str, source: str) -> None:
    """Raise DataError when joined candles overlap in time: two sources with different bar phases cannot be mixed."""
    overlaps = np.flatnonzero(np.diff(candles.ts_open_ns) < least_spacing_ns(interval))
    if len(overlaps):
        first = np.datetime64(int(candles.ts_open_ns[overlaps[0] + 1]), "ns")
        raise DataError(
            f"{source}: its {interval} candles interleave with those of the catalog (first at {first}Z): they start at "
            f"other minutes; load it with another --catalog"
        )


def least_spacing_ns(interval: str) -> int:
    """Return the least distance of two opens: the interval, an hour less for days that lose one to daylight saving."""
    step = INTERVAL_NS[interval]
    return step - INTERVAL_NS["1h"] if interval == "1d" else step


def _equal_rows(left: Candles, right: Candles) -> BoolArray:
    equal_rows = np.ones(len(left), np.bool_)
    for name in COLUMNS:
        equal_rows &= getattr(left, name) == getattr(right, name)
    return equal_rows
