"""A market replayed from candles, recorded or made up."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simvenue.instrument import Instrument
from simvenue.prices.bars import Bars
from simvenue.prices.path import walk
from simvenue.prices.tick import Tick


@dataclass(frozen=True)
class BarSource:
    """Replay candles as a walk of ``steps`` trades each."""

    instrument: Instrument
    bars: Bars
    steps: int = 12

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    def first_ms(self) -> int:
        return int(self.bars.open_ms[0])

    def history(self, before_ms: int) -> Bars:
        return self.bars.between(0, before_ms)

    def ticks(self, from_ms: int) -> Iterator[Tick]:
        first = int(np.searchsorted(self.bars.open_ms, from_ms - self.bars.interval_ms + 1))
        for row in range(first, len(self.bars)):
            for tick in walk(self.instrument, self.bars, row, self.steps):
                if tick.ts_ms >= from_ms:
                    yield tick
