"""Conditional orders: they wait outside the book for a price, then become an ordinary order (the child)."""

from decimal import Decimal
from enum import Enum

import msgspec

from simvenue.orders import ZERO, Kind, Side, TimeInForce


class AlgoKind(Enum):
    STOP = "STOP"
    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"

    @property
    def child(self) -> Kind:
        return Kind.LIMIT if self in (AlgoKind.STOP, AlgoKind.TAKE_PROFIT) else Kind.MARKET

    @property
    def takes_profit(self) -> bool:
        return self in (AlgoKind.TAKE_PROFIT, AlgoKind.TAKE_PROFIT_MARKET)


class AlgoStatus(Enum):
    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class Watch(Enum):
    """Which price releases the order."""

    CONTRACT_PRICE = "CONTRACT_PRICE"
    MARK_PRICE = "MARK_PRICE"


class AlgoRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Carry a new conditional order as its sender wants it."""

    symbol: str
    side: Side
    kind: AlgoKind
    client_id: str
    trigger_price: Decimal = ZERO
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    time_in_force: TimeInForce = TimeInForce.GTC
    watch: Watch = Watch.CONTRACT_PRICE
    reduce_only: bool = False
    close_position: bool = False
    price_protect: bool = False
    callback_frac: Decimal = ZERO
    good_till_ms: int = 0


class Algo(msgspec.Struct, kw_only=True):
    """Hold one conditional order from its acceptance on."""

    algo_id: int
    request: AlgoRequest
    created_ms: int
    updated_ms: int
    status: AlgoStatus = AlgoStatus.NEW
    triggered_ms: int = 0
    child_id: int = 0
    extreme: Decimal = ZERO  # of a trailing stop: the best price since it became active
    active: bool = True
    executed: Decimal = ZERO
    average_price: Decimal = ZERO
    note: str = ""

    @property
    def waits(self) -> bool:
        return self.status is AlgoStatus.NEW

    def due(self, price: Decimal) -> bool:
        """Tell whether a price releases this order; a trailing stop follows the price first."""
        request = self.request
        if request.kind is AlgoKind.TRAILING_STOP_MARKET:
            return self._trail(price)
        rises = (request.side is Side.BUY) is not request.kind.takes_profit
        return price >= request.trigger_price if rises else price <= request.trigger_price

    def _trail(self, price: Decimal) -> bool:
        request = self.request
        sign = request.side.sign
        if not self.active:
            self.active = (price - request.trigger_price) * sign <= 0
            self.extreme = price
            return False
        if (price - self.extreme) * sign < 0 or self.extreme == 0:
            self.extreme = price
        return (price - self.extreme) * sign >= request.callback_frac * self.extreme
