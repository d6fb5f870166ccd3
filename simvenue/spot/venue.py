"""Everything that a request handler of the spot door may use."""

from dataclasses import dataclass, field

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.gateway import Gateway
from simvenue.binance.prints import Prints
from simvenue.binance.weights import RateLimits
from simvenue.clock import MarketClock
from simvenue.pairs.exchange import PairExchange
from simvenue.replay import Replay


def spot_limits() -> RateLimits:
    return RateLimits(weight_per_minute=6_000, orders_per_ten_seconds=100, orders_per_minute=200_000)


@dataclass(kw_only=True)
class SpotVenue(Gateway):
    """Hold the parts of a running venue."""

    exchange: PairExchange
    replay: Replay
    market_clock: MarketClock
    limits: RateLimits = field(default_factory=spot_limits)
    prints: Prints = field(default_factory=Prints)

    def stamp_ms(self) -> int:
        """Return the time that orders, executions and account events are stamped with."""
        return self.exchange.recorder.now_ms()


type Endpoints = dict[tuple[str, str], Endpoint[SpotVenue]]  # by method and path
