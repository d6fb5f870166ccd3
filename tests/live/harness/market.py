"""A made-up market that gives one signal at a known bar close and stands still afterwards: tests move it themselves."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MINUTE_MS = 60_000
BAR_MINUTES = 15
BARS = 11 * 96  # as far as the shortest warm-up looks back
SIGNAL_MS = 1_717_524_000_000  # 2024-06-04 18:00 UTC
LEAD_MS = 13 * MINUTE_MS  # the replay starts so long before the signal's bar closes: a mean spread takes ten minutes
AFTER_BARS = 40
PRICE, SWING, DRIFT, JUMP = 60_000.0, 0.002, 0.00004, 0.008
TICK, WIGGLE = 0.1, 0.5


class Market(NamedTuple):
    """One file of candles; ``price`` is the close of the signal's bar."""

    path: Path
    side: int
    price: float

    @property
    def start_ms(self) -> int:
        """Where a replay begins."""
        return SIGNAL_MS - LEAD_MS


def write_market(path: Path, side: int) -> Market:
    """Write one-minute candles: a slow drift to one side, a jump in the last bar before the signal, then nothing."""
    levels = PRICE * np.exp(side * DRIFT * np.arange(BARS))
    minutes = np.arange(1, BAR_MINUTES + 1)
    waves = 1.0 + SWING * np.sin(2.0 * np.pi * minutes / BAR_MINUTES)
    closes = np.outer(levels, waves)
    closes[-1] = levels[-1] * (1.0 + side * JUMP * np.minimum(minutes / 10.0, 1.0))
    closes[-1, 10:14] += WIGGLE * (1 - minutes[10:14] % 2)  # a price that stands still is quoted once, and grows stale
    flat = np.round(np.append(closes.ravel(), np.full(AFTER_BARS * BAR_MINUTES, closes[-1, -1])) / TICK) * TICK
    opens = np.append(flat[0], flat[:-1])
    volume = np.full(len(flat), 1_000.0)
    volume[(BARS - 1) * BAR_MINUTES : BARS * BAR_MINUTES] = 4_000.0
    first_ms = SIGNAL_MS - BARS * BAR_MINUTES * MINUTE_MS
    columns = {
        "ts": pa.array(first_ms + np.arange(len(flat)) * MINUTE_MS, pa.timestamp("ms", tz="UTC")),
        "open": opens.round(1),
        "high": np.maximum(opens, flat).round(1),
        "low": np.minimum(opens, flat).round(1),
        "close": flat.round(1),
        "volume": volume,
    }
    pq.write_table(pa.table(columns), path)
    return Market(path, side, float(flat[-1].round(1)))
