"""What a back-test tells the gate of its markets: hours that are over, holes in the data (D16, D32)."""

import math

import numpy as np
import pytest

from catalog.candles import Candles
from catalog.resample import last_of_each
from research.market_view import CandleView, stale_bars
from research.run_data import Series
from risk.returns import HOUR_NS, HourlyReturns

MINUTE = 60_000_000_000
QUARTER = 15 * MINUTE
START = 1_704_067_200_000_000_000


def bars(numbers: list[int]) -> Candles:
    flat = np.full(len(numbers), 100.0)
    return Candles(START + np.array(numbers, np.int64) * QUARTER, flat, flat, flat, flat, flat)


def series(name: str, signal: Candles, gaps: tuple[tuple[int, int], ...] = (), hours: int = 0) -> Series:
    close_ns = START + (np.arange(hours, dtype=np.int64) + 1) * HOUR_NS
    return Series(
        instrument_id=name, warmup=bars([]), signal=signal, fill=signal, signal_ns=QUARTER, fill_interval="15m",
        max_gap_ns=10**15, ends_ns=(0,), fingerprint="", hour_close_ns=close_ns,
        hour_close=100.0 * np.exp(np.sin(np.arange(hours) * (1.0 + len(name)))), gaps_ns=gaps,
    )  # fmt: skip


def ages(signal: Candles, *gaps: tuple[int, int]) -> dict[int, float]:
    """Return the stale bars by number of the bar, in minutes; gaps are given in minutes too."""
    found = stale_bars(series("A", signal, tuple((START + a * MINUTE, START + b * MINUTE) for a, b in gaps)))
    return {(close_ns - START) // QUARTER - 1: secs / 60.0 for close_ns, secs in found.items()}


@pytest.mark.parametrize(
    ("numbers", "gaps", "expected"),
    [
        pytest.param([0, 1, 2, 3], [], {}, id="no-hole"),
        pytest.param([0, 2, 3], [(15, 30)], {2: 15.0}, id="bar-missing-right-before"),
        pytest.param([0, 5, 6], [(15, 75)], {5: 60.0}, id="several-bars-missing"),
        pytest.param([0, 1, 2], [(20, 28)], {1: 8.0}, id="hole-inside-a-bar"),
        pytest.param([0, 1, 2], [(25, 35)], {1: 5.0, 2: 10.0}, id="hole-over-a-boundary"),
        pytest.param([0, 1, 2, 3], [(24, 28), (40, 45)], {1: 4.0, 2: 5.0, 3: 5.0}, id="hole-to-the-end-of-a-bar"),
        pytest.param([1, 2], [(0, 15)], {1: 15.0}, id="hole-before-the-first-bar"),
        pytest.param([0, 1], [(30, 90)], {}, id="hole-after-the-last-bar"),
    ],
)
def test_stale_bars_have_a_hole_in_them_or_right_before(numbers, gaps, expected) -> None:
    assert ages(bars(numbers), *gaps) == pytest.approx(expected)


def test_view_answers_by_the_close_of_the_bar() -> None:
    one = series("A", bars([0, 2, 3]), ((START + QUARTER, START + 2 * QUARTER),))
    view = CandleView([one], HourlyReturns(["A"], 30))
    assert view.data_age_secs("A", START + 3 * QUARTER) == 900.0
    assert view.data_age_secs("A", START + 4 * QUARTER) == 0.0
    assert view.spread("A", START) is None


def test_view_gives_hours_only_once_they_are_over() -> None:
    pair = [series(name, bars([0]), hours=600) for name in ("A", "BB")]
    returns = HourlyReturns(["A", "BB"], 30)
    view = CandleView(pair, returns)
    for hour in (250, 251, 400):
        view.advance(START + hour * HOUR_NS)
        found = returns.most_alike("A", returns.peers(["BB"]), START + hour * HOUR_NS, 200)
        assert found.hours == hour - 1
        moves = [np.diff(np.log(one.hour_close[:hour])) for one in pair]
        assert found.value == pytest.approx(np.corrcoef(*moves)[0, 1], rel=1e-9)
    view.advance(START + 300 * HOUR_NS)  # never back
    assert returns.most_alike("A", returns.peers(["BB"]), START + 400 * HOUR_NS, 200).hours == 399


def test_last_of_each_takes_the_newest_close_of_every_hour_that_has_one() -> None:
    minutes = np.array([5, 59, 60, 61, 119, 200], np.int64)
    close_ns, close = last_of_each(minutes * MINUTE, minutes.astype(np.float64), HOUR_NS)
    assert (close_ns // MINUTE).tolist() == [60, 119, 200]
    assert close.tolist() == [60.0, 119.0, 200.0]
    empty = last_of_each(np.empty(0, np.int64), np.empty(0), HOUR_NS)
    assert [len(part) for part in empty] == [0, 0]
    assert not math.isnan(close.sum())
