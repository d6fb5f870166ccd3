"""Initial and maintenance margin, open orders included; what is left to trade with."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from simvenue.account import Account
from simvenue.instrument import Instrument
from simvenue.orders import ZERO, Order, OrderRequest, Side


class Margin:
    """Answer questions about an account at present mark prices; all in quote units."""

    def __init__(
        self,
        account: Account,
        instruments: Mapping[str, Instrument],
        mark: Callable[[str], Decimal],
        open_orders: Callable[[str], Iterable[Order]],
    ) -> None:
        self._account = account
        self._instruments = instruments
        self._mark = mark
        self._open_orders = open_orders

    def position_initial(self, symbol: str) -> Decimal:
        position = self._account.position(symbol)
        return abs(position.quantity) * self._mark(symbol) / position.leverage

    def orders_initial(self, symbol: str) -> Decimal:
        """Return the margin of the larger side of open orders that could open or enlarge a position."""
        sides = dict.fromkeys(Side, ZERO)
        for order in self._open_orders(symbol):
            if not order.reduce_only:
                sides[order.side] += order.remaining * order.price
        return max(sides.values()) / self._account.position(symbol).leverage

    def maintenance(self, symbol: str) -> Decimal:
        position = self._account.position(symbol)
        return abs(position.quantity) * self._mark(symbol) * self._instruments[symbol].maintenance_frac

    def unrealised(self, symbol: str) -> Decimal:
        return self._account.position(symbol).unrealised(self._mark(symbol))

    def total(self, what: Callable[[str], Decimal]) -> Decimal:
        return sum((what(symbol) for symbol in self._instruments), ZERO)

    @property
    def balance(self) -> Decimal:
        """Return the wallet with unrealised result."""
        return self._account.wallet + self.total(self.unrealised)

    @property
    def available(self) -> Decimal:
        used = self.total(self.position_initial) + self.total(self.orders_initial)
        return max(ZERO, self.balance - used)

    def needed(self, request: OrderRequest, price: Decimal) -> Decimal:
        """Return what an order would bind: only the part that does not reduce the position."""
        position = self._account.position(request.symbol)
        opening = max(ZERO, request.quantity - position.reducible(request.side))
        if request.reduce_only or request.close_position:
            opening = ZERO
        return opening * price / position.leverage
