"""Breakout rules on walks: no look-ahead, long/short mirror, scale (Spec 2.3, 3.1, 3.2; D1 - D10).

Prices are multiples of 1/8 around 4096, so that reflection and every true range are exact.
"""

import math
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.candles import Candles
from strategies.breakout.breakout import BreakoutRules, Opinion
from strategies.breakout.config import BreakoutConfig

HOUR_NS = 3_600_000_000_000
CENTRE = 4096.0
CONFIG = BreakoutConfig(
    donchian_bars=4,
    ema_fast_bars=2,
    ema_slow_bars=3,
    atr_bars=3,
    rsi_bars=3,
    volume_ma_bars=4,
    bollinger_bars=4,
    atr_ratio_min_frac=0.0,  # the band is about a share of price, which no reflection keeps
    atr_ratio_max_frac=1.0,
    require_volume=False,
    baseline_days=2,
)


class Bar(NamedTuple):
    close_ns: int
    high: float
    low: float
    close: float
    volume: float


@st.composite
def walks(draw: st.DrawFn, max_size: int = 80) -> list[Bar]:
    """Return bars one or more hours apart, some with long holes; prices stay well above zero."""
    size = draw(st.integers(20, max_size))
    seed = draw(st.integers(0, 2**32 - 1))
    shocks = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(-120, 120)), max_size=6))
    rng = np.random.default_rng(seed)
    steps = rng.integers(-24, 25, size)
    for at, jump in shocks:
        steps[at] += jump
    hours = np.cumsum(np.where(rng.random(size) < 0.05, rng.integers(2, 12, size), 1)) + int(rng.integers(0, 9))
    close, bars = CENTRE, []
    for i in range(size):
        opened, close = close, close + steps[i] / 8.0
        high = max(opened, close) + int(rng.integers(0, 9)) / 8.0
        low = min(opened, close) - int(rng.integers(0, 9)) / 8.0
        bars.append(Bar(int(hours[i]) * HOUR_NS, high, low, close, float(rng.integers(0, 64))))
    return bars


def make(config: BreakoutConfig = CONFIG) -> BreakoutRules:
    return BreakoutRules(config, signal_ns=HOUR_NS, htf_ns=4 * HOUR_NS, max_gap_ns=9 * HOUR_NS)


def run(bars: list[Bar], config: BreakoutConfig = CONFIG) -> list[Opinion | None]:
    rules = make(config)
    return [rules.on_bar(*bar) for bar in bars]


def check_appending_changes_nothing(bars: list[Bar], cut: int, other: list[Bar]) -> None:
    whole = run(bars)
    cut = min(cut, len(bars))
    last_ns = bars[cut - 1].close_ns if cut else 0
    elsewhere = [bar._replace(close_ns=last_ns + HOUR_NS + bar.close_ns) for bar in other]
    assert run(bars[:cut]) == whole[:cut]
    assert run(bars[:cut] + elsewhere)[:cut] == whole[:cut]


@settings(deadline=None, derandomize=True, max_examples=100)
@given(walks(), st.integers(0, 80), walks(30))
def test_later_bars_change_no_earlier_answer(bars: list[Bar], cut: int, other: list[Bar]) -> None:
    check_appending_changes_nothing(bars, cut, other)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(walks(), st.integers(0, 80))
def test_warm_up_then_live_equals_live(bars: list[Bar], cut: int) -> None:
    cut = min(cut, len(bars))
    rules = make()
    columns = np.array(bars[:cut], dtype=np.float64).reshape(cut, 5).T
    opens = np.array([bar.close_ns - HOUR_NS for bar in bars[:cut]], dtype=np.int64)
    rules.warm_up(Candles(opens, columns[3], columns[1], columns[2], columns[3], columns[4]), HOUR_NS)
    assert [rules.on_bar(*bar) for bar in bars[cut:]] == run(bars)[cut:]


def reflect(bar: Bar) -> Bar:
    return bar._replace(high=2 * CENTRE - bar.low, low=2 * CENTRE - bar.high, close=2 * CENTRE - bar.close)


def near_a_tie(bars: list[Bar]) -> set[int]:
    """Return the bars whose answer hangs on a tie: equal HTF averages (D9 reads as -1) or RSI on its band's edge."""
    ties: set[int] = set()
    for at, bar in enumerate(bars):
        start = max((i for i in range(1, at + 1) if bars[i].close_ns - bars[i - 1].close_ns > 9 * HOUR_NS), default=0)
        buckets = {-(-seen.close_ns // (4 * HOUR_NS)): seen.close for seen in bars[start : at + 1]}
        closes = [close for bucket, close in buckets.items() if bucket * 4 * HOUR_NS <= bar.close_ns]
        if closes:
            fast = slow = closes[0]
            for close in closes[1:]:
                fast, slow = fast + 2.0 / 3.0 * (close - fast), slow + 0.5 * (close - slow)
            if abs(fast - slow) < 1e-6:
                ties.add(at)
        changes = np.diff([seen.close for seen in bars[start : at + 1]])
        if len(changes) >= 3:
            gain, loss = np.maximum(changes[:3], 0).mean(), np.maximum(-changes[:3], 0).mean()
            for change in changes[3:]:
                gain, loss = (gain * 2 + max(change, 0)) / 3, (loss * 2 + max(-change, 0)) / 3
            share = gain / (gain + loss) if gain + loss else 0.5
            if min(abs(share - edge) for edge in (0.25, 0.5, 0.75)) < 1e-6:
                ties.add(at)
    return ties


MIRRORED = ("atr", "volume", "volume_ma", "score", "atr_baseline", "volume_24h", "average_daily_volume")


def check_mirror(bars: list[Bar]) -> int:
    """Return how many signals were compared."""
    ties, compared = near_a_tie(bars), 0
    for at, (one, two) in enumerate(zip(run(bars), run([reflect(bar) for bar in bars]), strict=True)):
        if at in ties:
            continue
        assert (one is None) == (two is None)
        if one is None or two is None:
            continue
        compared += 1
        assert (one.side, one.htf_trend) == (-two.side, -two.htf_trend)
        for name in MIRRORED:
            assert getattr(one, name) == getattr(two, name), name
        assert one.donchian_upper == 2 * CENTRE - two.donchian_lower
        assert one.donchian_lower == 2 * CENTRE - two.donchian_upper
        assert math.isclose(one.rsi + two.rsi, 100.0, rel_tol=1e-9)
        assert math.isclose(one.bb_upper + two.bb_lower, 2 * CENTRE, rel_tol=1e-12)
        assert math.isclose(one.bb_mid + two.bb_mid, 2 * CENTRE, rel_tol=1e-12)
    return compared


@settings(deadline=None, derandomize=True, max_examples=100)
@given(walks())
def test_reflected_prices_give_the_opposite_signals(bars: list[Bar]) -> None:
    check_mirror(bars)


PRICES = ("close", "atr", "donchian_upper", "donchian_lower", "bb_lower", "bb_mid", "bb_upper", "atr_baseline")
VOLUMES = ("volume", "volume_ma", "volume_24h", "average_daily_volume")


def check_scale(bars: list[Bar], price_power: int, volume_power: int) -> None:
    price, volume = 2.0**price_power, 2.0**volume_power
    scaled = [
        Bar(bar.close_ns, bar.high * price, bar.low * price, bar.close * price, bar.volume * volume) for bar in bars
    ]
    expected = [
        opinion
        and msgspec.structs.replace(
            opinion,
            **{name: getattr(opinion, name) * price for name in PRICES},
            **{name: getattr(opinion, name) * volume for name in VOLUMES},
        )
        for opinion in run(bars)
    ]
    assert run(scaled) == expected


@settings(deadline=None, derandomize=True, max_examples=100)
@given(walks(), st.integers(-30, 30), st.integers(-30, 30))
def test_units_of_price_and_volume_do_not_matter(bars: list[Bar], price_power: int, volume_power: int) -> None:
    check_scale(bars, price_power, volume_power)


def check_signals_hold(bars: list[Bar], config: BreakoutConfig) -> int:
    said = run(bars, config)
    signals = [opinion for opinion in said if opinion is not None]
    for opinion in signals:
        beyond = opinion.close > opinion.donchian_upper if opinion.side > 0 else opinion.close < opinion.donchian_lower
        strength = opinion.rsi if opinion.side > 0 else 100.0 - opinion.rsi
        loud = opinion.volume > 1.5 * opinion.volume_ma
        assert beyond
        assert opinion.htf_trend == opinion.side
        assert loud or not config.require_volume
        assert config.atr_ratio_min_frac <= opinion.atr_ratio <= config.atr_ratio_max_frac
        assert opinion.score == 3 + loud + (50.0 <= strength <= 75.0)
        assert opinion.score >= config.min_score
        assert opinion.bb_lower <= opinion.bb_mid <= opinion.bb_upper
    return len(signals)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(walks(), st.booleans(), st.sampled_from([4, 5]))
def test_every_signal_holds_its_gates(bars: list[Bar], require_volume: bool, min_score: int) -> None:
    check_signals_hold(bars, msgspec.structs.replace(CONFIG, require_volume=require_volume, min_score=min_score))


def fixed_walk() -> list[Bar]:
    rng = np.random.default_rng(11)
    close, bars = CENTRE, []
    for i, step in enumerate(rng.integers(-24, 25, 600), 1):
        close, opened = close + step / 8.0, close
        bars.append(Bar(i * HOUR_NS, max(opened, close), min(opened, close), close, float(rng.integers(0, 64))))
    return bars


def test_the_walks_do_signal_on_both_sides() -> None:
    """The properties above are not empty."""
    bars = fixed_walk()
    sides = [opinion.side for opinion in run(bars) if opinion]
    assert min(sides.count(1), sides.count(-1)) > 10
    assert check_mirror(bars) > 20


@pytest.mark.long
@settings(deadline=None, max_examples=1000)
@given(walks(300), st.integers(0, 300), walks(60), st.integers(-30, 30))
def test_all_properties_on_longer_walks(bars: list[Bar], cut: int, other: list[Bar], power: int) -> None:
    check_appending_changes_nothing(bars, cut, other)
    check_mirror(bars)
    check_scale(bars, power, -power)
    check_signals_hold(bars, CONFIG)
