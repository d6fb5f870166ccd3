"""Two clocks: the venue's wall clock, which signs and stamps orders, and the market's, which may run faster."""

import time
from dataclasses import dataclass, field


@dataclass
class VenueClock:
    """Tell the venue's time in milliseconds; ``skew_ms`` is how far it is ahead of this machine."""

    skew_ms: int = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.skew_ms


@dataclass
class MarketClock:
    """Map elapsed real time to market time, ``speed`` times as fast; speed 0 stands still."""

    start_ms: int
    speed: float = 1.0
    _anchor_s: float = field(default_factory=time.monotonic)

    def target_ms(self) -> int:
        """Return the market time that is due now."""
        return self.start_ms + int((time.monotonic() - self._anchor_s) * self.speed * 1000)

    def set_speed(self, speed: float) -> None:
        """Run at another speed from the present market time on."""
        self.rebase(self.target_ms())
        self.speed = speed

    def rebase(self, market_ms: int) -> None:
        """Continue from a market time, now."""
        self.start_ms = market_ms
        self._anchor_s = time.monotonic()
