"""Which engine order belongs to which leg of which trade."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from nautilus_trader.model import ClientOrderId, OrderStatus

from execution.trade import Leg

BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def trade_id_of(instrument_id: str, strategy: str, signal_ns: int) -> str:
    """Return a short id that is unique per strategy, instrument and bar, and survives a restart.

    It is part of every client order id, so it must leave room for a venue's limit of 36 characters.

    >>> trade_id_of("BTCUSDT-PERP.BINANCE", "breakout", 1_704_067_200_000_000_000)
    'BTCUSDTP7b5ms6k2o0'
    """
    symbol = "".join(c for c in instrument_id.split(".", maxsplit=1)[0] if c.isalnum())[:8]
    digest = blake2b(f"{strategy}/{instrument_id}".encode(), digest_size=8).digest()
    return symbol + base36(int.from_bytes(digest))[-4:] + base36(signal_ns // 1_000_000_000)


def base36(number: int) -> str:
    """Return a whole number >= 0 in digits and small letters.

    >>> base36(35), base36(36)
    ('z', '10')
    """
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = BASE36[digit] + digits
    return digits or "0"


class OrderLinks:
    """Remember the resting orders of each leg, and the leg of each order id that was ever sent."""

    def __init__(self) -> None:
        self._legs: dict[str, tuple[str, Leg]] = {}
        self._resting: dict[tuple[str, Leg], list[ClientOrderId]] = {}  # oldest first; more than one while replaced
        self._counts: dict[tuple[str, Leg], int] = {}
        self._expected_px: dict[str, float] = {}
        self._filled: dict[str, float] = {}
        self._unwanted: set[str] = set()

    def new_id(self, trade_id: str, leg: Leg) -> ClientOrderId:
        """Return a client order id that carries trade and leg, never used before."""
        count = self._counts[trade_id, leg] = self._counts.get((trade_id, leg), 0) + 1
        return ClientOrderId(f"{trade_id}-{leg.value}{base36(count)}")

    def counts(self, trade_id: str) -> dict[str, int]:
        """Return how many ids each leg of a trade has had."""
        return {leg.value: self._counts[trade_id, leg] for leg in Leg if (trade_id, leg) in self._counts}

    def restore(self, trade_id: str, counts: Mapping[str, int]) -> None:
        """Go on where an earlier life stopped: ids that it may have used are not used again."""
        for leg in Leg:
            self._counts[trade_id, leg] = counts.get(leg.value, 0)

    def sent(self, order_id: ClientOrderId, trade_id: str, leg: Leg) -> None:
        """Note an order before it leaves."""
        self._legs[str(order_id)] = (trade_id, leg)
        self._resting.setdefault((trade_id, leg), []).append(order_id)

    def expect(self, order_id: ClientOrderId, price: float) -> None:
        """Note the price at the moment a market order was decided."""
        self._expected_px[str(order_id)] = price

    def expected(self, order_id: str, default: float) -> float:
        """Return the price noted for an order, or ``default``."""
        return self._expected_px.get(order_id, default)

    def link(self, order_id: str) -> tuple[str, Leg] | None:
        """Return trade and leg of one of our orders."""
        return self._legs.get(order_id)

    def resting(self, trade_id: str, leg: Leg) -> ClientOrderId | None:
        """Return the newest order of a leg that is not known to be gone."""
        found = self._resting.get((trade_id, leg))
        return found[-1] if found else None

    def all_resting(self, trade_id: str, leg: Leg) -> tuple[ClientOrderId, ...]:
        """Return all orders of a leg that are not known to be gone, oldest first."""
        return tuple(self._resting.get((trade_id, leg), ()))

    def rivals(self, order_id: str) -> tuple[ClientOrderId, ...]:
        """Return all orders of an order's leg that are not known to be gone, itself included, oldest first."""
        link = self._legs.get(order_id)
        return () if link is None else tuple(self._resting.get(link, ()))

    def filled(self, order_id: str) -> float:
        """Return how much of an order has been booked."""
        return self._filled.get(order_id, 0.0)

    def book(self, order_id: str, filled: float) -> None:
        """Note how much of an order has been booked altogether."""
        self._filled[order_id] = filled

    def unwanted(self, order_id: str) -> None:
        """Note that we have asked for an order's end."""
        self._unwanted.add(order_id)

    def is_unwanted(self, order_id: str) -> bool:
        """Return whether we have asked for an order's end."""
        return order_id in self._unwanted

    def gone(self, order_id: str) -> None:
        """Note that an order can no longer fill."""
        link = self._legs.get(order_id)
        found = self._resting.get(link) if link is not None else None
        if found is not None:
            found[:] = [one for one in found if str(one) != order_id]

    def forget_trade(self, trade_id: str) -> None:
        """Forget a trade that is over; late events of its orders are then nobody's."""
        for leg in Leg:
            self._resting.pop((trade_id, leg), None)
            for count in range(1, self._counts.pop((trade_id, leg), 0) + 1):
                order_id = f"{trade_id}-{leg.value}{base36(count)}"
                self._legs.pop(order_id, None)
                self._expected_px.pop(order_id, None)
                self._filled.pop(order_id, None)
                self._unwanted.discard(order_id)


def leg_of(order_id: str) -> tuple[str, Leg, int] | None:
    """Return trade, leg and count of a client order id of ours; None for anybody else's.

    >>> leg_of("BTCUSDTP7b5ms6k2o0-SL1a")
    ('BTCUSDTP7b5ms6k2o0', <Leg.STOP: 'SL'>, 46)
    """
    trade_id, dash, tail = order_id.rpartition("-")
    if not dash or not trade_id or tail[:2] not in set(Leg) or not tail[2:]:
        return None
    if any(digit not in BASE36 for digit in tail[2:]):
        return None
    return trade_id, Leg(tail[:2]), int(tail[2:], 36)


def is_open(order: Any) -> bool:
    """Return whether an engine order may still fill."""
    return order is not None and not order.is_closed


def is_resting(order: Any) -> bool:
    """Return whether the venue is known to have an order, and no change of it is under way."""
    return order is not None and order.status in (
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIALLY_FILLED,
    )


def has_arrived(order: Any) -> bool:
    """Return whether the venue is known to have had an order, and it may still fill."""
    return is_open(order) and order.status not in (OrderStatus.INITIALIZED, OrderStatus.SUBMITTED)
