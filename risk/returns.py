"""Hourly log returns of the last 30 days, and how alike two markets move (Spec 5.6, D16)."""

import math
from collections.abc import Mapping, Sequence

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
def summarise(hours: IntArray, returns: FloatArray, row: int, last_hour: int, sums: FloatArray) -> None:
    """Write how many hours of the window one row has, the sum of its returns and that of their squares."""
    first_hour = last_hour - hours.shape[1] + 1
    count = 0
    total = 0.0
    square = 0.0
    for slot in range(hours.shape[1]):
        if first_hour <= hours[row, slot] <= last_hour:
            x = returns[row, slot]
            count += 1
            total += x
            square += x * x
    sums[row, 0], sums[row, 1], sums[row, 2] = count, total, square


@compiled
def correlate(
    hours: IntArray, returns: FloatArray, sums: FloatArray, a: int, b: int, last_hour: int
) -> tuple[int, float]:
    """Return the common hours of two rows and Pearson's correlation of their returns in them.

    Parameters
    ----------
    hours, returns : int64 and float64, shape (instruments, window)
        Ring buffers: the return of hour ``h`` stands at ``h % window``, and ``hours`` says which hour that is.
    sums : float64, shape (instruments, 3)
        What ``summarise`` wrote of each row for ``last_hour``.
    last_hour : int
        Newest complete hour; the window ends with it.

    Returns
    -------
    tuple
        Number of common hours; correlation, NaN with fewer than two of them or when a row does not move.
    """
    window = hours.shape[1]
    if sums[a, 0] == window and sums[b, 0] == window and window % 4 == 0:  # never closed: all hours are common
        return pearson(window, sums[a, 1], sums[b, 1], sums[a, 2], sums[b, 2], _product(returns[a], returns[b]))
    first_hour = last_hour - window + 1
    hours_a, hours_b, returns_a, returns_b = hours[a], hours[b], returns[a], returns[b]
    count = 0
    sum_a = 0.0
    sum_b = 0.0
    square_a = 0.0
    square_b = 0.0
    both = 0.0
    for slot in range(window):
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
    return pearson(count, sum_a, sum_b, square_a, square_b, both)


@compiled
def pearson(count: int, sum_a: float, sum_b: float, square_a: float, square_b: float, both: float) -> tuple[int, float]:
    """Return the count and the correlation that sums make: returns lie around zero, so nothing cancels out."""
    if count < 2:
        return count, np.nan
    var_a = square_a - sum_a * sum_a / count
    var_b = square_b - sum_b * sum_b / count
    if var_a <= STILL * square_a or var_b <= STILL * square_b:
        return count, np.nan
    return count, (both - sum_a * sum_b / count) / (np.sqrt(var_a) * np.sqrt(var_b))


@compiled
def _product(x: FloatArray, y: FloatArray) -> float:
    """Return the sum of products of a multiple of four values; in four lanes, which a processor adds at once."""
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    for i in range(0, x.size, 4):
        a += x[i] * y[i]
        b += x[i + 1] * y[i + 1]
        c += x[i + 2] * y[i + 2]
        d += x[i + 3] * y[i + 3]
    return (a + b) + (c + d)


@compiled
def most_alike(
    hours: IntArray,
    returns: FloatArray,
    sums: FloatArray,
    row: int,
    others: IntArray,
    last_hour: int,
    min_hours: int,
) -> tuple[int, int, float]:
    """Return which of ``others`` a row is most alike with: its row, the common hours and the correlation.

    A pair with too few common hours, or none that moves, comes before any number: it counts as correlated. A row is no
    other of itself; -1 when there is none.
    """
    worst, worst_hours, worst_value = -1, 0, -np.inf
    for other in others:
        if other == row:
            continue
        count, value = correlate(hours, returns, sums, row, other, last_hour)
        if count < min_hours or np.isnan(value):
            return other, count, value
        if value > worst_value:
            worst, worst_hours, worst_value = other, count, value
    return worst, worst_hours, worst_value


class Peers:
    """The instruments that a candidate may be too alike with, in the order they were added; they only become more."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        self._rows = rows
        self._names: dict[str, None] = {}
        self._buffer = np.zeros(max(len(rows), 1), np.int64)
        self._count = 0
        self.unknown = ""  # one that nobody keeps returns of

    def add(self, instrument_id: str) -> None:
        """Add one; twice is once."""
        if instrument_id in self._names:
            return
        self._names[instrument_id] = None
        row = self._rows.get(instrument_id)
        if row is None:
            self.unknown = self.unknown or instrument_id
            return
        self._buffer[self._count] = row
        self._count += 1

    @property
    def rows(self) -> IntArray:
        """Return the rows of those that returns are kept of."""
        return self._buffer[: self._count]

    def any_but(self, instrument_id: str) -> str:
        """Return the first that is another one; empty when there is none."""
        return next((name for name in self._names if name != instrument_id), "")


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
        self._sums = np.zeros((len(self._names), 3))
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

    def peers(self, names: Sequence[str] = ()) -> Peers:
        """Return a set of instruments to compare with."""
        found = Peers(self._rows)
        for name in names:
            found.add(name)
        return found

    def most_alike(self, instrument_id: str, peers: Peers, ts_ns: int, min_hours: int) -> Correlation:
        """Return the worst pair of an instrument with its peers, from hours that are complete at ``ts_ns``.

        An instrument that nobody keeps returns of counts as correlated.
        """
        row = self._rows.get(instrument_id)
        if row is None or peers.unknown not in ("", instrument_id):
            other = peers.unknown if row is not None else peers.any_but(instrument_id)
            return Correlation(other, math.nan, 0) if other else Correlation()
        last_hour = self._bring_up_to(ts_ns)
        worst, hours, value = most_alike(self._hours, self._returns, self._sums, row, peers.rows, last_hour, min_hours)
        return Correlation(self._names[worst], float(value), int(hours)) if worst >= 0 else Correlation()

    def tables(self, ts_ns: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return the arrays that ``correlate`` reads, up to the hours that are complete at ``ts_ns``."""
        self._bring_up_to(ts_ns)
        return self._hours, self._returns, self._sums

    def _bring_up_to(self, ts_ns: int) -> int:
        last_hour = ts_ns // HOUR_NS - 1
        if last_hour != self._last_hour:
            self._end_hours(last_hour)
        return last_hour

    def _end_hours(self, last_hour: int) -> None:
        for row, (hour, _) in enumerate(self._open):
            if hour <= last_hour:
                self._complete(row)
            summarise(self._hours, self._returns, row, last_hour, self._sums)
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
