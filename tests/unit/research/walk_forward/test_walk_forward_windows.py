"""The calendar: what D39's windows are on given candles, and what is said when there are too few."""

from datetime import date

import pytest

from errors import ConfigError, DataError
from research.walk_forward.windows import Lengths, anchored, fit, rolling

D39 = Lengths()


def test_rolling_of_four_years_gives_d39s_windows() -> None:
    found = rolling(date(2019, 9, 9), date(2023, 9, 9), D39)
    assert [(w.is_start, w.is_end, w.oos_start, w.oos_end) for w in found] == [
        (date(2019, 9, 9), date(2022, 9, 9), date(2022, 9, 9), date(2023, 3, 9)),
        (date(2019, 12, 9), date(2022, 12, 9), date(2022, 12, 9), date(2023, 6, 9)),
        (date(2020, 3, 9), date(2023, 3, 9), date(2023, 3, 9), date(2023, 9, 9)),
    ]


def test_rolling_with_one_day_too_few_leaves_the_last_window_out() -> None:
    assert len(rolling(date(2019, 9, 9), date(2023, 9, 8), D39)) == 2


def test_month_ends_do_not_drift() -> None:
    starts = [w.oos_start for w in rolling(date(2020, 8, 31), date(2021, 8, 31), Lengths(in_months=3, out_months=3))]
    assert starts == [date(2020, 11, 30), date(2021, 2, 28), date(2021, 5, 31)]


def test_anchored_samples_begin_at_the_first_day_and_are_tried_on_the_same_days() -> None:
    windows = rolling(date(2019, 9, 9), date(2023, 9, 9), D39)
    found = anchored(windows)
    assert {w.is_start for w in found} == {date(2019, 9, 9)}
    assert [(w.is_end, w.oos_start, w.oos_end) for w in found] == [(w.is_end, w.oos_start, w.oos_end) for w in windows]


def test_fit_with_enough_candles_keeps_what_was_asked() -> None:
    assert fit(date(2020, 1, 1), date(2023, 7, 1), D39, allow_short=False) == D39


def test_fit_of_short_candles_says_what_is_missing() -> None:
    with pytest.raises(DataError, match=r"41 whole months \(2020-01-01 to 2023-06-30\).*needs 42.*1 are missing"):
        fit(date(2020, 1, 1), date(2023, 6, 30), D39, allow_short=False)


def test_fit_of_short_candles_shrinks_in_proportion_when_allowed_and_is_short() -> None:
    found = fit(date(2020, 1, 1), date(2021, 10, 1), D39, allow_short=True)
    assert found == Lengths(in_months=18, out_months=3, step_months=1)
    assert found.short
    assert not D39.short


@pytest.mark.parametrize("months", range(2, 42))
def test_fit_when_allowed_always_leaves_a_window(months: int) -> None:
    end = date(2020 + months // 12, 1 + months % 12, 1)
    assert rolling(date(2020, 1, 1), end, fit(date(2020, 1, 1), end, D39, allow_short=True))


def test_fit_of_less_than_two_months_is_refused_even_when_short_is_allowed() -> None:
    with pytest.raises(DataError, match="2 months"):
        fit(date(2020, 1, 1), date(2020, 2, 20), D39, allow_short=True)


def test_step_over_the_out_of_sample_length_is_refused() -> None:
    with pytest.raises(ConfigError, match="step-months must not exceed"):
        fit(date(2010, 1, 1), date(2020, 1, 1), Lengths(step_months=7), allow_short=False)
