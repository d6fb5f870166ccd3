"""What an equity curve says by itself: daily returns and drawdowns, no annualisation and no trades."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY_NS = 86_400_000_000_000


def daily_returns(ts_ns: Ints, equity: Floats, start_equity: float, every_day: bool) -> Floats:
    """Return the simple return of every UTC day, oldest first.

    Parameters
    ----------
    ts_ns : int64 array of shape (n,)
        Nanoseconds UTC, oldest first, repeats allowed (the last row of a stamp counts).
    equity : float64 array of shape (n,)
        Account equity in quote units.
    start_equity : float
        Equity in quote units before the first row; the first day's return is measured against it.
    every_day : bool
        True (24/7 markets): a day without rows carries the equity forward, its return is 0.
        False (equities): only days that have rows count.

    Returns
    -------
    float64 array of shape (days,)
        Fractions (0.01 is 1 %). Empty without rows. NaN on a day that follows an equity that is
        not above zero, or that is NaN: there is nothing to measure against.

    Notes
    -----
    Source: D36. ``r(d) = E(d) / E(d-1) - 1``, E(d) the last equity stamped within UTC day d. A stamp of
    exactly 00:00 belongs to the day that begins.

    >>> day = 86_400_000_000_000
    >>> daily_returns(np.array([1, day, 3 * day]), np.array([101.0, 101.0, 202.0]), 100.0, True).round(6).tolist()
    [0.01, 0.0, 0.0, 1.0]
    """
    closes = daily_closes(ts_ns, equity, every_day)[1]
    before = np.concatenate(([start_equity], closes))[: len(closes)]
    base = np.where(before > 0.0, before, np.nan)
    return np.asarray(closes / base - 1.0, dtype=np.float64)


def daily_closes(ts_ns: Ints, equity: Floats, every_day: bool) -> tuple[Ints, Floats]:
    """Return the UTC days (days since 1970-01-01) and the last equity of each, with the rules of `daily_returns`."""
    days = np.asarray(ts_ns, dtype=np.int64) // DAY_NS
    values = np.asarray(equity, dtype=np.float64)
    if len(days) == 0:
        return days, values
    last = np.flatnonzero(np.append(days[1:] != days[:-1], True))
    if not every_day:
        return days[last], values[last]
    full = np.arange(days[0], days[-1] + 1)
    held = np.searchsorted(days[last], full, side="right") - 1
    return full, values[last][held]


def drawdown_fracs(equity: Floats) -> Floats:
    """Return the distance below the running peak as a fraction of the peak, one per row.

    Parameters
    ----------
    equity : float64 array of shape (n,)
        Quote units, oldest first. Prepend the start equity if it is to count as a peak.

    Returns
    -------
    float64 array of shape (n,)
        0 at a peak; in [0, 1] while equity is not negative, above 1 when equity is. NaN while no peak above 0
        has been seen.

    Notes
    -----
    Source: Spec 3.4. ``(Peak - Equity) / Peak``.

    >>> drawdown_fracs(np.array([100.0, 110.0, 99.0])).round(6).tolist()
    [0.0, 0.0, 0.1]
    """
    values = np.asarray(equity, dtype=np.float64)
    peak = np.maximum.accumulate(values)
    return np.asarray((peak - values) / np.where(peak > 0.0, peak, np.nan), dtype=np.float64)


def max_drawdown_frac(equity: Floats) -> float:
    """Return the largest peak-to-trough fall as a fraction of the peak.

    Parameters
    ----------
    equity : float64 array of shape (n,)
        Quote units, oldest first, start equity included.

    Returns
    -------
    float
        0 for a curve that never falls; NaN when it is empty or holds a NaN.

    Notes
    -----
    Source: Spec 3.4. ``MAX[(Peak - Trough) / Peak]``.

    >>> max_drawdown_frac(np.array([100.0, 120.0, 90.0, 130.0]))
    0.25
    """
    falls = drawdown_fracs(equity)
    return float(falls.max()) if len(falls) else float("nan")


def max_drawdown_quote(equity: Floats) -> float:
    """Return the largest peak-to-trough fall in quote units; NaN when empty. It need not be the largest fraction.

    >>> max_drawdown_quote(np.array([100.0, 120.0, 90.0, 130.0]))
    30.0
    """
    values = np.asarray(equity, dtype=np.float64)
    return float((np.maximum.accumulate(values) - values).max()) if len(values) else float("nan")


def longest_drawdown_days(ts_ns: Ints, equity: Floats) -> float:
    """Return the longest time between two peaks, in days of 24 h.

    Parameters
    ----------
    ts_ns, equity : arrays of shape (n,)
        Nanoseconds UTC and quote units, oldest first.

    Returns
    -------
    float
        From the last row at a peak to the row that reaches it again, or to the last row while it is not
        reached. 0 when equity never falls, NaN when empty.

    >>> day = 86_400_000_000_000
    >>> longest_drawdown_days(np.array([0, 1, 2, 5]) * day, np.array([100.0, 90.0, 100.0, 101.0]))
    2.0
    """
    values = np.asarray(equity, dtype=np.float64)
    if len(values) == 0:
        return float("nan")
    at_peak = values >= np.maximum.accumulate(values)
    under = ~at_peak
    peak_row = np.maximum.accumulate(np.where(at_peak, np.arange(len(values)), 0))
    ends = np.flatnonzero(np.concatenate(([False], under[:-1])) | under)
    since = np.where(at_peak[ends], peak_row[ends - 1], peak_row[ends])
    return float(np.max(ts_ns[ends] - ts_ns[since], initial=0)) / DAY_NS
