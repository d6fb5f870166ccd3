"""Intents to engine orders: what rests is compared with what is wished for, and the difference is sent."""

from collections.abc import Callable, Iterable, Mapping
from functools import singledispatchmethod
from typing import Any, Protocol

from nautilus_trader.model import (
    ClientOrderId,
    InstrumentId,
    OrderSide,
    OrderStatus,
    OrderType,
    Price,
    Quantity,
    TimeInForce,
)

from execution.config import VenueConfig
from execution.orders import OrderLinks, has_arrived, is_open
from execution.trade import Drop, Intent, Leg, Market, Rest, Trade, Work

STOPS = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)


class Carrier(Protocol):
    """What is needed of the engine's Strategy, the only component that may send orders."""

    @property
    def clock(self) -> Any: ...
    @property
    def cache(self) -> Any: ...
    @property
    def order_factory(self) -> Any: ...
    def submit_order(self, order: Any) -> None: ...
    def modify_order(
        self,
        client_order_id: Any,
        quantity: Quantity | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
    ) -> None: ...
    def cancel_order(self, client_order_id: Any) -> None: ...
    def query_order(self, order: Any) -> None: ...


class Dispatcher:
    """Send orders for the trades of one strategy."""

    def __init__(
        self,
        carrier: Carrier,
        *,
        instruments: Mapping[str, Any],
        venue: VenueConfig,
        last_price: Callable[[str], tuple[int, float]],
        links: OrderLinks,
    ) -> None:
        self._carrier = carrier
        self._instruments = instruments
        self._venue = venue
        self._last_price = last_price
        self._links = links

    @singledispatchmethod
    def carry(self, intent: Intent, trade: Trade) -> None:
        """Do what a trade wishes; wishing twice sends once."""
        raise TypeError(f"no order for intent {intent!r} of trade {trade.plan.trade_id}")

    @carry.register
    def _(self, intent: Work, trade: Trade) -> None:
        price = self._price(trade, intent.price)
        resting = self._links.resting(trade.plan.trade_id, Leg.ENTRY)
        if resting is not None:
            if self._carrier.cache.order(resting).price != price:
                self._carrier.modify_order(resting, price=price)
            return
        order = self._carrier.order_factory.limit(
            self._id(trade),
            side_of(trade.plan.side),
            self._quantity(trade, intent.quantity),
            price,
            client_order_id=self._links.new_id(trade.plan.trade_id, Leg.ENTRY),
        )
        self._send(order, trade, Leg.ENTRY)

    @carry.register
    def _(self, intent: Rest, trade: Trade) -> None:
        quantity, price = self._quantity(trade, intent.quantity), self._price(trade, intent.price)
        resting = self._links.resting(trade.plan.trade_id, intent.leg)
        order = self._carrier.cache.order(resting) if resting is not None else None
        if order is not None:
            self._amend(order, intent.leg, quantity, price, trade)
        else:
            self._send(self._exit_order(intent.leg, quantity, price, trade), trade, intent.leg)

    @carry.register
    def _(self, intent: Drop, trade: Trade) -> None:
        self._cancel(self._links.all_resting(trade.plan.trade_id, intent.leg))

    @carry.register
    def _(self, intent: Market, trade: Trade) -> None:
        if self._links.resting(trade.plan.trade_id, intent.leg) is not None:
            return  # one is on its way already
        self._send(self._market_order(intent, trade), trade, intent.leg)

    def on_accepted(self, order_id: str) -> None:
        """Cancel what an accepted order takes the place of, never before; or itself, when a newer one rests already."""
        resting = [one for one in self._links.rivals(order_id) if has_arrived(self._carrier.cache.order(one))]
        self._cancel(resting[:-1])

    def has_triggered(self, order_id: ClientOrderId | None) -> bool:
        """Return whether what rests in a stop's place is what came of it: a limit order."""
        order = self._carrier.cache.order(order_id) if order_id is not None else None
        return order is not None and is_open(order) and order.order_type not in STOPS

    def send_anew(self, intent: Rest | Market, trade: Trade) -> None:
        """Send an exit under a new id although one of its leg is under way."""
        quantity = self._quantity(trade, intent.quantity)
        if isinstance(intent, Rest):
            price = self._price(trade, intent.price)
            self._send(self._exit_order(intent.leg, quantity, price, trade), trade, intent.leg)
        else:
            self._send(self._market_order(intent, trade), trade, intent.leg)

    def _cancel(self, order_ids: Iterable[ClientOrderId]) -> None:
        for order_id in order_ids:
            order = self._carrier.cache.order(order_id)
            if is_open(order) and order.status != OrderStatus.PENDING_CANCEL:
                self._links.unwanted(str(order_id))
                self._carrier.cancel_order(order_id)

    def _market_order(self, intent: Market, trade: Trade) -> Any:
        entering = intent.leg is Leg.ENTRY
        order = self._carrier.order_factory.market(
            self._id(trade),
            side_of(trade.plan.side if entering else -trade.plan.side),
            self._quantity(trade, intent.quantity),
            reduce_only=not entering,
            client_order_id=self._links.new_id(trade.plan.trade_id, intent.leg),
        )
        self._links.expect(order.client_order_id, self._last_price(trade.plan.instrument_id)[1])
        return order

    def _exit_order(self, leg: Leg, quantity: Quantity, price: Price, trade: Trade) -> Any:
        factory, side = self._carrier.order_factory, side_of(-trade.plan.side)
        common: dict[str, Any] = {
            "reduce_only": True,
            "time_in_force": TimeInForce.GTC,
            "client_order_id": self._links.new_id(trade.plan.trade_id, leg),
        }
        if leg in (Leg.TP1, Leg.TP2):
            return factory.limit(self._id(trade), side, quantity, price, **common)
        if leg is Leg.STOP and self._venue.stop_order == "stop_limit":
            return factory.stop_limit(self._id(trade), side, quantity, self._behind(price, trade), price, **common)
        return factory.stop_market(self._id(trade), side, quantity, price, **common)

    def _amend(self, order: Any, leg: Leg, quantity: Quantity, price: Price, trade: Trade) -> None:
        is_stop = leg in (Leg.STOP, Leg.BACKSTOP)
        if is_stop and order.order_type not in STOPS:
            return  # it has triggered: what came of it works, and the stop watch sees to its end
        total = self._quantity(trade, float(quantity) + float(order.filled_qty))
        if order.quantity == total and price == (order.trigger_price if is_stop else order.price):
            return
        if is_stop and self._venue.amend_stop == "replace":
            self._send(self._exit_order(leg, quantity, price, trade), trade, leg)
            return
        quantity_or_none = None if order.quantity == total else total
        if not is_stop:
            self._carrier.modify_order(order.client_order_id, quantity=quantity_or_none, price=price)
            return
        limit = self._behind(price, trade) if order.order_type == OrderType.STOP_LIMIT else None
        self._carrier.modify_order(order.client_order_id, quantity=quantity_or_none, price=limit, trigger_price=price)

    def _send(self, order: Any, trade: Trade, leg: Leg) -> None:
        self._links.sent(order.client_order_id, trade.plan.trade_id, leg)
        self._carrier.submit_order(order)

    def _behind(self, trigger: Price, trade: Trade) -> Price:
        """Return the limit of a stop-limit: a little beyond its trigger (Spec 5.1)."""
        plan = trade.plan
        return self._price(trade, float(trigger) * (1.0 - plan.side * plan.exits.stop_limit_offset_frac))

    def _id(self, trade: Trade) -> InstrumentId:
        instrument_id: InstrumentId = self._instruments[trade.plan.instrument_id].id
        return instrument_id

    def _price(self, trade: Trade, value: float) -> Price:
        price: Price = self._instruments[trade.plan.instrument_id].make_price(value)
        return price

    def _quantity(self, trade: Trade, value: float) -> Quantity:
        quantity: Quantity = self._instruments[trade.plan.instrument_id].make_qty(value)
        return quantity


def side_of(side: int) -> OrderSide:
    """Return the engine's order side for +1 or -1."""
    return OrderSide.BUY if side > 0 else OrderSide.SELL
