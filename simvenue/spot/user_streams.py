"""The account's events, in order, unless a fault says otherwise, to every session that has subscribed to them."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from simvenue.binance.faulted_events import FaultedEvents
from simvenue.faults import Occasion
from simvenue.orders import Execution, Fill, Side
from simvenue.pairs.lists import OrderList
from simvenue.pairs.orders import PairOrder
from simvenue.spot import user_events
from simvenue.spot.rest_account import held
from simvenue.spot.shapes import Json
from simvenue.spot.venue import SpotVenue


class SpotUserStreams:
    """Listen to the exchange and hand each event on; ``deliver`` sends it to whoever has subscribed."""

    def __init__(self, venue: SpotVenue, deliver: Callable[[Json], None]) -> None:
        self._venue = venue
        self._events = FaultedEvents(venue.faults, deliver)
        self._number = 0

    def on_order(self, order: PairOrder, execution: Execution, fill: Fill | None) -> None:
        self._number += 1
        event = user_events.execution_report(order, execution, fill, self._venue.stamp_ms(), self._number)
        self._events.emit(event, Occasion(symbol=order.symbol, client_id=order.client_id), order.status.value)

    def on_list(self, order_list: OrderList) -> None:
        legs = self._venue.exchange.lists.legs(order_list)
        event = user_events.list_status(order_list, legs, self._venue.stamp_ms())
        self._events.emit(event, Occasion(symbol=order_list.symbol, client_id=order_list.client_id), event["l"])

    def on_balances(self, assets: Sequence[str]) -> None:
        rows = held(self._venue, list(assets))
        self._events.emit(user_events.account_position(rows, self._venue.stamp_ms()), Occasion())

    def on_deposit(self, asset: str, amount: Decimal) -> None:
        self._events.emit(user_events.balance_update(asset, amount, self._venue.stamp_ms()), Occasion())

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Market data is not sent here."""

    def on_book(self, symbol: str) -> None:
        """Market data is not sent here."""
