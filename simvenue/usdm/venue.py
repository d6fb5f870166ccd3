"""Everything that a request handler of the USD-M door may use."""

from dataclasses import dataclass, field

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.gateway import Gateway
from simvenue.binance.prints import Prints
from simvenue.clock import MarketClock
from simvenue.perpetuals import Perpetuals
from simvenue.replay import Replay


@dataclass(kw_only=True)
class Venue(Gateway):
    """Hold the parts of a running venue."""

    exchange: Perpetuals
    replay: Replay
    market_clock: MarketClock
    prints: Prints = field(default_factory=Prints)

    def stamp_ms(self) -> int:
        """Return the time that orders, executions and account events are stamped with."""
        return self.exchange.recorder.now_ms()


type Endpoints = dict[tuple[str, str], Endpoint[Venue]]  # by method and path
