"""The exchange for USD-margined perpetuals: accepts, matches, modifies and cancels orders of one account."""

from collections.abc import Iterable
from decimal import Decimal

from simvenue import acceptance
from simvenue.account import Account
from simvenue.book import Level
from simvenue.conditional import ConditionalDesk
from simvenue.events import Listener
from simvenue.fees import FeeSchedule
from simvenue.funding import FundingSchedule
from simvenue.instrument import Instrument
from simvenue.liquidation import Liquidator
from simvenue.margin import Margin
from simvenue.market import Market
from simvenue.orders import ZERO, Execution, Kind, Order, OrderRequest, Side, Status, TimeInForce
from simvenue.record import Recorder
from simvenue.refusal import Reason, Refused
from simvenue.settlement import Settlement


class Perpetuals:
    """Run every market of the venue and the account that trades on it."""

    def __init__(
        self,
        instruments: Iterable[Instrument],
        account: Account,
        recorder: Recorder,
        fees: FeeSchedule | None = None,
        funding: FundingSchedule | None = None,
    ) -> None:
        self.instruments = {instrument.symbol: instrument for instrument in instruments}
        self.account = account
        self.recorder = recorder
        self.listeners: list[Listener] = []
        self.orders: dict[int, Order] = {}
        self.by_client: dict[tuple[str, str], int] = {}
        self.mark_shift: dict[str, Decimal] = {}
        self.last_order_id = 8_000_000_000
        self._last_priority = 0
        self.settlement = Settlement(self, fees or FeeSchedule(), funding or FundingSchedule())
        self.markets = {
            symbol: Market(instrument, self.settlement.book, self._allowed)
            for symbol, instrument in self.instruments.items()
        }
        self.margin = Margin(account, self.instruments, self.mark_price, self.open_orders)
        self.conditional = ConditionalDesk(self)
        self._liquidator = Liquidator(self)

    # Prices

    def market(self, symbol: str) -> Market:
        if symbol not in self.markets:
            raise Refused(Reason.UNKNOWN_SYMBOL, symbol)
        return self.markets[symbol]

    def mark_price(self, symbol: str) -> Decimal:
        """Return the mark price: the middle of the book, shifted when a test asks for it."""
        market = self.markets[symbol]
        middle = market.book.mid or market.last_price
        return middle + self.mark_shift.get(symbol, ZERO)

    def quote(self, symbol: str, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """Put a new book in place; resting orders that it crosses are executed."""
        self.market(symbol).quote(list(bids), list(asks))
        self._moved(symbol)

    def trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Let a trade of others print."""
        market = self.market(symbol)
        for listener in self.listeners:
            listener.on_trade(symbol, price, quantity, aggressor)
        market.trade(price, quantity, aggressor)
        self._moved(symbol)

    def _moved(self, symbol: str) -> None:
        self.conditional.on_price(symbol)
        self._liquidator.check()
        for listener in self.listeners:
            listener.on_book(symbol)

    def pass_minute(self, market_ms: int) -> None:
        """Pay the funding that is due by a market time."""
        self.settlement.settle_funding(market_ms)

    # Orders

    def open_orders(self, symbol: str = "") -> list[Order]:
        """Return the orders that rest, of one instrument or of all."""
        markets = [self.market(symbol)] if symbol else self.markets.values()
        return [order for market in markets for order in market.resting.values()]

    def find(self, symbol: str, order_id: int = 0, client_id: str = "") -> Order:
        """Return an order by the venue's id or, the newest, by the client's."""
        self.market(symbol)
        order = self.orders.get(order_id or self.by_client.get((symbol, client_id), 0))
        if order is None or order.symbol != symbol:
            raise Refused(Reason.UNKNOWN_ORDER, client_id or str(order_id))
        return order

    def place(self, request: OrderRequest) -> Order:
        """Check, accept and match a new order; raise ``Refused`` when a rule is broken."""
        self.recorder.order_received(request)
        try:
            order = self.accept(request)
        except Refused as refused:
            self.recorder.order_refused(request, refused.reason.name)
            raise
        self.work(order)
        return order

    def accept(self, request: OrderRequest) -> Order:
        """Check an order and give it an id; it has not met the market yet."""
        acceptance.check(self, request)
        self.last_order_id += 1
        now = self.recorder.now_ms()
        order = Order(
            order_id=self.last_order_id,
            symbol=request.symbol,
            side=request.side,
            kind=request.kind,
            quantity=request.quantity,
            client_id=request.client_id,
            price=request.price,
            time_in_force=request.time_in_force,
            reduce_only=request.reduce_only or request.close_position,
            close_position=request.close_position,
            good_till_ms=request.good_till_ms,
            algo_id=request.algo_id,
            original_type=request.original_type or request.kind.value,
            stop_price=request.stop_price,
            created_ms=now,
            updated_ms=now,
            priority=self._next_priority(),
        )
        self.orders[order.order_id] = order
        self.by_client[(order.symbol, order.client_id)] = order.order_id
        self.recorder.order_changed("order_accepted", order)
        return order

    def work(self, order: Order) -> None:
        """Announce an accepted order, match it, and rest or expire what is left."""
        market = self.market(order.symbol)
        self.announce(order, Execution.NEW)
        limit = None if order.kind is Kind.MARKET else order.price
        whole = order.time_in_force is not TimeInForce.FOK or (
            market.book.available(order.side, limit) >= order.quantity
        )
        if whole:
            market.take(order)
        self._finish(market, order)
        for listener in self.listeners:
            listener.on_book(order.symbol)
        self.settlement.trim_reduce_only(order.symbol)

    def _finish(self, market: Market, order: Order) -> None:
        if not order.is_open:
            return
        if order.kind is Kind.MARKET or order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            self.close_order(order, Status.EXPIRED)
        else:
            market.rest(order)

    def cancel(self, order: Order) -> Order:
        """Cancel an open order; raise ``Refused`` when it is already done."""
        if not order.is_open:
            raise Refused(Reason.UNKNOWN_ORDER, f"order {order.order_id} is {order.status.value}")
        self.close_order(order, Status.CANCELED)
        return order

    def modify(self, order: Order, price: Decimal, quantity: Decimal) -> Order:
        """Change price and quantity of a resting limit order; it goes to the end of the queue.

        Binance cancels, instead of refusing, when a post-only order would take at its new price, or when no more is
        wanted than was executed.
        """
        acceptance.check_change(self, order, price, quantity)
        if acceptance.loses_maker(self, order, price):
            self.close_order(order, Status.CANCELED)
            return order
        order.price, order.quantity = price, quantity
        order.updated_ms = self.recorder.now_ms()
        order.priority = self._next_priority()
        market = self.market(order.symbol)
        market.remove(order)
        self.recorder.order_changed("order_modified", order)
        self.announce(order, Execution.AMENDMENT)
        if order.remaining <= 0:
            self.close_order(order, Status.CANCELED)
            return order
        market.take(order)
        self._finish(market, order)
        return order

    def close_order(self, order: Order, status: Status, note: str = "") -> None:
        """End an order without executing it."""
        self.market(order.symbol).remove(order)
        order.status, order.note = status, note
        order.updated_ms = self.recorder.now_ms()
        self.recorder.order_changed("order_closed", order)
        self.announce(order, Execution.CANCELED if status is Status.CANCELED else Execution.EXPIRED)
        self.conditional.on_child(order)

    def adopt(self, order: Order) -> None:
        """Take over an order of a former process; an open one rests again."""
        self.orders[order.order_id] = order
        self.by_client[(order.symbol, order.client_id)] = order.order_id
        self._last_priority = max(self._last_priority, order.priority)
        if order.is_open:
            self.market(order.symbol).resting[order.order_id] = order

    def fill_resting(self, order: Order) -> None:
        """Fill what is left of a resting order at its own price, whatever the market does."""
        quantity = self._allowed(order)
        if quantity > 0:
            self.settlement.book(order, order.price, quantity, True)

    def expire_due(self) -> None:
        """End the orders whose good-till date has passed."""
        now = self.recorder.now_ms()
        for order in self.open_orders():
            if order.good_till_ms and order.good_till_ms <= now:
                self.close_order(order, Status.EXPIRED)

    def announce(self, order: Order, execution: Execution) -> None:
        for listener in self.listeners:
            listener.on_order(order, execution, None)

    def set_leverage(self, symbol: str, leverage: int) -> None:
        """Set the leverage of an instrument, between 1 and its maximum."""
        instrument = self.market(symbol).instrument
        if not 1 <= leverage <= instrument.max_leverage:
            raise Refused(Reason.BAD_VALUE, f"leverage {leverage}: 1 to {instrument.max_leverage}")
        self.account.position(symbol).leverage = leverage
        for listener in self.listeners:
            listener.on_settings(symbol, leverage)

    def _allowed(self, order: Order) -> Decimal:
        if not order.is_open:
            return ZERO
        if order.reduce_only:
            return min(order.remaining, self.account.position(order.symbol).reducible(order.side))
        return order.remaining

    def _next_priority(self) -> int:
        self._last_priority += 1
        return self._last_priority
