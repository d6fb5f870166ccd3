"""Spec 3.1 and D2 - D8: the maths of one bar, worked by hand."""

import math

import numpy as np
import pytest

from strategies.indicators import (
    ema_step,
    rsi_value,
    true_range,
    wilder_step,
    window_high,
    window_low,
    window_mean,
    window_std,
)


def run_ema(values: list[float], bars: int) -> list[float]:
    average, out = math.nan, []
    for seen, value in enumerate(values):
        average = ema_step(average, value, bars, seen)
        out.append(average)
    return out


@pytest.mark.parametrize(
    ("values", "bars", "expected"),
    [
        pytest.param([10.0], 20, [10.0], id="D2-first-value-seeds"),
        pytest.param([10.0, 13.0, 11.0], 2, [10.0, 12.0, 34.0 / 3.0], id="3.1-alpha-two-thirds"),
        pytest.param([8.0, 16.0, 4.0], 3, [8.0, 12.0, 8.0], id="3.1-alpha-one-half"),
        pytest.param([0.0, 21.0], 20, [0.0, 2.0], id="3.1-alpha-2-over-21"),
        pytest.param([0.0, 51.0], 50, [0.0, 2.0], id="3.1-alpha-2-over-51"),
        pytest.param([5.0, 5.0, 5.0], 14, [5.0, 5.0, 5.0], id="3.1-flat-stays"),
    ],
)
def test_ema_follows_the_recursion(values: list[float], bars: int, expected: list[float]) -> None:
    assert run_ema(values, bars) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("high", "low", "previous_close", "seen", "expected"),
    [
        pytest.param(12.0, 10.0, 50.0, 0, 2.0, id="D3-first-is-high-minus-low"),
        pytest.param(12.0, 10.0, 11.0, 1, 2.0, id="3.1-close-inside"),
        pytest.param(12.0, 10.0, 7.0, 1, 5.0, id="3.1-gap-up"),
        pytest.param(12.0, 10.0, 16.0, 1, 6.0, id="3.1-gap-down"),
        pytest.param(10.0, 10.0, 10.0, 1, 0.0, id="3.1-flat"),
    ],
)
def test_true_range(high: float, low: float, previous_close: float, seen: int, expected: float) -> None:
    assert true_range(high, low, previous_close, seen) == expected


def test_wilder_average_is_a_mean_first_and_smooths_after() -> None:
    average, out = 99.0, []
    for seen, value in enumerate([2.0, 4.0, 9.0, 11.0, 1.0]):
        average = wilder_step(0.0 if seen == 0 else average, value, 3, seen)
        out.append(average)
    # mean(2), mean(2,4), mean(2,4,9) = 5, (5*2 + 11)/3 = 7, (7*2 + 1)/3 = 5
    assert out == pytest.approx([2.0, 3.0, 5.0, 7.0, 5.0], rel=1e-12)


@pytest.mark.parametrize(
    ("gain", "loss", "expected"),
    [
        pytest.param(1.0, 1.0, 50.0, id="3.1-balanced"),
        pytest.param(3.0, 1.0, 75.0, id="3.1-three-to-one"),
        pytest.param(1.0, 3.0, 25.0, id="3.1-one-to-three"),
        pytest.param(2.0, 0.0, 100.0, id="D4-no-losses"),
        pytest.param(0.0, 2.0, 0.0, id="D4-no-gains"),
        pytest.param(0.0, 0.0, 50.0, id="D4-no-movement"),
    ],
)
def test_rsi(gain: float, loss: float, expected: float) -> None:
    assert rsi_value(gain, loss) == expected


def test_window_mean_is_over_the_whole_window() -> None:
    assert window_mean(np.array([1.0, 2.0, 6.0, 7.0])) == 4.0


def test_window_std_is_the_population_deviation() -> None:
    # D8: deviations of 2, 4, 4, 4, 5, 5, 7, 9 from 5 square to 32; 32/8 = 4 (a sample would give 32/7)
    assert window_std(np.array([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 5.0) == 2.0


@pytest.mark.parametrize(
    ("window", "current", "dropped", "added", "expected"),
    [
        pytest.param([5.0, 9.0, 7.0], 8.0, 1.0, 9.0, 9.0, id="new-high"),
        pytest.param([5.0, 8.0, 7.0], 8.0, 1.0, 7.0, 8.0, id="unchanged"),
        pytest.param([5.0, 6.0, 7.0], 8.0, 8.0, 7.0, 7.0, id="highest-dropped"),
        pytest.param([8.0, 6.0, 7.0], 8.0, 8.0, 7.0, 8.0, id="one-of-two-highest-dropped"),
        pytest.param([8.0, 6.0, 7.0], 8.0, 8.0, 8.0, 8.0, id="highest-replaced-by-its-equal"),
        pytest.param([8.0, math.nan, 9.0], 9.5, 9.5, 8.0, math.nan, id="unknown-value-leaves-no-channel"),
    ],
)
def test_window_high(window: list[float], current: float, dropped: float, added: float, expected: float) -> None:
    high = window_high(np.array(window), current, dropped, added)
    assert high == pytest.approx(expected, rel=0.0, abs=0.0, nan_ok=True)
    mirrored = -np.array(window)
    low = window_low(mirrored, -current, -dropped, -added)
    assert low == pytest.approx(-expected, rel=0.0, abs=0.0, nan_ok=True)
