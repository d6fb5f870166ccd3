"""The exchange for spot pairs: accepts, locks, matches, triggers and cancels orders of one account."""

from collections.abc import Iterable
from decimal import Decimal

from simvenue.book import Level
from simvenue.fees import FeeSchedule
from simvenue.instrument import Instrument
from simvenue.market import Market
from simvenue.orders import ZERO, Execution, Fill, Kind, Order, Side, Status, TimeInForce
from simvenue.pairs import acceptance
from simvenue.pairs.balances import Balances
from simvenue.pairs.events import PairListener
from simvenue.pairs.lists import ListDesk
from simvenue.pairs.orders import NO_LIST, PairOrder, PairRequest
from simvenue.pairs.record import PairRecorder
from simvenue.pairs.settlement import PairSettlement
from simvenue.refusal import Reason, Refused


class PairExchange:
    """Run every pair of the venue and the account that trades on it."""

    def __init__(
        self,
        instruments: Iterable[Instrument],
        balances: Balances,
        recorder: PairRecorder,
        fees: FeeSchedule,
    ) -> None:
        self.instruments = {instrument.symbol: instrument for instrument in instruments}
        self.balances = balances
        self.recorder = recorder
        self.listeners: list[PairListener] = []
        self.orders: dict[int, PairOrder] = {}
        self.by_client: dict[tuple[str, str], int] = {}
        self.waiting: dict[int, PairOrder] = {}
        self.last_order_id = 4_000_000_000
        self._last_priority = 0
        self.settlement = PairSettlement(self, fees)
        self.lists = ListDesk(self)
        self.markets = {
            symbol: Market(instrument, self.settlement.book, self._allowed)
            for symbol, instrument in self.instruments.items()
        }

    # Prices

    def market(self, symbol: str) -> Market:
        if symbol not in self.markets:
            raise Refused(Reason.UNKNOWN_SYMBOL, symbol)
        return self.markets[symbol]

    def pays_with(self, symbol: str, side: Side) -> str:
        """Return the asset that an order of a side gives."""
        instrument = self.market(symbol).instrument
        return instrument.quote if side is Side.BUY else instrument.base

    def quote(self, symbol: str, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """Put a new book in place; resting orders that it crosses are executed."""
        self.market(symbol).quote(list(bids), list(asks))
        self._moved(symbol)

    def trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Let a trade of others print."""
        market = self.market(symbol)
        self.tell_trade(symbol, price, quantity, aggressor)
        market.trade(price, quantity, aggressor)
        self._moved(symbol)

    def tell_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        for listener in self.listeners:
            listener.on_trade(symbol, price, quantity, aggressor)

    def pass_minute(self, market_ms: int) -> None:
        """Nothing is due on a spot market."""

    def expire_due(self) -> None:
        """No spot order has a date of its own."""

    def _moved(self, symbol: str) -> None:
        self._trigger(symbol)
        for listener in self.listeners:
            listener.on_book(symbol)

    def _trigger(self, symbol: str) -> None:
        last = self.markets[symbol].last_price
        for order in [order for order in self.waiting.values() if order.symbol == symbol]:
            if order.waits and last > 0 and order.due(last):
                self._release(order)

    # Orders

    def open_orders(self, symbol: str = "") -> list[PairOrder]:
        """Return the open orders, waiting ones too, of one pair or of all, oldest first."""
        if symbol:
            self.market(symbol)
        ids = set(self.waiting)
        for market in self.markets.values():
            ids |= set(market.resting)
        return [self.orders[number] for number in sorted(ids) if symbol in ("", self.orders[number].symbol)]

    def find(self, symbol: str, order_id: int = 0, client_id: str = "") -> PairOrder:
        """Return an order by the venue's id or, the newest, by the client's."""
        self.market(symbol)
        order = self.orders.get(order_id or self.by_client.get((symbol, client_id), 0))
        if order is None or order.symbol != symbol:
            raise Refused(Reason.UNKNOWN_ORDER, client_id or str(order_id))
        return order

    def place(self, request: PairRequest) -> PairOrder:
        """Check, accept and match a new order; raise ``Refused`` when a rule is broken."""
        self.recorder.order_received(request)
        try:
            acceptance.check(self, request)
        except Refused as refused:
            self.recorder.order_refused(request, refused.reason.name)
            raise
        order = self.accept(request)
        self.relock(order)
        self.start(order)
        return order

    def accept(self, request: PairRequest, list_id: int = NO_LIST) -> PairOrder:
        """Give a checked order an id; it has not met the market yet."""
        self.last_order_id += 1
        self._last_priority += 1
        now = self.recorder.now_ms()
        order = PairOrder(
            order_id=self.last_order_id,
            symbol=request.symbol,
            side=request.side,
            kind=request.kind,
            pair_kind=request.pair_kind,
            quantity=request.quantity or acceptance.for_amount(self.market(request.symbol), request),
            quote_amount=request.quote_amount,
            client_id=request.client_id,
            price=request.price,
            time_in_force=request.time_in_force,
            reduce_only=False,
            close_position=False,
            original_type=request.pair_kind.value,
            stop_price=request.stop_price,
            created_ms=now,
            updated_ms=now,
            priority=self._last_priority,
            list_id=list_id,
        )
        self.orders[order.order_id] = order
        self.by_client[(order.symbol, order.client_id)] = order.order_id
        self.recorder.order_changed("order_accepted", order)
        return order

    def start(self, order: PairOrder) -> None:
        """Let an accepted order wait for its price or meet the market."""
        if order.pair_kind.is_conditional:
            self.waiting[order.order_id] = order
            self.announce(order, Execution.NEW)
        else:
            order.working_ms = self.recorder.now_ms()
            self._work(order)

    def cancel(self, order: PairOrder, cancel_id: str = "") -> PairOrder:
        """Cancel an open order, and the list that it belongs to; raise ``Refused`` when it is already done."""
        if not order.is_open:
            raise Refused(Reason.UNKNOWN_ORDER, f"order {order.order_id} is {order.status.value}")
        found = self.lists.lists.get(order.list_id)
        if found is not None and sum(leg.is_open for leg in self.lists.legs(found)) > 1:
            self.lists.cancel(found, cancel_id)
        else:
            order.cancel_id = cancel_id
            self.close_order(order, Status.CANCELED)
        return order

    def close_order(self, order: PairOrder, status: Status, expiry: str = "") -> None:
        """End an order without executing it and release what it held."""
        self.market(order.symbol).remove(order)
        self.waiting.pop(order.order_id, None)
        order.status, order.expiry, order.note = status, expiry, expiry
        order.updated_ms = self.recorder.now_ms()
        self.recorder.order_changed("order_closed", order)
        self.relock(order)
        self.announce(order, Execution.CANCELED if status is Status.CANCELED else Execution.EXPIRED)

    def fill_resting(self, matched: Order) -> None:
        """Fill what is left of an order on the book at its own price, whatever the market does."""
        quantity = self._allowed(matched)
        if quantity > 0 and matched.order_id not in self.waiting:
            self.settlement.book(matched, matched.price, quantity, True)

    def relock(self, order: PairOrder) -> None:
        """Lock what an order needs from now on, or the larger need of its list's open legs."""
        found = self.lists.lists.get(order.list_id)
        legs = self.lists.legs(found) if found else [order]
        asset = self.pays_with(order.symbol, order.side)
        self.balances.lock(order.holder, asset, max(leg.needs for leg in legs))

    def announce(self, order: PairOrder, execution: Execution, fill: Fill | None = None) -> None:
        instrument = self.instruments[order.symbol]
        assets = [instrument.base, instrument.quote]
        for listener in self.listeners:
            listener.on_order(order, execution, fill)
            listener.on_balances(assets)

    def adopt(self, order: PairOrder) -> None:
        """Take over an order of a former process; an open one waits or rests again."""
        self.orders[order.order_id] = order
        self.by_client[(order.symbol, order.client_id)] = order.order_id
        self._last_priority = max(self._last_priority, order.priority)
        if order.waits:
            self.waiting[order.order_id] = order
        elif order.is_open:
            self.market(order.symbol).resting[order.order_id] = order

    def _release(self, order: PairOrder) -> None:
        """Put a waiting order on the book, since its price has come."""
        self.waiting.pop(order.order_id)
        order.working_ms = order.updated_ms = self.recorder.now_ms()
        self.recorder.order_changed("order_triggered", order)
        self.lists.end_sibling(order)
        self._work(order)

    def _work(self, order: PairOrder) -> None:
        market = self.market(order.symbol)
        self.announce(order, Execution.NEW)
        limit = None if order.kind is Kind.MARKET else order.price
        whole = order.time_in_force is not TimeInForce.FOK or (
            market.book.available(order.side, limit) >= order.quantity
        )
        if whole:
            market.take(order)
        if order.is_open:
            self._rest_or_expire(market, order)
        for listener in self.listeners:
            listener.on_book(order.symbol)

    def _rest_or_expire(self, market: Market, order: PairOrder) -> None:
        reasons = {
            TimeInForce.IOC: "UNFILLED_IOC_QUANTITY_EXPIRED",
            TimeInForce.FOK: "UNFILLED_FOK_ORDER_EXPIRED",
        }
        if order.kind is Kind.MARKET:
            self.close_order(order, Status.EXPIRED, "INSUFFICIENT_LIQUIDITY")
        elif order.time_in_force in reasons:
            self.close_order(order, Status.EXPIRED, reasons[order.time_in_force])
        else:
            market.rest(order)

    def _allowed(self, matched: Order) -> Decimal:
        return matched.remaining if matched.is_open else ZERO
