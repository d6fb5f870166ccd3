"""D41: each rule on rows worked by hand."""

import numpy as np
import pytest

from catalog.candles import INTERVAL_NS, Candles
from catalog.clean import clean
from catalog.report import RULES, CleaningReport
from catalog.schedule import build_schedule

START = 1_704_067_200_000_000_000  # 2024-01-01 00:00 UTC, a Monday
MINUTE = INTERVAL_NS["1m"]


def rows(*cells: tuple[float, float, float, float, float, float], step: int = MINUTE) -> Candles:
    """Return candles from (steps after the start, open, high, low, close, volume)."""
    table = np.array(cells, dtype=float).reshape(-1, 6)
    return Candles((START + table[:, 0] * step).astype(np.int64), *table[:, 1:].T)


def run(candles: Candles, interval: str = "1m", asset_class: str = "crypto", calendar: str = "24/7"):
    report = CleaningReport(source="s", sha256="h", instrument_id="X.Y", interval=interval, calendar=calendar)
    schedule = build_schedule(calendar, START, START + 10**15)
    return clean(candles, interval, asset_class, schedule, report), report


GOOD = (10.0, 12.0, 9.0, 11.0, 5.0)


def test_clean_duplicate_stamp_keeps_the_first_of_the_file():
    kept, report = run(rows((0, *GOOD), (1, 10, 12, 9, 11, 1), (1, 20, 22, 19, 21, 2)))
    assert kept.volume.tolist() == [5.0, 1.0]
    assert report.duplicates == 1


def test_clean_unsorted_rows_are_sorted_and_not_counted():
    kept, report = run(rows((2, *GOOD), (0, *GOOD), (1, *GOOD)))
    assert np.diff(kept.ts_open_ns).tolist() == [MINUTE, MINUTE]
    assert [getattr(report, rule) for rule in RULES] == [0] * len(RULES)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((10, 9, 12, 11, 5), id="high under low"),
        pytest.param((10, 12, 9, 12.5, 5), id="close above high"),
        pytest.param((10, 12, 9, 8.5, 5), id="close under low"),
        pytest.param((13, 12, 9, 11, 5), id="open above high"),
        pytest.param((8, 12, 9, 11, 5), id="open under low"),
        pytest.param((10, 12, 0, 11, 5), id="zero price"),
        pytest.param((-1, 12, -2, 11, 5), id="negative price"),
        pytest.param((np.nan, 12, 9, 11, 5), id="no open"),
        pytest.param((10, np.inf, 9, 11, 5), id="infinite high"),
        pytest.param((10, 12, 9, 11, -5), id="negative volume"),
    ],
)
def test_clean_impossible_candle_is_dropped(bad):
    kept, report = run(rows((0, *GOOD), (10, *bad), (20, *GOOD)))
    assert len(kept) == 2
    assert report.impossible == 1


@pytest.mark.parametrize("edge", [(9, 12, 9, 12, 5), (12, 12, 9, 9, 5), (9, 9, 9, 9, 5)], ids=["up", "down", "flat"])
def test_clean_candle_that_touches_its_extremes_stays(edge):
    assert len(run(rows((0, *GOOD), (1, *edge)))[0]) == 2


def test_clean_flash_crash_stays():
    kept, report = run(rows((0, 33, 33, 32, 33, 5), (1, 33, 33, 3.7, 30, 900), (2, 30, 33, 30, 32, 5)))
    assert kept.low.min() == 3.7
    assert report.impossible == 0


def test_clean_zero_volume_is_dropped_when_the_file_knows_volume():
    kept, report = run(rows((0, *GOOD), (1, 10, 12, 9, 11, 0), (2, 10, 12, 9, 11, np.nan), (3, *GOOD)))
    assert len(kept) == 2
    assert report.zero_volume == 2
    assert report.has_volume
    assert report.filled == 2


@pytest.mark.parametrize("volume", [0.0, np.nan])
def test_clean_file_without_volume_keeps_its_rows_and_says_so(volume):
    kept, report = run(rows((0, 10, 12, 9, 11, volume), (1, 10, 12, 9, 11, volume)))
    assert kept.volume.tolist() == [0.0, 0.0]
    assert not report.has_volume
    assert "no volume" in report.notes[0]


def test_clean_crypto_stamp_off_the_grid_is_dropped():
    kept, report = run(rows((0, *GOOD), (1, *GOOD), (1.5, *GOOD), (2, *GOOD)))
    assert len(kept) == 3
    assert report.off_grid == 1


def test_clean_equity_half_hours_are_no_grid_fault():
    hour = INTERVAL_NS["1h"]
    half_hours = rows((14.5, *GOOD), (15.5, *GOOD), (16.5, *GOOD), step=hour)
    shifted = Candles(half_hours.ts_open_ns + 24 * hour, *[getattr(half_hours, n) for n in ("open", "high", "low")],
                      half_hours.close, half_hours.volume)  # fmt: skip
    kept, report = run(shifted, "1h", "equity", "XNYS")
    assert len(kept) == 3
    assert report.off_grid == 0


def test_clean_whole_series_off_the_hour_is_kept_with_a_remark():
    kept, report = run(rows((0.5, *GOOD), (1.5, *GOOD), (2.5, *GOOD)))
    assert len(kept) == 3
    assert "after the 1m grid" in report.notes[0]


def test_clean_rows_out_is_rows_in_minus_rules_plus_filled():
    _, report = run(
        rows((0, *GOOD), (0, *GOOD), (1, 10, 9, 12, 11, 5), (2, *GOOD), (2.5, *GOOD), (3, 10, 12, 9, 11, 0))
    )
    assert report.rows_in == 6
    assert report.rows_out == report.rows_in - sum(getattr(report, rule) for rule in RULES) + report.filled
