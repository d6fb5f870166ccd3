"""Stop, target and trail prices (Spec 2.4, 5.1, 5.2; D12 - D15b)."""

import math

import pytest

from execution.exits import (
    breakeven_stop,
    round_outward,
    split_targets,
    stop_distance,
    target_distance,
    trailing_stop,
)


@pytest.mark.parametrize(
    ("entry", "atr", "expected"),
    [
        pytest.param(100.0, 2.0, 3.0, id="5.1-1.5-atr"),
        pytest.param(300.0, 1.0, 1.5, id="5.1-1.5-atr-is-0.5-%"),
        pytest.param(304.0, 1.0, 1.52, id="5.1-minimum-0.5-%"),
        pytest.param(296.0, 1.0, 1.5, id="5.1-just-over-0.5-%"),
        pytest.param(100.0, 0.0, 0.5, id="5.1-no-movement"),
    ],
)
def test_stop_distance_is_never_under_the_floor(entry: float, atr: float, expected: float) -> None:
    assert stop_distance(entry, atr, 1.5, 0.005) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("distance", "atr", "target_atr", "target_r", "expected"),
    [
        pytest.param(3.0, 2.0, 3.0, 2.0, 6.0, id="5.2-tp1-3-atr"),
        pytest.param(3.0, 2.0, 6.0, 4.0, 12.0, id="5.2-tp2-6-atr"),
        pytest.param(3.5, 2.0, 3.0, 2.0, 7.0, id="D13-tp1-twice-the-widened-stop"),
        pytest.param(3.5, 2.0, 6.0, 4.0, 14.0, id="D13-tp2-four-times-the-widened-stop"),
        pytest.param(2.5, 2.0, 3.0, 2.0, 6.0, id="D13-narrow-stop-keeps-3-atr"),
    ],
)
def test_target_distance_keeps_reward_to_risk(
    distance: float, atr: float, target_atr: float, target_r: float, expected: float
) -> None:
    assert target_distance(distance, atr, target_atr, target_r) == expected


@pytest.mark.parametrize(
    ("side", "expected"),
    [pytest.param(1, 100.05, id="5.2-long"), pytest.param(-1, 99.95, id="5.2-short")],
)
def test_breakeven_is_on_the_profitable_side(side: int, expected: float) -> None:
    assert breakeven_stop(100.0, side, 0.0005) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("stop", "best_close", "atr", "side", "expected"),
    [
        pytest.param(100.0, 110.0, 2.0, 1, 106.0, id="2.4.3-long"),
        pytest.param(106.0, 110.0, 2.0, 1, 106.0, id="D14-long-equal"),
        pytest.param(107.0, 110.0, 2.0, 1, 107.0, id="D14-long-only-tightens"),
        pytest.param(100.0, 90.0, 2.0, -1, 94.0, id="2.4.3-short"),
        pytest.param(93.0, 90.0, 2.0, -1, 93.0, id="D14-short-only-tightens"),
    ],
)
def test_trailing_stop(stop: float, best_close: float, atr: float, side: int, expected: float) -> None:
    assert trailing_stop(stop, best_close, atr, side, 2.0) == expected


@pytest.mark.parametrize(
    ("price", "tick", "side", "expected"),
    [
        pytest.param(98.56, 0.1, 1, 98.5, id="long-down"),
        pytest.param(98.56, 0.1, -1, 98.6, id="short-up"),
        pytest.param(98.6, 0.1, 1, 98.6, id="long-on-a-tick"),
        pytest.param(98.6, 0.1, -1, 98.6, id="short-on-a-tick"),
        pytest.param(0.3, 0.1, -1, 0.3, id="short-binary-fraction-above-a-tick"),
        pytest.param(0.1 + 0.2, 0.1, -1, 0.3, id="short-binary-fraction"),
        pytest.param(0.7, 0.1, 1, 0.7, id="long-binary-fraction-below-a-tick"),
        pytest.param(98.50002, 0.1, -1, 98.6, id="short-2e-4-of-a-tick-is-not-noise"),
        pytest.param(98.59998, 0.1, 1, 98.5, id="long-2e-4-of-a-tick-is-not-noise"),
        pytest.param(43_210.987, 0.01, 1, 43_210.98, id="small-tick"),
        pytest.param(1234.0, 25.0, 1, 1225.0, id="large-tick"),
    ],
)
def test_round_outward(price: float, tick: float, side: int, expected: float) -> None:
    assert round_outward(price, tick, side) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("quantity", "lot", "frac", "minimum", "expected"),
    [
        pytest.param(4.0, 1.0, 0.5, 0.0, 2.0, id="D15b-even"),
        pytest.param(5.0, 1.0, 0.5, 0.0, 3.0, id="D15b-odd-lot-first"),
        pytest.param(1.0, 1.0, 0.5, 0.0, 1.0, id="D15b-one-lot"),
        pytest.param(0.007, 0.001, 0.5, 0.0, 0.004, id="D15b-small-lots"),
        pytest.param(0.3, 0.1, 0.5, 0.0, 0.2, id="D15b-binary-fraction"),
        pytest.param(9.0, 3.0, 0.5, 0.0, 6.0, id="D15b-large-lots"),
        pytest.param(10.0, 1.0, 0.3, 0.0, 3.0, id="three-tenths"),
        pytest.param(4.0, 1.0, 0.5, 2.0, 2.0, id="7.4-half-at-the-minimum"),
        pytest.param(4.0, 1.0, 0.5, 2.0 + 1e-15, 2.0, id="7.4-half-at-the-minimum-but-for-rounding"),
        pytest.param(4.0, 1.0, 0.5, 2.001, 4.0, id="7.4-half-under-the-minimum"),
        pytest.param(5.0, 1.0, 0.5, 3.0, 5.0, id="7.4-smaller-half-counts"),
        pytest.param(0.0006, 0.0001, 0.5, 0.0003, 0.0003, id="7.4-at-the-minimum-despite-binary-fractions"),
        pytest.param(10.0, 1.0, 0.3, 4.0, 10.0, id="7.4-first-part-counts-too"),
    ],
)
def test_split_targets(quantity: float, lot: float, frac: float, minimum: float, expected: float) -> None:
    assert math.isclose(split_targets(quantity, lot, frac, minimum), expected, rel_tol=1e-12)
