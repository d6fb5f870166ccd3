"""A margin account: one wallet in quote units, one netted position per instrument, cross margin."""

from decimal import Decimal

import msgspec

from simvenue.orders import ZERO, Side


class Position(msgspec.Struct, kw_only=True):
    """Hold a netted position; ``quantity`` is negative when short, ``realised`` is without fees."""

    symbol: str
    quantity: Decimal = ZERO
    entry_price: Decimal = ZERO
    realised: Decimal = ZERO
    leverage: int = 20
    isolated: bool = False
    updated_ms: int = 0

    def unrealised(self, mark: Decimal) -> Decimal:
        return (mark - self.entry_price) * self.quantity

    def reducible(self, side: Side) -> Decimal:
        """Return how much an order of a side could reduce."""
        return max(ZERO, -self.quantity * side.sign)

    def apply(self, side: Side, quantity: Decimal, price: Decimal) -> Decimal:
        """Trade and return the realised result in quote units, without the fee."""
        signed = quantity * side.sign
        closing = min(quantity, self.reducible(side))
        realised = (price - self.entry_price) * closing * -side.sign
        after = self.quantity + signed
        if after == 0:
            self.entry_price = ZERO
        elif closing == 0:
            self.entry_price = (self.entry_price * self.quantity + price * signed) / after
        elif closing < quantity:
            self.entry_price = price
        self.quantity = after
        self.realised += realised
        return realised


class Account(msgspec.Struct, kw_only=True):
    """Hold the wallet and the positions of one user."""

    wallet: Decimal
    positions: dict[str, Position] = {}
    default_leverage: int = 20

    def position(self, symbol: str) -> Position:
        if symbol not in self.positions:
            self.positions[symbol] = Position(symbol=symbol, leverage=self.default_leverage)
        return self.positions[symbol]
