"""The book that an order meets (Spec 3.5.2; D15, D34, D35): levels worked by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from nautilus_trader.model import OrderSide, OrderType, Price, Quantity

from catalog.definition import Definition
from catalog.instruments import build
from execution.config import CostConfig
from execution.fills import BarFillModel, FillBars, make_book
from monitoring.guard import Fault

ID = "BTCUSDT-PERP.BINANCE"
INSTRUMENT = build(ID, Definition(kind="perpetual", base="BTC", quote="USDT", tick="0.01", lot="0.001"))
MINUTE, SECOND = 60_000_000_000, 1_000_000_000
BUY, SELL = OrderSide.BUY, OrderSide.SELL
CLOSES = np.array([1, 2, 3], np.int64) * MINUTE
BARS = FillBars(CLOSES, np.array([100.0, 101.0, 102.0]), np.array([400.0, 1000.0, 10.0]))


def order(kind, side, **values):
    known = {"order_type": kind, "side": side, "client_order_id": "X-1", "filled_qty": 0.0, "leaves_qty": 10.0}
    return SimpleNamespace(**(known | {"ts_last": 0} | values))


def ask(given, *, now_ns=MINUTE, touch=100.0, bars=BARS, costs=None, model=None):
    """Return the levels that an order meets, best first, as (price, size)."""
    fills, fault = model or BarFillModel(), Fault()
    if model is None:
        fills.attach(bars={ID: bars}, costs=costs or CostConfig(), now_ns=lambda: now_ns, fault=fault)
    px = None if touch is None else Price(touch, 2)
    book = fills.get_orderbook_for_fill_simulation(INSTRUMENT, given, px, px)
    assert fault.error is None
    levels = book.asks() if given.side == BUY else book.bids()
    return [(float(level.price), float(level.size())) for level in levels]


@pytest.mark.parametrize(
    ("side", "limit", "touch", "expected"),
    [
        (BUY, 100.0, 99.99, [(100.0, 40.0)]),  # through
        (BUY, 100.0, 100.0, []),  # touched
        (BUY, 100.0, 100.01, []),
        (SELL, 100.0, 100.01, [(100.0, 40.0)]),
        (SELL, 100.0, 100.0, []),
        (SELL, 100.0, 99.99, []),
    ],
)
def test_limit_fills_at_its_price_only_when_the_market_is_through_it(side, limit, touch, expected):
    assert ask(order(OrderType.LIMIT, side, price=limit), touch=touch) == expected


def test_limit_without_a_touch_meets_nothing():
    assert ask(order(OrderType.LIMIT, BUY, price=100.0), touch=None) == []


@pytest.mark.parametrize(("probability", "filled"), [(0.0, 0), (0.3, 300), (1.0, 1000)])
def test_touched_limit_fills_with_the_configured_probability(probability, filled):
    costs = CostConfig(touch_fill_probability=probability)
    hits = sum(bool(ask(order(OrderType.LIMIT, BUY, price=100.0, client_order_id=f"X-{n}"), costs=costs))
               for n in range(1000))  # fmt: skip
    assert hits == pytest.approx(filled, abs=60 if 0.0 < probability < 1.0 else 0)


def test_touched_limit_draws_once_per_bar():
    costs = CostConfig(touch_fill_probability=0.5)
    for n in range(50):
        one = order(OrderType.LIMIT, BUY, price=100.0, client_order_id=f"X-{n}")
        draws = {bool(ask(one, now_ns=now_ns, costs=costs)) for now_ns in (SECOND, 20 * SECOND, 40 * SECOND, MINUTE)}
        assert len(draws) == 1


def test_touch_at_the_moment_of_sending_is_not_a_touch():
    costs = CostConfig(touch_fill_probability=1.0)
    assert ask(order(OrderType.LIMIT, BUY, price=100.0, ts_last=MINUTE), costs=costs) == []
    assert ask(order(OrderType.LIMIT, BUY, price=100.0, ts_last=MINUTE - 1), costs=costs) == [(100.0, 40.0)]


def test_limit_takes_its_share_of_each_bar_once():
    moment, fills = [MINUTE], BarFillModel()
    fills.attach(bars={ID: BARS}, costs=CostConfig(), now_ns=lambda: moment[0], fault=Fault())
    assert ask(order(OrderType.LIMIT, BUY, price=100.0), touch=99.0, model=fills) == [(100.0, 40.0)]
    assert ask(order(OrderType.LIMIT, BUY, price=100.0, filled_qty=15.0), touch=99.0, model=fills) == [(100.0, 25.0)]
    assert ask(order(OrderType.LIMIT, BUY, price=100.0, filled_qty=40.0), touch=99.0, model=fills) == []
    moment[0] = 2 * MINUTE
    assert ask(order(OrderType.LIMIT, BUY, price=100.0, filled_qty=40.0), touch=99.0, model=fills) == [(100.0, 100.0)]


@pytest.mark.parametrize(("side", "price"), [(BUY, 100.05), (SELL, 99.95)])
def test_market_order_pays_the_slippage(side, price):
    assert ask(order(OrderType.MARKET, side)) == [(price, 40.0)]


def test_market_order_beyond_its_share_pays_once_more_per_share():
    levels = ask(order(OrderType.MARKET, BUY, leaves_qty=100.0))
    assert levels[:3] == [(100.05, 40.0), (100.1, 40.0), (100.15, 40.0)]
    assert len(levels) == 10
    assert levels[-1] == (100.5, 1e12)  # what is left fills there, however much


def test_market_order_in_a_market_without_real_volume_pays_once():
    bars = FillBars(CLOSES, BARS.open, None)
    assert ask(order(OrderType.MARKET, BUY, leaves_qty=1e6), bars=bars) == [(100.05, 1e12)]


def test_market_order_never_goes_below_one_tick():
    assert ask(order(OrderType.MARKET, SELL), touch=0.01)[0][0] == 0.01


@pytest.mark.parametrize(
    ("side", "trigger", "price"),
    [
        (SELL, 99.0, 98.95),  # inside the bar: 98.9505, to the tick below
        (SELL, 102.0, 99.95),  # the bar opened at 100: jumped
        (BUY, 101.0, 101.06),
        (BUY, 98.0, 100.05),
    ],
)
def test_stop_trades_at_its_trigger_or_at_the_open_that_jumped_it(side, trigger, price):
    assert ask(order(OrderType.STOP_MARKET, side, trigger_price=trigger), touch=90.0)[0][0] == pytest.approx(price)


@pytest.mark.parametrize(
    ("moved_ns", "price"),
    [(MINUTE, 100.94), (MINUTE + 2, 100.94), (MINUTE + SECOND, 101.94), (2 * MINUTE - 1, 100.94)],
    ids=["before", "at the close before", "within", "now"],
)
def test_stop_moved_within_a_bar_was_not_jumped_by_its_open(moved_ns, price):
    moved = order(OrderType.STOP_MARKET, SELL, trigger_price=102.0, ts_last=moved_ns)  # the bar opened at 101
    assert ask(moved, now_ns=2 * MINUTE - 1, touch=99.0)[0][0] == pytest.approx(price)


@pytest.mark.parametrize(("limit", "filled"), [(99.8, True), (100.0, True), (100.01, False)])
def test_stop_limit_fills_unless_the_open_jumped_its_limit(limit, filled):
    stop = order(OrderType.STOP_LIMIT, SELL, trigger_price=102.0, price=limit)
    assert bool(ask(stop)) is filled


@pytest.mark.parametrize(("now_ns", "share"), [(1, 40.0), (MINUTE, 40.0), (MINUTE + 1, 100.0), (9 * MINUTE, 1.0)])
def test_volume_is_that_of_the_bar_that_holds_the_moment(now_ns, share):
    assert ask(order(OrderType.MARKET, BUY, leaves_qty=0.5), now_ns=now_ns)[0][1] == share


def test_failure_in_the_model_is_kept_and_nothing_fills():
    fills, fault = BarFillModel(), Fault()
    fills.attach(bars={}, costs=CostConfig(), now_ns=lambda: 0, fault=fault)
    assert fills.get_orderbook_for_fill_simulation(INSTRUMENT, order(OrderType.MARKET, BUY), None, None) is None
    assert isinstance(fault.error, KeyError)


def test_book_leaves_out_what_is_less_than_a_lot_and_rounds_sizes_down():
    book = make_book(INSTRUMENT, 1, [(100.0, 0.0009), (101.0, 0.0019)])
    assert [(float(level.price), level.size()) for level in book.asks()] == [(101.0, float(Quantity(0.001, 3)))]
    assert book.bids() == []


def test_model_leaves_touch_and_slippage_to_the_book():
    fills = BarFillModel()
    assert (fills.is_limit_filled(), fills.is_slipped(), fills.fill_limit_inside_spread()) == (True, False, False)
