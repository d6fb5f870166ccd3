"""How long blocks must be so that what hangs together in the run stays together (Politis & White 2004)."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEW = 30  # below this many trades autocorrelations say nothing


def choose_block_trades(fracs: Floats) -> float:
    """Return a mean block length for the stationary bootstrap.

    Parameters
    ----------
    fracs : float64 array of shape (trades,)
        Trade returns in the order they were booked.

    Returns
    -------
    float
        Trades, >= 1: the longer of what `politis_white` says of the returns and of their magnitudes, so that streaks
        *and* clusters of large results survive. Under 30 trades ``trades ** (1/3)``, the rate at which it grows.
    """
    if len(fracs) < FEW:
        return float(max(1.0, len(fracs) ** (1.0 / 3.0)))
    return max(1.0, politis_white(fracs), politis_white(np.abs(fracs)))


def politis_white(values: Floats) -> float:
    """Return the block length that minimises the mean squared error of the variance of the mean.

    Parameters
    ----------
    values : float64 array of shape (n,)
        Oldest first, n >= 30.

    Returns
    -------
    float
        Mean block length, at most ``ceil(min(3 sqrt(n), n / 3))``; under 1 for values without memory, 0 for values
        that are all the same.

    Notes
    -----
    Source: Politis & White (2004), corrected by Patton, Politis & White (2009). With R(k) the autocovariances, M twice
    the first lag behind which K = max(5, log10 n) autocorrelations stay within 2 sqrt(log10(n) / n), and the flat-top
    window w(t) = 1 up to 1/2, then 2 (1 - t): ``G = sum w(k/M) |k| R(k)``, ``D = 2 (sum w(k/M) R(k))^2``,
    ``length = (2 G^2 / D)^(1/3) n^(1/3)``.
    """
    count = len(values)
    centred = values - values.mean()
    if float(np.abs(centred).max()) <= 1e-12 * float(np.abs(values).max()):
        return 0.0
    run = max(5, int(math.log10(count)))
    lags = math.ceil(math.sqrt(count)) + run
    covariance = np.array([float(centred[k:] @ centred[: count - k]) / count for k in range(lags + 1)])
    used = min(2 * _last_lag(centred, covariance, run), lags)
    k = np.arange(1, used + 1)
    window = np.where(k / used <= 0.5, 1.0, 2.0 * (1.0 - k / used))
    slope = float(2.0 * (window * k * covariance[1 : used + 1]).sum())
    level = float(covariance[0] + 2.0 * (window * covariance[1 : used + 1]).sum())
    longest = float(math.ceil(min(3.0 * math.sqrt(count), count / 3.0)))
    if level == 0.0:
        return longest
    return min(float((slope**2 / level**2) ** (1.0 / 3.0) * count ** (1.0 / 3.0)), longest)


def _last_lag(centred: Floats, covariance: Floats, run: int) -> int:
    """Return the first of ``run`` lags in a row without a notable autocorrelation; all lags when there is none."""
    count = len(centred)
    bound = 2.0 * math.sqrt(math.log10(count) / count)
    before = np.array([_norm(centred, k + 1) for k in range(len(covariance))])
    small = np.abs(covariance) * count < bound * before
    for lag in range(1, len(covariance) - run):
        if small[lag : lag + run].all():
            return lag
    return len(covariance)


def _norm(centred: Floats, k: int) -> float:
    head, tail = centred[:-k], centred[k:]
    return math.sqrt(float(head @ head) * float(tail @ tail))
