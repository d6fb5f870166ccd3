"""Orders and fills, as the matching engine knows them; nothing here speaks a wire format."""

from decimal import Decimal
from enum import Enum

import msgspec

ZERO = Decimal(0)


class Side(Enum):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class Kind(Enum):
    LIMIT = "LIMIT"
    MARKET = "MARKET"


class TimeInForce(Enum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"  # post-only
    GTD = "GTD"


class Status(Enum):
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"

    @property
    def is_open(self) -> bool:
        return self in (Status.NEW, Status.PARTIALLY_FILLED)


class Execution(Enum):
    """What has just happened to an order."""

    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    AMENDMENT = "AMENDMENT"


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Carry a new order as its sender wants it; ``price`` is zero for a market order."""

    symbol: str
    side: Side
    kind: Kind
    quantity: Decimal
    client_id: str
    price: Decimal = ZERO
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    close_position: bool = False
    good_till_ms: int = 0
    algo_id: int = 0
    original_type: str = ""
    stop_price: Decimal = ZERO


class Order(msgspec.Struct, kw_only=True):
    """Hold one order from its acceptance on; times in milliseconds of the venue's clock."""

    order_id: int
    symbol: str
    side: Side
    kind: Kind
    quantity: Decimal
    client_id: str
    price: Decimal
    time_in_force: TimeInForce
    reduce_only: bool
    close_position: bool
    created_ms: int
    updated_ms: int
    priority: int
    good_till_ms: int = 0
    algo_id: int = 0
    original_type: str = ""
    stop_price: Decimal = ZERO
    status: Status = Status.NEW
    executed: Decimal = ZERO
    executed_quote: Decimal = ZERO
    queue_ahead: Decimal = ZERO
    note: str = ""

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.executed

    @property
    def average_price(self) -> Decimal:
        return self.executed_quote / self.executed if self.executed else ZERO

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    def crosses(self, price: Decimal) -> bool:
        """Tell whether this order would trade at a price of the other side."""
        if self.kind is Kind.MARKET:
            return True
        return price <= self.price if self.side is Side.BUY else price >= self.price


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """Record one execution; ``fee`` and ``realised`` in quote units, ``realised`` without the fee."""

    trade_id: int
    order_id: int
    client_id: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    realised: Decimal
    maker: bool
    time_ms: int
    market_ms: int
    reduce_only: bool = False

    @property
    def quote_quantity(self) -> Decimal:
        return self.price * self.quantity
