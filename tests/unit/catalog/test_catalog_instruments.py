"""Definitions: configured, inferred, and the decimals that data needs."""

import numpy as np
import pytest

from catalog.candles import Candles
from catalog.definition import Definition, configured
from catalog.equities import Factors, adjust, read_factors
from catalog.infer import classify, infer, split_id
from catalog.loader import from_metadata
from catalog.precision import adjusted_decimals, decimals_of, quantise, size_integers
from errors import ConfigError, DataError

DAY = 86_400_000_000_000


def priced(*prices: float) -> Candles:
    column = np.array(prices)
    return Candles(np.arange(len(prices)) * DAY, column, column, column, column, np.ones(len(prices)))


@pytest.mark.parametrize(
    ("instrument_id", "expected"),
    [
        ("SOLUSDT-PERP.BINANCE", ("perpetual", "SOL", "USDT")),
        ("ETHUSDTF.BINANCE", ("perpetual", "ETH", "USDT")),
        ("XRPUSDT.BINANCE", ("spot", "XRP", "USDT")),
        ("NEOUSD.BITFINEX", ("spot", "NEO", "USD")),
        ("ETHBTC.KRAKEN", ("spot", "ETH", "BTC")),
        ("BTC-USD.COINBASE", ("spot", "BTC", "USD")),
        ("BTCUSD.ANYWHERE", ("spot", "BTC", "USD")),
        ("EURUSD.FX", ("fx", "EUR", "USD")),
        ("AUDNZD.OANDA", ("fx", "AUD", "NZD")),
        ("AAPL.NASDAQ", ("equity", "AAPL", "USD")),
        ("BRK-B.NYSE", ("equity", "BRK-B", "USD")),
        ("ES.CME", ("future", "ES", "USD")),
        ("ESZ4.CME", ("future", "ES", "USD")),
        ("OJ.ICE", ("future", "OJ", "USD")),
    ],
)
def test_classify_reads_kind_and_currencies_from_the_id(instrument_id, expected):
    assert classify(*split_id(instrument_id)) == expected


@pytest.mark.parametrize("bad", ["AAPL", ".US", "AAPL.", "BTC/USDT.BINANCE", "../x.US", "a b.US", ""])
def test_split_id_refuses_what_is_no_id(bad):
    with pytest.raises(DataError, match=r"is not SYMBOL.VENUE"):
        split_id(bad)


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([0.1 + 0.2, 1.25], 2), ([1.0, 2.0], 0), ([0.00001234], 8), ([float(np.float32(165.47))] * 3, 2), ([], 0),
     ([40_000.1234], 4)],
)  # fmt: skip
def test_decimals_of_ignores_floating_point_noise(values, decimals):
    assert decimals_of(np.array(values)) == decimals


def test_decimals_of_one_odd_row_in_ten_thousand_does_not_count():
    values = np.round(np.linspace(1, 100, 10_000), 2)
    values[5] = 1.23456789
    assert decimals_of(values) == 2


@pytest.mark.parametrize(("price", "decimals"), [(0.1, 6), (1.0, 5), (100.0, 4), (0.001, 8)])
def test_adjusted_decimals_round_by_less_than_a_hundredth_of_a_cost(price, decimals):
    assert adjusted_decimals(price) == decimals
    assert 0.5 * 10**-decimals / price < 1e-5


@pytest.mark.parametrize(("price", "lot"), [(0.5, "1"), (7.0, "0.1"), (150.0, "0.001"), (60_000.0, "0.00001")])
def test_infer_crypto_lot_is_worth_about_a_dollar_or_less(price, lot):
    found = infer("SOLUSDT-PERP.BINANCE", priced(price, price, price))
    assert found.lot == lot
    assert found.origin == "inferred"
    assert float(found.lot) * price <= 1.0


def test_infer_equity_keeps_the_penny_tick_and_the_decimals_of_the_data():
    found = infer("ZZZ.NYSE", priced(10.0001, 10.5))
    assert (found.tick, found.precision, found.lot) == ("0.01", 4, "1")


def test_quantise_traded_volume_never_becomes_zero():
    assert size_integers(np.array([0.0, 0.0001, 5.0]), 2).tolist() == [0, 1, 500]
    candles = Candles(np.array([0]), *[np.array([1.23456])] * 4, np.array([1e-9]))
    assert (quantise(candles, 2, 3).close[0], quantise(candles, 2, 3).volume[0]) == (1.23, 0.001)


def test_configured_bad_entry_names_file_and_entry(tmp_path):
    (tmp_path / "x.toml").write_text('["A.B"]\nkind = "perp"\nbase = "A"\nquote = "B"\ntick = "1"\nlot = "1"\n')
    with pytest.raises(ConfigError, match=r"x.toml: \[A.B\]: Invalid enum value 'perp'"):
        configured(tmp_path)


@pytest.mark.parametrize("tick", ["0", "-1", "x"])
def test_configured_impossible_tick_is_refused(tmp_path, tick):
    (tmp_path / "x.toml").write_text(f'["A.B"]\nkind="spot"\nbase="A"\nquote="B"\ntick="{tick}"\nlot="1"\n')
    with pytest.raises(ConfigError, match=r"\[A.B\]"):
        configured(tmp_path)


@pytest.mark.parametrize(
    ("kind", "margin"), [("perpetual", "0.05"), ("spot", "0.10"), ("fx", "0.02"), ("equity", "0.5"), ("future", "0.04")]
)
def test_definition_margin_leaves_room_for_our_own_limits(kind, margin):
    definition = Definition(kind=kind, base="A", quote="B", tick="1", lot="1")
    assert str(definition.margin_init) == margin


def test_from_metadata_without_tick_leaves_the_configuration_to_speak():
    assert from_metadata(None) is None
    assert from_metadata({"kind": "spot", "base": "A", "quote": "B", "tick": None, "lot": 0.1}) is None


def test_from_metadata_small_numbers_stay_plain():
    found = from_metadata(
        {
            "kind": "spot",
            "base": "PEPE",
            "quote": "USDT",
            "tick": 1e-8,
            "lot": 1.0,
            "min_notional": 5.0,
            "taker_fee": 0.001,
        }
    )
    assert found is not None
    assert (found.tick, found.precision, found.origin, found.taker_fee) == ("0.00000001", 8, "venue", 0.001)


FACTORS = Factors(np.array([1, 3]), np.array([0.5, 1.0]), np.array([0.25, 0.5]))


def test_adjust_factor_holds_up_to_and_including_its_date():
    found = adjust(priced(80.0, 80.0, 80.0, 80.0, 80.0), FACTORS, "1d")
    assert found.close.tolist() == [10.0, 10.0, 40.0, 40.0, 80.0]
    assert found.volume.tolist() == [4.0, 4.0, 2.0, 2.0, 1.0]


def test_adjust_intraday_candle_takes_its_new_york_date():
    evening = 2 * DAY + 2 * 3_600_000_000_000  # 02:00 UTC of day 2 is still day 1 in New York
    candles = Candles(np.array([evening]), *[np.array([80.0])] * 4, np.array([1.0]))
    assert adjust(candles, FACTORS, "1h").close[0] == 10.0
    assert adjust(candles, FACTORS, "1d").close[0] == 40.0


@pytest.mark.parametrize(
    ("text", "message"),
    [("ts,open\n", r"f.csv:1: not 'YYYYMMDD"), ("", "holds no factor"), ("20000101,0,1,1\n", "must be above 0")],
)
def test_read_factors_bad_file_names_the_line(tmp_path, text, message):
    path = tmp_path / "f.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_factors(path)
