"""Could luck have made it look this bad? Results dealt out again among the trades, whole blocks of time together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DRAWS = 1999
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Chance:
    """How each condition compares with luck; arrays of shape (conditions,).

    Parameters
    ----------
    z : float64 array
        Mean result under the condition, in standard deviations from what shuffling gives; below 0 is worse.
    p_worse, p_better : float64 arrays
        Share of shufflings in which **any** condition looked as bad (as good) as this one.
    """

    z: Floats
    p_worse: Floats
    p_better: Floats


def chance_of(
    results: Floats, blocks: Ints, conditions: npt.NDArray[np.bool_], seed: int, draws: int = DRAWS
) -> Chance:
    """Return how often luck alone makes some condition look as bad or as good as it does.

    Parameters
    ----------
    results : float64 array of shape (trades,)
        R of each trade, finite, oldest first.
    blocks : int64 array of shape (trades,)
        Block of time of each trade, rising.
    conditions : bool array of shape (conditions, trades)
        Trades under each condition; none may be empty.
    seed, draws : int
        Shufflings and the seed they come from.

    Notes
    -----
    Source: Westfall & Young (1993), single-step max-T. The results keep their order inside a block; the blocks are
    shuffled and the whole is turned by a random number of trades, so that neither the day of the week nor a regime
    survives. Each condition's mean is standardised by its own shufflings; ``p = (1 + #{b: min_k z_bk <= z}) /
    (draws + 1)`` corrects for every condition that was looked at, thresholds of a scan included, however they overlap.
    It is exact when blocks are exchangeable; spells that last longer than a block make it name more than it should
    (measured: shocks of four weeks on blocks of one week, 8 % of runs of noise instead of 5 %). With no condition or
    no spread in the results p is 1.
    """
    if len(conditions) == 0 or len(results) == 0 or float(np.ptp(results)) == 0.0:
        ones = np.ones(len(conditions))
        return Chance(np.zeros(len(conditions)), ones, ones)
    share = (conditions / conditions.sum(axis=1, keepdims=True)).T
    observed = results @ share
    luck = np.concatenate([dealt @ share for dealt in _deals(results, blocks, seed, draws)])
    centre, spread = luck.mean(axis=0), luck.std(axis=0, ddof=1)
    usable = np.where(spread > 1e-12 * np.abs(results).max(), spread, np.inf)
    z, z_luck = (observed - centre) / usable, (luck - centre) / usable
    return Chance(z, _share(z_luck.min(axis=1), z), _share(-z_luck.max(axis=1), -z))


def _deals(results: Floats, blocks: Ints, seed: int, draws: int) -> list[Floats]:
    """Return the shuffled results, in parts of shape (up to 200, trades)."""
    rng = np.random.default_rng(seed)
    row = np.unique(blocks, return_inverse=True)[1]
    count, steps = int(row.max()) + 1, np.arange(len(results))
    parts = []
    for begin in range(0, draws, CHUNK):
        size = min(CHUNK, draws - begin)
        order = np.argsort(rng.random((size, count))[:, row], axis=1, kind="stable")
        turn = rng.integers(0, len(results), (size, 1))
        parts.append(results[np.take_along_axis(order, (steps + turn) % len(results), axis=1)])
    return parts


def _share(extreme: Floats, observed: Floats) -> Floats:
    """Return (1 + how many of ``extreme`` are at or below each observed value) over (1 + all)."""
    below = np.searchsorted(np.sort(extreme), observed + 1e-9, side="right")
    return np.asarray((1.0 + below) / (len(extreme) + 1.0), dtype=np.float64)
