"""Load, merge, read back: what the catalog holds after each load."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from catalog.candles import INTERVAL_NS, Candles
from catalog.check import find_faults
from catalog.funding import load_funding
from catalog.load import Part, Terms, load_candles, load_parts
from catalog.loader import StoreLoader
from catalog.store import Store
from errors import ConfigError, DataError

START = 1_704_067_200_000_000_000
QUARTER = INTERVAL_NS["15m"]
ID = "BTCUSDT-PERP.BINANCE"


def series(first: int, count: int, *, step: int = QUARTER, base: float = 40_000.0) -> Candles:
    """Return candles number ``first`` onwards; their close is ``base`` plus their number."""
    number = np.arange(first, first + count)
    close = base + number
    return Candles(START + number * step, close, close + 5.0, close - 5.0, close, np.full(count, 2.0))


def load(store: Store, candles: Candles, name: str = "a", **terms: object):
    return load_candles(store, ID, "15m", candles, source=name, sha256=name, terms=Terms(**terms))


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_store_missing_folder_says_what_to_run(tmp_path):
    with pytest.raises(DataError, match=r"nothing-here: no catalog here; make one: python scripts/load_catalog.py"):
        Store(tmp_path / "nothing-here")


def test_store_unknown_instrument_names_a_close_match_and_the_list(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 3))
    with pytest.raises(DataError, match=r"did you mean 'BTCUSDT-PERP.BINANCE'\? \(here: BTCUSDT-PERP.BINANCE\)"):
        store.instrument("BTCUSD-PERP.BINANCE")


def test_store_unknown_interval_names_what_there_is(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 3))
    with pytest.raises(DataError, match=r"has no 1h candles \(here: 15m\)"):
        store.candles(ID, "1h")


def test_store_gives_back_what_was_loaded(tmp_path):
    store = Store(tmp_path, create=True)
    given = series(0, 100)
    load(store, given)
    found = store.candles(ID, "15m")
    for name in ("ts_open_ns", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(found, name), getattr(given, name))
    assert store.span_ns(ID, "15m") == (START + QUARTER, START + 100 * QUARTER)
    assert store.intervals(ID) == ["15m"]
    assert store.instrument_ids() == [ID]
    assert store.bar_type(ID, "15m") == "BTCUSDT-PERP.BINANCE-15-MINUTE-LAST-EXTERNAL"


def test_store_candles_span_is_open_at_the_start_and_closed_at_the_end(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 10))
    found = store.candles(ID, "15m", START + 2 * QUARTER, START + 4 * QUARTER)
    assert (found.ts_open_ns + QUARTER - START).tolist() == [3 * QUARTER, 4 * QUARTER]


def test_load_twice_changes_no_byte(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 50))
    before = bytes_of(tmp_path)
    report = load(store, series(0, 50))
    assert bytes_of(tmp_path) == before
    assert not report.changed


def test_load_overlap_merges_and_existing_rows_win(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 10))
    report = load(store, series(8, 4, base=50_000.0), "b")
    close = store.candles(ID, "15m").close
    assert close.tolist() == [40_000.0 + n for n in range(10)] + [50_010.0, 50_011.0]
    assert (report.merge_new, report.merge_conflicts) == (2, 2)


def test_load_overlap_with_replace_takes_the_new_rows(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 10))
    load(store, series(8, 4, base=50_000.0), "b", replace=True)
    assert store.candles(ID, "15m").close[7:].tolist() == [40_007.0, 50_008.0, 50_009.0, 50_010.0, 50_011.0]


def test_load_in_any_order_gives_the_same_catalog(tmp_path):
    parts = [Part(series(at, 10), f"f{at}", f"h{at}") for at in (0, 20, 40)]
    for name, order in (("x", [0, 1, 2]), ("y", [2, 0, 1])):
        store = Store(tmp_path / name, create=True)
        for index in order:
            load_parts(store, ID, "15m", [parts[index]])
    one, other = Store(tmp_path / "x"), Store(tmp_path / "y")
    assert one.fingerprint(ID, "15m") == other.fingerprint(ID, "15m")
    assert one.gaps_ns(ID, "15m") == [(START + n * QUARTER, START + (n + 10) * QUARTER) for n in (10, 30)]


def test_load_parts_together_equal_parts_one_by_one(tmp_path):
    parts = [Part(series(at, 10), f"f{at}", f"h{at}") for at in (0, 10, 20)]
    together, apart = Store(tmp_path / "x", create=True), Store(tmp_path / "y", create=True)
    reports = load_parts(together, ID, "15m", parts)
    for part in parts:
        load_parts(apart, ID, "15m", [part])
    assert [report.source for report in reports] == ["f0", "f10", "f20"]
    assert together.fingerprint(ID, "15m") == apart.fingerprint(ID, "15m")


def test_load_real_rows_take_the_place_of_fillers(tmp_path):
    minute = INTERVAL_NS["1m"]
    store = Store(tmp_path, create=True)
    holed = series(0, 10, step=minute).take(np.array([0, 1, 2, 5, 6]))
    load_candles(store, ID, "1m", holed, source="a", sha256="a")
    assert len(store.filled_ns(ID, "1m")) == 2
    load_candles(store, ID, "1m", series(3, 2, step=minute), source="b", sha256="b")
    assert len(store.filled_ns(ID, "1m")) == 0
    assert store.candles(ID, "1m").close.tolist() == [40_000.0 + n for n in range(7)]


def test_load_without_usable_rows_leaves_the_catalog_alone(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 5))
    before = bytes_of(tmp_path)
    with pytest.raises(DataError, match=r"bad: no usable candle among 3 rows \(impossible 3\)"):
        load(store, series(5, 3, base=-90_000.0), "bad")
    assert bytes_of(tmp_path) == before


def test_load_other_bar_phase_is_refused_for_equities(tmp_path):
    hour = INTERVAL_NS["1h"]
    store = Store(tmp_path, create=True)
    session = START + 38 * hour  # 2024-01-02 14:00 UTC, LEAN's first hour
    whole = Candles(session + np.arange(3) * hour, *[np.full(3, 100.0)] * 4, np.full(3, 9.0))
    halves = Candles(whole.ts_open_ns + hour // 2, *[np.full(3, 100.0)] * 4, np.full(3, 9.0))
    load_candles(store, "SPY.US", "1h", whole, source="lean", sha256="a")
    with pytest.raises(DataError, match=r"yahoo: its 1h candles interleave"):
        load_candles(store, "SPY.US", "1h", halves, source="yahoo", sha256="b")


def test_load_mixing_adjusted_and_raw_prices_is_refused(tmp_path):
    day = INTERVAL_NS["1d"]
    store = Store(tmp_path, create=True)
    days = Candles(START + np.arange(1, 4) * day, *[np.full(3, 100.0)] * 4, np.full(3, 9.0))
    load_candles(store, "SPY.US", "1d", days, source="raw", sha256="a")
    with pytest.raises(DataError, match=r"adjustment 'none', these have 'splits\+dividends'"):
        load_candles(store, "SPY.US", "1d", days, source="adj", sha256="b", terms=Terms(adjustment="splits+dividends"))


def test_load_unknown_interval_names_a_close_match(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown '15min'; did you mean '15m'\?"):
        load_candles(Store(tmp_path, create=True), ID, "15min", series(0, 3), source="a", sha256="a")


def test_load_finer_prices_widen_the_definition_and_rewrite_other_intervals(tmp_path, capsys):
    store = Store(tmp_path, create=True)
    load(store, series(0, 20))
    load_candles(store, ID, "1h", series(0, 20, step=INTERVAL_NS["1h"], base=40_000.1234), source="b", sha256="b")
    assert "prices have 4 decimals, its definition 2" in capsys.readouterr().err
    assert store.instrument(ID).price_precision == 4
    assert float(store.instrument(ID).price_increment) == 0.1
    assert store.candles(ID, "15m").close.tolist() == series(0, 20).close.tolist()
    assert find_faults(store) == []


@pytest.mark.parametrize("kind", ["quotes", "trades"])
def test_load_that_changes_the_definition_keeps_recorded_ticks(tmp_path, kind):
    store = Store(tmp_path, create=True)
    load(store, series(0, 20))
    recorded = tmp_path / "data" / kind / ID / "a_b.parquet"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"what was recorded")
    load_candles(store, ID, "1h", series(0, 20, step=INTERVAL_NS["1h"], base=40_000.1234), source="b", sha256="b")
    assert recorded.read_bytes() == b"what was recorded"
    assert find_faults(store) == []


def test_load_unknown_instrument_is_inferred_with_a_warning(tmp_path, capsys):
    store = Store(tmp_path, create=True)
    candles = series(0, 30, base=0.512)
    candles = Candles(candles.ts_open_ns, *[np.round(np.linspace(0.5012, 0.5123, 30), 4)] * 4, candles.volume)
    load_candles(store, "XRPUSDT-PERP.BINANCE", "15m", candles, source="a", sha256="a")
    warning = capsys.readouterr().err
    assert warning.startswith("warning: XRPUSDT-PERP.BINANCE: no metadata, inferred")
    assert "tick 0.0001" in warning
    assert str(store.instrument("XRPUSDT-PERP.BINANCE").price_increment) == "0.0001"


def test_funding_is_kept_merged_and_part_of_the_fingerprint(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 10))
    before = store.fingerprint(ID, "15m")
    ts_ns = START + np.arange(3) * INTERVAL_NS["8h"]
    load_funding(store, ID, ts_ns, np.array([1e-4, 2e-4, np.nan]), source="f", sha256="f")
    report = load_funding(store, ID, ts_ns, np.array([9e-4, 2e-4, 3e-4]), source="g", sha256="g")
    assert store.funding(ID)[1].tolist() == [1e-4, 2e-4, 3e-4]
    assert (report.rows_new, report.conflicts) == (1, 1)
    assert store.fingerprint(ID, "15m") != before


def test_funding_before_candles_leaves_tick_and_lot_to_the_candles(tmp_path):
    store = Store(tmp_path, create=True)
    load_funding(store, "SOLUSDT-PERP.BINANCE", np.array([START]), np.array([1e-4]), source="f", sha256="f")
    candles = Candles(series(0, 5).ts_open_ns, *[np.array([150.12, 151.5, 149.03, 150.0, 150.01])] * 4, np.full(5, 3.5))
    load_candles(store, "SOLUSDT-PERP.BINANCE", "15m", candles, source="a", sha256="a")
    found = store.instrument("SOLUSDT-PERP.BINANCE")
    assert (str(found.price_increment), str(found.size_increment)) == ("0.01", "0.001")
    assert len(store.funding("SOLUSDT-PERP.BINANCE")[0]) == 1


def test_funding_of_an_instrument_without_any_is_empty(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 3))
    ts_ns, rate = store.funding(ID)
    assert len(ts_ns) == len(rate) == 0


def test_funding_of_a_spot_pair_is_refused(tmp_path):
    with pytest.raises(DataError, match="funding rates belong to perpetuals"):
        load_funding(
            Store(tmp_path, create=True), "BTCUSDT.BINANCE", np.array([START]), np.ones(1), source="", sha256=""
        )


def test_check_finds_a_changed_file_a_lost_file_and_a_stranger(tmp_path):
    store = Store(tmp_path, create=True)
    load(store, series(0, 10))
    assert find_faults(store) == []
    bars = next(tmp_path.glob("data/bars/*/*.parquet"))
    other = Store(tmp_path / "other", create=True)
    load(other, series(0, 10, base=41_000.0))
    good = bars.read_bytes()
    bars.write_bytes(next((tmp_path / "other").glob("data/bars/*/*.parquet")).read_bytes())
    assert any("sha256 differs" in fault for fault in find_faults(store))
    bars.write_bytes(good[:100])
    assert any("not a readable file of bars" in fault for fault in find_faults(store))
    bars.unlink()
    assert any("is missing" in fault for fault in find_faults(store))
    bars.write_bytes(good)
    (bars.parent / "1970-stray.parquet").write_bytes(good)
    assert any("no load wrote" in fault for fault in find_faults(store))


def test_store_loader_takes_what_remote_sources_hand_over(tmp_path):
    store = Store(tmp_path, create=True)
    loader = StoreLoader(store)
    assert loader.last_close_ns("SOLUSDT-PERP.OKX", "15m") is None
    metadata = {"kind": "perpetual", "base": "SOL", "quote": "USDT", "tick": 0.01, "lot": 0.1, "min_notional": 5.0}
    loader.instrument_metadata("SOLUSDT-PERP.OKX", metadata)
    loader.candles("SOLUSDT-PERP.OKX", "15m", series(0, 10, base=150.0), source="ccxt", sha256="a")
    loader.candles("SOLUSDT-PERP.OKX", "15m", series(10, 10, base=150.0), source="ccxt", sha256="b")
    loader.funding("SOLUSDT-PERP.OKX", np.array([START]), np.array([1e-4]), source="ccxt", sha256="c")
    assert loader.last_close_ns("SOLUSDT-PERP.OKX", "15m") == START + 20 * QUARTER
    assert (loader.reports[1].merge_new, loader.funding_rows) == (10, {"SOLUSDT-PERP.OKX": 1})
    found = store.instrument("SOLUSDT-PERP.OKX")
    assert (str(found.size_increment), found.info["inferred"]) == ("0.1", False)
