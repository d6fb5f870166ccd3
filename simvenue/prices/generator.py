"""A market that is made up: one-minute candles of a random walk, a function of seed, symbol and time only."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from simvenue.instrument import Instrument
from simvenue.prices.bars import Bars
from simvenue.prices.candles import BarSource
from simvenue.prices.tick import Tick

MINUTE_MS = 60_000
DAY_MS = 86_400_000
MINUTES = DAY_MS // MINUTE_MS
START_PRICES = {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0, "BNBUSDT": 600.0, "SOLUSDT": 150.0, "LTCUSDT": 80.0}


@dataclass(frozen=True)
class SeededSource:
    """Make up a market; the days before ``anchor_ms`` are its history, ``minute_frac`` its move in a minute."""

    instrument: Instrument
    seed: int
    anchor_ms: int
    steps: int = 12
    history_days: int = 40
    minute_frac: float = 0.0008

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    def first_ms(self) -> int:
        return (self.anchor_ms // DAY_MS - self.history_days) * DAY_MS

    def history(self, before_ms: int) -> Bars:
        days = range(self.first_ms() // DAY_MS, before_ms // DAY_MS + 1)
        return joined([self.day(number) for number in days]).between(0, before_ms)

    def ticks(self, from_ms: int) -> Iterator[Tick]:
        number = from_ms // DAY_MS
        while True:
            yield from BarSource(self.instrument, self.day(number), self.steps).ticks(from_ms)
            number += 1

    def day(self, number: int) -> Bars:
        """Return the 1,440 candles of a day, counted from 1970."""
        rng = np.random.default_rng([self.seed, crc32(self.symbol.encode()), number])
        swing = self.minute_frac * np.exp(0.8 * np.sin(np.arange(MINUTES) / 137.0 + rng.uniform(0.0, 6.0)))
        moves = rng.standard_t(4, MINUTES) * swing
        moves += np.repeat(rng.normal(0.0, 0.15 * self.minute_frac, MINUTES // 120), 120)  # trends of two hours
        start, walked = self._level(number), np.cumsum(moves)
        missing = self._level(number + 1) - start - walked[-1]
        levels = start + walked + missing * np.arange(1, MINUTES + 1) / MINUTES  # a bridge to the next day
        closes = self._on_tick(np.exp(levels))
        opens = np.r_[self._on_tick(np.exp(np.array([self._level(number)]))), closes[:-1]]
        reach = np.abs(rng.normal(0.0, 0.5, (2, MINUTES))) * swing
        high = self._on_tick(np.maximum(opens, closes) * (1.0 + reach[0]))
        low = self._on_tick(np.minimum(opens, closes) * (1.0 - reach[1]))
        high, low = np.maximum.reduce([high, opens, closes]), np.minimum.reduce([low, opens, closes])
        volume = 2e6 / closes * rng.lognormal(0.0, 0.6, MINUTES) * (1.0 + np.abs(moves) / swing)
        times = number * DAY_MS + np.arange(MINUTES, dtype=np.int64) * MINUTE_MS
        return Bars(MINUTE_MS, times, opens, high, low, closes, volume.round(self.instrument.quantity_decimals))

    def _level(self, number: int) -> float:
        """Return the logarithm of the price at the start of a day: slow waves, the same whoever asks."""
        rng = np.random.default_rng([self.seed, crc32(self.symbol.encode())])
        phases, periods = rng.uniform(0.0, 6.28, 4), np.array([3.1, 7.7, 19.0, 61.0])
        waves = np.array([0.01, 0.02, 0.04, 0.08]) * np.sin(6.2832 * number / periods + phases)
        return float(np.log(START_PRICES.get(self.symbol, 10.0)) + waves.sum())

    def _on_tick(self, values: np.ndarray) -> np.ndarray:
        tick = float(self.instrument.tick)
        return np.round(np.round(values / tick) * tick, self.instrument.price_decimals)


def joined(parts: list[Bars]) -> Bars:
    """Return the candles of several spans as one."""
    names = ("open_ms", "open", "high", "low", "close", "volume")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return Bars(parts[0].interval_ms, *columns)
