"""Which set is taken: worked by hand."""

import math

import msgspec
import numpy as np
import pytest

from research.walk_forward.choose import beside, choose, nearest, plateau_values
from research.walk_forward.plan import Plan
from research.walk_forward.score import Score
from research.walk_forward.space import Dimension, Space

LINE = Space(dimensions=(Dimension(key="a", values=(1, 2, 3, 4, 5, 6, 7), ordered=True),))
SCORE = Score(sharpe=0.0, sortino=None, calmar=None, net=0.0, expectancy_r=None, max_drawdown_frac=0.0, trades=100)


def scores(*sharpes: float | None, trades: int = 100) -> dict[int, Score]:
    return {n: msgspec.structs.replace(SCORE, sharpe=value, trades=trades) for n, value in enumerate(sharpes)}


def test_plateau_beats_a_lonely_peak() -> None:
    found = choose(LINE, scores(0.0, 0.0, 10.0, 0.0, 4.0, 5.0, 4.0), Plan())
    assert (found.best, found.best_value) == (2, 10.0)
    assert (found.plateau, found.plateau_value) == (5, pytest.approx(13.0 / 3.0))


def test_a_set_with_too_few_trades_cannot_be_taken_and_still_counts_as_a_neighbour() -> None:
    tried = scores(1.0, 2.0, 9.0, 2.0, 1.0, 1.0, 1.0)
    tried[2] = msgspec.structs.replace(tried[2], trades=29)
    found = choose(LINE, tried, Plan())
    assert (found.eligible, found.best, found.plateau) == (6, 1, 1)


def test_exactly_the_minimum_of_trades_is_enough() -> None:
    assert choose(LINE, scores(1.0, trades=30), Plan()).best == 0
    assert choose(LINE, scores(1.0, trades=29), Plan()).best is None


def test_a_neighbour_without_a_result_counts_as_nothing_gained() -> None:
    values = np.array([3.0, math.nan, 3.0])
    assert plateau_values(LINE, np.arange(3), values, grid=True).tolist() == [1.5, 0.0, 1.5]


def test_a_peak_does_not_lift_the_poor_set_beside_it() -> None:
    assert plateau_values(LINE, np.arange(3), np.array([0.5, 9.0, 2.0]), grid=True).tolist() == pytest.approx(
        [0.5, 11.5 / 3.0, 2.0]
    )


def test_equals_go_to_the_lowest_number() -> None:
    assert choose(LINE, scores(1.0, 1.0, 1.0), Plan()).best == 0


def test_neighbours_in_a_grid_are_one_step_away_in_ordered_dimensions() -> None:
    switch = Dimension(key="b", values=(False, True), ordered=False)
    space = Space(dimensions=(Dimension(key="a", values=(1, 2, 3), ordered=True), switch))
    assert beside(space, space.number((1, 1))) == [space.number((0, 1)), space.number((2, 1))]


def test_nearest_sets_of_a_sample_do_not_cross_a_switch() -> None:
    switch = Dimension(key="b", values=(False, True), ordered=False)
    space = Space(dimensions=(Dimension(key="a", values=tuple(range(9)), ordered=True), switch))
    numbers = np.array([space.number(place) for place in ((0, 0), (1, 1), (3, 0), (4, 0), (8, 0))])
    assert nearest(space, numbers) == [[0, 2, 3], [1], [2, 3, 0], [3, 2, 0], [4, 3, 2]]


@pytest.mark.parametrize("objective", ["sharpe", "sortino", "calmar", "net", "expectancy_r"])
def test_every_objective_is_maximised(objective: str) -> None:
    tried = {n: msgspec.structs.replace(SCORE, **{objective: value}) for n, value in enumerate((1.0, 3.0, 2.0))}
    assert choose(LINE, tried, msgspec.structs.replace(Plan(), objective=objective)).best == 1
