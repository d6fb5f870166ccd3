"""Orders of a spot pair: some wait for a price before they touch the book, some belong to a list."""

from decimal import Decimal
from enum import Enum

from simvenue.orders import ZERO, Kind, Order, OrderRequest, Side

NO_LIST = -1


class PairKind(Enum):
    LIMIT = "LIMIT"
    LIMIT_MAKER = "LIMIT_MAKER"
    MARKET = "MARKET"
    STOP_LOSS_LIMIT = "STOP_LOSS_LIMIT"
    TAKE_PROFIT_LIMIT = "TAKE_PROFIT_LIMIT"

    @property
    def matched_as(self) -> Kind:
        return Kind.MARKET if self is PairKind.MARKET else Kind.LIMIT

    @property
    def is_conditional(self) -> bool:
        return self in (PairKind.STOP_LOSS_LIMIT, PairKind.TAKE_PROFIT_LIMIT)


class PairRequest(OrderRequest, frozen=True, kw_only=True):
    """Carry a new order; a market order may name the quote amount to spend or receive instead of a quantity."""

    pair_kind: PairKind
    quote_amount: Decimal = ZERO


class PairOrder(Order, kw_only=True):
    """Hold one order from its acceptance on; ``working_ms`` is when it reached the book, 0 while it waits."""

    pair_kind: PairKind
    list_id: int = NO_LIST
    quote_amount: Decimal = ZERO
    working_ms: int = 0
    expiry: str = ""
    cancel_id: str = ""  # the name that its cancellation was given

    @property
    def waits(self) -> bool:
        return self.is_open and self.working_ms == 0

    @property
    def holder(self) -> str:
        """Return who holds the lock for this order: itself, or the list that it belongs to."""
        return f"order {self.order_id}" if self.list_id == NO_LIST else f"list {self.list_id}"

    @property
    def needs(self) -> Decimal:
        """Return what must be locked while it is open: quote units for a purchase, base units for a sale."""
        if not self.is_open or self.kind is Kind.MARKET:
            return ZERO
        return self.remaining * self.price if self.side is Side.BUY else self.remaining

    def due(self, price: Decimal) -> bool:
        """Tell whether a price of the market releases a waiting order."""
        return releases(self.side, self.pair_kind, self.stop_price, price)


def releases(side: Side, kind: PairKind, trigger: Decimal, price: Decimal) -> bool:
    """Tell whether a price releases an order with a trigger: a stop against the market's favour, a target with it."""
    rises = (side is Side.BUY) is (kind is PairKind.STOP_LOSS_LIMIT)
    return price >= trigger if rises else price <= trigger
