"""Thousands of paths of one method, in bounded memory.

Paths are made in chunks of 250, each with a stream of its own: ``SeedSequence((seed, method, chunk))``. So a path
depends on the seed, the method and its number alone, not on threads, and more paths never change the first ones.
A path lives in one buffer of ``trades`` numbers, is reduced to one ``PATH`` record and is gone. Only the first 10,000
leave their equity too, on a grid of at most 200 points (16 MB), from which the quantiles of the fan chart are taken.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from compiled import Records, compiled
from errors import DataError
from research.monte_carlo.draws import draw_blocks, reorder, resample
from research.monte_carlo.measure import PATH, measure, trace

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHUNK = 250
FAN_PATHS = 10_000
GRID_POINTS = 200
FAN_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


class Method(IntEnum):
    """How trades are drawn; the number is part of the seed."""

    REORDER = 0
    RESAMPLE = 1
    BLOCK = 2


@dataclass(frozen=True, slots=True)
class Paths:
    """What the paths of one method did.

    Attributes
    ----------
    records : array of ``PATH``, shape (paths,)
        One record a path.
    grid : int64 array of shape (points,)
        Numbers of trades at which the fan stands, from 0 to all.
    fan : float64 array of shape (5, points)
        The 5th, 25th, 50th, 75th and 95th percentile of equity there, as a multiple of the start.
    """

    records: Records
    grid: Ints
    fan: Floats


def make_paths(fracs: Floats, method: Method, *, paths: int, seed: int, block_trades: float = 1.0) -> Paths:
    """Return ``paths`` paths of one method.

    Parameters
    ----------
    fracs : float64 array of shape (trades,)
        Trade returns as fractions of equity, in the order the run booked them; at least one.
    method : Method
        How they are drawn.
    paths, seed : int
        How many, and where chance begins.
    block_trades : float
        Mean block length in trades, >= 1, for ``Method.BLOCK``; ``inf`` is a rotation.

    Raises
    ------
    DataError
        Equity grows beyond what a float holds: the trade returns are not fractions.
    """
    records = np.zeros(paths, PATH)
    grid = grid_of(len(fracs))
    curves = np.empty((min(paths, FAN_PATHS), len(grid)))
    buffer = np.empty(len(fracs))
    for first in range(0, paths, CHUNK):
        draw = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, int(method), first // CHUNK))))
        last = min(first + CHUNK, paths)
        _run_chunk(fracs, int(method), 1.0 / block_trades, draw, buffer, records[first:last], curves[first:last], grid)
    if not np.isfinite(records["highest"]).all():
        raise DataError(f"equity of a path overflows: trade returns must be fractions, the largest is {fracs.max():g}")
    return Paths(records=records, grid=grid, fan=np.quantile(curves, FAN_LEVELS, axis=0))


def grid_of(trades: int) -> Ints:
    """Return at most 200 numbers of trades, evenly spaced from 0 to all.

    >>> grid_of(3).tolist(), len(grid_of(5000))
    ([0, 1, 2, 3], 200)
    """
    return np.unique(np.linspace(0, trades, min(trades + 1, GRID_POINTS)).round().astype(np.int64))


@compiled
def _run_chunk(
    fracs: Floats,
    method: int,
    restart_probability: float,
    draw: np.random.Generator,
    buffer: Floats,
    records: Records,
    curves: Floats,
    grid: Ints,
) -> None:
    for number in range(len(records)):
        if method == 0:
            reorder(fracs, draw, buffer)
        elif method == 1:
            resample(fracs, draw, buffer)
        else:
            draw_blocks(fracs, restart_probability, draw, buffer)
        measure(buffer, records[number])
        if number < len(curves):
            trace(buffer, grid, curves[number])


def measure_one(fracs: Floats) -> Records:
    """Return one ``PATH`` record, of shape (1,): what the trades did in the order given."""
    records = np.zeros(1, PATH)
    measure(fracs, records[0])
    return records


def trace_one(fracs: Floats) -> Floats:
    """Return equity in the order given on the grid of `grid_of`, as a multiple of the start."""
    grid = grid_of(len(fracs))
    out = np.empty(len(grid))
    trace(fracs, grid, out)
    return out
