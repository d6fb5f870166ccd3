"""How long things took: counts in buckets an eighth of a doubling wide; nothing grows."""

import math

BUCKETS = 512
STEPS = 8  # buckets in a doubling


class Delays:
    """Count delays; tell quantiles to within a tenth of their value.

    >>> delays = Delays()
    >>> for millis in range(1, 101):
    ...     delays.add(millis * 1_000_000)
    >>> 90.0 < delays.quantile_millis(0.99) < 110.0, delays.count, delays.max_millis
    (True, 100, 100.0)
    """

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS
        self.count = 0
        self._max_ns = 0

    def add(self, delay_ns: int) -> None:
        """Count one delay; a negative one, of a clock that was set back, counts as none."""
        delay_ns = max(delay_ns, 1)
        self._counts[min(BUCKETS - 1, int(STEPS * math.log2(delay_ns)))] += 1
        self.count += 1
        self._max_ns = max(self._max_ns, delay_ns)

    @property
    def max_millis(self) -> float:
        """Return the longest delay."""
        return self._max_ns / 1e6

    def quantile_millis(self, share: float) -> float:
        """Return the delay that a share of all did not exceed (upper end of its bucket); NaN of none."""
        wanted, seen = share * self.count, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(math.exp2((bucket + 1) / STEPS), float(self._max_ns)) / 1e6
        return math.nan
