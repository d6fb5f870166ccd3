"""The engine reads what we write: layout, decimals, stamps, instruments (contract of nautilus_trader==2.0.0rc6)."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model import FIXED_PRECISION, Bar, BarType, Price, Quantity
from nautilus_trader.persistence import ParquetDataCatalog

from catalog.bars import ENGINE_SCALE, bar_type_name, file_name, read_bars, write_bars
from catalog.candles import INTERVAL_NS, Candles
from catalog.definition import configured
from catalog.instruments import allow_short, asset_class, build, impact_factor, is_perpetual, volume_unit
from catalog.load import load_candles
from catalog.store import Store

START = 1_704_067_200_000_000_000
STEP = INTERVAL_NS["15m"]
ID = "BTCUSDT-PERP.BINANCE"


def awkward(count: int = 500) -> Candles:
    """Return prices whose decimals float64 cannot hold exactly, from cents to millions."""
    random = np.random.default_rng(7)
    close = np.round(10.0 ** random.uniform(-1, 6, count), 2) + 0.01
    spread = np.round(random.uniform(0.01, 0.05, count), 2)
    volume = np.round(random.uniform(0.001, 9e6, count), 3)
    return Candles(
        START + np.arange(count) * STEP, close, close + spread, np.maximum(close - spread, 0.01), close, volume
    )


def test_engine_keeps_prices_as_16_decimals():
    assert FIXED_PRECISION == ENGINE_SCALE


def test_engine_reads_back_the_bars_that_we_write(tmp_path):
    store = Store(tmp_path, create=True)
    given = awkward()
    load_candles(store, ID, "15m", given, source="a", sha256="a")
    name = store.bar_type(ID, "15m")
    found = ParquetDataCatalog(str(tmp_path)).query_bars([name])
    expected = [
        Bar(
            BarType.from_str(name), Price(o, 2), Price(h, 2), Price(lo, 2), Price(c, 2), Quantity(v, 3),
            int(ts) + STEP, int(ts) + STEP,
        )
        for ts, o, h, lo, c, v in zip(
            given.ts_open_ns, given.open, given.high, given.low, given.close, given.volume, strict=True
        )
    ]  # fmt: skip
    assert found == expected


def test_engine_reads_back_the_span_that_is_asked_for(tmp_path):
    store = Store(tmp_path, create=True)
    load_candles(store, ID, "15m", awkward(), source="a", sha256="a")
    bars = ParquetDataCatalog(str(tmp_path)).query_bars(
        [store.bar_type(ID, "15m")], START + 10 * STEP, START + 12 * STEP
    )
    assert [bar.ts_event for bar in bars] == [START + n * STEP for n in (10, 11, 12)]


def test_engine_writes_the_same_layout_that_we_do(tmp_path):
    name = bar_type_name(ID, "15m")
    bars = [
        Bar(BarType.from_str(name), *[Price(float(n), 2)] * 4, Quantity(1.0, 3), START + n * STEP, START + n * STEP)
        for n in range(1, 4)
    ]
    relative = ParquetDataCatalog(str(tmp_path)).write_bars(bars)
    assert relative == f"data/bars/{name}/{file_name(START + STEP, START + 3 * STEP)}"
    close = np.arange(1.0, 4.0)
    ours = tmp_path / "ours.parquet"
    candles = Candles(START + np.arange(3) * STEP, close, close, close, close, np.ones(3))
    write_bars(ours, candles, ID, "15m", price_precision=2, size_precision=3)
    theirs = pq.read_table(tmp_path / relative)
    assert pq.read_table(ours).equals(theirs)
    assert pq.read_schema(ours).metadata == theirs.schema.metadata
    np.testing.assert_array_equal(read_bars(tmp_path / relative, "15m", None, None).close, close)


def test_engine_keeps_the_info_of_every_configured_instrument(tmp_path):
    catalog = ParquetDataCatalog(str(tmp_path))
    for instrument_id, definition in configured().items():
        made = build(instrument_id, definition)
        catalog.write_instruments([made])
        found = catalog.instruments([instrument_id])[0]
        assert found.to_dict() == made.to_dict()
        assert found.info == definition.info()


@pytest.mark.parametrize(
    ("instrument_id", "expected"),
    [
        ("BTCUSDT-PERP.BINANCE", ("crypto", True, "base", True, 0.1)),
        ("BTCUSDT.BINANCE", ("crypto", False, "base", False, 0.1)),
        ("EURUSD.FX", ("fx", False, "ticks", True, 0.1)),
        ("AAPL.US", ("equity", False, "base", True, 0.1)),
        ("ES.CME", ("future", False, "contracts", True, 0.1)),
        ("ADAUSDT.BINANCE", ("crypto", False, "base", False, 0.3)),
    ],
)
def test_instrument_answers_what_limits_ask(instrument_id, expected):
    made = build(instrument_id, configured()[instrument_id])
    found = asset_class(made), is_perpetual(made), volume_unit(made), allow_short(made), impact_factor(made)
    assert found == expected


def test_backtest_node_streams_our_bars(tmp_path):
    from nautilus_trader.backtest import (
        BacktestDataConfig,
        BacktestEngineConfig,
        BacktestNode,
        BacktestRunConfig,
        BacktestVenueConfig,
    )
    from nautilus_trader.execution import MakerTakerFeeModel
    from nautilus_trader.model import AccountType, BookType, NautilusDataType, OmsType

    store = Store(tmp_path, create=True)
    load_candles(store, ID, "15m", awkward(), source="a", sha256="a")
    venue = BacktestVenueConfig(
        name="BINANCE", oms_type=OmsType.NETTING, account_type=AccountType.MARGIN, book_type=BookType.L1_MBP,
        starting_balances=["1000000 USDT"],
        fee_model=MakerTakerFeeModel(0.001, 0.001),
    )  # fmt: skip
    data = BacktestDataConfig(
        data_type=NautilusDataType.Bar, catalog_path=str(tmp_path), bar_types=[store.bar_type(ID, "15m")]
    )
    run = BacktestRunConfig(
        venues=[venue], data=[data], engine=BacktestEngineConfig(bypass_logging=True), chunk_size=100
    )
    results = BacktestNode([run]).run()
    assert results[0].iterations == 500
