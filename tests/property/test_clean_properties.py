"""Cleaning invariants on any rows at all (D41)."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.candles import INTERVAL_NS, Candles
from catalog.clean import clean, possible
from catalog.gaps import close_gaps
from catalog.report import RULES, CleaningReport
from catalog.schedule import build_schedule

START = 1_704_067_200_000_000_000
MINUTE = INTERVAL_NS["1m"]
ALWAYS = build_schedule("24/7", START, START)
PRICE = st.one_of(st.floats(0.5, 100.0), st.sampled_from([0.0, -1.0, float("nan"), float("inf")]))
ROW = st.tuples(st.integers(0, 40), PRICE, PRICE, PRICE, PRICE, st.sampled_from([0.0, 1.0, 2.5, -1.0, float("nan")]))
SOUND = st.tuples(st.integers(0, 40), st.floats(1.0, 100.0), st.sampled_from([1.0, 2.0]))


def candles_of(cells: list[tuple[float, ...]]) -> Candles:
    table = np.array(cells, dtype=float).reshape(-1, 6)
    return Candles((START + table[:, 0] * MINUTE).astype(np.int64), *table[:, 1:].T)


def cleaned(candles: Candles):
    report = CleaningReport(source="s", sha256="h", instrument_id="X.Y", interval="1m", calendar="24/7")
    kept = clean(candles, "1m", "crypto", ALWAYS, report)
    return kept, close_gaps(kept, "1m", ALWAYS), report


def bent(cells: list[tuple[int, float, float]]) -> list[tuple[float, ...]]:
    return [(at, price, price * 1.1, price * 0.9, price * 1.05, volume) for at, price, volume in cells]


CELLS = st.one_of(st.lists(ROW, min_size=1, max_size=40), st.lists(SOUND, min_size=1, max_size=40).map(bent))


@settings(max_examples=200, deadline=None)
@given(CELLS)
def test_clean_any_rows_come_out_sorted_unique_and_possible(cells):
    _, continuity, report = cleaned(candles_of(cells))
    out = continuity.candles
    assert (np.diff(out.ts_open_ns) > 0).all()
    assert possible(out).all()
    assert len(out) == report.rows_out == report.rows_in - sum(getattr(report, r) for r in RULES) + report.filled


@settings(max_examples=200, deadline=None)
@given(CELLS)
def test_clean_twice_is_clean_once(cells):
    _, once, _ = cleaned(candles_of(cells))
    _, twice, _ = cleaned(once.candles)
    for name in ("ts_open_ns", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(twice.candles, name), getattr(once.candles, name))
    np.testing.assert_array_equal(twice.gaps_ns, once.gaps_ns)


@settings(max_examples=200, deadline=None)
@given(CELLS)
def test_clean_invents_no_extreme_and_fills_at_most_four_in_a_row(cells):
    source = candles_of(cells)
    kept, continuity, _ = cleaned(source)
    out = continuity.candles
    rows = {tuple(row) for row in zip(source.ts_open_ns, source.high, source.low, source.close, strict=True)}
    assert {tuple(row) for row in zip(kept.ts_open_ns, kept.high, kept.low, kept.close, strict=True)} <= rows
    if len(out):
        assert out.high.max() == kept.high.max()
        assert out.low.min() == kept.low.min()
    real = np.flatnonzero(~np.isin(out.ts_open_ns, continuity.filled_ns))
    assert (np.diff(real) <= 5).all()
    assert len(real) == len(kept)
