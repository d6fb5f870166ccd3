"""A plausible order book around a price: the quantity of a level depends on its price and a seed only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zlib import crc32

from simvenue.book import Level
from simvenue.instrument import Instrument

REMEMBERED = 4_096


@dataclass(frozen=True)
class DepthModel:
    """Offer ``level_quote`` (plus or minus half) on each of ``levels`` adjacent ticks of both sides."""

    seed: int = 0
    levels: int = 20
    level_quote: Decimal = Decimal(50_000)
    spread_ticks: int = 1
    _made: dict[tuple[str, Decimal, int], list[Level]] = field(default_factory=dict, repr=False, compare=False)

    def around(self, instrument: Instrument, bid: Decimal, ask: Decimal) -> tuple[Sequence[Level], Sequence[Level]]:
        """Return bids from ``bid`` down and asks from ``ask`` up; do not change them, they are remembered."""
        return self._ladder(instrument, bid, -1), self._ladder(instrument, ask, 1)

    def _ladder(self, instrument: Instrument, best: Decimal, direction: int) -> list[Level]:
        key = (instrument.symbol, best, direction)
        if key not in self._made:
            if len(self._made) >= REMEMBERED:
                self._made.clear()
            prices = (best + instrument.tick * direction * n for n in range(self.levels))
            self._made[key] = [(price, self._quantity(instrument, price)) for price in prices if price > 0]
        return self._made[key]

    def _quantity(self, instrument: Instrument, price: Decimal) -> Decimal:
        share = Decimal(500 + crc32(f"{self.seed}:{instrument.price_text(price)}".encode()) % 1001) / 1000
        return max(instrument.min_quantity, instrument.floor_quantity(self.level_quote * share / price))
