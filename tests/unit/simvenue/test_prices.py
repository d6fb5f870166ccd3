"""Market sources: a walk adds up to its candle, made-up markets repeat, what is published equals what was recorded."""

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simvenue.account import Account
from simvenue.depth import DepthModel
from simvenue.instrument import perpetual
from simvenue.klines import KlineBook
from simvenue.ledger import Ledger
from simvenue.orders import Side
from simvenue.perpetuals import Perpetuals
from simvenue.prices.bars import Bars
from simvenue.prices.candles import BarSource
from simvenue.prices.files import read_funding, read_source
from simvenue.prices.generator import SeededSource
from simvenue.prices.path import walk
from simvenue.prices.tick import Tick
from simvenue.record import Recorder
from simvenue.replay import Replay
from tests.unit.simvenue.desk import D

BTC = perpetual("BTCUSDT")
START_MS = 1_704_067_200_000  # 2024-01-01
MINUTE_MS = 60_000


def bars(*rows: tuple[float, float, float, float, float], interval_ms: int = 15 * MINUTE_MS) -> Bars:
    times = START_MS + interval_ms * np.arange(len(rows), dtype=np.int64)
    return Bars(interval_ms, times, *(np.array(column, dtype=float) for column in zip(*rows, strict=True)))


def written(path: Path, source: Bars) -> Path:
    names = ("open", "high", "low", "close", "volume")
    stamps = pa.array(source.open_ms * 1_000_000, pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"ts": stamps} | {name: getattr(source, name) for name in names}), path)
    return path


@pytest.mark.parametrize(
    ("row", "corners"),
    [
        ((100.0, 104.0, 99.0, 103.0, 7.001), ["100", "99", "104", "103"]),
        ((100.0, 101.0, 95.0, 96.0, 7.001), ["100", "101", "95", "96"]),
        ((100.0, 100.0, 100.0, 100.0, 0.001), ["100", "100", "100", "100"]),
    ],
)
def test_a_candle_is_walked_by_its_nearer_extreme_first(
    row: tuple[float, float, float, float, float], corners: list[str]
) -> None:
    four = list(walk(BTC, bars(row), 0, 4))
    assert [tick.price for tick in four] == [D(corner) for corner in corners]
    many = list(walk(BTC, bars(row), 0, 25))
    assert [tick.price for tick in many if tick.price in {D(corner) for corner in corners}] != []
    for ticks in (four, many):
        assert sum(tick.quantity for tick in ticks) == D(str(row[4]))
        assert (ticks[0].ts_ms, ticks[-1].ts_ms) == (START_MS, START_MS + 15 * MINUTE_MS - 1)
        assert max(tick.price or 0 for tick in ticks) == D(str(row[1]))
        assert min(tick.price or 0 for tick in ticks) == D(str(row[2]))
        assert all(later.ts_ms >= earlier.ts_ms for earlier, later in itertools.pairwise(ticks))


def test_published_candles_equal_the_recorded_ones(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    closes = np.round(40_000 + np.cumsum(rng.normal(0, 50, 200)), 1)
    rows = [
        (a, round(max(a, b) + 20, 1), round(min(a, b) - 30, 1), b, round(float(rng.uniform(1, 900)), 3))
        for a, b in itertools.pairwise(closes)
    ]
    whole = bars(*rows)
    source = read_source(written(tmp_path / "x.parquet", whole), BTC, 12)
    start = START_MS + 60 * 15 * MINUTE_MS
    exchange = Perpetuals([BTC], Account(wallet=D(0)), Recorder(Ledger(), lambda: 0, lambda: 0))
    replay = Replay(exchange, [source], start, DepthModel())
    replay.until(START_MS + 120 * 15 * MINUTE_MS - 1)
    for minutes in (15, 60, 240):
        shown = replay.klines["BTCUSDT"].candles(minutes * MINUTE_MS, START_MS, replay.market_ms + 1, 1_000)
        expected = whole.between(START_MS, START_MS + 120 * 15 * MINUTE_MS).aggregate(minutes * MINUTE_MS)
        assert [kline.open_ms for kline in shown] == expected.open_ms.tolist()
        for name in ("open", "high", "low", "close", "volume"):
            assert [round(getattr(kline, name), 8) for kline in shown] == getattr(expected, name).round(8).tolist()


def test_the_newest_or_the_oldest_candles_are_returned() -> None:
    book = KlineBook(Bars.empty(MINUTE_MS))
    for minute in range(10):
        book.add(START_MS + minute * MINUTE_MS, D(100 + minute), D(1), Side.BUY)
    newest = book.candles(MINUTE_MS, 0, START_MS + 10 * MINUTE_MS, 3)
    oldest = book.candles(MINUTE_MS, START_MS, START_MS + 10 * MINUTE_MS, 3, newest=False)
    assert [kline.close for kline in newest] == [107.0, 108.0, 109.0]
    assert [kline.close for kline in oldest] == [100.0, 101.0, 102.0]
    five = book.candles(5 * MINUTE_MS, 0, START_MS + 10 * MINUTE_MS, 3)
    assert [(kline.open, kline.high, kline.volume, kline.trades) for kline in five] == [
        (100, 104, 5, 5),
        (105, 109, 5, 5),
    ]


def test_a_made_up_market_is_a_function_of_seed_symbol_and_time() -> None:
    one, same = SeededSource(BTC, 7, START_MS), SeededSource(BTC, 7, START_MS + 86_400_000)
    other, eth = SeededSource(BTC, 8, START_MS), SeededSource(perpetual("ETHUSDT"), 7, START_MS)
    number = START_MS // 86_400_000
    assert (one.day(number).close == same.day(number).close).all()
    assert (one.day(number).close != other.day(number).close).any()
    assert eth.day(number).close[0] < 10_000
    two = [one.day(number + n) for n in range(2)]
    assert two[1].open[0] == two[0].close[-1]
    for day in two:
        assert (day.high >= np.maximum(day.open, day.close)).all()
        assert (day.low <= np.minimum(day.open, day.close)).all()
        assert abs(np.log(day.close[1:] / day.close[:-1])).max() < 0.05


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    pq.write_table(pa.table({"ts": pa.array([0], pa.timestamp("ns", tz="UTC")), "speed": [1.0]}), path)
    with pytest.raises(ValueError, match=r"odd.parquet.*candles"):
        read_source(path, BTC, 4)


@pytest.mark.parametrize("kind", ["trades", "quotes"])
def test_recorded_trades_and_quotes_are_replayed(tmp_path: Path, kind: str) -> None:
    stamps = pa.array([(START_MS + n) * 1_000_000 for n in range(3)], pa.timestamp("ns", tz="UTC"))
    trades = {"price": [100.0, 100.1, 100.2], "qty": [1.0, 2.0, 3.0], "buyer_is_maker": [True, False, True]}
    quotes = {
        "bid": [100.0, 100.1, 100.2],
        "bid_qty": [1.0, 2.0, 3.0],
        "ask": [100.1, 100.2, 100.3],
        "ask_qty": [1.0] * 3,
    }
    pq.write_table(pa.table({"ts": stamps} | (trades if kind == "trades" else quotes)), tmp_path / "x.parquet")
    ticks = list(read_source(tmp_path / "x.parquet", BTC, 4).ticks(START_MS + 1))
    assert [tick.ts_ms - START_MS for tick in ticks] == [1, 2]
    if kind == "trades":
        assert [(t.price, t.quantity, t.aggressor) for t in ticks][1] == (D("100.2"), D("3.0"), Side.SELL)
    else:
        assert next((t.bid, t.bid_quantity, t.ask) for t in ticks) == (D("100.1"), D("2.0"), D("100.2"))


def test_recorded_funding_is_paid_where_it_is_known(tmp_path: Path) -> None:
    hours = 3_600_000
    stamps = pa.array([(START_MS + 8 * hours + 7) * 1_000_000], pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"ts": stamps, "funding_rate": [-0.00031]}), tmp_path / "f.parquet")
    schedule = read_funding(tmp_path / "f.parquet")
    boundary = schedule.next_boundary(START_MS)
    assert boundary == START_MS + 8 * hours
    assert schedule.rate_at(boundary) == D("-0.00031")
    assert schedule.rate_at(boundary + 8 * hours) == D("0.0001")


def test_trades_move_no_quote_where_quotes_are_recorded(tmp_path: Path) -> None:
    def file(name: str, times: list[int], columns: dict[str, list[float]]) -> Path:
        stamps = pa.array([(START_MS + n) * 1_000_000 for n in times], pa.timestamp("ns", tz="UTC"))
        pq.write_table(pa.table({"ts": stamps} | columns), tmp_path / name)
        return tmp_path / name

    quotes = file("q", [0, 20], {"bid": [100.0, 100.5], "ask": [100.2, 100.7]})
    trades = file("t", [10, 30], {"price": [100.1, 100.6], "qty": [1.0, 2.0]})
    exchange = Perpetuals([BTC], Account(wallet=D(0)), Recorder(Ledger(), lambda: 0, lambda: 0))
    sources = [read_source(path, BTC, 4) for path in (quotes, trades)]
    replay = Replay(exchange, sources, START_MS, DepthModel(), end_ms=START_MS + 25)
    seen = []
    for after in (5, 15, 25, 35):
        replay.until(START_MS + after)
        market = exchange.markets["BTCUSDT"]
        assert market.book.best_bid
        seen.append((float(market.book.best_bid[0]), float(market.last_price)))
    assert seen == [(100.0, 100.0), (100.0, 100.1), (100.5, 100.1), (100.5, 100.1)]
    assert replay.market_ms == START_MS + 25


def test_a_quote_moves_only_when_a_trade_is_outside_it() -> None:
    exchange = Perpetuals([BTC], Account(wallet=D(0)), Recorder(Ledger(), lambda: 0, lambda: 0))
    source = BarSource(BTC, bars((100.0, 100.0, 100.0, 100.0, 9.0), (100.0, 100.0, 100.0, 100.0, 9.0)))
    replay = Replay(exchange, [source], START_MS, DepthModel())
    seen = []
    for price, aggressor in (
        ("100", Side.SELL),
        ("100", Side.BUY),
        ("100.1", Side.BUY),
        ("100.2", Side.BUY),
        ("99", Side.SELL),
    ):
        replay.apply(Tick(START_MS, "BTCUSDT", D(price), D(1), aggressor))
        book = exchange.markets["BTCUSDT"].book
        assert book.best_bid
        assert book.best_ask
        seen.append((str(book.best_bid[0].normalize()), str(book.best_ask[0].normalize())))
    assert seen == [("1E+2", "100.1"), ("1E+2", "100.1"), ("1E+2", "100.1"), ("100.1", "100.2"), ("99", "99.1")]
