"""One step per bar equals the textbook definition over the whole window (Spec 3.1, D2 - D8)."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.higher_timeframe import DAY_NS, WEEK_NS, bucket_end_ns
from strategies.indicators import ema_step, rsi_value, true_range, wilder_step, window_high, window_low

value = st.integers(-4000, 4000).map(lambda n: n / 8.0)
values = st.lists(value, min_size=1, max_size=60)
amount = st.floats(0.0, 1e6)


@settings(deadline=None, derandomize=True)
@given(values, st.integers(1, 30))
def test_ema_is_the_weighted_sum_of_all_values(seen: list[float], bars: int) -> None:
    average = math.nan
    for i, x in enumerate(seen):
        average = ema_step(average, x, bars, i)
    alpha = 2.0 / (bars + 1.0)
    weights = [alpha * (1.0 - alpha) ** (len(seen) - 1 - i) for i in range(len(seen))]
    weights[0] /= alpha
    assert math.isclose(average, sum(w * x for w, x in zip(weights, seen, strict=True)), rel_tol=1e-9, abs_tol=1e-9)
    assert min(seen) - 1e-9 <= average <= max(seen) + 1e-9


@settings(deadline=None, derandomize=True)
@given(st.lists(amount, min_size=1, max_size=60), st.integers(2, 20))
def test_wilder_average_starts_as_the_mean(seen: list[float], bars: int) -> None:
    average = 0.0
    for i, x in enumerate(seen):
        average = wilder_step(average, x, bars, i)
    expected = math.fsum(seen[:bars]) / len(seen[:bars])
    for x in seen[bars:]:
        expected = (expected * (bars - 1) + x) / bars
    assert math.isclose(average, expected, rel_tol=1e-9, abs_tol=1e-9)


@settings(deadline=None, derandomize=True)
@given(amount, amount)
def test_rsi_is_a_percentage_and_mirrors(gain: float, loss: float) -> None:
    rsi = rsi_value(gain, loss)
    assert 0.0 <= rsi <= 100.0
    assert math.isclose(rsi + rsi_value(loss, gain), 100.0, rel_tol=1e-9)


@settings(deadline=None, derandomize=True)
@given(value, st.integers(0, 800), value, value, st.integers(0, 1))
def test_true_range_covers_the_bar_and_the_close_before(
    low: float, eighths: int, before: float, shift: float, seen: int
) -> None:
    high = low + eighths / 8.0
    tr = true_range(high, low, before, seen)
    assert tr >= high - low >= 0.0
    assert tr == true_range(high + shift, low + shift, before + shift, seen)
    assert tr == true_range(-low, -high, -before, seen)
    if seen:
        assert tr == max(high, before) - min(low, before)


@settings(deadline=None, derandomize=True)
@given(values, st.integers(1, 12))
def test_channel_is_the_extreme_of_the_last_bars(seen: list[float], bars: int) -> None:
    highs, lows = np.full(bars, -np.inf), np.full(bars, np.inf)
    upper, lower = -math.inf, math.inf
    for i, x in enumerate(seen):
        slot = i % bars
        dropped_high, dropped_low = highs[slot], lows[slot]
        highs[slot] = lows[slot] = x
        upper = window_high(highs, upper, dropped_high, x)
        lower = window_low(lows, lower, dropped_low, x)
        last = seen[max(0, i + 1 - bars) : i + 1]
        assert (upper, lower) == (max(last), min(last))


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 40 * 365 * 24 * 60).map(lambda minutes: minutes * 60_000_000_000), st.sampled_from([4, 24, 168]))
def test_a_bar_belongs_to_the_bucket_it_closes_in(close_ns: int, hours: int) -> None:
    htf_ns = hours * 3_600_000_000_000
    end = bucket_end_ns(close_ns, htf_ns)
    assert close_ns <= end < close_ns + htf_ns
    assert bucket_end_ns(end, htf_ns) == end
    assert bucket_end_ns(end + 1, htf_ns) == end + htf_ns
    assert end % DAY_NS == 0 or hours == 4
    if htf_ns == WEEK_NS:
        assert (end // DAY_NS + 3) % 7 == 0  # day 4 after Thursday 1970-01-01 was a Monday
