"""What every request goes through, whichever market it is for: clock, keys, limits, faults."""

from collections import Counter
from dataclasses import dataclass, field

from simvenue.binance.keys import KeyRing
from simvenue.binance.listen_keys import ListenKeys
from simvenue.binance.weights import RateLimits
from simvenue.clock import VenueClock
from simvenue.faults import FaultBoard


@dataclass(kw_only=True)
class Gateway:
    """Hold what is left of a running venue when its market is taken away."""

    clock: VenueClock
    keys: KeyRing
    faults: FaultBoard
    limits: RateLimits = field(default_factory=RateLimits)
    listen_keys: ListenKeys = field(default_factory=ListenKeys)
    requests: Counter[str] = field(default_factory=Counter)  # "GET /fapi/v1/time": how often it was asked

    def now_ms(self) -> int:
        return self.clock.now_ms()
