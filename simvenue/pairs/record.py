"""Write what happens on a spot account to the ledger; the balance of an entry is that of the quote asset."""

from decimal import Decimal

from simvenue.orders import Fill, Side
from simvenue.record import Recorder


class PairRecorder(Recorder):
    """Record executions with what they did to both assets."""

    def filled(self, fill: Fill, balance: Decimal, position: Decimal) -> None:
        """Record an execution; ``balance`` and ``position`` are what is owned of quote and base afterwards."""
        buys = fill.side is Side.BUY
        quote = -fill.quote_quantity if buys else fill.quote_quantity - fill.fee
        base = fill.quantity - fill.fee if buys else -fill.quantity
        self._balance = balance
        self._write(
            "fill",
            fill.symbol,
            fill.client_id,
            quote,
            trade_id=fill.trade_id,
            order_id=fill.order_id,
            side=fill.side.value,
            price=str(fill.price),
            quantity=str(fill.quantity),
            fee=str(fill.fee),
            fee_asset=fill.fee_asset,
            realised="0",
            base_change=str(base),
            quote_change=str(quote),
            maker=fill.maker,
            position=str(position),
        )

    def list_changed(self, symbol: str, client_id: str, list_id: int, state: str) -> None:
        self._write("list_changed", symbol, client_id, list_id=list_id, state=state)

    def deposited(self, asset: str, amount: Decimal, total: Decimal) -> None:
        """Record what came from outside; only the quote asset changes the balance."""
        if asset == "USDT":
            self._balance = total
        self._write("deposit", "", "", amount if asset == "USDT" else Decimal(0), asset=asset, quantity=str(amount))
