"""Is the best trial better than a benchmark, knowing that it was searched for? White (2000) and Hansen (2005)."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.overfitting.stationary_bootstrap import count_draws, draw_indices

Floats = npt.NDArray[np.float64]

_COLUMNS = 1_000  # trials at a time: bounds the memory


@dataclass(frozen=True, slots=True)
class SearchTest:
    """Two p-values of "no trial beats the benchmark"; small means that one does."""

    spa_p: float  # Hansen: each trial over its own risk, hopeless trials not held against the best
    reality_check_p: float  # White: mean returns as they are, stricter when the search holds many bad trials


def superior_ability(excess_returns: Floats, mean_block: float, draws: int, seed: int) -> SearchTest:
    """Return the p-values of the hypothesis that no trial has a mean return above the benchmark's.

    Parameters
    ----------
    excess_returns : float64 array of shape (days, trials)
        Daily returns less the benchmark's on the same day, oldest first; finite and with variance, at least 16 days.
    mean_block : float
        Mean block length in days, one for all trials: each resample takes the same days from every trial.
    draws : int
        Resamples; the smallest p-value is ``1 / (draws + 1)``.
    seed : int
        Of the resamples.

    Returns
    -------
    SearchTest
        Both in (0, 1].

    Notes
    -----
    Source: White (2000), A Reality Check for Data Snooping; Hansen (2005), A Test for Superior Predictive Ability:
    ``max(0, max_k sqrt(T) d_k / w_k)`` against resamples recentred by ``d_k 1{d_k >= -w_k sqrt(2 ln ln T / T)}``, w_k
    from `standard_errors`. Not ``arch.bootstrap.SPA``: its 8.0 takes w_k for the threshold only and never divides by
    it, so a steady winner hides behind wild losers; its upper p-value is White's, to which the tests hold this one.
    """
    days, trials = excess_returns.shape
    weights = count_draws(draw_indices(days, mean_block, draws, seed), days) / days
    observed = np.full(2, -math.inf)
    resampled = np.full((2, draws), -math.inf)
    for first in range(0, trials, _COLUMNS):
        block = excess_returns[:, first : first + _COLUMNS]
        for row, (found, drawn) in enumerate(_scores(block, weights, mean_block)):
            observed[row] = max(observed[row], found)
            np.maximum(resampled[row], drawn, out=resampled[row])
    hansen, white = observed
    return SearchTest(
        _p_value(max(hansen, 0.0), np.maximum(resampled[0], 0.0)),
        _p_value(white, resampled[1]),
    )


def _scores(excess: Floats, weights: Floats, mean_block: float) -> tuple[tuple[float, Floats], tuple[float, Floats]]:
    """Return the best score and each resample's best score, for Hansen and for White."""
    days = len(excess)
    mean = excess.mean(axis=0)
    drawn = weights @ excess
    error = standard_errors(excess, mean_block)
    hopeless = mean < -error * math.sqrt(2.0 * math.log(math.log(days)))
    hansen = ((drawn - np.where(hopeless, 0.0, mean)) / error).max(axis=1)
    return (float((mean / error).max()), hansen), (float(mean.max()), (drawn - mean).max(axis=1))


def standard_errors(series: Floats, mean_block: float) -> Floats:
    """Return the standard deviation of each column's mean under the stationary bootstrap, exactly.

    Parameters
    ----------
    series : float64 array of shape (n, columns)
        Oldest first.
    mean_block : float
        Mean block length, >= 1.

    Returns
    -------
    float64 array of shape (columns,)
        In the units of ``series``: Hansen's ``w_k / sqrt(T)``, what infinitely many resamples would show.

    Notes
    -----
    Source: Politis & Romano (1994), lemma 1, c_i circular autocovariances (by Fourier transform).
    ``Var = (c_0 + 2 sum_i (1 - i/n) (1 - 1/mean_block)^i c_i) / n``.
    """
    n = len(series)
    spectrum = np.fft.rfft(series - series.mean(axis=0), axis=0)
    covariances = np.fft.irfft(np.abs(spectrum) ** 2, n, axis=0) / n
    lags = np.arange(n)
    share = 2.0 * (1.0 - lags / n) * (1.0 - 1.0 / mean_block) ** lags
    share[0] = 1.0
    return np.asarray(np.sqrt(share @ covariances / n), dtype=np.float64)


def _p_value(observed: float, resampled: Floats) -> float:
    return (1.0 + float((resampled >= observed).sum())) / (len(resampled) + 1.0)
