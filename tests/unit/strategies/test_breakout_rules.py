"""Spec 2.3, 3.1, 3.2 and D1 - D10, D17, D18: handmade bars, every number worked by hand.

The small configuration makes every average dyadic: ATR(3) halves, RSI(2) halves, so that limits are met exactly.
Shorts are the same bars reflected about 1000.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from catalog.candles import Candles
from strategies.breakout.breakout import BreakoutRules, Opinion
from strategies.breakout.config import BreakoutConfig

HOUR_NS = 3_600_000_000_000
MONDAY_NS = 1_704_067_200_000_000_000  # 2024-01-01 00:00 UTC

SMALL = BreakoutConfig(
    donchian_bars=4, ema_fast_bars=2, ema_slow_bars=3, atr_bars=3, rsi_bars=2, volume_ma_bars=4, bollinger_bars=4
)

type Bar = tuple[float, float, float, float]  # high, low, close, volume

# closes 1000, 1000, 1000, 996, 1002: RSI(2) has gain 6/2 and loss 4/4, ratio 3, exactly 75
BREAKOUT: tuple[Bar, ...] = (
    (1001.0, 999.0, 1000.0, 100.0),
    (1001.0, 999.0, 1000.0, 100.0),
    (1001.0, 999.0, 1000.0, 100.0),
    (1001.0, 996.0, 996.0, 100.0),
    (1002.0, 996.0, 1002.0, 200.0),
)

both_sides = pytest.mark.parametrize("side", [pytest.param(1, id="long-side"), pytest.param(-1, id="short-side")])


def with_last(bars: Sequence[Bar], close: float, volume: float = 200.0) -> tuple[Bar, ...]:
    high, low, _, _ = bars[-1]
    return (*bars[:-1], (max(high, close), min(low, close), close, volume))


def reflected(bars: Sequence[Bar], side: int) -> list[Bar]:
    if side > 0:
        return list(bars)
    return [(2000.0 - low, 2000.0 - high, 2000.0 - close, volume) for high, low, close, volume in bars]


def make(config: BreakoutConfig = SMALL, *, htf_hours: int = 1, max_gap_ns: int = 1000 * HOUR_NS) -> BreakoutRules:
    return BreakoutRules(config, signal_ns=HOUR_NS, htf_ns=htf_hours * HOUR_NS, max_gap_ns=max_gap_ns)


def feed(rules: BreakoutRules, bars: Sequence[Bar], hours: Sequence[float] | None = None) -> list[Opinion | None]:
    """Return what the rules said at every bar; ``hours`` are the close times after Monday midnight."""
    closes = hours if hours is not None else range(1, len(bars) + 1)
    return [rules.on_bar(MONDAY_NS + int(hour * HOUR_NS), *bar) for hour, bar in zip(closes, bars, strict=True)]


def last(config: BreakoutConfig, bars: Sequence[Bar], side: int = 1) -> Opinion | None:
    *before, opinion = feed(make(config), reflected(bars, side))
    assert before == [None] * len(before)
    return opinion


def verdict(opinion: Opinion | None) -> tuple[int, int] | None:
    return None if opinion is None else (opinion.side, opinion.score)


def change(**fields: float | bool) -> BreakoutConfig:
    return msgspec.structs.replace(SMALL, **fields)


def test_long_signal_records_every_number() -> None:
    assert last(SMALL, BREAKOUT) == Opinion(
        side=1,
        score=5,
        close=1002.0,
        atr=4.75,  # true ranges 2, 2, 2, 5, 6 with alpha 1/2
        atr_ratio=4.75 / 1002.0,
        rsi=75.0,
        volume=200.0,
        volume_ma=125.0,  # bar t included
        donchian_upper=1001.0,  # bar t excluded
        donchian_lower=996.0,
        htf_trend=1,
        bb_mid=999.5,
        bb_lower=999.5 - 2.0 * math.sqrt(4.75),  # 0.25 + 0.25 + 12.25 + 6.25 = 19, over 4
        bb_upper=999.5 + 2.0 * math.sqrt(4.75),
        atr_baseline=(2.0 + 2.0 + 2.0 + 3.5 + 4.75) / 5.0,
        volume_24h=600.0,
        average_daily_volume=600.0,
    )


def test_short_signal_is_the_mirror_image() -> None:
    long, short = last(SMALL, BREAKOUT, 1), last(SMALL, BREAKOUT, -1)
    assert long is not None
    assert short == msgspec.structs.replace(
        long,
        side=-1,
        htf_trend=-1,
        close=998.0,
        atr_ratio=4.75 / 998.0,
        rsi=25.0,
        donchian_upper=1004.0,
        donchian_lower=999.0,
        bb_mid=1000.5,
        bb_lower=1000.5 - 2.0 * math.sqrt(4.75),
        bb_upper=1000.5 + 2.0 * math.sqrt(4.75),
    )


@both_sides
@pytest.mark.parametrize(
    ("config", "bars", "score"),
    [
        pytest.param(SMALL, with_last(BREAKOUT, 1001.0), None, id="2.3.2-close-on-the-channel"),
        pytest.param(SMALL, with_last(BREAKOUT, 1001.125), 5, id="2.3.2-close-above-the-channel"),
        pytest.param(SMALL, with_last(BREAKOUT, 1002.0, 180.0), None, id="2.3.3-volume-1.5-times"),
        pytest.param(SMALL, with_last(BREAKOUT, 1002.0, 180.5), 5, id="2.3.3-volume-above-1.5-times"),
        pytest.param(SMALL, with_last(BREAKOUT, 1002.0), 5, id="3.2-rsi-75"),
        pytest.param(SMALL, with_last(BREAKOUT, 1002.125), 4, id="3.2-rsi-above-75"),
        pytest.param(change(rsi_long_min=75.0), BREAKOUT, 5, id="3.2-rsi-at-the-minimum"),
        pytest.param(change(rsi_long_min=75.0), with_last(BREAKOUT, 1001.875), 4, id="3.2-rsi-below-the-minimum"),
        pytest.param(change(min_score=5), BREAKOUT, 5, id="3.2-score-5-of-5"),
        pytest.param(change(min_score=5), with_last(BREAKOUT, 1002.125), None, id="3.2-score-4-of-5"),
    ],
)
def test_both_sides_of_each_inequality(
    config: BreakoutConfig, bars: Sequence[Bar], score: int | None, side: int
) -> None:
    assert verdict(last(config, bars, side)) == (None if score is None else (side, score))


@both_sides
@pytest.mark.parametrize(
    ("close", "volume", "score"),
    [
        pytest.param(1002.0, 100.0, 4, id="D9-rsi-makes-up-for-volume"),
        pytest.param(1002.125, 100.0, None, id="D9-neither-volume-nor-rsi"),
        pytest.param(1002.125, 200.0, 4, id="D9-volume-without-rsi"),
        pytest.param(1002.0, 200.0, 5, id="D9-volume-and-rsi"),
    ],
)
def test_without_the_volume_gate_the_score_decides(close: float, volume: float, score: int | None, side: int) -> None:
    opinion = last(change(require_volume=False), with_last(BREAKOUT, close, volume), side)
    assert verdict(opinion) == (None if score is None else (side, score))


@both_sides
def test_score_alone_does_not_open_the_volume_gate(side: int) -> None:
    assert last(SMALL, with_last(BREAKOUT, 1002.0, 100.0), side) is None  # breakout 2, trend 1, RSI 1


@both_sides
def test_atr_band_holds_at_both_ends(side: int) -> None:
    ratio = 4.75 / (1000.0 + side * 2.0)
    just_above, just_below = math.nextafter(ratio, 1.0), math.nextafter(ratio, 0.0)
    verdicts = {
        "2.3.4-at-the-minimum": verdict(last(change(atr_ratio_min_frac=ratio), BREAKOUT, side)),
        "2.3.4-below-the-minimum": verdict(last(change(atr_ratio_min_frac=just_above), BREAKOUT, side)),
        "2.3.4-at-the-maximum": verdict(last(change(atr_ratio_max_frac=ratio), BREAKOUT, side)),
        "2.3.4-above-the-maximum": verdict(last(change(atr_ratio_max_frac=just_below), BREAKOUT, side)),
    }
    assert verdicts == {
        "2.3.4-at-the-minimum": (side, 5),
        "2.3.4-below-the-minimum": None,
        "2.3.4-at-the-maximum": (side, 5),
        "2.3.4-above-the-maximum": None,
    }


@pytest.mark.parametrize(
    ("bars", "rsi"),
    [
        pytest.param(4, 60.0, id="D4-mean-of-the-first-four"),  # gain 6/4, loss 4/4
        pytest.param(3, 100.0 * 2.0 / (2.0 + 8.0 / 9.0), id="D4-smoothed-after-the-first-three"),  # 6/3, 4/3 * 2/3
    ],
)
def test_rsi_of_the_first_signal_bar(bars: int, rsi: float) -> None:
    opinion = last(change(rsi_bars=bars), BREAKOUT)
    assert opinion is not None
    assert opinion.rsi == pytest.approx(rsi, rel=1e-12)


def test_atr_follows_every_bar() -> None:
    rules = make()
    seen = []
    for hour, bar in enumerate(BREAKOUT, 1):
        rules.on_bar(MONDAY_NS + hour * HOUR_NS, *bar)
        seen.append(rules.atr)
    assert seen == [2.0, 2.0, 2.0, 3.5, 4.75]


# --- the higher time frame (2.3.1, D1) --------------------------------------------------------------------------------

FLAT: Bar = (1001.0, 995.0, 1000.0, 100.0)
UP: Bar = (1003.0, 997.0, 1003.0, 200.0)
UP_AGAIN: Bar = (1006.0, 1000.0, 1006.0, 400.0)


@pytest.mark.parametrize(
    ("hours", "bars", "said"),
    [
        # four-hour closes 1000, 1000, 1000: the averages are equal, the trend is -1
        pytest.param([*range(1, 14)], [FLAT] * 12 + [UP], None, id="2.3.1-equal-is-not-up"),
        pytest.param([*range(1, 16)], [FLAT] * 14 + [UP], None, id="D1-incomplete-bar-does-not-count"),
        pytest.param([*range(1, 17)], [FLAT] * 15 + [UP], 1, id="D1-bar-on-the-boundary-completes-it"),
        pytest.param([*range(1, 15)], [FLAT] * 12 + [UP, UP_AGAIN], None, id="D1-still-incomplete"),
        pytest.param([*range(1, 14), 17], [FLAT] * 12 + [UP, UP_AGAIN], 1, id="D1-hole-to-the-end-of-the-bucket"),
        pytest.param([*range(1, 14), 15], [FLAT] * 12 + [UP, UP_AGAIN], None, id="D1-hole-within-the-bucket"),
        pytest.param([*range(1, 14), 16], [FLAT] * 12 + [UP, UP_AGAIN], 1, id="D1-hole-before-the-boundary"),
        pytest.param([*range(1, 14), 21], [FLAT] * 12 + [UP, UP_AGAIN], 1, id="D1-hole-over-a-whole-bucket"),
        pytest.param([*range(3, 16)], [FLAT] * 12 + [UP], None, id="D1-a-part-bucket-at-the-start-is-one-bar"),
    ],
)
def test_trend_is_that_of_complete_bars(hours: list[int], bars: list[Bar], said: int | None) -> None:
    *before, opinion = feed(make(htf_hours=4), bars, hours)
    assert before == [None] * len(before)
    assert (opinion.side if opinion else None) == said


def test_down_breakout_needs_no_strictly_lower_average() -> None:
    down = [(2000.0 - low, 2000.0 - high, 2000.0 - close, volume) for high, low, close, volume in [FLAT] * 12 + [UP]]
    *_, opinion = feed(make(htf_hours=4), down)
    assert opinion is not None  # HTF_Trend is +1 or else -1: equal averages permit a short
    assert (opinion.side, opinion.htf_trend) == (-1, -1)


@both_sides
@pytest.mark.parametrize(
    ("drift", "signals"), [pytest.param(-0.25, False, id="2.3.1-against"), pytest.param(0.25, True, id="2.3.1-with")]
)
def test_counter_trend_breakout_is_refused_whatever_its_score(side: int, drift: float, signals: bool) -> None:
    """Breakout 2, volume 1 and RSI 1 make 4 without the trend, and still there is no trade."""
    config = change(rsi_long_min=0.0, rsi_long_max=100.0)
    steps = [(1001.0, 995.0, 1000.0 + drift * (i // 4), 100.0) for i in range(12)]
    bars = reflected([*steps, (1003.0, 997.0, 1003.0, 200.0)], side)
    *before, opinion = feed(make(config, htf_hours=4), bars)
    assert before == [None] * 12
    assert verdict(opinion) == ((side, 5) if signals else None)


def test_weekly_bars_start_on_monday() -> None:
    """The third weekly bar is complete on Monday 00:00, 504 hours after the first Monday."""
    bars = rising(506)
    said = feed(make(change(ema_slow_bars=3), htf_hours=7 * 24), bars)
    assert first_signal(said) == 504


# --- warm-up (D10) ----------------------------------------------------------------------------------------------------


def rising(count: int) -> list[Bar]:
    """Return bars that break out, each on more than 1.5 times the mean volume, with an ATR of about 1 %."""
    closes = [1000.0 * 1.0005**i for i in range(count)]
    return [(c * 1.00001, c * 0.99, c, 2.0 ** (i % 1000)) for i, c in enumerate(closes)]


def first_signal(said: Sequence[Opinion | None]) -> int | None:
    """Return the number of the first bar with a signal, counted from 1."""
    return next((number for number, opinion in enumerate(said, 1) if opinion is not None), None)


TINY = BreakoutConfig(
    donchian_bars=2, ema_fast_bars=2, ema_slow_bars=3, atr_bars=2, rsi_bars=2, volume_ma_bars=3, bollinger_bars=2
)


@pytest.mark.parametrize(
    ("fields", "htf_hours", "first_hour", "bar"),
    [
        pytest.param({}, 1, 1, 3, id="nothing-longer"),
        pytest.param({"donchian_bars": 20}, 1, 1, 21, id="D5-twenty-bars-before-this-one"),
        pytest.param({"atr_bars": 14}, 1, 1, 14, id="D3-valid-after-14"),
        pytest.param({"rsi_bars": 14}, 1, 1, 15, id="D4-fourteen-changes"),
        pytest.param({"volume_ma_bars": 20}, 1, 1, 20, id="D6-twenty-with-this-one"),
        pytest.param({"bollinger_bars": 20}, 1, 1, 20, id="D8-twenty-with-this-one"),
        pytest.param({"ema_slow_bars": 50}, 1, 1, 50, id="D2-valid-after-50"),
        pytest.param({"ema_slow_bars": 50}, 4, 1, 200, id="D10-fifty-four-hour-bars"),
        pytest.param({"ema_slow_bars": 50}, 4, 3, 198, id="D10-started-within-a-bucket"),
        pytest.param({"ema_slow_bars": 50}, 4, 5, 200, id="D10-started-on-a-boundary"),
    ],
)
def test_first_signal_comes_when_every_indicator_is_valid(
    fields: dict[str, int], htf_hours: int, first_hour: int, bar: int
) -> None:
    bars = rising(bar + 3)
    rules = make(msgspec.structs.replace(TINY, **fields), htf_hours=htf_hours)
    said = feed(rules, bars, range(first_hour, first_hour + len(bars)))
    assert first_signal(said) == bar
    assert None not in said[bar - 1 :]


def test_specification_warms_up_for_two_hundred_hours() -> None:
    said = feed(make(BreakoutConfig(), htf_hours=4), rising(205))
    assert first_signal(said) == 200
    assert {opinion.score for opinion in said if opinion} == {4}  # no losses: RSI 100, out of its band


def test_no_movement_is_an_rsi_of_50() -> None:
    flat: list[Bar] = [(1000.0, 994.0, 1000.0, 100.0)] * 8
    config = change(require_volume=False, rsi_long_min=50.0, rsi_long_max=50.0)
    rules = make(config)
    assert feed(rules, flat) == [None] * 8  # never leaves the channel, whatever the RSI
    assert rules.atr == 6.0


# --- gaps, memory, warm-up from history -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra_ns", "said"),
    [pytest.param(0, (1, 5), id="gap-at-the-limit"), pytest.param(1, None, id="gap-over-the-limit")],
)
def test_a_long_gap_starts_afresh(extra_ns: int, said: tuple[int, int] | None) -> None:
    rules = make(max_gap_ns=5 * HOUR_NS)
    for hour, bar in enumerate(BREAKOUT[:4], 1):
        rules.on_bar(MONDAY_NS + hour * HOUR_NS - extra_ns, *bar)
    opinion = rules.on_bar(MONDAY_NS + 9 * HOUR_NS, *BREAKOUT[4])
    assert verdict(opinion) == said


def test_after_a_gap_nothing_is_remembered() -> None:
    fresh, used = make(htf_hours=4, max_gap_ns=5 * HOUR_NS), make(htf_hours=4, max_gap_ns=5 * HOUR_NS)
    old = [(5000.0, 10.0 + i, 2000.0 + 7.0 * i, 1e6) for i in range(37)]
    feed(used, old)
    hours = range(101, 114 + 3)
    bars = [FLAT] * 15 + [UP]
    said = feed(used, bars, hours)
    assert said == feed(fresh, bars, hours)
    assert verdict(said[-1]) == (1, 4)


@pytest.mark.parametrize(
    ("hours", "days", "baseline", "volume_24h", "daily"),
    [
        pytest.param([1, 2, 3, 20, 26], 1, (2.0 + 3.5 + 4.75) / 3.0, 400.0, 200.0, id="D17-a-day-old-is-out"),
        pytest.param([1, 2.5, 3, 20, 26], 1, (4.0 + 3.5 + 4.75) / 4.0, 500.0, 200.0, id="D17-under-a-day-is-in"),
        pytest.param([1, 2, 3, 20, 26], 2, 14.25 / 5.0, 400.0, 300.0, id="11.3-two-utc-days"),
        pytest.param([1, 2, 3, 24, 25], 2, 14.25 / 5.0, 500.0, 300.0, id="11.3-midnight-ends-its-day"),
        pytest.param([1, 2, 3, 30, 50], 3, 14.25 / 5.0, 300.0, 200.0, id="11.3-three-days"),
        pytest.param([1, 2, 3, 50, 51], 2, 8.25 / 2.0, 300.0, 300.0, id="D17-closure-leaves-fewer-bars"),
        pytest.param([1, 2, 3, 74, 75], 4, 14.25 / 5.0, 300.0, 300.0, id="11.3-closed-days-do-not-count"),
    ],
)
def test_memory_is_calendar_time(
    hours: list[float], days: int, baseline: float, volume_24h: float, daily: float
) -> None:
    rules = make(change(baseline_days=days))
    opinion = feed(rules, BREAKOUT, hours)[-1]
    assert opinion is not None
    measured = (opinion.atr_baseline, opinion.volume_24h, opinion.average_daily_volume)
    assert measured == pytest.approx((baseline, volume_24h, daily), rel=1e-12)


def test_a_day_without_volume_did_not_trade() -> None:
    silent = (*BREAKOUT[:3], (1001.0, 996.0, 996.0, 0.0), BREAKOUT[4])
    opinion = feed(make(change(baseline_days=3)), silent, [1, 2, 3, 30, 50])[-1]
    assert opinion is not None
    assert opinion.average_daily_volume == 250.0  # 300 and 200 over two days, not three


def test_average_daily_volume_without_any_is_zero() -> None:
    mute = [(high, low, close, 0.0) for high, low, close, _ in BREAKOUT]
    opinion = feed(make(change(require_volume=False)), mute)[-1]
    assert opinion is not None  # breakout, trend, RSI
    assert (opinion.score, opinion.average_daily_volume) == (4, 0.0)


def test_memory_outlasts_its_buffer() -> None:
    """After many days the ring holds the last day only: 24 bars of ATR and volume."""
    rules = make(change(baseline_days=1))
    feed(rules, [FLAT] * 95, range(1, 96))
    opinion = rules.on_bar(MONDAY_NS + 96 * HOUR_NS, *UP)
    assert opinion is not None
    assert opinion.volume_24h == 23 * 100.0 + 200.0
    assert opinion.average_daily_volume == 23 * 100.0 + 200.0
    assert opinion.atr_baseline == 6.0  # every true range is 6


def test_a_day_that_the_buffer_splits_counts_once() -> None:
    """The ring of 49 bars begins anew at hour 50, in the third day: two days traded, not three."""
    rules = make(change(baseline_days=2))
    feed(rules, [FLAT] * 59, range(1, 60))
    opinion = rules.on_bar(MONDAY_NS + 60 * HOUR_NS, *UP)
    assert opinion is not None
    assert opinion.average_daily_volume == (24 * 100.0 + 11 * 100.0 + 200.0) / 2


def test_warm_up_equals_feeding() -> None:
    fed, warmed = make(htf_hours=4), make(htf_hours=4)
    bars = [FLAT] * 15
    feed(fed, bars)
    columns = np.array(bars).T
    opens = MONDAY_NS + HOUR_NS * np.arange(15, dtype=np.int64)
    warmed.warm_up(
        Candles(opens, columns[2], columns[0], columns[1], columns[2], columns[3]),
        HOUR_NS,
    )
    boundary = MONDAY_NS + 16 * HOUR_NS
    opinion = warmed.on_bar(boundary, *UP)
    assert opinion == fed.on_bar(boundary, *UP)
    assert verdict(opinion) == (1, 4)


def test_warm_up_keeps_its_signals_to_itself() -> None:
    rules = make()
    columns = np.array(BREAKOUT).T
    opens = MONDAY_NS + HOUR_NS * np.arange(5, dtype=np.int64)
    candles = Candles(opens, columns[2], columns[0], columns[1], columns[2], columns[3])
    assert rules.warm_up(candles, HOUR_NS) is None
    assert rules.atr == 4.75
