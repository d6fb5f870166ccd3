"""Everything that a request handler may use, and how an endpoint is described."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simvenue.clock import MarketClock, VenueClock
from simvenue.faults import FaultBoard
from simvenue.perpetuals import Perpetuals
from simvenue.replay import Replay
from simvenue.usdm.keys import KeyRing
from simvenue.usdm.listen_keys import ListenKeys
from simvenue.usdm.params import Params
from simvenue.usdm.prints import Prints
from simvenue.usdm.weights import RateLimits


@dataclass
class Venue:
    """Hold the parts of a running venue."""

    exchange: Perpetuals
    replay: Replay
    clock: VenueClock
    market_clock: MarketClock
    keys: KeyRing
    faults: FaultBoard
    limits: RateLimits = field(default_factory=RateLimits)
    listen_keys: ListenKeys = field(default_factory=ListenKeys)
    prints: Prints = field(default_factory=Prints)
    requests: Counter[str] = field(default_factory=Counter)  # "GET /fapi/v1/time": how often it was asked

    def now_ms(self) -> int:
        return self.clock.now_ms()


Handler = Callable[[Venue, Params], Any]


@dataclass(frozen=True)
class Endpoint:
    """Describe one endpoint: what it needs, what it weighs and who answers."""

    handler: Handler
    weight: int = 1
    permission: str = ""  # empty: public
    signed: bool = True
    is_order: bool = False


Endpoints = dict[tuple[str, str], Endpoint]
