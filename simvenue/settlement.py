"""Money: executions change position and wallet, reduce-only orders never exceed a position, funding is paid."""

from decimal import Decimal
from typing import TYPE_CHECKING

from simvenue.fees import EIGHT, FeeSchedule
from simvenue.funding import FundingSchedule
from simvenue.orders import ZERO, Execution, Fill, Order, Side, Status

if TYPE_CHECKING:
    from simvenue.perpetuals import Perpetuals


class Settlement:
    """Book what was matched."""

    def __init__(self, exchange: "Perpetuals", fees: FeeSchedule, funding: FundingSchedule) -> None:
        self._exchange = exchange
        self.fees = fees
        self.funding = funding
        self.fills: list[Fill] = []
        self.last_trade_id = 5_000_000_000
        self._settled_ms: int | None = None

    def book(self, order: Order, price: Decimal, quantity: Decimal, maker: bool) -> None:
        """Execute a part of an order."""
        exchange, recorder = self._exchange, self._exchange.recorder
        position = exchange.account.position(order.symbol)
        realised = position.apply(order.side, quantity, price).quantize(EIGHT)
        fee = self.fees.fee(price * quantity, maker=maker)
        exchange.account.wallet += realised - fee
        self.last_trade_id += 1
        now = recorder.now_ms()
        position.updated_ms = order.updated_ms = now
        order.executed += quantity
        order.executed_quote += price * quantity
        order.status = Status.FILLED if order.remaining == 0 else Status.PARTIALLY_FILLED
        fill = Fill(
            trade_id=self.last_trade_id,
            order_id=order.order_id,
            client_id=order.client_id,
            symbol=order.symbol,
            side=order.side,
            price=price,
            quantity=quantity,
            fee=fee,
            fee_asset=exchange.instruments[order.symbol].quote,
            realised=realised,
            maker=maker,
            time_ms=now,
            market_ms=recorder.market_ms(),
            reduce_only=order.reduce_only,
        )
        self.fills.append(fill)
        recorder.filled(fill, exchange.account.wallet, position.quantity)
        if not maker:
            exchange.markets[order.symbol].last_price = price
            exchange.markets[order.symbol].last_quantity = quantity
        self._tell(order, fill)

    def _tell(self, order: Order, fill: Fill) -> None:
        exchange = self._exchange
        if not order.is_open:
            exchange.markets[order.symbol].remove(order)
        for listener in exchange.listeners:
            listener.on_account("ORDER", order.symbol, ZERO)
            listener.on_order(order, Execution.TRADE, fill)
            if not fill.maker:
                listener.on_trade(order.symbol, fill.price, fill.quantity, order.side)
        exchange.conditional.on_child(order)
        self.trim_reduce_only(order.symbol)

    def trim_reduce_only(self, symbol: str) -> None:
        """Expire resting reduce-only orders beyond the position; the ones nearest to the market stay."""
        exchange = self._exchange
        for side in Side:
            room = exchange.account.position(symbol).reducible(side)
            for order in exchange.markets[symbol].queue(side):
                if not order.reduce_only:
                    continue
                if room <= 0:
                    exchange.close_order(order, Status.EXPIRED, "reduce-only beyond the position")
                room -= order.remaining

    def deposit(self, amount: Decimal) -> None:
        """Add to the wallet (or take from it)."""
        self._exchange.account.wallet += amount
        self._exchange.recorder.moved("deposit", "", amount, self._exchange.account.wallet)
        for listener in self._exchange.listeners:
            listener.on_account("DEPOSIT", "", amount)

    def settle_funding(self, market_ms: int) -> None:
        """Pay funding for every boundary that the market's clock has passed since the last call."""
        if self._settled_ms is None:
            self._settled_ms = market_ms
            return
        while (boundary := self.funding.next_boundary(self._settled_ms)) <= market_ms:
            self._settled_ms = boundary
            rate = self.funding.rate_at(boundary)
            for symbol in self._exchange.instruments:
                self._pay(symbol, rate)

    def _pay(self, symbol: str, rate: Decimal) -> None:
        exchange = self._exchange
        position = exchange.account.position(symbol)
        if position.quantity == 0:
            return
        amount = -(position.quantity * exchange.mark_price(symbol) * rate).quantize(EIGHT)
        exchange.account.wallet += amount
        exchange.recorder.moved("funding", symbol, amount, exchange.account.wallet, rate=str(rate))
        for listener in exchange.listeners:
            listener.on_account("FUNDING_FEE", symbol, amount)
