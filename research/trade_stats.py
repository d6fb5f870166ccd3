"""What a list of closed trades says: net results and R multiples in, one float out.

A trade with a net result above 0 is a win, below 0 a loss, at 0 neither (D30). Values that are not finite
(a trade without a stop has no R) are left out. Without trades every answer is NaN.
"""

import math

import numpy as np
import numpy.typing as npt

from research.metrics import ratio

Floats = npt.NDArray[np.float64]


def win_rate(net_pnl: Floats) -> float:
    """Return winning trades over all trades, as a fraction (Spec 3.4); break-even trades count as trades.

    Parameters
    ----------
    net_pnl : float64 array of shape (trades,)
        Net results after all costs, quote units or R, any order.

    Returns
    -------
    float
        In [0, 1]; NaN without trades.

    >>> win_rate(np.array([10.0, -5.0, 0.0, 2.0]))
    0.5
    """
    pnl = _finite(net_pnl)
    return float((pnl > 0.0).mean()) if len(pnl) else math.nan


def profit_factor(net_pnl: Floats) -> float:
    """Return the sum of wins over the sum of losses.

    Parameters
    ----------
    net_pnl : float64 array of shape (trades,)
        Net results in quote units: costs are in the wins and in the losses.

    Returns
    -------
    float
        ``inf`` with wins and no loss, NaN with neither.

    Notes
    -----
    Source: Spec 3.4. ``sum(pnl > 0) / -sum(pnl < 0)``.

    >>> profit_factor(np.array([30.0, -10.0, 10.0]))
    4.0
    """
    pnl = _finite(net_pnl)
    return ratio(float(pnl[pnl > 0.0].sum()), -float(pnl[pnl < 0.0].sum()))


def expectancy_r(r_multiples: Floats) -> float:
    """Return the expected result of one trade, in units of the risk taken.

    Parameters
    ----------
    r_multiples : float64 array of shape (trades,)
        Net result of each trade over its initial risk.

    Returns
    -------
    float
        R per trade; NaN without trades.

    Notes
    -----
    Source: Spec 3.3.1. ``Win_Rate * Avg_Win - Loss_Rate * Avg_Loss`` with both rates over *all* trades and
    Avg_Loss a magnitude. A break-even trade adds 0 to both terms, so this is the mean R.

    >>> round(expectancy_r(np.array([3.0] * 42 + [-1.0] * 58)), 6)
    0.68
    """
    r = _finite(r_multiples)
    if len(r) == 0:
        return math.nan
    wins, losses = r[r > 0.0], r[r < 0.0]
    gain = len(wins) / len(r) * float(wins.mean()) if len(wins) else 0.0
    loss = len(losses) / len(r) * -float(losses.mean()) if len(losses) else 0.0
    return gain - loss


def fee_to_pnl_frac(fees: Floats, gross_pnl: Floats) -> float:
    """Return fees over gross profit; above 0.3 the signal frequency is to be reviewed.

    Parameters
    ----------
    fees, gross_pnl : float64 arrays of shape (trades,)
        Quote units. Gross profit is the sum of the gross results above 0.

    Returns
    -------
    float
        Fraction; ``inf`` for fees without any gross profit, NaN without either.

    Notes
    -----
    Source: Spec 7.3, there per day; pass one day's trades for that.

    >>> fee_to_pnl_frac(np.array([1.0, 1.0]), np.array([10.0, -4.0]))
    0.2
    """
    pnl = _finite(gross_pnl)
    return ratio(float(_finite(fees).sum()), float(pnl[pnl > 0.0].sum()))


def longest_losing_streak(net_pnl: Floats) -> int:
    """Return the most losses in a row, trades ordered by exit; a break-even trade ends a streak (D30).

    >>> longest_losing_streak(np.array([-1.0, -1.0, 0.0, -1.0]))
    2
    """
    losing = np.concatenate(([0], (np.asarray(net_pnl) < 0.0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(losing))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def mean(values: Floats) -> float:
    """Return the mean of the finite values; NaN without any.

    >>> mean(np.array([1.0, 3.0, np.nan]))
    2.0
    """
    finite = _finite(values)
    return float(finite.mean()) if len(finite) else math.nan


def _finite(values: Floats) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    return array[np.isfinite(array)]
