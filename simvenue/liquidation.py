"""Liquidation: an account whose margin balance falls below its maintenance margin loses its positions at market."""

from typing import TYPE_CHECKING

from simvenue.orders import ZERO, Kind, OrderRequest, Side, Status
from simvenue.refusal import Refused

if TYPE_CHECKING:
    from simvenue.perpetuals import Perpetuals


class Liquidator:
    """Watch the account on every move of the market."""

    def __init__(self, exchange: "Perpetuals") -> None:
        self._exchange = exchange
        self._busy = False

    def check(self) -> None:
        """Close every position when the margin does not hold; what finds no market is tried again on the next move."""
        held = [symbol for symbol, position in self._exchange.account.positions.items() if position.quantity]
        if not held or self._busy:
            return
        margin = self._exchange.margin
        balance = self._exchange.account.wallet + sum((margin.unrealised(symbol) for symbol in held), ZERO)
        if balance >= sum((margin.maintenance(symbol) for symbol in held), ZERO):
            return
        self._busy = True
        try:
            for symbol in held:
                self._close(symbol)
        finally:
            self._busy = False

    def _close(self, symbol: str) -> None:
        exchange = self._exchange
        for order in exchange.open_orders(symbol):
            exchange.close_order(order, Status.EXPIRED, "liquidation")
        quantity = exchange.account.position(symbol).quantity
        exchange.recorder.moved("liquidation", symbol, ZERO, exchange.account.wallet, quantity=str(quantity))
        request = OrderRequest(
            symbol=symbol,
            side=Side.SELL if quantity > 0 else Side.BUY,
            kind=Kind.MARKET,
            quantity=min(abs(quantity), exchange.instruments[symbol].max_market_quantity),
            client_id=f"autoclose-{exchange.recorder.now_ms()}-{exchange.last_order_id}",
            reduce_only=True,
        )
        try:
            exchange.work(exchange.accept(request))
        except Refused as refused:
            exchange.recorder.order_refused(request, refused.reason.name)
