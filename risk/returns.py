"""Hourly log returns of the last 30 days, and how alike two markets move (Spec 5.6, D16)."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from compiled import compiled
from risk.limits.entry import Correlation

HOUR_NS = 3_600_000_000_000
NEVER = -(2**62)
STILL = 1e-12  # a share of its squares under which a series does not move

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@compiled
def correlate(hours: IntArray, returns: FloatArray, a: int, b: int, last_hour: int) -> tuple[int, float]:
    """Return the common hours of two rows and Pearson's correlation of their returns in them.

    Parameters
    ----------
    hours, returns : int64 and float64, shape (instruments, window)
        Ring buffers: the return of hour ``h`` stands at ``h % window``, and ``hours`` says which hour that is.
    last_hour : int
        Newest complete hour; the window ends with it.

    Returns
    -------
    tuple
        Number of common hours; correlation, NaN with fewer than two of them or when a row does not move.
    """
    first_hour = last_hour - hours.shape[1] + 1
    hours_a, hours_b, returns_a, returns_b = hours[a], hours[b], returns[a], returns[b]
    count = 0
    sum_a = 0.0
    sum_b = 0.0
    square_a = 0.0
    square_b = 0.0
    both = 0.0
    for slot in range(hours_a.size):  # one pass: returns lie around zero, so that nothing is lost to cancellation
        hour = hours_a[slot]
        if hour == hours_b[slot] and first_hour <= hour <= last_hour:
            x = returns_a[slot]
            y = returns_b[slot]
            count += 1
            sum_a += x
            sum_b += y
            square_a += x * x
            square_b += y * y
            both += x * y
    if count < 2:
        return count, np.nan
    var_a = square_a - sum_a * sum_a / count
    var_b = square_b - sum_b * sum_b / count
    if var_a <= STILL * square_a or var_b <= STILL * square_b:
        return count, np.nan
    return count, (both - sum_a * sum_b / count) / (np.sqrt(var_a) * np.sqrt(var_b))


@compiled
def most_alike(
    hours: IntArray, returns: FloatArray, row: int, others: IntArray, last_hour: int, min_hours: int
) -> tuple[int, int, float]:
    """Return which of ``others`` a row is most alike with: its row, the common hours and the correlation.

    A pair with too few common hours, or none that moves, comes before any number: it counts as correlated.
    """
    worst, worst_hours, worst_value = -1, 0, -np.inf
    for other in others:
        count, value = correlate(hours, returns, row, other, last_hour)
        if count < min_hours or np.isnan(value):
            return other, count, value
        if value > worst_value:
            worst, worst_hours, worst_value = other, count, value
    return worst, worst_hours, worst_value


class HourlyReturns:
    """Keep the hourly returns of every instrument of an account.

    A close belongs to the hour in which it falls, a close on the hour to the one that ends; the newest in an hour
    counts. A return needs the hour before it too.

    Parameters
    ----------
    instrument_ids : sequence of str
    days : int
        Length of the window.
    """

    def __init__(self, instrument_ids: Sequence[str], days: int) -> None:
        self._rows = {name: row for row, name in enumerate(instrument_ids)}
        self._names = list(instrument_ids)
        self._hours = np.full((len(self._names), days * 24), NEVER, np.int64)
        self._returns = np.zeros((len(self._names), days * 24))
        self._open: list[tuple[int, float]] = [(NEVER, math.nan)] * len(self._names)  # hour under way, its last close
        self._last_hour = NEVER  # up to which all hours are complete
        self._done: list[tuple[int, float]] = [(NEVER, math.nan)] * len(self._names)  # newest complete hour, its close

    def push(self, instrument_id: str, close_ns: int, close: float) -> None:
        """Take a close; closes of one instrument come oldest first."""
        row = self._rows[instrument_id]
        hour = (close_ns - 1) // HOUR_NS
        if hour != self._open[row][0]:
            self._complete(row)
        self._open[row] = (hour, close)
        self._last_hour = NEVER

    def most_alike(self, instrument_id: str, others: Sequence[str], ts_ns: int, min_hours: int) -> Correlation:
        """Return the worst pair of an instrument with others, from hours that are complete at ``ts_ns``.

        An instrument that nobody keeps returns of counts as correlated.
        """
        if not others:
            return Correlation()
        unknown = [name for name in (instrument_id, *others) if name not in self._rows]
        if unknown:
            return Correlation(unknown[0] if unknown[0] != instrument_id else others[0], math.nan, 0)
        last_hour = ts_ns // HOUR_NS - 1
        if last_hour != self._last_hour:
            self._end_hours(last_hour)
        rows = np.array([self._rows[name] for name in others], np.int64)
        worst, hours, value = most_alike(
            self._hours, self._returns, self._rows[instrument_id], rows, last_hour, min_hours
        )
        return Correlation(self._names[worst], float(value), int(hours))

    def _end_hours(self, last_hour: int) -> None:
        for row, (hour, _) in enumerate(self._open):
            if hour <= last_hour:
                self._complete(row)
        self._last_hour = last_hour

    def _complete(self, row: int) -> None:
        hour, close = self._open[row]
        before, previous = self._done[row]
        if hour in (before, NEVER):
            return
        if before == hour - 1 and previous > 0.0 and close > 0.0:
            slot = hour % self._hours.shape[1]
            self._hours[row, slot] = hour
            self._returns[row, slot] = math.log(close / previous)
        self._done[row] = (hour, close)
