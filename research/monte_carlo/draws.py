"""Three ways to draw a path of trades from those of a run (D37); each fills ``out`` and touches nothing else.

Chance comes from a numpy ``Generator`` that the caller seeds, compiled and in plain Python alike. An index is
``int(u * n)`` with u uniform in 53 bits: no index is favoured by more than n / 2**53.
"""

import numpy as np
import numpy.typing as npt

from compiled import compiled

Floats = npt.NDArray[np.float64]


@compiled
def reorder(fracs: Floats, draw: np.random.Generator, out: Floats) -> None:
    """Fill ``out`` with a random permutation: every trade once.

    Notes
    -----
    Source: Spec 3.6; Durstenfeld (1964), algorithm 235: every order is equally likely.
    """
    out[:] = fracs
    for last in range(len(fracs) - 1, 0, -1):
        chosen = int(draw.random() * (last + 1))
        kept = out[last]
        out[last] = out[chosen]
        out[chosen] = kept


@compiled
def resample(fracs: Floats, draw: np.random.Generator, out: Floats) -> None:
    """Fill ``out`` with independent draws with replacement (Spec 8.3; Efron 1979)."""
    count = len(fracs)
    for row in range(count):
        out[row] = fracs[int(draw.random() * count)]


@compiled
def draw_blocks(fracs: Floats, restart_probability: float, draw: np.random.Generator, out: Floats) -> None:
    """Fill ``out`` with blocks of neighbouring trades, whose lengths are geometric.

    Parameters
    ----------
    fracs : float64 array of shape (trades,)
        Trade returns as fractions in the order they were booked; the last is followed by the first.
    restart_probability : float
        1 / mean block length: 1 is `resample`, 0 a rotation of the run's own order.
    draw : Generator
        Source of chance.
    out : float64 array of shape (trades,)
        Receives the path.

    Notes
    -----
    Source: Politis & Romano (1994), stationary bootstrap.
    """
    count = len(fracs)
    at = int(draw.random() * count)
    out[0] = fracs[at]
    for row in range(1, count):
        at = at + 1 if at + 1 < count else 0
        if draw.random() < restart_probability:
            at = int(draw.random() * count)
        out[row] = fracs[at]
