"""The actor that wakes once a second: account and breakers, age of data, sign of life."""

from collections.abc import Callable

from nautilus_trader.common import DataActor

from live.clock import MarketClock
from monitoring.guard import Fault, guarded

SECOND_NS = 1_000_000_000


class Keeper(DataActor):
    """Call back once a second of real time."""

    def attach(self, *, clock: MarketClock, on_second: Callable[[], None], fault: Fault) -> None:
        """Hand over what the engine's constructor has no room for."""
        self._market_clock = clock
        self._on_second = on_second
        self.failure = fault

    def on_start(self) -> None:
        self.clock.set_timer_ns("second", SECOND_NS, callback=lambda _event: self._wake())

    def on_stop(self) -> None:
        self.clock.cancel_timers()

    @guarded
    def _wake(self) -> None:
        self._on_second()
