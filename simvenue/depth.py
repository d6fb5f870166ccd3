"""A plausible order book around a price: the quantity of a level depends on its price and a seed only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from simvenue.book import Level
from simvenue.instrument import Instrument


@dataclass(frozen=True)
class DepthModel:
    """Offer ``level_quote`` (plus or minus half) on each of ``levels`` adjacent ticks of both sides."""

    seed: int = 0
    levels: int = 20
    level_quote: Decimal = Decimal(50_000)
    spread_ticks: int = 1

    def around(self, instrument: Instrument, bid: Decimal, ask: Decimal) -> tuple[Sequence[Level], Sequence[Level]]:
        """Return bids from ``bid`` down and asks from ``ask`` up."""
        bids = self._ladder(instrument, bid, -instrument.tick)
        asks = self._ladder(instrument, ask, instrument.tick)
        return bids, asks

    def _ladder(self, instrument: Instrument, best: Decimal, tick: Decimal) -> list[Level]:
        prices = (best + tick * n for n in range(self.levels))
        return [(price, self._quantity(instrument, price)) for price in prices if price > 0]

    def _quantity(self, instrument: Instrument, price: Decimal) -> Decimal:
        share = Decimal(500 + crc32(f"{self.seed}:{price}".encode()) % 1001) / 1000
        return max(instrument.min_quantity, instrument.floor_quantity(self.level_quote * share / price))
