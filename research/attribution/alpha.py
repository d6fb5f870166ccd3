"""How sure an alpha is."""

import math

import numpy as np
import numpy.typing as npt

from research.benchmark import alpha_beta

Floats = npt.NDArray[np.float64]


def alpha_error(returns: Floats, benchmark: Floats, annual_days: int) -> float:
    """Return the standard error of the alpha of `research.benchmark.alpha_beta`, per year.

    Parameters
    ----------
    returns, benchmark : float64 arrays of shape (days,)
        Daily returns of the same days, fractions, oldest first.
    annual_days : int
        365 or 252.

    Returns
    -------
    float
        Fraction per year; NaN with fewer than ten days or a benchmark that does not move.

    Notes
    -----
    Source: Newey & West (1987): residuals may be uneven and follow each other. Bartlett weights over
    ``floor(4 (days / 100)^(2/9))`` lags (Newey & West 1994), small-sample factor ``days / (days - 2)``. Agrees with
    statsmodels' HAC (tested).
    """
    days = len(returns)
    alpha, beta = alpha_beta(returns, benchmark, annual_days)
    if days < 10 or not math.isfinite(beta):
        return math.nan
    design = np.column_stack((np.ones(days), benchmark))
    scores = design * (returns - alpha / annual_days - beta * benchmark)[:, np.newaxis]
    meat = scores.T @ scores
    lags = int(4.0 * (days / 100.0) ** (2.0 / 9.0))
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    bread = np.linalg.inv(design.T @ design)
    variance = float((bread @ meat @ bread)[0, 0]) * days / (days - 2)
    return annual_days * math.sqrt(max(variance, 0.0))
