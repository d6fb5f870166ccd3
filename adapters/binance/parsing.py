"""Answers of Binance USD-M as values: money and quantities as ``Decimal``, times in ms. Pure."""

from decimal import Decimal
from typing import Literal

import msgspec

from adapters.binance.errors import VenueUnknownError

type Side = Literal["BUY", "SELL"]
ZERO = Decimal(0)


class Position(msgspec.Struct, frozen=True, rename="camel"):
    """An open position; ``quantity`` is negative for a short."""

    symbol: str
    quantity: Decimal = msgspec.field(name="positionAmt")
    entry_price: Decimal
    mark_price: Decimal
    unrealized_pnl: Decimal = msgspec.field(name="unRealizedProfit")
    position_side: str = "BOTH"
    update_time: int = 0


class Order(msgspec.Struct, frozen=True, rename="camel"):
    """An order of the matching engine; ``stop_price`` is 0 unless it waits for a trigger."""

    symbol: str
    order_id: int
    client_order_id: str
    side: Side
    type: str
    status: str
    quantity: Decimal = msgspec.field(name="origQty")
    filled: Decimal = msgspec.field(name="executedQty", default=ZERO)
    price: Decimal = ZERO
    average_price: Decimal = msgspec.field(name="avgPrice", default=ZERO)
    stop_price: Decimal = ZERO
    reduce_only: bool = False
    close_position: bool = False
    position_side: str = "BOTH"
    update_time: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether it may still fill."""
        return self.status in ("NEW", "PARTIALLY_FILLED", "PENDING_NEW")


class AlgoOrder(msgspec.Struct, frozen=True, rename="camel"):
    """A conditional order, kept apart from the matching engine until its trigger."""

    symbol: str
    algo_id: int
    client_algo_id: str
    side: Side
    type: str = msgspec.field(name="orderType")
    status: str = msgspec.field(name="algoStatus")
    trigger_price: Decimal
    quantity: Decimal = ZERO  # 0 with close_position: whatever the position is
    price: Decimal = ZERO
    reduce_only: bool = False
    close_position: bool = False
    position_side: str = "BOTH"
    working_type: str = "CONTRACT_PRICE"
    actual_order_id: str = ""  # of the order that it became
    update_time: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for its trigger."""
        return self.status == "NEW"


class Balance(msgspec.Struct, frozen=True, rename="camel"):
    """What the account holds of one asset."""

    asset: str
    balance: Decimal
    available: Decimal = msgspec.field(name="availableBalance")
    unrealized_pnl: Decimal = msgspec.field(name="crossUnPnl", default=ZERO)


class UserTrade(msgspec.Struct, frozen=True, rename="camel"):
    """One fill; ``commission`` is positive when it is paid."""

    symbol: str
    id: int
    order_id: int
    side: Side
    price: Decimal
    quantity: Decimal = msgspec.field(name="qty")
    realized_pnl: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    maker: bool = False


class Income(msgspec.Struct, frozen=True, rename="camel"):
    """One booking of the account: REALIZED_PNL, COMMISSION, FUNDING_FEE, TRANSFER ..."""

    income_type: str
    income: Decimal
    asset: str
    time: int
    transaction_id: int = msgspec.field(name="tranId")
    symbol: str = ""


class Instrument(msgspec.Struct, frozen=True):
    """What the venue says of a contract: steps and bounds of its orders; a bound that is not told is 0."""

    symbol: str
    status: str
    tick: Decimal
    lot: Decimal
    min_quantity: Decimal
    max_market_quantity: Decimal
    min_notional: Decimal


class KeyPermissions(msgspec.Struct, frozen=True):
    """What a key may do. ``can_withdraw`` must be false for a bot's key (Spec 9.5)."""

    can_withdraw: bool = msgspec.field(name="enableWithdrawals")
    can_read: bool = msgspec.field(name="enableReading", default=False)
    can_trade: bool = msgspec.field(name="enableFutures", default=False)
    can_transfer_inside: bool = msgspec.field(name="enableInternalTransfer", default=False)
    is_ip_restricted: bool = msgspec.field(name="ipRestrict", default=False)


def parse[T](request: str, body: bytes, kind: type[T]) -> T:
    """Return an answer as a value of ``kind``.

    Raises
    ------
    VenueUnknownError
        It is not what the venue documents: whatever was asked may have been done.
    """
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except msgspec.DecodeError as error:
        raise VenueUnknownError(request, f"unreadable answer: {error}") from error


class _Filter(msgspec.Struct, rename="camel"):
    filter_type: str
    tick_size: Decimal = ZERO
    step_size: Decimal = ZERO
    min_qty: Decimal = ZERO
    max_qty: Decimal = ZERO
    notional: Decimal = ZERO


class _Symbol(msgspec.Struct):
    symbol: str
    status: str
    filters: list[_Filter]


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_Symbol]


def parse_instruments(request: str, body: bytes) -> dict[str, Instrument]:
    """Return the contracts of ``exchangeInfo`` by symbol."""
    info = parse(request, body, _ExchangeInfo)
    return {found.symbol: _instrument(found) for found in info.symbols}


def _instrument(symbol: _Symbol) -> Instrument:
    filters = {found.filter_type: found for found in symbol.filters}
    nothing = _Filter("")
    lot, market = filters.get("LOT_SIZE", nothing), filters.get("MARKET_LOT_SIZE", nothing)
    return Instrument(
        symbol=symbol.symbol,
        status=symbol.status,
        tick=filters.get("PRICE_FILTER", nothing).tick_size,
        lot=lot.step_size,
        min_quantity=lot.min_qty,
        max_market_quantity=market.max_qty or lot.max_qty,
        min_notional=filters.get("MIN_NOTIONAL", nothing).notional,
    )
