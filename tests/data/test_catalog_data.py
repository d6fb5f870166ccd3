"""The catalog on the real files of /work/shared/data."""

from pathlib import Path

import numpy as np
import pytest

from catalog.candles import Candles
from catalog.check import find_faults
from catalog.equities import adjust, read_factors
from catalog.load import Terms, load_candles
from catalog.report import CleaningReport
from catalog.sources.file import infer_interval, read_candles
from catalog.store import Store

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no market data at {DATA}")


def load(store: Store, name: str, instrument_id: str) -> CleaningReport:
    path = DATA / name
    rows = read_candles(path)
    interval = infer_interval(rows.candles, path)
    return load_candles(store, instrument_id, interval, rows.candles, source=path.name, sha256="x")


@pytest.mark.parametrize(
    ("name", "instrument_id", "expected"),
    [
        ("crypto/BTCUSDT-BINANCEPERP-15m.parquet", "BTCUSDT-PERP.BINANCE", {"zero_volume": 4, "gaps": 2}),
        ("crypto/DOGEUSDT-BINANCEPERP-1h.parquet", "DOGEUSDT-PERP.BINANCE", {"rows_out": 50_020, "gaps": 0}),
        ("equity/AAPL-YF-1h.parquet", "AAPL.YF", {"zero_volume": 10, "off_grid": 0, "outside_session": 0}),
        ("equity/SPY-USLEAN-1h.parquet", "SPY.US", {"outside_session": 47, "gaps": 1}),
        ("equity/SPY-USLEAN-1d.parquet", "SPY.US", {"rows_out": 5_849, "gaps": 0}),
        ("equity/QQQ-USLEAN-1d.parquet", "QQQ.US", {"rows_out": 3_964, "gaps": 1}),
        ("fx/EURUSD-MT5-1h.parquet", "EURUSD.FX", {"rows_out": 119_716, "off_grid": 0}),
        ("fx/GBPUSD-FXCMBID-1m.parquet", "GBPUSD.FX", {"filled": 120, "gaps": 0, "closures": 4, "has_volume": False}),
        ("futures/ESFRONT-YAHOO-1d.parquet", "ES.CME", {"impossible": 10, "zero_volume": 5}),
        ("dirty/BTCUSDT-BINANCE-1h-2018-02-offgrid.parquet", "BTCUSDT.BINANCE", {"off_grid": 43, "gaps": 1}),
        ("dirty/BTCUSDT-BINANCE-5m-2021-outages.parquet", "BTCUSDT.BINANCE", {"zero_volume": 28}),
        ("dirty/OJ-YAHOO-1d-HLinverted-OCoutside.csv", "OJ.ICE", {"impossible": 179}),
    ],
)
def test_load_real_file_drops_what_its_readme_says(tmp_path, name, instrument_id, expected):
    store = Store(tmp_path, create=True)
    report = load(store, name, instrument_id)
    assert {key: getattr(report, key) for key in expected} == expected
    assert find_faults(store) == []


def test_load_neo_flash_crash_survives(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, "dirty/NEOUSD-BITFINEX-1m-2017-11-29-flashcrash.parquet", "NEOUSD.BITFINEX")
    low = store.candles("NEOUSD.BITFINEX", "1m").low
    assert low.min() < 4.0
    assert np.median(low) > 30.0


def test_read_csv_without_stamps_counts_every_row_as_unparsable():
    found = read_candles(DATA / "dirty/EURUSD-codejoncode-H1-mostly-NaN.csv")
    assert (len(found.candles), found.unparsable) == (0, 100_024)


def test_adjust_apple_has_no_jump_at_its_splits(tmp_path):
    factors = read_factors(DATA / "equity/corporate-actions/aapl.factor_files.csv")
    raw = read_candles(DATA / "equity/AAPL-USLEAN-1d.parquet").candles
    store = Store(tmp_path, create=True)
    adjusted = adjust(raw, factors, "1d")
    load_candles(store, "AAPL.US", "1d", adjusted, source="a", sha256="a", terms=Terms(adjustment="splits+dividends"))
    found = store.candles("AAPL.US", "1d")
    for day, ratio in (("2000-06-21", 2), ("2005-02-28", 2), ("2014-06-09", 7), ("2020-08-31", 4)):
        at = int(np.searchsorted(raw.ts_open_ns, np.datetime64(day, "ns").astype(np.int64)))
        assert raw.close[at - 1] / raw.close[at] == pytest.approx(ratio, rel=0.15)
        assert found.close[at] / found.close[at - 1] == pytest.approx(1.0, abs=0.15)
    np.testing.assert_allclose(found.close, adjusted.close, rtol=1e-5)
    assert found.close[-1] == raw.close[-1]


def test_read_back_is_what_the_file_holds(tmp_path):
    given: Candles = read_candles(DATA / "crypto/ETHUSDT-BINANCEPERP-1h.parquet").candles
    store = Store(tmp_path, create=True)
    load(store, "crypto/ETHUSDT-BINANCEPERP-1h.parquet", "ETHUSDT-PERP.BINANCE")
    found = store.candles("ETHUSDT-PERP.BINANCE", "1h")
    for name in ("ts_open_ns", "open", "high", "low", "close", "volume"):
        np.testing.assert_allclose(getattr(found, name), getattr(given, name), rtol=3e-16)  # float noise of the source
