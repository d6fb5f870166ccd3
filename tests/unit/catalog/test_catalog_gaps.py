"""Spec 8.2: gaps under five minutes are filled, others are marked; closures are neither."""

import numpy as np
import pytest

from catalog.candles import INTERVAL_NS, Candles
from catalog.gaps import close_gaps
from catalog.schedule import build_schedule

MINUTE = INTERVAL_NS["1m"]


def ns(text: str) -> int:
    """Return a UTC time in nanoseconds."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def flat(*stamps: int) -> Candles:
    """Return candles whose close is their number, from 1."""
    close = np.arange(1.0, len(stamps) + 1)
    return Candles(np.array(stamps, np.int64), close, close + 1, close - 0.5, close, close)


def closed(candles: Candles, interval: str, calendar: str = "24/7"):
    schedule = build_schedule(calendar, int(candles.ts_open_ns[0]), int(candles.ts_open_ns[-1]))
    return close_gaps(candles, interval, schedule)


@pytest.mark.parametrize(("missing", "filled", "gaps"), [(0, 0, 0), (1, 1, 0), (4, 4, 0), (5, 0, 1), (600, 0, 1)])
def test_close_gaps_one_minute_boundary(missing, filled, gaps):
    start = ns("2024-01-01")
    found = closed(flat(start, start + (missing + 1) * MINUTE), "1m")
    assert (len(found.filled_ns), len(found.gaps_ns)) == (filled, gaps)
    assert len(found.candles) == 2 + filled


def test_close_gaps_filler_is_flat_at_the_last_close_without_volume():
    start = ns("2024-01-01")
    found = closed(flat(start, start + 3 * MINUTE), "1m").candles
    assert [found.open[1], found.high[1], found.low[1], found.close[1]] == [1.0] * 4
    assert found.volume.tolist() == [1.0, 0.0, 0.0, 2.0]
    assert np.diff(found.ts_open_ns).tolist() == [MINUTE] * 3


def test_close_gaps_gap_runs_from_last_close_to_first_open():
    start = ns("2024-01-01")
    found = closed(flat(start, start + 10 * MINUTE), "1m")
    assert found.gaps_ns.tolist() == [[start + MINUTE, start + 10 * MINUTE]]


def test_close_gaps_missing_five_minute_candle_is_marked():
    start = ns("2024-01-01")
    assert len(closed(flat(start, start + 10 * MINUTE), "5m").gaps_ns) == 1


CLOSURES = [
    pytest.param("FX", "1h", "2024-01-05T21:00", "2024-01-07T22:00", True, id="weekend in winter"),
    pytest.param("FX", "1h", "2024-07-05T20:00", "2024-07-07T21:00", True, id="weekend in summer"),
    pytest.param("FX", "1h", "2024-01-05T15:00", "2024-01-07T22:00", False, id="Friday afternoon lost"),
    pytest.param("FX", "1h", "2024-01-03T10:00", "2024-01-03T13:00", False, id="Wednesday hole"),
    pytest.param("FX", "1d", "2024-01-05T00:00", "2024-01-08T00:00", True, id="daily weekend"),
    pytest.param("FX", "1d", "2024-01-09T00:00", "2024-01-11T00:00", False, id="daily Wednesday lost"),
    pytest.param("XNYS", "1h", "2024-01-05T20:00", "2024-01-08T14:00", True, id="session to session, LEAN hours"),
    pytest.param("XNYS", "1h", "2024-01-05T20:30", "2024-01-08T14:30", True, id="session to session, half hours"),
    pytest.param("XNYS", "1h", "2024-01-05T20:00", "2024-01-08T16:00", False, id="first hours of Monday lost"),
    pytest.param("XNYS", "1d", "2024-01-12T00:00", "2024-01-16T00:00", True, id="Martin Luther King day"),
    pytest.param("XNYS", "1d", "2024-01-16T00:00", "2024-01-18T00:00", False, id="Wednesday lost"),
    pytest.param("CMES", "5m", "2024-01-10T21:55", "2024-01-10T23:00", True, id="daily break"),
    pytest.param("CMES", "5m", "2024-01-10T15:00", "2024-01-10T16:00", False, id="hole at noon"),
    pytest.param("CMES", "1d", "2024-01-12T00:00", "2024-01-16T00:00", True, id="futures holiday"),
    pytest.param("CMES", "1d", "2024-01-09T00:00", "2024-01-11T00:00", False, id="futures Wednesday lost"),
    pytest.param("24/7", "1h", "2024-01-06T00:00", "2024-01-06T02:00", False, id="crypto never closes"),
]


@pytest.mark.parametrize(("calendar", "interval", "before", "after", "scheduled"), CLOSURES)
def test_close_gaps_tells_closures_from_holes(calendar, interval, before, after, scheduled):
    found = closed(flat(ns(before), ns(after)), interval, calendar)
    assert (found.closures, len(found.gaps_ns)) == ((1, 0) if scheduled else (0, 1))


def test_close_gaps_never_fills_across_a_closure():
    found = closed(flat(ns("2024-01-05T20:59"), ns("2024-01-08T14:30")), "1m", "XNYS")
    assert len(found.candles) == 2
