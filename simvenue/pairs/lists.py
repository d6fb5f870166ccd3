"""Order lists: two orders of which one cancels the other, under one lock."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from simvenue.orders import Side, Status
from simvenue.pairs import acceptance
from simvenue.pairs.orders import NO_LIST, PairKind, PairOrder, PairRequest
from simvenue.refusal import Reason, Refused

if TYPE_CHECKING:
    from simvenue.pairs.exchange import PairExchange

OCO_TRIGGER = "OCO_TRIGGER"


class ListState(Enum):
    EXECUTING = "EXECUTING"
    ALL_DONE = "ALL_DONE"


class ListRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Carry a new list as its sender wants it: one leg above the market, one below."""

    symbol: str
    client_id: str
    above: PairRequest
    below: PairRequest


class OrderList(msgspec.Struct, kw_only=True):
    """Hold one list; times in milliseconds of the venue's clock."""

    list_id: int
    symbol: str
    client_id: str
    order_ids: list[int]
    created_ms: int
    updated_ms: int
    state: ListState = ListState.EXECUTING


class ListDesk:
    """Accept lists and keep their promise: the first leg that trades, triggers or is cancelled ends the other."""

    def __init__(self, exchange: "PairExchange") -> None:
        self._exchange = exchange
        self.lists: dict[int, OrderList] = {}
        self.last_list_id = 0

    def running(self) -> list[OrderList]:
        return [found for found in self.lists.values() if found.state is ListState.EXECUTING]

    def legs(self, found: OrderList) -> list[PairOrder]:
        return [self._exchange.orders[order_id] for order_id in found.order_ids]

    def find(self, list_id: int = 0, client_id: str = "") -> OrderList:
        """Return a list by the venue's id or, the newest, by the client's."""
        found = [
            each
            for each in self.lists.values()
            if (list_id and each.list_id == list_id) or (not list_id and each.client_id == client_id)
        ]
        if not found:
            raise Refused(Reason.UNKNOWN_ORDER, client_id or str(list_id))
        return found[-1]

    def place(self, request: ListRequest) -> OrderList:
        """Check and accept both legs or neither; raise ``Refused`` when a rule is broken."""
        exchange, legs = self._exchange, (request.above, request.below)
        for leg in legs:
            exchange.recorder.order_received(leg)
        try:
            self._check(request)
        except Refused as refused:
            for leg in legs:
                exchange.recorder.order_refused(leg, refused.reason.name)
            raise
        self.last_list_id += 1
        orders = [exchange.accept(leg, self.last_list_id) for leg in legs]
        now = exchange.recorder.now_ms()
        made = OrderList(
            list_id=self.last_list_id,
            symbol=request.symbol,
            client_id=request.client_id,
            order_ids=[order.order_id for order in orders],
            created_ms=now,
            updated_ms=now,
        )
        self.lists[made.list_id] = made
        self._tell(made)
        exchange.relock(orders[0])
        for order in orders:
            exchange.start(order)
        return made

    def cancel(self, found: OrderList, cancel_id: str = "") -> OrderList:
        """Cancel what is left of a running list; raise ``Refused`` when it is done."""
        if found.state is not ListState.EXECUTING:
            raise Refused(Reason.UNKNOWN_ORDER, f"order list {found.list_id} is done")
        for order in self.legs(found):
            if order.is_open:
                order.cancel_id = cancel_id
                self._exchange.close_order(order, Status.CANCELED)
        self.settle(found.list_id)
        return found

    def end_sibling(self, order: PairOrder) -> None:
        """Expire the other leg, since this one has triggered or traded."""
        if order.list_id == NO_LIST:
            return
        for other in self.legs(self.lists[order.list_id]):
            if other is not order and other.is_open:
                self._exchange.close_order(other, Status.EXPIRED, OCO_TRIGGER)
        self.settle(order.list_id)

    def settle(self, list_id: int) -> None:
        """Note that a list is done once no more than one of its legs is open."""
        found = self.lists.get(list_id)
        if found is None or found.state is ListState.ALL_DONE:
            return
        if sum(order.is_open for order in self.legs(found)) <= 1:
            found.state = ListState.ALL_DONE
            found.updated_ms = self._exchange.recorder.now_ms()
            self._tell(found)

    def _check(self, request: ListRequest) -> None:
        exchange, above, below = self._exchange, request.above, request.below
        stops = [leg for leg in (above, below) if leg.pair_kind is PairKind.STOP_LOSS_LIMIT]
        wanted = below if above.side is Side.SELL else above
        if stops != [wanted]:
            raise Refused(Reason.BAD_VALUE, "a sale's stop is the leg below, a purchase's the leg above")
        for leg in (above, below):
            acceptance.check_filters(exchange, leg)
        last = exchange.market(request.symbol).last_price
        if not _reach(below) < last < _reach(above):
            raise Refused(Reason.LIST_PRICES)
        if above.client_id == below.client_id or any(each.client_id == request.client_id for each in self.running()):
            raise Refused(Reason.DUPLICATE_CLIENT_ID, request.client_id)
        conditional = above.pair_kind.is_conditional + below.pair_kind.is_conditional
        acceptance.check_counts(exchange, request.symbol, orders=2, conditional=conditional)
        acceptance.check_balance(exchange, above, below)

    def _tell(self, found: OrderList) -> None:
        self._exchange.recorder.list_changed(found.symbol, found.client_id, found.list_id, found.state.value)
        for listener in self._exchange.listeners:
            listener.on_list(found)


def _reach(leg: PairRequest) -> Decimal:
    """Return the price at which a leg begins to work."""
    return leg.stop_price if leg.pair_kind.is_conditional else leg.price
