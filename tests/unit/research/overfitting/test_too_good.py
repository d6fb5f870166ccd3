"""Both sides of what is believed, and every record that is asked."""

from datetime import date
from typing import NamedTuple

import pytest

from research.overfitting.too_good import highest_believable, too_good


class Window(NamedTuple):
    is_start: date = date(2020, 1, 1)
    is_end: date = date(2024, 1, 1)  # four years: at most 3.5
    oos_start: date = date(2024, 1, 1)
    oos_end: date = date(2025, 1, 1)  # one year: at most 4.5
    is_sharpe: float | None = 1.0
    oos_sharpe: float | None = 1.0


@pytest.mark.parametrize(("years", "limit"), [(1.0, 4.5), (4.0, 3.5), (16.0, 3.0), (0.25, 6.5)])
def test_a_longer_record_may_show_less(years: float, limit: float) -> None:
    assert highest_believable(years) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("window", "stitched", "said"),
    [
        (Window(), 1.0, None),
        (Window(is_sharpe=None, oos_sharpe=None), None, None),
        (Window(is_sharpe=3.49), 1.0, None),
        (Window(is_sharpe=3.51), 1.0, "Sharpe ratio 3.51 in the sample from 2020-01-01, at most 3.50 is believed"),
        (Window(oos_sharpe=4.49), 4.49, None),
        (Window(oos_sharpe=4.51), 1.0, "Sharpe ratio 4.51 out of sample from 2024-01-01, at most 4.50 is believed"),
        (Window(), 4.51, "Sharpe ratio 4.51 of all out-of-sample parts put together, at most 4.50 is believed"),
        (Window(), float("inf"), "Sharpe ratio inf of all out-of-sample parts put together, at most 4.50 is believed"),
        (Window(), float("nan"), "Sharpe ratio nan of all out-of-sample parts put together, at most 4.50 is believed"),
    ],
    ids=str,
)
def test_what_is_beyond_belief_is_named(window: Window, stitched: float | None, said: str | None) -> None:
    assert list(too_good([window], stitched)) == ([] if said is None else [said])


def test_no_window_is_nothing_to_judge() -> None:
    assert list(too_good([], 9.0)) == []
