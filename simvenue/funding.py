"""Funding of perpetuals: longs pay shorts (or the other way round) at fixed hours, UTC."""

from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal

INTERVAL_MS = 8 * 3_600_000


@dataclass(frozen=True)
class FundingSchedule:
    """Hold rates per boundary where they are known (``times_ms`` ascending), ``default_rate`` elsewhere."""

    default_rate: Decimal = Decimal("0.0001")
    interval_ms: int = INTERVAL_MS
    times_ms: list[int] = field(default_factory=list)
    rates: list[Decimal] = field(default_factory=list)

    def next_boundary(self, market_ms: int) -> int:
        return (market_ms // self.interval_ms + 1) * self.interval_ms

    def rate_at(self, boundary_ms: int) -> Decimal:
        """Return the rate that is settled at a boundary."""
        at = bisect_right(self.times_ms, boundary_ms + 60_000) - 1
        if at >= 0 and abs(self.times_ms[at] - boundary_ms) <= 60_000:
            return self.rates[at]
        return self.default_rate
