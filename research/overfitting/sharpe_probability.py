"""How sure a Sharpe ratio is, given its track record (Bailey & Lopez de Prado 2012). Ratios here are per day."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from research.metrics import sharpe

Floats = npt.NDArray[np.float64]

NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class DailyMoments:
    """What the formulas need of a track record; NaN throughout when it has no variance."""

    days: int
    sharpe: float  # per day, not annualised
    skewness: float
    kurtosis: float  # 3 for a normal distribution


def daily_moments(returns: Floats) -> DailyMoments:
    """Return Sharpe, skewness and kurtosis of daily returns.

    Parameters
    ----------
    returns : float64 array of shape (days,)
        Fractions, any order.

    Returns
    -------
    DailyMoments
        Population skewness and kurtosis (not excess). NaN with fewer than two days, a NaN, or no variance.

    >>> daily_moments(np.array([0.01, 0.03, 0.02, 0.02])).kurtosis
    2.0
    """
    r = np.asarray(returns, dtype=np.float64)
    ratio = sharpe(r, 1)
    if math.isnan(ratio):
        return DailyMoments(len(r), math.nan, math.nan, math.nan)
    z = (r - r.mean()) / r.std()
    return DailyMoments(len(r), ratio, float((z**3).mean()), float((z**4).mean()))


def probabilistic_sharpe(moments: DailyMoments, benchmark_sharpe: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio is above a benchmark.

    Parameters
    ----------
    moments : DailyMoments
        Of the track record.
    benchmark_sharpe : float
        Per day, like ``moments.sharpe``.

    Returns
    -------
    float
        In [0, 1]; NaN when a moment is NaN or the standard error is 0. Days are taken as independent: with positive
        autocorrelation it flatters.

    Notes
    -----
    Source: Bailey & Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, eq. 11.
    ``PSR = Phi((SR - SR*) sqrt(T - 1) / sqrt(1 - skew SR + (kurt - 1)/4 SR^2))``.

    >>> round(probabilistic_sharpe(DailyMoments(24, 0.458, -2.448, 10.164)), 3)
    0.913
    """
    spread = _squared_error(moments)
    if not (spread > 0.0 and moments.days > 1):
        return math.nan
    return NORMAL.cdf((moments.sharpe - benchmark_sharpe) * math.sqrt((moments.days - 1) / spread))


def minimum_track_days(moments: DailyMoments, benchmark_sharpe: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many days a track record must have before its Sharpe ratio is above a benchmark with confidence.

    Parameters
    ----------
    moments : DailyMoments
        Its ``days`` are not used.
    benchmark_sharpe : float
        Per day.
    confidence : float
        In (0.5, 1).

    Returns
    -------
    float
        Days, not rounded; ``inf`` when the ratio is not above the benchmark, NaN when a moment is NaN.

    Notes
    -----
    Source: Bailey & Lopez de Prado (2012), eq. 13.
    ``MinTRL = 1 + (1 - skew SR + (kurt - 1)/4 SR^2) (Z(confidence) / (SR - SR*))^2``.

    >>> round(minimum_track_days(DailyMoments(0, 2 / 250**0.5, 0.0, 3.0), 1 / 250**0.5) / 250, 2)
    2.73
    """
    spread, gap = _squared_error(moments), moments.sharpe - benchmark_sharpe
    if math.isnan(spread) or math.isnan(gap):
        return math.nan
    if gap <= 0.0:
        return math.inf
    steps = NORMAL.inv_cdf(confidence) / gap
    return 1.0 + spread * steps * steps  # a product overflows to infinity, a power raises


def _squared_error(moments: DailyMoments) -> float:
    """Return the variance of the Sharpe estimate times (T - 1) (Mertens 2002)."""
    ratio = moments.sharpe
    return 1.0 - moments.skewness * ratio + (moments.kurtosis - 1.0) / 4.0 * ratio**2
