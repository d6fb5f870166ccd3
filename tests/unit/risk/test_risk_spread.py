"""Spread now and its mean over the last hour, against a sum over every quote (Spec 7.2; D33)."""

import math
from fractions import Fraction

import numpy as np
import pytest

from risk.limits.entry import Spread
from risk.spread import SpreadMeter

SEC = 1_000_000_000
MIN = 60 * SEC
START = 29_000_000 * MIN

type Quote = tuple[int, float, float]


def quote(ts_ns: int, spread_frac: float) -> Quote:
    """Return bid and ask around 100."""
    return ts_ns, 100.0 - 50.0 * spread_frac, 100.0 + 50.0 * spread_frac


def meter_of(*quotes: Quote) -> SpreadMeter:
    meter = SpreadMeter()
    for ts_ns, bid, ask in quotes:
        meter.push(ts_ns, bid, ask)
    return meter


def width(bid: float, ask: float) -> float:
    known = 0.0 < bid <= ask < math.inf
    return (ask - bid) / (0.5 * (bid + ask)) if known else math.nan


def brute(quotes: list[Quote], ts_ns: int) -> Spread:
    """Return spread and mean by the letter: each quote weighs as long as it stood in the 60 minutes before this one."""
    begin = (ts_ns // MIN - 60) * MIN
    stood, total = 0, Fraction(0)
    ends = [*(start for start, _, _ in quotes[1:]), ts_ns]
    for (start, bid, ask), end in zip(quotes, ends, strict=True):
        length = min(end, ts_ns) - max(start, begin)
        if length > 0 and not math.isnan(width(bid, ask)):
            stood += length
            total += Fraction(width(bid, ask)) * length
    mean = float(total / stood) if stood >= 10 * MIN else math.nan
    return Spread(width(*quotes[-1][1:]), mean)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("unknown", [0.0, 0.3], ids=["all-known", "some-crossed-or-empty"])
def test_spread_mean_is_weighted_by_time(seed: int, unknown: float) -> None:
    draw = np.random.default_rng(seed)
    ts_ns, quotes, meter = START + int(draw.integers(0, MIN)), [], SpreadMeter()
    for _ in range(500):
        one = quote(ts_ns, float(draw.uniform(0.0, 0.01)))
        if draw.random() < unknown:
            one = (ts_ns, *[(101.0, 99.0), (0.0, 100.0), (math.nan, 100.0), (99.0, math.inf)][int(draw.integers(4))])
        quotes.append(one)
        meter.push(*one)
        ts_ns += int(draw.choice([0, 1, SEC // 3, 17 * SEC, MIN, 4 * MIN, 13 * MIN]))
        if draw.random() < 0.3:
            found, wanted = meter.read(ts_ns), brute(quotes, ts_ns)
            assert found.now_frac == pytest.approx(wanted.now_frac, rel=1e-12, nan_ok=True)
            assert found.mean_frac == pytest.approx(wanted.mean_frac, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("secs", "known"),
    [pytest.param(599.999999999, False, id="D32-under-ten-minutes"), pytest.param(600.0, True, id="D33-ten-minutes")],
)
def test_spread_mean_needs_ten_minutes(secs: float, known: bool) -> None:
    found = meter_of(quote(START + 7 * SEC, 0.01)).read(START + 7 * SEC + round(secs * SEC))
    assert found.now_frac == pytest.approx(0.01)
    assert found.mean_frac == pytest.approx(0.01 if known else math.nan, nan_ok=True)


def test_spread_is_unknown_before_the_first_quote() -> None:
    meter = SpreadMeter()
    found = [meter.read(START), meter.read(START + 90 * MIN)]
    assert all(math.isnan(value) for pair in found for value in pair)
    meter.push(*quote(START + 90 * MIN, 0.01))
    found = [meter.read(START + 99 * MIN), meter.read(START + 100 * MIN)]
    assert [math.isnan(pair.mean_frac) for pair in found] == [True, False], "waiting for a quote is not seeing one"


@pytest.mark.parametrize(
    ("bid", "ask"),
    [
        pytest.param(101.0, 99.0, id="crossed"),
        pytest.param(0.0, 100.0, id="no-bid"),
        pytest.param(-1.0, 100.0, id="negative-bid"),
        pytest.param(100.0, math.inf, id="no-ask"),
        pytest.param(math.nan, 100.0, id="nan-bid"),
        pytest.param(100.0, math.nan, id="nan-ask"),
        pytest.param(0.0, 0.0, id="empty"),
    ],
)
def test_spread_of_a_quote_that_is_none_is_unknown(bid: float, ask: float) -> None:
    meter = meter_of(quote(START, 0.01), (START + 30 * MIN, bid, ask))
    found = meter.read(START + 40 * MIN)
    assert math.isnan(found.now_frac)
    assert found.mean_frac == pytest.approx(0.01), "the time without a spread counts for nothing"
    meter.push(*quote(START + 50 * MIN, 0.02))
    assert meter.read(START + 50 * MIN).now_frac == pytest.approx(0.02)


def test_spread_an_hour_without_one_makes_the_mean_unknown() -> None:
    meter = meter_of(quote(START, 0.01), (START + 30 * MIN, 0.0, 0.0))
    means = [meter.read(START + m * MIN).mean_frac for m in (80, 81, 200)]
    assert [math.isnan(mean) for mean in means] == [False, True, True], "9 known minutes are too few"


def test_spread_may_be_nothing() -> None:
    assert meter_of(quote(START, 0.0)).read(START + 20 * MIN) == Spread(0.0, 0.0)


def test_spread_of_quotes_at_one_moment_the_last_counts() -> None:
    meter = meter_of(quote(START, 0.5), quote(START, 0.01), quote(START + MIN, 0.5), quote(START + MIN, 0.01))
    assert meter.read(START + 30 * MIN) == Spread(pytest.approx(0.01), pytest.approx(0.01))


def test_spread_a_burst_of_quotes_weighs_no_more_than_a_quiet_time() -> None:
    burst = [quote(START + 30 * MIN + n * SEC // 100, 0.05) for n in range(100)]
    meter = meter_of(quote(START, 0.01), *burst, quote(START + 30 * MIN + SEC, 0.01))
    assert meter.read(START + 60 * MIN).mean_frac == pytest.approx(0.01 + 0.04 / 3600.0)


@pytest.mark.parametrize("silent", [60, 61, 75, 120, 121, 5000])
def test_spread_an_hour_of_silence_leaves_the_last_quote(silent: int) -> None:
    meter = meter_of(quote(START, 0.01), quote(START + 30 * MIN, 0.03))
    assert meter.read(START + (30 + silent) * MIN).mean_frac == pytest.approx(0.03)


@pytest.mark.parametrize("step", [MIN // 4, MIN, 7 * MIN, 20 * MIN], ids=["15s", "1min", "7min", "20min"])
def test_spread_of_the_hour_before_is_forgotten(step: int) -> None:
    hours = 5
    meter = SpreadMeter()
    for ts_ns in range(START, START + hours * 60 * MIN, step):
        meter.push(*quote(ts_ns, 0.01))
    changed = START + hours * 60 * MIN
    for ts_ns in range(changed, changed + 60 * MIN, step):
        meter.push(*quote(ts_ns, 0.02))
        if ts_ns == changed + 20 * MIN:
            assert meter.read(ts_ns).mean_frac == pytest.approx((40 * 0.01 + 20 * 0.02) / 60)
    assert meter.read(changed + 60 * MIN).mean_frac == pytest.approx(0.02)


def test_spread_reading_changes_nothing() -> None:
    quotes = [quote(START + n * 3 * MIN + n * SEC, 0.001 * (1 + n % 5)) for n in range(60)]
    asked = SpreadMeter()
    for ts_ns, bid, ask in quotes:
        asked.push(ts_ns, bid, ask)
        for n in range(5):
            asked.read(ts_ns + n * 11 * SEC)
    end = START + 190 * MIN
    found, wanted = asked.read(end), meter_of(*quotes).read(end)
    assert found == Spread(pytest.approx(wanted.now_frac), pytest.approx(wanted.mean_frac, rel=1e-12))


def test_spread_asked_for_an_earlier_moment_forgets_nothing() -> None:
    meter = meter_of(*(quote(START + minute * MIN, 0.01) for minute in range(31)))
    meter.read(START + 5 * MIN)
    assert meter.read(START + 31 * MIN).mean_frac == pytest.approx(0.01)
