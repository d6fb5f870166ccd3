"""The stationary bootstrap (Politis & Romano 1994): days drawn in blocks of random length, so that runs survive."""

import math

import numpy as np
import numpy.typing as npt

from errors import ConfigError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def mean_block_length(series: Floats) -> float:
    """Return the mean block length that suits the memory of a series.

    Parameters
    ----------
    series : float64 array of shape (n,)
        Finite values in their order in time: daily returns or the results of trades.

    Returns
    -------
    float
        Steps, in [1, max(1, n/3)]. Where the rule has no answer (fewer than 16 values, no variance) it is
        ``n ** (1/3)``, the order at which the best length grows.

    Raises
    ------
    ConfigError
        When arch is not installed.

    Notes
    -----
    Source: Politis & White (2004), corrected by Patton, Politis & White (2009), as in
    ``arch.bootstrap.optimal_block_length``, column ``stationary``.
    """
    values = np.asarray(series, dtype=np.float64)
    n = len(values)
    best = _politis_white(values) if n >= 16 and np.ptp(values) > 0.0 else math.nan
    length = best if math.isfinite(best) else n ** (1.0 / 3.0)
    return float(min(max(length, 1.0), max(1.0, n / 3.0)))


def draw_indices(length: int, mean_block: float, draws: int, seed: int) -> Ints:
    """Return positions of resampled series.

    Parameters
    ----------
    length : int
        Of the series, and of each resample.
    mean_block : float
        Mean block length, >= 1; 1 is resampling with replacement.
    draws : int
        Number of resamples.
    seed : int
        Same seed, same positions.

    Returns
    -------
    int64 array of shape (draws, length)
        Positions in [0, length).

    Notes
    -----
    Source: Politis & Romano (1994). Each step starts a new block at a uniform position with probability
    ``1 / mean_block``, else takes the next position; the end is followed by the beginning.

    >>> draw_indices(4, 1e9, 1, 0).tolist()
    [[3, 0, 1, 2]]
    """
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, length, (draws, length))
    fresh = rng.random((draws, length)) < 1.0 / mean_block
    fresh[:, 0] = True
    steps = np.arange(length)
    began = np.maximum.accumulate(np.where(fresh, steps, 0), axis=1)
    return np.asarray((np.take_along_axis(starts, began, axis=1) + steps - began) % length, dtype=np.int64)


def count_draws(indices: Ints, length: int) -> Floats:
    """Return how often each resample holds each position: shape (draws, length), rows sum to the resample's length.

    >>> count_draws(np.array([[0, 0, 2]]), 3).tolist()
    [[2.0, 0.0, 1.0]]
    """
    draws = len(indices)
    cells = (indices + np.arange(draws)[:, None] * length).ravel()
    return np.bincount(cells, minlength=draws * length).reshape(draws, length).astype(np.float64)


def _politis_white(values: Floats) -> float:
    try:
        from arch.bootstrap import optimal_block_length  # noqa: PLC0415  # takes a second: a back-test must not pay
    except ImportError:
        raise ConfigError("block lengths need the research extra: uv pip install arch (or '.[research]')") from None
    with np.errstate(all="ignore"):
        return float(optimal_block_length(values)["stationary"].iloc[0])
