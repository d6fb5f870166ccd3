"""The engine reads the trades and quotes that we write (contract of nautilus_trader==2.0.0rc6)."""

import numpy as np
import pyarrow.parquet as pq
from nautilus_trader.model import AggressorSide, InstrumentId, Price, Quantity, QuoteTick, TradeId, TradeTick
from nautilus_trader.persistence import ParquetDataCatalog

from catalog.ticks import SIDES, Precision, quotes_file, trades_file, write_quotes, write_trades

START = 1_704_067_200_000_000_000
ID = "BTCUSDT-PERP.BINANCE"
DECIMALS = Precision(2, 3)


def numbers(count: int) -> tuple[list[float], list[float]]:
    """Return prices from cents to millions and sizes that float64 cannot hold exactly."""
    random = np.random.default_rng(7)
    price = np.round(10.0 ** random.uniform(-1, 6, count), 2) + 0.01
    return np.round(price, 2).tolist(), np.round(random.uniform(0.001, 9e6, count), 3).tolist()


def test_sides_have_the_engines_numbers():
    assert tuple(side.name for side in AggressorSide.variants()) == SIDES
    assert [side.value for side in AggressorSide.variants()] == [0, 1, 2]


def test_engine_reads_back_the_trades_that_we_write(tmp_path):
    prices, sizes = numbers(300)
    rows = [
        (price, size, n % 3, f"id-{n}", START + n * 1000, START + n * 1000 + 7)
        for n, (price, size) in enumerate(zip(prices, sizes, strict=True))
    ]
    path = tmp_path / trades_file(ID, rows[0][-1], rows[-1][-1])
    path.parent.mkdir(parents=True)
    write_trades(path, rows, ID, DECIMALS)
    expected = [
        TradeTick(InstrumentId.from_str(ID), Price(price, 2), Quantity(size, 3), list(AggressorSide.variants())[side],
                  TradeId(name), event_ns, init_ns)
        for price, size, side, name, event_ns, init_ns in rows
    ]  # fmt: skip
    catalog = ParquetDataCatalog(str(tmp_path))
    assert catalog.query_trade_ticks([ID]) == expected
    assert catalog.query_trade_ticks([ID], START + 1007, START + 2007) == expected[1:3]


def test_engine_reads_back_the_quotes_that_we_write(tmp_path):
    prices, sizes = numbers(300)
    rows = [
        (price, round(price + 0.01, 2), size, 0.0, START + n, START + n + 7)
        for n, (price, size) in enumerate(zip(prices, sizes, strict=True))
    ]
    path = tmp_path / quotes_file(ID, rows[0][-1], rows[-1][-1])
    path.parent.mkdir(parents=True)
    write_quotes(path, rows, ID, DECIMALS)
    expected = [
        QuoteTick(InstrumentId.from_str(ID), Price(bid, 2), Price(ask, 2), Quantity(bid_size, 3), Quantity(ask_size, 3),
                  event_ns, init_ns)
        for bid, ask, bid_size, ask_size, event_ns, init_ns in rows
    ]  # fmt: skip
    assert ParquetDataCatalog(str(tmp_path)).query_quote_ticks([ID]) == expected


def test_engine_writes_the_same_layout_that_we_do(tmp_path):
    trade = TradeTick(InstrumentId.from_str(ID), Price(100.5, 2), Quantity(1.5, 3), AggressorSide.SELL, TradeId("a"),
                      START, START + 7)  # fmt: skip
    quote = QuoteTick(InstrumentId.from_str(ID), Price(100.5, 2), Price(100.51, 2), Quantity(1.5, 3), Quantity(2.0, 3),
                      START, START + 7)  # fmt: skip
    catalog = ParquetDataCatalog(str(tmp_path))
    theirs = {catalog.write_trade_ticks([trade]), catalog.write_quote_ticks([quote])}
    assert theirs == {trades_file(ID, START + 7, START + 7), quotes_file(ID, START + 7, START + 7)}
    write_trades(tmp_path / "trades", [(100.5, 1.5, 2, "a", START, START + 7)], ID, DECIMALS)
    write_quotes(tmp_path / "quotes", [(100.5, 100.51, 1.5, 2.0, START, START + 7)], ID, DECIMALS)
    for name in theirs:
        ours = tmp_path / ("trades" if "trades" in name else "quotes")
        assert pq.read_table(ours).equals(pq.read_table(tmp_path / name))
        assert pq.read_schema(ours).equals(pq.read_schema(tmp_path / name), check_metadata=True)


def test_engine_reads_spans_that_touch_as_one(tmp_path):
    first = [(100.0, 1.0, 1, f"{n}", START + n, START + n) for n in range(3)]
    second = [(100.0, 1.0, 1, f"{n}", START + n - 1, START + n - 1) for n in range(3, 6)]
    for rows in (first, second):
        path = tmp_path / trades_file(ID, rows[0][-1], rows[-1][-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        write_trades(path, rows, ID, DECIMALS)
    found = ParquetDataCatalog(str(tmp_path)).query_trade_ticks([ID])
    assert sorted(str(trade.trade_id) for trade in found) == ["0", "1", "2", "3", "4", "5"]
