"""Wilson's interval against published examples."""

import pytest

from research.monte_carlo.interval import share_of


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_interval_is_that_of_newcombe_1998_table_1_method_3(hits: int, count: int, low: float, high: float) -> None:
    share = share_of(hits, count)
    assert (round(share.ci_low, 4), round(share.ci_high, 4)) == (low, high)
    assert share.frac == hits / count


def test_interval_ends_stay_within_nothing_and_all() -> None:
    assert share_of(0, 100).ci_low == 0.0
    assert share_of(100, 100).ci_high == 1.0
    assert share_of(100, 100).ci_low < 1.0
