"""One step of the market: a trade, a quote, or both."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from simvenue.orders import Side
from simvenue.prices.bars import Bars


@dataclass(frozen=True, slots=True)
class Tick:
    """Say what others did at a moment; without ``bid`` and ``ask`` the quote follows the trade."""

    ts_ms: int
    symbol: str
    price: Decimal | None = None
    quantity: Decimal = Decimal(0)
    aggressor: Side = Side.BUY
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_quantity: Decimal = Decimal(0)
    ask_quantity: Decimal = Decimal(0)


class Source(Protocol):
    """A market that can be replayed: what was before a moment, and every step from it on."""

    @property
    def symbol(self) -> str:
        """Return the instrument's symbol."""

    def first_ms(self) -> int:
        """Return the time of the first step that is known."""

    def history(self, before_ms: int) -> Bars:
        """Return the candles that had closed by a moment, empty if there are none."""

    def ticks(self, from_ms: int) -> Iterator[Tick]:
        """Yield every step from a moment on, oldest first."""
