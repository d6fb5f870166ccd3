"""Ratios of return to risk (Spec 3.4, D36): arrays in, one float out.

A ratio that is not defined is NaN, a gain over no risk at all is ``inf``; neither is an error. Source and
formula stand at each function.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NO_SPREAD = 1e-12  # a standard deviation this small beside the largest return is rounding, not risk


def sharpe(returns: Floats, annual_days: int, risk_free_frac: float = 0.0) -> float:
    """Return the annualised Sharpe ratio.

    Parameters
    ----------
    returns : float64 array of shape (days,)
        Daily returns as fractions, oldest first.
    annual_days : int
        365 for portfolios that trade every day, 252 for equities.
    risk_free_frac : float
        Risk-free rate per year as a fraction.

    Returns
    -------
    float
        NaN with fewer than two days, a NaN among them, or no variance.

    Notes
    -----
    Source: Spec 3.4, D36; Sharpe (1994). ``mean(r - rf) / std(r, ddof=1) * sqrt(annual_days)``.

    >>> round(sharpe(np.array([0.01, 0.03]), 252), 6)
    22.449944
    """
    r = np.asarray(returns, dtype=np.float64)
    if len(r) < 2 or not np.isfinite(r).all():
        return math.nan
    spread = float(r.std(ddof=1))
    if spread <= _NO_SPREAD * float(np.abs(r).max()):
        return math.nan
    return (float(r.mean()) - _daily_rate(risk_free_frac, annual_days)) / spread * math.sqrt(annual_days)


def sortino(returns: Floats, annual_days: int, risk_free_frac: float = 0.0) -> float:
    """Return the annualised Sortino ratio: only returns under the risk-free rate count as risk.

    Parameters
    ----------
    returns, annual_days, risk_free_frac
        As in `sharpe`.

    Returns
    -------
    float
        ``inf`` with a gain and no day under the rate; NaN with fewer than two days, a NaN among them, or
        neither gain nor loss.

    Notes
    -----
    Source: Spec 3.4, D36; Sortino & Price (1994): the downside deviation is taken over **all** days.
    ``mean(r - rf) / sqrt(mean(min(r - rf, 0)^2)) * sqrt(annual_days)``.

    >>> round(sortino(np.array([0.02, -0.01]), 252), 6)
    11.224972
    """
    r = np.asarray(returns, dtype=np.float64)
    if len(r) < 2 or not np.isfinite(r).all():
        return math.nan
    excess = r - _daily_rate(risk_free_frac, annual_days)
    downside = float(np.sqrt(np.mean(np.minimum(excess, 0.0) ** 2)))
    return ratio(float(excess.mean()) * math.sqrt(annual_days), downside)


def ratio(gain: float, risk: float) -> float:
    """Return ``gain / risk``; over no risk a gain is ``inf`` and anything else NaN.

    >>> ratio(3.0, 2.0), ratio(1.0, 0.0), ratio(0.0, 0.0)
    (1.5, inf, nan)
    """
    if risk > 0.0:
        return gain / risk
    return math.inf if risk == 0.0 and gain > 0.0 else math.nan


def total_return_frac(start_equity: float, end_equity: float) -> float:
    """Return the gain of the whole run as a fraction of the start equity; NaN without a start above 0.

    >>> total_return_frac(100.0, 125.0)
    0.25
    """
    return end_equity / start_equity - 1.0 if start_equity > 0.0 else math.nan


def annual_return_frac(start_equity: float, end_equity: float, days: int, annual_days: int) -> float:
    """Return the compound annual growth rate.

    Parameters
    ----------
    start_equity, end_equity : float
        Quote units.
    days : int
        Number of daily returns between them.
    annual_days : int
        Daily returns in a year: 365 or 252.

    Returns
    -------
    float
        Fraction per year; -1 when nothing is left, ``inf`` when a short run overflows, NaN without days or
        without a start above 0. Under a few months it extrapolates and means little.

    Notes
    -----
    Formula: ``(end / start) ** (annual_days / days) - 1``.

    >>> round(annual_return_frac(100.0, 121.0, 730, 365), 6)
    0.1
    """
    if not (start_equity > 0.0 and days > 0) or math.isnan(end_equity):
        return math.nan
    if end_equity <= 0.0:
        return -1.0
    try:
        return float((end_equity / start_equity) ** (annual_days / days)) - 1.0
    except OverflowError:
        return math.inf


def annual_volatility_frac(returns: Floats, annual_days: int) -> float:
    """Return the standard deviation of daily returns (ddof=1) times ``sqrt(annual_days)``; NaN under two days.

    >>> round(annual_volatility_frac(np.array([0.01, 0.03]), 252), 6)
    0.224499
    """
    r = np.asarray(returns, dtype=np.float64)
    return float(r.std(ddof=1)) * math.sqrt(annual_days) if len(r) > 1 else math.nan


def calmar(annual_return: float, max_drawdown: float) -> float:
    """Return the annual return per unit of maximum drawdown, both fractions.

    Parameters
    ----------
    annual_return : float
        Compound annual growth rate, from `annual_return_frac`.
    max_drawdown : float
        Fraction >= 0, over the whole run.

    Returns
    -------
    float
        ``inf`` for a gain without any drawdown, NaN for neither.

    Notes
    -----
    Source: Spec 3.4; Young (1991), here over the whole run instead of 36 months.

    >>> calmar(0.3, 0.15)
    2.0
    """
    return ratio(annual_return, max_drawdown)


def recovery_factor(net_profit_quote: float, max_drawdown_quote: float) -> float:
    """Return how many times the worst fall was earned.

    Parameters
    ----------
    net_profit_quote : float
        End equity minus start equity, open positions at mark, after all costs.
    max_drawdown_quote : float
        Largest peak-to-trough fall of equity in the same money, not its fraction.

    Returns
    -------
    float
        Negative for a loss, ``inf`` for a profit without any fall, NaN for neither.

    Notes
    -----
    Source: Spec 3.4. ``Net Profit / Max Drawdown``.

    >>> recovery_factor(300.0, 100.0)
    3.0
    """
    return ratio(net_profit_quote, max_drawdown_quote)


def _daily_rate(risk_free_frac: float, annual_days: int) -> float:
    return float((1.0 + risk_free_frac) ** (1.0 / annual_days)) - 1.0
