"""What the exchange of pairs tells its front door, synchronously and in order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from simvenue.orders import Execution, Fill, Side
from simvenue.pairs.lists import OrderList
from simvenue.pairs.orders import PairOrder


class PairListener(Protocol):
    """Hear everything; read what is passed at once, since orders go on changing."""

    def on_order(self, order: PairOrder, execution: Execution, fill: Fill | None) -> None:
        """An order of the account has changed."""

    def on_list(self, order_list: OrderList) -> None:
        """An order list has started or is done."""

    def on_balances(self, assets: Sequence[str]) -> None:
        """What is owned or locked of some assets has changed."""

    def on_deposit(self, asset: str, amount: Decimal) -> None:
        """Something was added from outside, or taken."""

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """A trade has printed, of others or of the account."""

    def on_book(self, symbol: str) -> None:
        """The book of an instrument may have changed."""
