"""What the best of many trials is worth (Bailey & Lopez de Prado 2014). Ratios here are per day."""

import math

import numpy as np

from research.overfitting.sharpe_probability import NORMAL, DailyMoments, probabilistic_sharpe


def expected_max_normal(trials: float) -> float:
    """Return the expected maximum of independent standard normal numbers.

    Parameters
    ----------
    trials : float
        How many; need not be whole. Up to 1 the answer is 0: nothing was chosen. From 1 to 2 it is a straight line.

    Returns
    -------
    float
        Standard deviations, >= 0.

    Notes
    -----
    Source: Bailey & Lopez de Prado (2014), eq. 1 without the spread, g = Euler-Mascheroni.
    ``(1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e))``. It is an approximation for large N (N = 10: 1.57, exact 1.54).

    >>> round(expected_max_normal(100), 2)
    2.53
    """
    if trials < 2.0:
        return max(trials - 1.0, 0.0) * expected_max_normal(2.0)
    g = float(np.euler_gamma)
    return (1.0 - g) * NORMAL.inv_cdf(1.0 - 1.0 / trials) + g * NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))


def expected_max_sharpe(sharpe_variance: float, trials: float) -> float:
    """Return the Sharpe ratio that the best of worthless trials is expected to show.

    Parameters
    ----------
    sharpe_variance : float
        Variance of the trials' Sharpe ratios, per day.
    trials : float
        Independent trials.

    Returns
    -------
    float
        Per day, >= 0; NaN when the variance is.

    Notes
    -----
    Source: Bailey & Lopez de Prado (2014), eq. 1 with a mean of 0.

    >>> round(expected_max_sharpe(0.5 / 250, 100), 4)
    0.1132
    """
    return math.sqrt(sharpe_variance) * expected_max_normal(trials)


def deflated_sharpe(moments: DailyMoments, sharpe_variance: float, trials: float) -> float:
    """Return the probability that the true Sharpe ratio is above what luck gives the best of so many trials.

    Parameters
    ----------
    moments : DailyMoments
        Of the chosen trial.
    sharpe_variance, trials : float
        As in `expected_max_sharpe`.

    Returns
    -------
    float
        In [0, 1]; NaN when it is not defined. 0.95 is the customary bar.

    Notes
    -----
    Source: Bailey & Lopez de Prado (2014), eq. 2: the probabilistic Sharpe ratio against the expected maximum.

    >>> round(deflated_sharpe(DailyMoments(1250, 2.5 / 250**0.5, -3.0, 10.0), 0.5 / 250, 100), 4)
    0.9004
    """
    return probabilistic_sharpe(moments, expected_max_sharpe(sharpe_variance, trials))
