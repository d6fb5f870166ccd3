"""Money of a spot account: an execution exchanges one asset for the other, the fee is kept from what is received."""

from decimal import Decimal
from typing import TYPE_CHECKING

from simvenue.fees import FeeSchedule
from simvenue.orders import ZERO, Execution, Fill, Order, Side, Status

if TYPE_CHECKING:
    from simvenue.pairs.exchange import PairExchange


class PairSettlement:
    """Book what was matched."""

    def __init__(self, exchange: "PairExchange", fees: FeeSchedule) -> None:
        self._exchange = exchange
        self.fees = fees
        self.fills: list[Fill] = []
        self.last_trade_id = 3_000_000_000

    def book(self, matched: Order, price: Decimal, quantity: Decimal, maker: bool) -> None:
        """Execute a part of an order; a list's other leg ends first."""
        exchange, recorder = self._exchange, self._exchange.recorder
        order = exchange.orders[matched.order_id]
        exchange.lists.end_sibling(order)
        instrument = exchange.instruments[order.symbol]
        buys, now = order.side is Side.BUY, recorder.now_ms()
        received = quantity if buys else price * quantity
        fee = self.fees.fee(received, maker=maker)
        self.last_trade_id += 1
        fill = Fill(
            trade_id=self.last_trade_id,
            order_id=order.order_id,
            client_id=order.client_id,
            symbol=order.symbol,
            side=order.side,
            price=price,
            quantity=quantity,
            fee=fee,
            fee_asset=instrument.base if buys else instrument.quote,
            realised=ZERO,
            maker=maker,
            time_ms=now,
            market_ms=recorder.market_ms(),
        )
        order.updated_ms = now
        order.executed += quantity
        order.executed_quote += fill.quote_quantity
        order.status = Status.FILLED if order.remaining == 0 else Status.PARTIALLY_FILLED
        self._exchange_assets(instrument.base, instrument.quote, fill)
        self.fills.append(fill)
        recorder.filled(fill, exchange.balances.total(instrument.quote), exchange.balances.total(instrument.base))
        exchange.relock(order)
        if not maker:
            exchange.markets[order.symbol].last_price = price
            exchange.markets[order.symbol].last_quantity = quantity
        if not order.is_open:
            exchange.markets[order.symbol].remove(order)
        exchange.announce(order, Execution.TRADE, fill)
        if not maker:
            exchange.tell_trade(order.symbol, price, quantity, order.side)

    def _exchange_assets(self, base: str, quote: str, fill: Fill) -> None:
        balances, buys = self._exchange.balances, fill.side is Side.BUY
        balances.move(base, fill.quantity if buys else -fill.quantity)
        balances.move(quote, -fill.quote_quantity if buys else fill.quote_quantity)
        balances.move(fill.fee_asset, -fill.fee)

    def deposit(self, amount: Decimal, asset: str = "USDT") -> None:
        """Add to what is owned of an asset (or take from it)."""
        exchange = self._exchange
        exchange.balances.move(asset, amount)
        exchange.recorder.deposited(asset, amount, exchange.balances.total(asset))
        for listener in exchange.listeners:
            listener.on_deposit(asset, amount)
            listener.on_balances([asset])
