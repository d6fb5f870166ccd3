"""Which of the sets that were tried is taken: the best by itself, or the best in the middle of good neighbours.

A peak among poor neighbours is more likely luck than a plateau: a small change of the market is like a small change of
the parameters.
"""

import math
from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from research.walk_forward.plan import Plan
from research.walk_forward.score import Score, objective_of
from research.walk_forward.space import Space

Floats = npt.NDArray[np.float64]

APART = 1e6  # distance of two words, or of true and false: they are no neighbours


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The sets that the two rules take among the eligible ones; None when there is none.

    Attributes
    ----------
    eligible : int
        Sets with enough trades and a defined objective.
    plateau, best : int or None
        Numbers in the space.
    plateau_value, best_value : float or None
        Mean objective of the one and its neighbours, at most its own; objective of the other.
    """

    eligible: int
    plateau: int | None = None
    best: int | None = None
    plateau_value: float | None = None
    best_value: float | None = None


def choose(space: Space, scores: Mapping[int, Score], plan: Plan) -> Choice:
    """Return what both rules take; of equals the lowest number.

    Notes
    -----
    Neighbours in a grid: one step in one dimension, as far as they were tried. Of a sample: the nearest sets, twice as
    many as there are ordered dimensions, each dimension scaled to the length 1; sets that differ in a word or a switch
    are no neighbours. A neighbour without a result (it never traded) counts as 0. Neighbours with too few trades count;
    they cannot be taken. A set beside a peak is not lifted by it over its own objective.
    """
    numbers = np.array(sorted(scores), np.int64)
    values = np.array([objective_of(scores[int(n)], plan.objective) for n in numbers])
    trades = np.array([scores[int(n)].trades for n in numbers])
    fit = (trades >= plan.min_trades) & np.isfinite(values)
    if not fit.any():
        return Choice(eligible=0)
    means = plateau_values(space, numbers, values, grid=plan.sampler == "grid")
    best, plateau = (int(np.argmax(np.where(fit, one, -math.inf))) for one in (values, means))
    return Choice(
        eligible=int(fit.sum()),
        plateau=int(numbers[plateau]),
        best=int(numbers[best]),
        plateau_value=float(means[plateau]),
        best_value=float(values[best]),
    )


def plateau_values(space: Space, numbers: npt.NDArray[np.int64], values: Floats, *, grid: bool) -> Floats:
    """Return the mean objective of every set and its neighbours, never more than its own; undefined ones are 0."""
    known = np.where(np.isfinite(values), values, 0.0)
    if grid:
        at = {int(number): row for row, number in enumerate(numbers)}
        rows = [[at[n] for n in (int(number), *beside(space, int(number))) if n in at] for number in numbers]
    else:
        rows = nearest(space, numbers)
    return np.minimum(known, [known[row].mean() for row in rows])


def beside(space: Space, number: int) -> list[int]:
    """Return the sets one step away in one ordered dimension.

    >>> from research.walk_forward.space import Dimension
    >>> one = Dimension(key="a", values=(1, 2, 3), ordered=True)
    >>> beside(Space(dimensions=(one, one)), 4)
    [1, 7, 3, 5]
    """
    places = space.coordinates(number)
    found = []
    for i, one in enumerate(space.dimensions):
        steps = [place for place in (places[i] - 1, places[i] + 1) if one.ordered and 0 <= place < len(one.values)]
        found += [space.number((*places[:i], place, *places[i + 1 :])) for place in steps]
    return found


def nearest(space: Space, numbers: npt.NDArray[np.int64]) -> list[list[int]]:
    """Return the rows of every set and of its nearest sets; fewer where words and switches part them."""
    count = 2 * sum(one.ordered for one in space.dimensions)
    places = np.array([space.coordinates(int(number)) for number in numbers], np.float64)
    for i, one in enumerate(space.dimensions):
        places[:, i] *= 1.0 / max(1, len(one.values) - 1) if one.ordered else APART
    found = []
    for row, place in enumerate(places):
        squared = ((places - place) ** 2).sum(axis=1)
        squared[row] = -1.0
        order = np.argsort(squared, kind="stable")[: count + 1]
        found.append([int(n) for n in order if squared[n] < APART])
    return found
