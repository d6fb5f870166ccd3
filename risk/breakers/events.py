"""What can happen to the breakers: seen, counted, or done by a hand."""

import msgspec


class EquitySeen(msgspec.Struct, frozen=True):
    """The account's equity at one moment; NaN when it is not known."""

    ts_ns: int
    equity: float


class TradeOpened(msgspec.Struct, frozen=True):
    """An entry has its first fill."""

    ts_ns: int


class TradeEnded(msgspec.Struct, frozen=True):
    """A trade is over; ``net`` in account currency."""

    ts_ns: int
    net: float


class OrderFilled(msgspec.Struct, frozen=True):
    """An order that takes what it gets was filled; fractions of the price it met."""

    ts_ns: int
    expected_frac: float
    actual_frac: float


class ApiCounted(msgspec.Struct, frozen=True):
    """Requests to a venue, and those that failed, in the sliding window."""

    ts_ns: int
    requests: int
    errors: int


class ApiBanned(msgspec.Struct, frozen=True):
    """A venue answered HTTP 418."""

    ts_ns: int


class HandReset(msgspec.Struct, frozen=True):
    """An operator resets a breaker (or approves, for the weekly one). ``peak`` is for the drawdown: the new one."""

    ts_ns: int
    breaker: str
    operator: str
    reason: str
    peak: float = 0.0


class HandKill(msgspec.Struct, frozen=True):
    """An operator stops all entries, and, when asked for, closes every position."""

    ts_ns: int
    operator: str
    reason: str
    close_positions: bool = False


type Event = EquitySeen | TradeOpened | TradeEnded | OrderFilled | ApiCounted | ApiBanned | HandReset | HandKill
