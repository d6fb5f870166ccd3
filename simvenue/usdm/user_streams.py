"""The user data stream: every event of the account, in order, unless a fault says otherwise."""

import asyncio
from decimal import Decimal

import msgspec

from simvenue.algo import Algo
from simvenue.binance.sessions import Hub
from simvenue.faults import EVENT_KINDS, FaultKind, Occasion
from simvenue.orders import Execution, Fill, Order, Side
from simvenue.usdm import user_events
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Venue


class UserStreams:
    """Listen to the exchange and send the account's events to every session with a listen key."""

    def __init__(self, venue: Venue, hub: Hub) -> None:
        self._venue = venue
        self._hub = hub
        self._held: list[Json] = []

    def on_order(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        instrument, now = self._venue.exchange.instruments[order.symbol], self._venue.stamp_ms()
        where = Occasion(symbol=order.symbol, client_id=order.client_id)
        if fill is not None:
            self._emit(user_events.trade_lite(order, fill, instrument, now), where)
        self._emit(user_events.order_update(order, execution, fill, instrument, now), where, order.status.value)

    def on_algo(self, algo: Algo) -> None:
        request = algo.request
        event = user_events.algo_update(algo, self._venue.exchange.instruments[request.symbol], self._venue.stamp_ms())
        self._emit(event, Occasion(symbol=request.symbol, client_id=request.client_id), algo.status.value)

    def on_account(self, cause: str, symbol: str, change: Decimal) -> None:
        event = user_events.account_update(self._venue.exchange, cause, symbol, change, self._venue.stamp_ms())
        self._emit(event, Occasion(symbol=symbol), cause)

    def on_settings(self, symbol: str, leverage: int) -> None:
        self._emit(user_events.settings_update(symbol, leverage, self._venue.stamp_ms()), Occasion(symbol=symbol))

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Market data is not sent here."""

    def on_book(self, symbol: str) -> None:
        """Market data is not sent here."""

    def end_keys(self, keys: list[str]) -> None:
        """Tell the sessions of listen keys that these have ended; they hear nothing more."""
        for session in self._hub.of_user(keys):
            event = user_events.listen_key_expired(session.listen_key, self._venue.now_ms())
            session.answer({"stream": session.listen_key, "data": event} if session.combined else event)

    def _emit(self, event: Json, where: Occasion, status: str = "") -> None:
        occasion = msgspec.structs.replace(where, event=f"{event['e']}/{status}" if status else event["e"])
        fault = self._venue.faults.strike(EVENT_KINDS, occasion)
        if fault is None:
            self._send(event)
        elif fault.kind is FaultKind.DUPLICATE_EVENT:
            self._send(event)
            self._send(event)
        elif fault.kind is FaultKind.REORDER_EVENT:
            self._held.append(event)
        elif fault.kind is FaultKind.DELAY_EVENT:
            asyncio.get_running_loop().call_later(fault.delay_ms / 1000, self._deliver, event)

    def _send(self, event: Json) -> None:
        self._deliver(event)
        held, self._held = self._held, []
        for late in held:
            self._deliver(late)

    def _deliver(self, event: Json) -> None:
        now = self._venue.now_ms()
        for session in self._hub.of_user():
            if not self._venue.listen_keys.active(session.listen_key, now):
                continue
            session.answer({"stream": session.listen_key, "data": event} if session.combined else event)
