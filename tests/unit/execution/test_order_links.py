"""Which order belongs to which leg of which trade."""

from types import SimpleNamespace

import pytest

from execution.orders import OrderLinks, is_open, trade_id_of
from execution.trade import Leg

SIGNAL_NS = 1_704_067_200_000_000_000


@pytest.mark.parametrize(
    ("instrument_id", "signal_ns", "symbol", "time"),
    [
        pytest.param("BTCUSDT-PERP.BINANCE", SIGNAL_NS, "BTCUSDTP", "s6k2o0", id="perpetual"),
        pytest.param("EUR/USD.SIM", SIGNAL_NS, "EURUSD", "s6k2o0", id="slash"),
        pytest.param("1000SHIBUSDT-PERP.BINANCE", SIGNAL_NS, "1000SHIB", "s6k2o0", id="cut-at-8"),
        pytest.param("ETHUSDT.BINANCE", 36_000_000_000, "ETHUSDT", "10", id="36-seconds"),
    ],
)
def test_trade_id_names_symbol_and_time(instrument_id: str, signal_ns: int, symbol: str, time: str) -> None:
    trade_id = trade_id_of(instrument_id, "breakout", signal_ns)
    assert trade_id.startswith(symbol)
    assert trade_id.endswith(time)
    assert len(trade_id) == len(symbol) + 4 + len(time)


def test_trade_ids_of_one_moment_differ_by_venue_kind_and_strategy() -> None:
    names = ("BTCUSDT-PERP.BINANCE", "BTCUSDT-PERP.BYBIT", "1000SHIBUSDT.BINANCE", "1000SHIBUSDT-PERP.BINANCE")
    ids = {trade_id_of(name, strategy, SIGNAL_NS) for name in names for strategy in ("breakout", "band")}
    assert len(ids) == 8


def test_trade_ids_of_neighbouring_bars_and_instruments_differ() -> None:
    ids = {
        trade_id_of(instrument_id, "breakout", SIGNAL_NS + bar * 60_000_000_000)
        for instrument_id in ("BTCUSDT.BINANCE", "BTCUSDT-PERP.BINANCE", "ETHUSDT.BINANCE")
        for bar in range(1000)
    }
    assert len(ids) == 3000


def test_client_order_id_fits_the_venue_after_many_replacements() -> None:
    links, trade_id = OrderLinks(), trade_id_of("1000SHIBUSDT-PERP.BINANCE", "breakout", SIGNAL_NS * 2)
    ids = {str(links.new_id(trade_id, leg)) for leg in Leg for _ in range(1000)}
    assert len(ids) == 6000
    assert max(map(len, ids)) <= 36


def test_link_and_resting_follow_an_order() -> None:
    links = OrderLinks()
    first = links.new_id("t", Leg.STOP)
    assert str(first) == "t-SL1"
    assert links.link("t-SL1") is None
    links.sent(first, "t", Leg.STOP)
    assert links.link("t-SL1") == ("t", Leg.STOP)
    assert links.resting("t", Leg.STOP) == first
    assert links.resting("t", Leg.TP1) is None
    links.gone("t-SL1")
    assert links.resting("t", Leg.STOP) is None
    assert links.link("t-SL1") == ("t", Leg.STOP)  # a late event still finds its trade


def test_the_end_of_a_replaced_order_leaves_its_successor() -> None:
    links = OrderLinks()
    first, second = links.new_id("t", Leg.STOP), links.new_id("t", Leg.STOP)
    links.sent(first, "t", Leg.STOP)
    links.sent(second, "t", Leg.STOP)
    links.gone(str(first))
    assert links.resting("t", Leg.STOP) == second
    links.gone("not-ours")
    assert links.resting("t", Leg.STOP) == second


def test_expected_price_is_remembered_per_order() -> None:
    links = OrderLinks()
    order_id = links.new_id("t", Leg.MARKET)
    links.expect(order_id, 101.5)
    assert links.expected("t-MK1", 99.0) == 101.5
    assert links.expected("t-MK2", 99.0) == 99.0


def test_a_forgotten_trade_is_gone_and_others_stay() -> None:
    links = OrderLinks()
    ids = {trade_id: [links.new_id(trade_id, Leg.STOP) for _ in range(2)] for trade_id in ("t", "u")}
    for trade_id, orders in ids.items():
        for order_id in orders:
            links.sent(order_id, trade_id, Leg.STOP)
            links.expect(order_id, 5.0)
    links.forget_trade("t")
    assert [links.link(f"{trade}-SL{n}") for trade in "tu" for n in (1, 2)] == [None, None, *[("u", Leg.STOP)] * 2]
    assert links.expected("t-SL1", 0.0) == 0.0
    assert links.expected("u-SL1", 0.0) == 5.0
    assert links.resting("t", Leg.STOP) is None
    assert links.resting("u", Leg.STOP) == ids["u"][1]
    links.forget_trade("never-seen")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param(None, False, id="unknown"),
        pytest.param(SimpleNamespace(is_closed=True), False, id="closed"),
        pytest.param(SimpleNamespace(is_closed=False), True, id="in-flight-or-open"),
    ],
)
def test_is_open(order: object, expected: bool) -> None:
    assert is_open(order) is expected
