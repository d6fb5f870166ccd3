"""What the exchange tells its front doors, synchronously and in order, about one account and one market."""

from decimal import Decimal
from typing import Protocol

from simvenue.algo import Algo
from simvenue.orders import Execution, Fill, Order, Side


class Listener(Protocol):
    """Hear everything; read what is passed at once, since orders go on changing."""

    def on_order(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        """An order of the account has changed."""

    def on_algo(self, algo: Algo) -> None:
        """A conditional order of the account has changed."""

    def on_account(self, cause: str, symbol: str, change: Decimal) -> None:
        """The wallet or a position has changed, by ``ORDER``, ``FUNDING_FEE`` or ``DEPOSIT``."""

    def on_settings(self, symbol: str, leverage: int) -> None:
        """The leverage of an instrument has changed."""

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """A trade has printed, of others or of the account."""

    def on_book(self, symbol: str) -> None:
        """The book of an instrument may have changed."""
