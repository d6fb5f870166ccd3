"""One instrument's market: a book of everybody else, client orders that rest in it, price-time matching of the two."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from simvenue.book import Book, Level
from simvenue.instrument import Instrument
from simvenue.orders import ZERO, Order, Side

# (order, price, quantity, maker) -> None: book an execution
Match = Callable[[Order, Decimal, Decimal, bool], None]
# order -> how much of it may still be executed (a reduce-only order: never more than the position)
Allowed = Callable[[Order], Decimal]


class Market:
    """Match client orders against the book and against trades that print; money is the caller's business."""

    def __init__(self, instrument: Instrument, match: Match, allowed: Allowed) -> None:
        self.instrument = instrument
        self.book = Book()
        self.resting: dict[int, Order] = {}
        self.last_price = ZERO
        self.last_quantity = ZERO
        self._match = match
        self._allowed = allowed

    def queue(self, side: Side) -> list[Order]:
        """Return the resting orders of a side in the order in which they are served."""
        orders = [order for order in self.resting.values() if order.side is side]
        return sorted(orders, key=lambda order: (-order.price * order.side.sign, order.priority))

    def take(self, order: Order) -> None:
        """Execute an incoming order against the book, as far as it crosses."""
        limit = None if order.price == 0 else order.price
        for price, quantity in self.book.take(order.side, self._allowed(order), limit):
            self._match(order, price, quantity, False)

    def rest(self, order: Order) -> None:
        """Let what is left of an order wait behind what is shown at its price."""
        order.queue_ahead = self.book.quantity_at(order.side, order.price)
        self.resting[order.order_id] = order

    def remove(self, order: Order) -> None:
        self.resting.pop(order.order_id, None)

    def quote(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Replace the book and execute resting orders that it now crosses, at their own price."""
        self.book.replace(bids, asks)
        for side in Side:
            for order in self.queue(side):
                self._cross(order)

    def trade(self, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Let a trade of others print: it serves resting orders that were in its way."""
        self.last_price, self.last_quantity = price, quantity
        left = quantity
        for order in self.queue(aggressor.opposite):
            if left <= 0 or not order.crosses(price):
                break
            left -= self._serve(order, price, left)

    def _cross(self, order: Order) -> None:
        shown = order.queue_ahead
        order.queue_ahead = min(shown, self.book.quantity_at(order.side, order.price))
        taken = self.book.take(order.side, self._allowed(order), order.price)
        quantity = sum((part for _, part in taken), ZERO)
        if quantity > 0:
            self._match(order, order.price, quantity, True)

    def _serve(self, order: Order, price: Decimal, left: Decimal) -> Decimal:
        """Return how much of a print one order used up, the queue before it included."""
        waited = ZERO
        if order.price == price:
            waited = min(order.queue_ahead, left)
            order.queue_ahead -= waited
        part = min(left - waited, self._allowed(order))
        if part > 0:
            self._match(order, order.price, part, True)
        return waited + max(part, ZERO)
