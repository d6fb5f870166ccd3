"""The market's side of the order book: price levels that client orders trade against."""

from collections.abc import Iterable
from decimal import Decimal

from simvenue.orders import ZERO, Side

Level = tuple[Decimal, Decimal]


class Book:
    """Hold the quantities offered by everybody else; a level at zero is absent. Best price first on each side."""

    def __init__(self) -> None:
        self.bids: list[Level] = []
        self.asks: list[Level] = []
        self.update_id = 1
        self._changed: dict[tuple[Side, Decimal], Decimal] = {}

    @property
    def best_bid(self) -> Level | None:
        return self.bids[0] if self.bids else None

    @property
    def best_ask(self) -> Level | None:
        return self.asks[0] if self.asks else None

    @property
    def mid(self) -> Decimal | None:
        if not self.bids or not self.asks:
            return None
        return (self.bids[0][0] + self.asks[0][0]) / 2

    def replace(self, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """Put a new book in place of the old one."""
        new_bids = sorted(((p, q) for p, q in bids if q > 0), reverse=True)
        new_asks = sorted((p, q) for p, q in asks if q > 0)
        self._note(Side.BUY, self.bids, new_bids)
        self._note(Side.SELL, self.asks, new_asks)
        self.bids, self.asks = new_bids, new_asks
        self.update_id += 1

    def quantity_at(self, side: Side, price: Decimal) -> Decimal:
        """Return what others show at a price of the bid side (BUY) or the ask side (SELL)."""
        return next((q for p, q in self._side(side) if p == price), ZERO)

    def available(self, taker: Side, limit: Decimal | None) -> Decimal:
        """Return how much a taker could get, down to its limit price or at any price."""
        return sum((q for p, q in self._side(taker.opposite) if _within(taker, p, limit)), ZERO)

    def take(self, taker: Side, quantity: Decimal, limit: Decimal | None) -> list[Level]:
        """Remove up to a quantity from the other side, best price first; return what was taken where."""
        levels = self._side(taker.opposite)
        taken: list[Level] = []
        while levels and quantity > 0 and _within(taker, levels[0][0], limit):
            price, offered = levels[0]
            part = min(offered, quantity)
            quantity -= part
            taken.append((price, part))
            left = offered - part
            self._changed[(taker.opposite, price)] = left
            if left > 0:
                levels[0] = (price, left)
            else:
                levels.pop(0)
        if taken:
            self.update_id += 1
        return taken

    def drain_changes(self) -> tuple[list[Level], list[Level]]:
        """Return the levels that changed since the last call, zero for gone, and forget them."""
        bids = [(p, q) for (side, p), q in self._changed.items() if side is Side.BUY]
        asks = [(p, q) for (side, p), q in self._changed.items() if side is Side.SELL]
        self._changed.clear()
        return sorted(bids, reverse=True), sorted(asks)

    def _side(self, side: Side) -> list[Level]:
        return self.bids if side is Side.BUY else self.asks

    def _note(self, side: Side, old: list[Level], new: list[Level]) -> None:
        before, after = dict(old), dict(new)
        for price in before.keys() - after.keys():
            self._changed[(side, price)] = ZERO
        for price, quantity in after.items():
            if before.get(price) != quantity:
                self._changed[(side, price)] = quantity


def _within(taker: Side, price: Decimal, limit: Decimal | None) -> bool:
    if limit is None:
        return True
    return price <= limit if taker is Side.BUY else price >= limit
