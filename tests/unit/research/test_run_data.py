"""Which candles a back-test uses: intervals, spans, warm-up, ends (Spec 3.5.2, issue 2 outcome 5)."""

import msgspec
import numpy as np
import pytest

from catalog.candles import INTERVAL_NS, Candles
from catalog.load import load_candles
from catalog.store import Store
from configs.run import RunConfig
from errors import ConfigError, DataError
from research.run_data import load_series, needs_path

START = 1_704_067_200_000_000_000
HOUR = INTERVAL_NS["1h"]
BTC, SHARE = "BTCUSDT-PERP.BINANCE", "IBM.US"


def candles(count, interval, start_ns=START):
    ts_ns = start_ns + np.arange(count, dtype=np.int64) * INTERVAL_NS[interval]
    close = 100.0 + np.arange(count) % 7
    return Candles(ts_ns, close, close + 1.0, close - 1.0, close, np.ones(count))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "catalog", create=True)


def put(store, interval, count, start_ns=START, name=BTC):
    given = candles(count, interval, start_ns)
    load_candles(store, name, interval, given, source=f"{interval}{start_ns}", sha256=f"{interval}{start_ns}")


def config(**values):
    return msgspec.convert({"instruments": [BTC]} | values, RunConfig)


def load(store, **values):
    [series] = load_series(store, config(**values))
    return series


def test_signal_bars_are_used_as_they_are_when_there_is_nothing_finer(store):
    put(store, "15m", 96)
    series = load(store)
    assert (series.fill_interval, len(series.signal), len(series.fill)) == ("15m", 96, 96)
    assert series.ends_ns == (START + 24 * HOUR,)


def test_fills_are_on_the_finest_bars_that_cover_the_span(store):
    put(store, "15m", 96)
    put(store, "5m", 288)
    put(store, "1m", 1440)
    assert load(store).fill_interval == "1m"
    assert load(store, data={"fills": "signal"}).fill_interval == "15m"


@pytest.mark.parametrize(("minutes", "interval"), [(1290, "15m"), (1320, "1m")], ids=["under 90 %", "over 90 %"])
def test_finer_bars_that_cover_too_little_are_not_used(store, minutes, interval):
    put(store, "15m", 96)
    put(store, "1m", minutes)
    assert load(store).fill_interval == interval


def test_finer_bars_are_used_in_the_span_that_they_cover(store):
    put(store, "15m", 96 * 4)
    put(store, "1m", 1440, START + 48 * HOUR)
    assert load(store).fill_interval == "15m"
    assert load(store, start="2024-01-03", end="2024-01-04").fill_interval == "1m"


def test_signal_bars_are_made_of_finer_ones(store):
    put(store, "5m", 288)
    series = load(store)
    assert (series.fill_interval, len(series.signal), len(series.fill)) == ("5m", 96, 288)
    assert series.signal.high.max() == series.fill.high.max()


def test_signal_bars_cannot_be_made_of_longer_ones(store):
    put(store, "1h", 24)
    with pytest.raises(DataError, match="has 1h candles; 15m signal bars need 15m or finer"):
        load(store)


def test_span_is_of_closes_and_warm_up_ends_where_it_begins(store):
    put(store, "15m", 96 * 3)
    series = load(store, start="2024-01-02", end="2024-01-03")
    assert int(series.signal.ts_open_ns[0]) == START + 24 * HOUR  # the first to close after the start
    assert int(series.signal.ts_open_ns[-1]) == START + 48 * HOUR - INTERVAL_NS["15m"]
    assert len(series.warmup) == 96
    assert int(series.warmup.ts_open_ns[-1]) + INTERVAL_NS["15m"] == START + 24 * HOUR


@pytest.mark.parametrize("values", [{"data": {"warmup": "none"}, "start": "2024-01-02"}, {}])
def test_no_warm_up_when_it_is_not_wanted_or_nothing_is_before(store, values):
    put(store, "15m", 96 * 2)
    assert len(load(store, **values).warmup) == 0


@pytest.mark.parametrize("span", [{"start": "2025-01-01"}, {"end": "2023-01-01"}])
def test_empty_span_says_what_there_is(store, span):
    put(store, "15m", 96)
    with pytest.raises(ConfigError, match=r"no candles between .*has 15m from 2024-01-01T00:15 to 2024-01-02T00:00"):
        load(store, **span)


def test_unknown_instrument_names_a_close_match(store):
    put(store, "15m", 96)
    with pytest.raises(ConfigError, match=f"'BTCUSD-PERP.BINANCE' is not in catalog.*{BTC}"):
        load(store, instruments=["BTCUSD-PERP.BINANCE"])


@pytest.mark.parametrize(("hours", "ends"), [(24, 1), (26, 2)], ids=["closure", "hole"])
def test_holes_longer_than_the_largest_gap_end_the_data(store, hours, ends):
    put(store, "15m", 96)
    put(store, "15m", 96, START + (24 + hours) * HOUR - INTERVAL_NS["15m"])
    series = load(store)
    assert len(series.ends_ns) == ends
    assert series.ends_ns[-1] == START + (48 + hours) * HOUR - INTERVAL_NS["15m"]
    if ends == 2:
        assert series.ends_ns[0] == START + 24 * HOUR


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        ({}, 24),
        ({"data": {"max_gap_hours": 5.0}}, 5),
        ({"timeframe": {"signal": "1d", "htf": "1w"}}, 72),  # never less than three signal bars
        ({"data": {"max_gap_hours": 0.1}}, 0.75),
    ],
)
def test_largest_gap_is_configured_or_a_day_for_crypto(store, values, hours):
    put(store, "15m", 96 * 8)
    assert load(store, **values).max_gap_ns == hours * HOUR


def test_largest_gap_of_shares_spans_a_long_weekend(store):
    put(store, "1d", 5, name=SHARE)
    series = load(store, instruments=[SHARE], timeframe={"signal": "1d", "htf": "1w"})
    assert series.max_gap_ns == 240 * HOUR


@pytest.mark.parametrize(("fill", "path"), [("1m", False), ("3m", False), ("5m", True), ("15m", True)])
def test_bars_longer_than_a_fifth_of_a_signal_bar_are_walked(store, fill, path):
    put(store, fill, 24 * HOUR // INTERVAL_NS[fill])
    assert needs_path([load(store)], INTERVAL_NS["15m"]) is path
