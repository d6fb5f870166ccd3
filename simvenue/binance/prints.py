"""Recent trades of a market, with ids, for ``trades`` and ``aggTrades``."""

from collections import defaultdict, deque
from dataclasses import dataclass
from decimal import Decimal

KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Print:
    """Hold one trade of the market."""

    trade_id: int
    price: Decimal
    quantity: Decimal
    time_ms: int
    buyer_is_maker: bool


class Prints:
    """Number trades and keep the last thousand of each instrument."""

    def __init__(self) -> None:
        self._last_id: dict[str, int] = defaultdict(int)
        self._kept: dict[str, deque[Print]] = defaultdict(lambda: deque(maxlen=KEPT))

    def add(self, symbol: str, price: Decimal, quantity: Decimal, time_ms: int, *, buyer_is_maker: bool) -> Print:
        self._last_id[symbol] += 1
        made = Print(self._last_id[symbol], price, quantity, time_ms, buyer_is_maker)
        self._kept[symbol].append(made)
        return made

    def newest(self, symbol: str, limit: int) -> list[Print]:
        return list(self._kept[symbol])[-limit:]

    def last_id(self, symbol: str) -> int:
        return self._last_id[symbol]
