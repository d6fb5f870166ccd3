"""Hourly log returns and the pair that is most alike, against numpy (Spec 5.6; D16)."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from risk.limits.entry import Correlation
from risk.returns import HourlyReturns, correlate, summarise

HOUR = 3_600_000_000_000
QUARTER = HOUR // 4
START = 400_000 * HOUR
NAMES = ("BTC.X", "ETH.X", "LTC.X", "EUR.FX")

type Close = tuple[int, float]


def walks(seed: int, hours: int, holes: float) -> dict[str, list[Close]]:
    """Return quarter-hour closes of markets that move more or less together; some quarters and days are missing."""
    draw = np.random.default_rng(seed)
    common = draw.normal(0.0, 0.004, 4 * hours)
    found: dict[str, list[Close]] = {}
    for number, name in enumerate(NAMES):
        moves = common * (1.0 - 0.3 * number) + draw.normal(0.0, 0.003, 4 * hours)
        prices = 100.0 * np.exp(np.cumsum(moves))
        kept = draw.random(4 * hours) >= holes
        gap = int(draw.integers(0, 4 * hours))
        kept[gap : gap + 4 * 30 * number] = False
        found[name] = [(START + (i + 1) * QUARTER, float(prices[i])) for i in np.flatnonzero(kept)]
    return found


def alike(meter: HourlyReturns, name: str, others: Iterable[str], ts_ns: int, min_hours: int) -> Correlation:
    return meter.most_alike(name, meter.peers(list(others)), ts_ns, min_hours)


def push_all(meter: HourlyReturns, closes: dict[str, list[Close]], until_ns: int = 2**62) -> None:
    for name, rows in closes.items():
        for ts_ns, close in rows:
            if ts_ns <= until_ns:
                meter.push(name, ts_ns, close)


def hourly(rows: Iterable[Close], ts_ns: int, days: int) -> dict[int, float]:
    """Return the log returns that count at a moment, by hour: straight from D16."""
    newest: dict[int, float] = {}
    for close_ns, close in rows:
        hour = math.ceil(close_ns / HOUR) - 1  # a close on the hour ends the hour before it
        if (hour + 1) * HOUR <= ts_ns:
            newest[hour] = close
    first = ts_ns // HOUR - 24 * days
    return {h: math.log(newest[h] / newest[h - 1]) for h in newest if h - 1 in newest and h >= first}


def expected(closes: dict[str, list[Close]], name: str, other: str, ts_ns: int, days: int) -> Correlation:
    one, two = (hourly(closes[which], ts_ns, days) for which in (name, other))
    common = sorted(one.keys() & two.keys())
    value = np.corrcoef([one[h] for h in common], [two[h] for h in common])[0, 1]
    return Correlation(other, float(value), len(common))


@pytest.mark.parametrize("minutes", [0, 1, 59], ids=["on-the-hour", "just-after", "just-before"])
@pytest.mark.parametrize("hours", [250, 500, 1100], ids=["short", "D16-window-not-full", "D16-window-rolled"])
@pytest.mark.parametrize(("seed", "holes"), [(1, 0.0), (2, 0.2), (3, 0.6)], ids=["whole", "holes", "mostly-holes"])
def test_returns_correlate_as_numpy_does(seed: int, holes: float, hours: int, minutes: int) -> None:
    closes = walks(seed, hours, holes)
    meter = HourlyReturns(NAMES, days=30)
    ts_ns = START + (hours - 10) * HOUR + minutes * HOUR // 60
    push_all(meter, closes, ts_ns)
    for other in NAMES[1:]:
        found = alike(meter, "BTC.X", [other], ts_ns, min_hours=2)
        wanted = expected(closes, "BTC.X", other, ts_ns, days=30)
        assert (found.other, found.hours) == (other, wanted.hours)
        assert found.value == pytest.approx(wanted.value, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_returns_name_the_worst_of_several(seed: int) -> None:
    closes = walks(seed, 600, holes=0.1)
    meter = HourlyReturns(NAMES, days=30)
    push_all(meter, closes)
    ts_ns = START + 600 * HOUR
    for order in (NAMES[1:], NAMES[:0:-1]):
        wanted = max((expected(closes, "BTC.X", other, ts_ns, 30) for other in order), key=lambda pair: pair.value)
        found = alike(meter, "BTC.X", order, ts_ns, min_hours=200)
        assert (found.other, found.hours) == (wanted.other, wanted.hours)
        assert found.value == pytest.approx(wanted.value, abs=1e-12)


def feed(meter: HourlyReturns, name: str, prices: Sequence[float], first: int = 0) -> None:
    """Push one close per hour, in its last minute."""
    for hour, price in enumerate(prices, first):
        meter.push(name, START + (hour + 1) * HOUR - HOUR // 60, price)


def wave(hours: int, phase: float = 0.0) -> list[float]:
    return [100.0 + 10.0 * math.sin(0.7 * h + phase) for h in range(hours)]


def pair_of(one: Sequence[float], two: Sequence[float], days: int = 30) -> HourlyReturns:
    meter = HourlyReturns(("A", "B"), days)
    feed(meter, "A", one)
    feed(meter, "B", two)
    return meter


@pytest.mark.parametrize("hours", [200, 201], ids=["199-returns", "200-returns"])
def test_returns_count_common_hours(hours: int) -> None:
    meter = pair_of(wave(hours), wave(hours, 1.0))
    assert alike(meter, "A", ["B"], START + hours * HOUR, min_hours=200).hours == hours - 1


def test_returns_too_few_common_hours_come_before_any_number() -> None:
    meter = HourlyReturns(("A", "B", "NEW", "C"), 30)
    for name in ("A", "B", "C"):
        feed(meter, name, wave(300))  # all alike
    feed(meter, "NEW", wave(200, 2.0), first=100)  # 199 returns
    found = alike(meter, "A", ["B", "NEW", "C"], START + 300 * HOUR, min_hours=200)
    assert (found.other, found.hours) == ("NEW", 199)
    for name in ("A", "B", "NEW"):
        feed(meter, name, wave(301)[-1:], first=300)
    found = alike(meter, "A", ["NEW", "B"], START + 301 * HOUR, min_hours=200)
    assert (found.other, found.value) == ("B", pytest.approx(1.0))


@pytest.mark.parametrize("flat", ["A", "B"])
def test_returns_a_market_that_does_not_move_is_unknown(flat: str) -> None:
    moving, still = wave(300), [100.0] * 300
    meter = pair_of(*((still, moving) if flat == "A" else (moving, still)))
    found = alike(meter, "A", ["B"], START + 300 * HOUR, min_hours=200)
    assert (found.other, found.hours) == ("B", 299)
    assert math.isnan(found.value)


@pytest.mark.parametrize("growth", [1.001, 1.0003, 0.9995, 1.01, 0.98])
def test_returns_a_market_that_moves_by_the_same_share_every_hour_is_unknown(growth: float) -> None:
    steady = [100.0 * growth**hour for hour in range(300)]  # its returns differ by rounding only
    for one, two in ((wave(300), steady), (steady, wave(300)), (steady, steady)):
        assert math.isnan(alike(pair_of(one, two), "A", ["B"], START + 300 * HOUR, min_hours=200).value)


@pytest.mark.parametrize("drift", [1e-4, 1e-2], ids=["slow", "fast"])
def test_returns_a_trend_hides_nothing(drift: float) -> None:
    draw = np.random.default_rng(11)
    moves = draw.normal(drift, 1e-3, (2, 300))
    prices = 100.0 * np.exp(np.cumsum(moves, axis=1))
    found = alike(pair_of(*prices.tolist()), "A", ["B"], START + 300 * HOUR, min_hours=200)
    assert found.value == pytest.approx(np.corrcoef(moves[:, 1:])[0, 1], abs=1e-9)


@pytest.mark.parametrize("name", ["A", "B"])
@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan], ids=["zero", "negative", "nan"])
def test_returns_leave_out_the_hours_around_a_close_that_is_none(name: str, bad: float) -> None:
    prices = {"A": wave(300), "B": wave(300, 1.0)}
    prices[name][150] = bad
    found = alike(pair_of(*prices.values()), "A", ["B"], START + 300 * HOUR, min_hours=200)
    assert found.hours == 297
    assert math.isfinite(found.value)


@pytest.mark.parametrize(
    ("name", "others", "named"),
    [
        pytest.param("A", ["B", "XXX"], "XXX", id="other-unheard-of"),
        pytest.param("XXX", ["B", "A"], "B", id="candidate-unheard-of"),
        pytest.param("A", ["EMPTY"], "EMPTY", id="never-a-close"),
    ],
)
def test_returns_nobody_keeps_count_as_unknown(name: str, others: list[str], named: str) -> None:
    meter = HourlyReturns(("A", "B", "EMPTY"), 30)
    feed(meter, "A", wave(300))
    feed(meter, "B", wave(300, 1.0))
    found = alike(meter, name, others, START + 300 * HOUR, min_hours=200)
    assert (found.other, found.hours) == (named, 0)
    assert math.isnan(found.value)


def test_returns_without_others_there_is_nothing_to_ask() -> None:
    assert alike(HourlyReturns(("A",), 30), "XXX", [], START, min_hours=200) == Correlation()


@pytest.mark.parametrize("common", [0, 1])
def test_correlate_needs_two_common_hours(common: int) -> None:
    hours = np.array([[6, 7, 5], [-9, 7 if common else -9, -9]], np.int64)  # hour h stands at h % 3
    sums = np.zeros((2, 3))
    for row in (0, 1):
        summarise(hours, np.ones((2, 3)), row, 7, sums)
    count, value = correlate(hours, np.ones((2, 3)), sums, 0, 1, 7)
    assert count == common
    assert math.isnan(value)


@pytest.mark.parametrize("days", [9, 30])
def test_returns_of_markets_that_never_close_correlate_as_numpy_does(days: int) -> None:
    closes = {name: rows[3::4] for name, rows in whole(4, 24 * days + 40).items()}
    meter = HourlyReturns(NAMES, days)
    push_all(meter, closes)
    ts_ns = closes[NAMES[0]][-1][0]
    for other in NAMES[1:]:
        found = alike(meter, NAMES[0], [other], ts_ns, min_hours=200)
        want = expected(closes, NAMES[0], other, ts_ns, days)
        assert found.hours == want.hours == 24 * days
        assert found.value == pytest.approx(want.value, rel=1e-9)


def whole(seed: int, hours: int) -> dict[str, list[Close]]:
    """Return walks without a single hole."""
    draw = np.random.default_rng(seed)
    common = draw.normal(0.0, 0.004, 4 * hours)
    prices = [
        100.0 * np.exp(np.cumsum(common * (1.0 - 0.3 * n) + draw.normal(0.0, 0.003, 4 * hours))) for n in range(9)
    ]
    return {
        name: [(START + (i + 1) * QUARTER, float(price)) for i, price in enumerate(one)]
        for name, one in zip(NAMES, prices, strict=False)
    }


def test_instrument_among_its_own_peers_is_not_compared_with_itself() -> None:
    meter = HourlyReturns(("A", "B"), 30)
    feed(meter, "A", wave(300))
    feed(meter, "B", wave(300, 1.0))
    assert alike(meter, "A", ["A"], START + 300 * HOUR, min_hours=200) == Correlation()
    assert alike(meter, "A", ["A", "B", "B"], START + 300 * HOUR, min_hours=200).other == "B"


# --- which close counts, and when -------------------------------------------------------------------------------------


def test_returns_a_close_on_the_hour_belongs_to_the_hour_that_ends() -> None:
    inside, on_the_hour = pair_of(wave(300), wave(300, 1.0)), HourlyReturns(("A", "B"), 30)
    for name, phase in (("A", 0.0), ("B", 1.0)):
        for hour, price in enumerate(wave(300, phase)):
            on_the_hour.push(name, START + hour * HOUR + QUARTER, 1.0 + price)  # not the newest of its hour
            on_the_hour.push(name, START + (hour + 1) * HOUR, price)
    ts_ns = START + 300 * HOUR
    assert alike(on_the_hour, "A", ["B"], ts_ns, 200) == alike(inside, "A", ["B"], ts_ns, 200)


def test_returns_the_hour_under_way_does_not_count() -> None:
    meter = pair_of(wave(300), wave(300, 1.0))
    before = alike(meter, "A", ["B"], START + 300 * HOUR, 200)
    for name, crash in (("A", 1.0), ("B", 5000.0)):
        meter.push(name, START + 300 * HOUR + 1, crash)
        meter.push(name, START + 301 * HOUR - 1, crash)
    assert alike(meter, "A", ["B"], START + 301 * HOUR - 1, 200) == before
    after = alike(meter, "A", ["B"], START + 301 * HOUR, 200)
    assert (after.hours, after.value < before.value) == (before.hours + 1, True)


def test_returns_the_ring_forgets_what_is_older_than_the_window() -> None:
    same = wave(300)
    meter = pair_of([*same, *wave(217)], [*same, *wave(217, math.pi)], days=9)
    found = alike(meter, "A", ["B"], START + 517 * HOUR, min_hours=200)
    assert found.hours == 216
    assert found.value < -0.9, "the 300 hours in which they were alike are over"


def test_returns_a_market_that_fell_silent_is_forgotten() -> None:
    meter = HourlyReturns(("A", "B"), 9)
    feed(meter, "B", wave(300))
    hours = {}
    for hour, price in enumerate(wave(600)):
        feed(meter, "A", [price], first=hour)
        if hour + 1 in (300, 400, 515, 516, 600):
            hours[hour + 1] = alike(meter, "A", ["B"], START + (hour + 1) * HOUR, min_hours=200).hours
    assert hours == {300: 216, 400: 116, 515: 1, 516: 0, 600: 0}


def test_returns_a_close_that_comes_late_counts_from_then_on() -> None:
    meter = pair_of(wave(300), wave(299, 1.0))
    before = alike(meter, "A", ["B"], START + 300 * HOUR, 200)
    feed(meter, "B", wave(300, 1.0)[-1:], first=299)
    after = alike(meter, "A", ["B"], START + 300 * HOUR, 200)
    assert (before.hours, after.hours) == (298, 299)


@pytest.mark.parametrize("asked", [False, True], ids=["never-asked", "asked-every-quarter"])
def test_returns_asking_changes_no_later_answer(asked: bool) -> None:
    closes = walks(7, 300, holes=0.3)
    meter = HourlyReturns(NAMES, days=9)
    rows = sorted((ts_ns, name, close) for name, row in closes.items() for ts_ns, close in row)
    for ts_ns, name, close in rows:
        meter.push(name, ts_ns, close)
        if asked:
            alike(meter, "BTC.X", NAMES[1:], ts_ns - QUARTER, 2)
    ts_ns = START + 300 * HOUR
    wanted = expected(closes, "BTC.X", "ETH.X", ts_ns, days=9)
    found = alike(meter, "BTC.X", ["ETH.X"], ts_ns, 2)
    assert (found.hours, found.value) == (wanted.hours, pytest.approx(wanted.value, abs=1e-12))


def test_returns_later_closes_change_no_answer_of_a_moment() -> None:
    """No look-ahead, as long as the ring has room: once it has turned, the oldest hours of that moment are gone."""
    closes = walks(8, 400, holes=0.2)
    meter = HourlyReturns(NAMES, days=30)
    ts_ns = START + 300 * HOUR + HOUR // 2
    push_all(meter, closes, ts_ns)
    answer = alike(meter, "BTC.X", NAMES[1:], ts_ns, 2)
    push_all(meter, {name: [row for row in rows if row[0] > ts_ns] for name, rows in closes.items()})
    assert alike(meter, "BTC.X", NAMES[1:], ts_ns, 2) == answer
    wild = HourlyReturns(NAMES, days=30)
    push_all(wild, closes, ts_ns)
    for name in NAMES:
        wild.push(name, ts_ns + 1, 1e6)
        wild.push(name, ts_ns + 3 * HOUR, 1e-6)
    assert alike(wild, "BTC.X", NAMES[1:], ts_ns, 2) == answer
