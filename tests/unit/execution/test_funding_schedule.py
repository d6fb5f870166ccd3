"""When and what holding costs (Spec 3.5.2, D34): calendars worked by hand."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from nautilus_trader.model import Currency, InstrumentId

from execution.funding import RolloverModule, funding_schedule, funding_updates, nights
from monitoring.guard import Fault

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
START = 1_704_067_200_000_000_000  # Monday 2024-01-01 00:00 UTC
MONDAY = START // DAY


def schedule(real, start=0, end=24, configured=0.0001):
    ts_ns = np.array([START + round(hour * HOUR) for hour, _ in real], np.int64)
    times, rates = funding_schedule(
        ts_ns, np.array([rate for _, rate in real]), START + start * HOUR, START + end * HOUR, configured
    )
    return [((int(time) - START) / HOUR, float(rate)) for time, rate in zip(times, rates, strict=True)]


@pytest.mark.parametrize(
    ("real", "expected"),
    [
        ([], [(8, 0.0001), (16, 0.0001), (24, 0.0001)]),
        ([(8, 0.0005)], [(8, 0.0005), (16, 0.0001), (24, 0.0001)]),
        ([(8, 0.0005), (16, -0.0002), (24, 0.0003)], [(8, 0.0005), (16, -0.0002), (24, 0.0003)]),
        ([(8 + 5 / 3.6e6, 0.0005)], [(8, 0.0005), (16, 0.0001), (24, 0.0001)]),  # five milliseconds late
        ([(0, 0.0005), (32, 0.0005)], [(8, 0.0001), (16, 0.0001), (24, 0.0001)]),  # outside the span
        ([(4, 0.0005), (8, 0.0006)], [(4, 0.0005), (8, 0.0006), (16, 0.0001), (24, 0.0001)]),  # every four hours
        ([(9, 0.0005)], [(9, 0.0005), (16, 0.0001), (24, 0.0001)]),  # within an hour of the boundary
        ([(9.1, 0.0005)], [(8, 0.0001), (9.1, 0.0005), (16, 0.0001), (24, 0.0001)]),
    ],
)
def test_schedule_is_real_where_there_is_data_and_configured_elsewhere(real, expected):
    assert schedule(real) == [pytest.approx(pair) for pair in expected]


def test_schedule_span_leaves_out_its_begin_and_holds_its_end():
    assert [hour for hour, _ in schedule([], start=8, end=16)] == [16]


def test_updates_are_announced_a_second_before():
    one = InstrumentId.from_str("BTCUSDT-PERP.BINANCE")
    [update] = funding_updates(one, np.array([START], np.int64), np.array([-0.000123]))
    assert (update.ts_event, update.ts_init, update.next_funding_ns) == (START - 10**9, START - 10**9, START)
    assert update.rate == Decimal("-0.000123")


@pytest.mark.parametrize(
    ("fx", "expected"), [(True, [1, 1, 3, 1, 1, 0, 0]), (False, [1, 1, 1, 1, 3, 0, 0])], ids=["fx", "shares"]
)
def test_nights_of_a_week_are_seven(fx, expected):
    assert [nights(MONDAY + day, fx=fx) for day in range(7)] == expected
    assert sum(expected) == 7


PAIR, SHARE = "USDJPY.FX", "IBM.US"


def position(name, quantity, *, is_open=True):
    return SimpleNamespace(instrument_id=name, signed_qty=quantity, is_open=is_open)


def module(unit_value=lambda _name: 100.0):
    paid, fault, made = [], Fault(), RolloverModule()
    made.attach(
        long_daily_frac={PAIR: 0.0001, SHARE: 0.0},
        short_daily_frac={PAIR: 0.0002, SHARE: 0.0003},
        fx=frozenset([PAIR]),
        currency=Currency.from_str("USD"),
        unit_value=unit_value,
        on_paid=lambda name, amount: paid.append((name, amount)),
        fault=fault,
    )
    return made, paid, fault


def charge(made, hour, *positions):
    money = made.process(START + round(hour * HOUR), SimpleNamespace(positions=list(positions)))
    return None if money is None else [float(one) for one in money]


def test_module_charges_once_a_day_at_21():
    made, paid, _ = module()
    held = position(PAIR, 1000.0)
    assert charge(made, 20.0, held) is None
    assert charge(made, 20.99, held) is None
    assert charge(made, 21.0, held) == [-10.0]
    assert charge(made, 22.0, held) is None
    assert charge(made, 24 + 20.9, held) is None
    assert charge(made, 24 + 21.5, held) == [-10.0]  # the first moment after
    assert charge(made, 48 + 21.0, held) == [-30.0]  # Wednesday
    assert paid == [(PAIR, 10.0), (PAIR, 10.0), (PAIR, 30.0)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (position(PAIR, -1000.0), [-20.0]),
        (position(SHARE, 1000.0), None),
        (position(SHARE, -1000.0), [-30.0]),
        (position(PAIR, 1000.0, is_open=False), None),
        (position("BTCUSDT-PERP.BINANCE", 1000.0), None),
    ],
)
def test_module_charges_by_side_and_class(given, expected):
    made, _, _ = module()
    charge(made, 20.0)
    assert charge(made, 21.0, given) == expected


def test_module_that_begins_after_21_waits_for_the_next_day():
    made, _, _ = module()
    assert charge(made, 22.0, position(PAIR, 1000.0)) is None
    assert charge(made, 24 + 21.0, position(PAIR, 1000.0)) == [-10.0]


def test_module_charges_nothing_on_a_weekend():
    made, _, _ = module()
    charge(made, 5 * 24 + 20.0)
    assert charge(made, 5 * 24 + 21.0, position(PAIR, 1000.0)) is None


def test_module_makes_up_for_days_on_which_nothing_happened_at_21():
    made, _, _ = module()
    held = position(SHARE, -1000.0)
    charge(made, 3 * 24 + 14.0, held)
    assert charge(made, 4 * 24 + 14.0, held) == [-30.0]  # Friday's session: Thursday night
    assert charge(made, 4 * 24 + 20.0, held) is None
    assert charge(made, 7 * 24 + 14.0, held) == [-90.0]  # Monday's session: Friday night counts three


def test_failure_in_the_module_is_kept():
    made, _, fault = module(unit_value=lambda name: {}[name])
    charge(made, 20.0)
    assert charge(made, 21.0, position(PAIR, 1.0)) is None
    assert isinstance(fault.error, KeyError)
