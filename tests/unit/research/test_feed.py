"""Candles as engine data: what happens when, in which order, a chunk at a time."""

import numpy as np
import pytest
from nautilus_trader.model import Bar, FundingRateUpdate, InstrumentId, QuoteTick

from catalog.candles import INTERVAL_NS, Candles
from catalog.definition import Definition
from catalog.instruments import build
from catalog.resample import resample
from execution.funding import funding_updates
from research.feed import NS, Feed, chunks, walk
from research.run_data import Series

START = 1_704_067_200_000_000_000
MINUTE = 60 * NS
ID = "BTCUSDT-PERP.BINANCE"
INSTRUMENT = build(ID, Definition(kind="perpetual", base="BTC", quote="USDT", tick="0.01", lot="0.001"))


def candles(rows, interval="1m", start_ns=START):
    table = np.array(rows, np.float64)
    ts_ns = start_ns + np.arange(len(rows), dtype=np.int64) * INTERVAL_NS[interval]
    return Candles(ts_ns, *table.T, np.full(len(rows), 5.0))


def feed(fill, interval="1m", *, path=False, funding=()):
    series = Series(
        instrument_id=ID, warmup=fill.take(slice(0, 0)), signal=resample(fill, INTERVAL_NS[interval], 15 * MINUTE),
        fill=fill, signal_ns=15 * MINUTE, fill_interval=interval, max_gap_ns=10**15, ends_ns=(0,), fingerprint="",
            hour_close_ns=np.empty(0, np.int64), hour_close=np.empty(0),
    )  # fmt: skip
    return Feed(series=series, instrument=INSTRUMENT, signal_interval="15m", path=path, funding=list(funding))


FLAT = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("bar", "prices"),
    [
        ((100.0, 101.0, 98.0, 99.0), [100, 101, 98, 99]),  # the high is nearer to the open
        ((100.0, 103.0, 99.0, 101.0), [100, 99, 103, 101]),
        ((100.0, 101.0, 99.0, 101.0), [100, 99, 101, 101]),  # as near: the low first
        (FLAT, [100, 100, 100, 100]),
    ],
)
def test_walk_goes_from_the_open_over_the_nearer_extreme_to_the_close(bar, prices):
    ts_ns, price = walk(candles([bar], "15m"), 15 * MINUTE)
    assert price.tolist() == prices
    assert (ts_ns - START).tolist() == [NS, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE - 1]


def test_walk_of_many_bars_is_in_order_of_time():
    ts_ns, _ = walk(candles([FLAT] * 5), MINUTE)
    assert np.all(np.diff(ts_ns) > 0)
    assert len(ts_ns) == 20


def test_fine_bars_come_before_the_signal_bar_that_is_made_of_them():
    [(end_ns, items)] = chunks([feed(candles([FLAT] * 15))])
    assert end_ns == START + 15 * MINUTE
    assert [str(item.bar_type.spec) for item in items] == ["1-MINUTE-LAST"] * 15 + ["15-MINUTE-LAST"]
    assert items[-2].ts_init == items[-1].ts_init


def test_bars_that_are_signal_bars_themselves_are_given_once():
    [(_, items)] = chunks([feed(candles([FLAT] * 4, "15m"), "15m")])
    assert [item.ts_init for item in items] == [START + n * 15 * MINUTE for n in range(1, 5)]


def test_path_gives_quotes_without_a_spread_and_signal_bars():
    [(_, items)] = chunks([feed(candles([(100.0, 101.0, 98.0, 99.0)], "15m"), "15m", path=True)])
    quotes = [item for item in items if isinstance(item, QuoteTick)]
    assert [(float(q.bid_price), float(q.ask_price)) for q in quotes] == [(p, p) for p in (100, 101, 98, 99)]
    bars = [item for item in items if isinstance(item, Bar)]
    assert [float(getattr(bars[0], name)) for name in ("open", "high", "low", "close")] == [100, 101, 98, 99]
    assert max(q.ts_init for q in quotes) < bars[0].ts_init


@pytest.mark.parametrize("rows", [1, 7, 16, 45, 1000])
@pytest.mark.parametrize("path", [False, True])
def test_chunks_together_are_everything_once(rows, path):
    updates = funding_updates(InstrumentId.from_str(ID), START + np.array([0, 15, 40]) * MINUTE, np.zeros(3))
    one = feed(candles([FLAT] * 45), path=path, funding=updates)
    parts = list(chunks([one], rows))
    whole = one.chunk(0, START + 45 * MINUTE)
    found = [item for _, items in parts for item in items]
    assert sorted((item.ts_init, repr(item)) for item in found) == sorted(
        (item.ts_init, repr(item)) for item in whole if item.ts_init > START
    )
    ends = [end for end, _ in parts]
    assert ends == sorted(set(ends))
    assert ends[-1] == START + 45 * MINUTE
    for (end_ns, items), before_ns in zip(parts, [START, *ends], strict=False):
        assert all(before_ns < item.ts_init <= end_ns for item in items)


def test_chunks_leave_out_holes():
    late = START + 100_000 * MINUTE
    fill = Candles(*(np.concatenate([getattr(a, n), getattr(b, n)]) for a, b, n in
                     ((candles([FLAT] * 15), candles([FLAT] * 15, start_ns=late), name)
                      for name in ("ts_open_ns", "open", "high", "low", "close", "volume"))))  # fmt: skip
    parts = list(chunks([feed(fill)], 100))
    assert [len(items) for _, items in parts] == [16, 16]


def test_chunks_of_no_candles_are_none():
    empty = candles([FLAT]).take(slice(0, 0))
    assert list(chunks([])) == []
    [(end_ns, _)] = chunks([feed(candles([FLAT])), feed(empty)])
    assert end_ns == START + MINUTE


def test_feeds_of_one_chunk_share_its_end():
    early, late = feed(candles([FLAT] * 15)), feed(candles([FLAT] * 15, start_ns=START + 15 * MINUTE))
    [(end_ns, items)] = chunks([early, late])
    assert end_ns == START + 30 * MINUTE
    assert len(items) == 32


def test_funding_is_given_when_it_is_announced():
    [update] = funding_updates(InstrumentId.from_str(ID), np.array([START + 3 * MINUTE]), np.array([0.0001]))
    [(_, items)] = chunks([feed(candles([FLAT] * 15), funding=[update])])
    assert [item.ts_init for item in items if isinstance(item, FundingRateUpdate)] == [START + 3 * MINUTE - NS]
