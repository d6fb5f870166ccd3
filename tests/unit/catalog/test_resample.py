"""Signal bars from finer candles (D1)."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.candles import MINUTE_NS, Candles
from catalog.resample import resample

QUARTER_NS = 15 * MINUTE_NS


def minutes(opens: list[int]) -> Candles:
    """Return one-minute candles that open at these minutes; prices count up from 100."""
    n = len(opens)
    price = 100.0 + np.arange(n)
    return Candles(np.array(opens, np.int64) * MINUTE_NS, price, price + 2.0, price - 3.0, price + 1.0, np.ones(n))


def test_fifteen_minutes_make_one_bar_with_first_open_and_last_close() -> None:
    bar = resample(minutes(list(range(15))), MINUTE_NS, QUARTER_NS)
    assert bar.ts_open_ns.tolist() == [0]
    assert (bar.open[0], bar.high[0], bar.low[0], bar.close[0], bar.volume[0]) == (100.0, 116.0, 97.0, 115.0, 15.0)


def test_minute_that_closes_on_the_boundary_belongs_to_the_bar_that_ends_there() -> None:
    bars = resample(minutes([14, 15]), MINUTE_NS, QUARTER_NS)
    assert bars.ts_open_ns.tolist() == [0, QUARTER_NS]


def test_quarter_without_candles_gives_no_bar() -> None:
    bars = resample(minutes([0, 45]), MINUTE_NS, QUARTER_NS)
    assert bars.ts_open_ns.tolist() == [0, 3 * QUARTER_NS]


def test_same_interval_changes_nothing() -> None:
    candles = minutes([0, 1, 5])
    assert resample(candles, MINUTE_NS, MINUTE_NS) is candles


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(0, 200))
def test_appending_candles_changes_no_finished_bar(opens: set[int], cut: int) -> None:
    ordered = sorted(opens)
    whole = resample(minutes(ordered), MINUTE_NS, QUARTER_NS)
    part = resample(minutes([m for m in ordered if m < cut]), MINUTE_NS, QUARTER_NS)
    finished = part.ts_open_ns + QUARTER_NS <= cut * MINUTE_NS
    count = int(finished.sum())
    for name in ("ts_open_ns", "open", "high", "low", "close", "volume"):
        assert getattr(part, name)[:count].tolist() == getattr(whole, name)[:count].tolist()
