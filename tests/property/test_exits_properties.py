"""Stops, targets and their quantities for all numbers (Spec 2.6, 5.1, 5.2; D12 - D15b)."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from execution.costs import slipped_price, stop_base_price
from execution.exits import (
    breakeven_stop,
    round_outward,
    split_targets,
    stop_distance,
    target_distance,
    trailing_stop,
)

price = st.floats(1e-4, 1e6)
atr = st.floats(0.0, 1e5)
side = st.sampled_from([1, -1])
tick = st.sampled_from([1e-8, 1e-5, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0])


@settings(deadline=None, derandomize=True)
@given(price, atr)
def test_reward_to_risk_never_falls_under_two(entry: float, value: float) -> None:
    distance = stop_distance(entry, value, 1.5, 0.005)
    first = target_distance(distance, value, 3.0, 2.0)
    second = target_distance(distance, value, 6.0, 4.0)
    assert distance >= 0.005 * entry
    assert first >= 2.0 * distance > 0.0
    assert second >= 4.0 * distance
    assert second > first


@settings(deadline=None, derandomize=True)
@given(price, tick, side)
def test_a_rounded_stop_is_a_tick_at_or_beyond(value: float, step: float, way: int) -> None:
    rounded = round_outward(value, step, way)
    slack = 1e-6 * step + 1e-9 * value
    assert way * (value - rounded) >= -slack
    assert abs(value - rounded) < step + slack
    ticks = rounded / step
    assert abs(ticks - round(ticks)) < 1e-6 + 1e-9 * ticks
    assert math.isclose(round_outward(rounded, step, -way), rounded, rel_tol=1e-9)


@settings(deadline=None, derandomize=True)
@given(st.integers(-4000, 4000), st.sampled_from([0.125, 0.25, 0.5, 1.0]), st.integers(-64, 64), side)
def test_rounding_mirrors(ticks: int, step: float, part: int, way: int) -> None:
    value = ticks * step + part * step / 64.0
    assert round_outward(-value, step, -way) == -round_outward(value, step, way)


@settings(deadline=None, derandomize=True)
@given(price, price, atr, side)
def test_trail_only_tightens(stop: float, best: float, value: float, way: int) -> None:
    trail = trailing_stop(stop, best, value, way, 2.0)
    assert way * (trail - stop) >= 0.0
    assert trail in (stop, best - way * 2.0 * value)


@settings(deadline=None, derandomize=True)
@given(price, side, st.floats(0.0, 0.1))
def test_breakeven_costs_nothing(entry: float, way: int, buffer_frac: float) -> None:
    assert way * (breakeven_stop(entry, way, buffer_frac) - entry) >= 0.0


@settings(deadline=None, derandomize=True)
@given(
    st.integers(1, 10**6),
    st.sampled_from([1e-8, 1e-5, 0.001, 0.1, 1.0, 25.0]),
    st.floats(0.01, 0.99),
    st.integers(0, 10**6),
)
def test_targets_are_whole_lots_and_at_least_the_minimum(lots: int, lot: float, frac: float, least: int) -> None:
    first = round(split_targets(lots * lot, lot, frac, least * lot) / lot)
    second = lots - first
    assert 0 < first <= lots
    assert math.isclose(split_targets(lots * lot, lot, frac, least * lot), first * lot, rel_tol=1e-9)
    if second:
        assert min(first, second) >= least
        assert abs(first - lots * frac) < 1.0
    else:
        share = math.ceil(lots * frac - 1e-9)
        assert min(share, lots - share) < max(least, 1)


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 10**6))
def test_halves_differ_by_the_odd_lot(lots: int) -> None:
    first = split_targets(float(lots), 1.0, 0.5, 0.0)
    assert first - (lots - first) == lots % 2


@settings(deadline=None, derandomize=True)
@given(price, price, side, st.floats(0.0, 0.1), st.integers(0, 10))
def test_market_fills_never_gain(trigger: float, opened: float, way: int, slippage_frac: float, steps: int) -> None:
    base = stop_base_price(trigger, opened, way)
    assert way * (base - trigger) >= 0.0
    assert way * (base - opened) >= 0.0
    assert way * (slipped_price(base, way, slippage_frac, steps) - base) >= 0.0
