"""Candles as engine data, a chunk of time at a time, so that years of minutes need little memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from nautilus_trader.persistence import BarDataWrangler, QuoteTickDataWrangler

from catalog.bars import bar_batch, bar_type_name, quote_batch
from catalog.candles import Candles, FloatArray, IntArray
from research.run_data import Series

CHUNK_ROWS = 50_000
NS = 1_000_000_000
QUOTED = 1e9  # size of a simulated quote: how much may fill is the fill model's business


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument's data for the engine."""

    series: Series
    instrument: Any
    signal_interval: str
    path: bool
    funding: list[Any]

    def chunk(self, start_ns: int, end_ns: int) -> list[Any]:
        """Return what happens in ``(start, end]``: prices before the bars that are made of them."""
        items: list[Any] = [update for update in self.funding if start_ns < update.ts_init <= end_ns]
        fill = _between(self.series.fill, self.series.fill_ns, start_ns, end_ns)
        signal = _between(self.series.signal, self.series.signal_ns, start_ns, end_ns)
        if self.path:
            items += self._quotes(fill)
        elif self.series.fill_interval != self.signal_interval:
            items += self._bars(fill, self.series.fill_interval)
        return items + self._bars(signal, self.signal_interval)

    def _bars(self, candles: Candles, interval: str) -> list[Any]:
        if len(candles) == 0:
            return []
        prices, sizes = self.instrument.price_precision, self.instrument.size_precision
        batch = bar_batch(candles, self.series.instrument_id, interval, prices, sizes)
        name = bar_type_name(self.series.instrument_id, interval)
        bars: list[Any] = BarDataWrangler(name, prices, sizes).process_record_batch_bytes(_ipc(batch))
        return bars

    def _quotes(self, candles: Candles) -> list[Any]:
        if len(candles) == 0:
            return []
        prices, sizes = self.instrument.price_precision, self.instrument.size_precision
        ts_ns, price = walk(candles, self.series.fill_ns)
        batch = quote_batch(ts_ns, price, QUOTED, self.series.instrument_id, prices, sizes)
        wrangler = QuoteTickDataWrangler(self.series.instrument_id, prices, sizes)
        quotes: list[Any] = wrangler.process_record_batch_bytes(_ipc(batch))
        return quotes


def walk(candles: Candles, interval_ns: int) -> tuple[IntArray, FloatArray]:
    """Return each bar as four prices in sequence: open, the nearer extreme, the further one, close.

    Returns
    -------
    tuple of int64 and float64 arrays, shape (4 n,)
        Times one second after the bar's open, at one and two thirds, and a nanosecond before its close; prices.
    """
    high_first = candles.high - candles.open < candles.open - candles.low
    first = np.where(high_first, candles.high, candles.low)
    second = np.where(high_first, candles.low, candles.high)
    offsets = np.array([NS, interval_ns // 3, 2 * interval_ns // 3, interval_ns - 1])
    ts_ns = candles.ts_open_ns[:, None] + offsets
    price = np.stack([candles.open, first, second, candles.close], axis=1)
    return ts_ns.ravel(), price.ravel()


def chunks(feeds: Sequence[Feed], rows: int = CHUNK_ROWS) -> Iterator[tuple[int, list[Any]]]:
    """Yield (end of chunk, engine data) until all candles are through.

    The engine sorts by time and keeps the order of what happens at one moment: prices before the bars made of them.
    """
    feeds = [feed for feed in feeds if len(feed.series.fill)]
    if not feeds:
        return
    finest_ns = min(feed.series.fill_ns for feed in feeds)
    first_ns = min(int(feed.series.fill.ts_open_ns[0]) for feed in feeds)
    last_ns = max(int(feed.series.fill.ts_open_ns[-1]) + feed.series.fill_ns for feed in feeds)
    step_ns = max(1, rows // sum(4 if feed.path else 1 for feed in feeds)) * finest_ns
    start_ns = first_ns
    while start_ns < last_ns:
        end_ns = min(start_ns + step_ns, last_ns)
        parts = [feed.chunk(start_ns, end_ns) for feed in feeds]
        items = [item for part in parts for item in part]
        if items:
            yield end_ns, items
        start_ns = end_ns


def _between(candles: Candles, interval_ns: int, start_ns: int, end_ns: int) -> Candles:
    low = int(np.searchsorted(candles.ts_open_ns, start_ns - interval_ns, side="right"))
    high = int(np.searchsorted(candles.ts_open_ns, end_ns - interval_ns, side="right"))
    return candles.take(slice(low, high))


def _ipc(batch: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    raw: bytes = sink.getvalue().to_pybytes()
    return raw
