"""The memory of a process over time, and whether it grows."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

BLOCKS = 20  # neighbouring samples are alike: blocks of them are counted as one
WARM_SHARE = 0.25  # imports, caches, first trades: not yet what a system needs in the long run
WARM_SECS = 180.0  # at least so long, of a run that is longer than twice that
T_95 = 2.1  # Student's t of 18 degrees of freedom
PAGE_KB = 1024.0


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """Memory of a process, MB; slope of what comes after the start-up with its 95 % interval, MB an hour."""

    samples: int
    first_mb: float
    last_mb: float
    max_mb: float
    slope_mb_per_hour: float
    low_mb_per_hour: float
    high_mb_per_hour: float

    @property
    def is_flat(self) -> bool:
        """Return whether no growth is shown: the interval holds nought, or a shrinking."""
        return math.isnan(self.low_mb_per_hour) or self.low_mb_per_hour <= 0.0


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, NaN when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return math.nan
    found = next((line for line in lines if line.startswith("VmRSS:")), "")
    return float(found.split()[1]) / PAGE_KB if found else math.nan


def growth_of(secs: Sequence[float], mb: Sequence[float]) -> Growth:
    """Return how memory went.

    Examples
    --------
    >>> growth = growth_of(range(0, 4000, 10), [100.0 + 0.001 * t for t in range(0, 4000, 10)])
    >>> round(growth.slope_mb_per_hour, 3), growth.is_flat
    (3.6, False)
    """
    at, seen = np.array(secs, np.float64), np.array(mb, np.float64)
    kept = np.isfinite(seen)
    at, seen = at[kept], seen[kept]
    if len(seen) == 0:
        nan = math.nan
        return Growth(
            samples=0,
            first_mb=nan,
            last_mb=nan,
            max_mb=nan,
            slope_mb_per_hour=nan,
            low_mb_per_hour=nan,
            high_mb_per_hour=nan,
        )
    span = at[-1] - at[0]
    later = at >= at[0] + max(WARM_SHARE * span, min(WARM_SECS, 0.5 * span))
    slope, error = _slope(at[later] / 3600.0, seen[later])
    return Growth(
        samples=len(seen),
        first_mb=float(seen[0]),
        last_mb=float(seen[-1]),
        max_mb=float(seen.max()),
        slope_mb_per_hour=slope,
        low_mb_per_hour=slope - T_95 * error,
        high_mb_per_hour=slope + T_95 * error,
    )


def _slope(hours: np.ndarray, mb: np.ndarray) -> tuple[float, float]:
    """Return slope and standard error of block means; NaN of fewer than three."""
    blocks = np.array_split(np.arange(len(mb)), min(BLOCKS, len(mb)))
    if len(blocks) < 3:
        return math.nan, math.nan
    x = np.array([hours[block].mean() for block in blocks])
    y = np.array([mb[block].mean() for block in blocks])
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    left = y - y.mean() - slope * (x - x.mean())
    return slope, math.sqrt(float((left**2).sum()) / (len(blocks) - 2) / spread)
