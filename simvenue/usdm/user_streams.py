"""The user data stream: every event of the account, in order, unless a fault says otherwise."""

from decimal import Decimal

from simvenue.algo import Algo
from simvenue.binance.faulted_events import FaultedEvents
from simvenue.binance.sessions import Hub
from simvenue.faults import Occasion
from simvenue.orders import Execution, Fill, Order, Side
from simvenue.usdm import user_events
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Venue


class UserStreams:
    """Listen to the exchange and send the account's events to every session with a listen key."""

    def __init__(self, venue: Venue, hub: Hub) -> None:
        self._venue = venue
        self._hub = hub
        self._events = FaultedEvents(venue.faults, self._deliver)

    def on_order(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        instrument, now = self._venue.exchange.instruments[order.symbol], self._venue.stamp_ms()
        where = Occasion(symbol=order.symbol, client_id=order.client_id)
        if fill is not None:
            self._events.emit(user_events.trade_lite(order, fill, instrument, now), where)
        self._events.emit(user_events.order_update(order, execution, fill, instrument, now), where, order.status.value)

    def on_algo(self, algo: Algo) -> None:
        request = algo.request
        event = user_events.algo_update(algo, self._venue.exchange.instruments[request.symbol], self._venue.stamp_ms())
        self._events.emit(event, Occasion(symbol=request.symbol, client_id=request.client_id), algo.status.value)

    def on_account(self, cause: str, symbol: str, change: Decimal) -> None:
        event = user_events.account_update(self._venue.exchange, cause, symbol, change, self._venue.stamp_ms())
        self._events.emit(event, Occasion(symbol=symbol), cause)

    def on_settings(self, symbol: str, leverage: int) -> None:
        self._events.emit(
            user_events.settings_update(symbol, leverage, self._venue.stamp_ms()), Occasion(symbol=symbol)
        )

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Market data is not sent here."""

    def on_book(self, symbol: str) -> None:
        """Market data is not sent here."""

    def end_keys(self, keys: list[str]) -> None:
        """Tell the sessions of listen keys that these have ended; they hear nothing more."""
        for session in self._hub.of_user(keys):
            event = user_events.listen_key_expired(session.listen_key, self._venue.now_ms())
            session.answer({"stream": session.listen_key, "data": event} if session.combined else event)

    def _deliver(self, event: Json) -> None:
        now = self._venue.now_ms()
        for session in self._hub.of_user():
            if not self._venue.listen_keys.active(session.listen_key, now):
                continue
            session.answer({"stream": session.listen_key, "data": event} if session.combined else event)
