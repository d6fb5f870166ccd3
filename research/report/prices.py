"""The candles of the price chart: what the runner hands over, and how few of them the page needs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WINDOW_BARS = 40


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Signal bars of one instrument, oldest first.

    Parameters
    ----------
    ts_ns : int64 array of shape (n,)
        Bar **close** times, nanoseconds UTC, strictly rising.
    open, high, low, close : float64 arrays of shape (n,)
        Prices in quote units, no NaN.
    """

    ts_ns: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.ts_ns)


def thin_all(
    prices: Mapping[str, PriceSeries], spans: Mapping[str, tuple[Ints, Ints]], budget_bars: int
) -> dict[str, PriceSeries]:
    """Return the candles the page carries, about ``budget_bars`` in all.

    Parameters
    ----------
    prices : mapping of instrument id to PriceSeries
        Full resolution.
    spans : mapping of instrument id to (entry_ns, exit_ns)
        The trades of an instrument; the bars from 40 before an entry to 40 after its exit stay as they are.
    budget_bars : int
        When all bars fit they all stay; else bars outside those windows are merged by the smallest count that
        brings the total near the budget.

    Returns
    -------
    dict
        Same keys and order. Merged candles are true candles: first open, highest high, lowest low, last close, last
        close time.
    """
    total = sum(map(len, prices.values()))
    if total <= budget_bars:
        return dict(prices)
    keep = {key: near_trades(series.ts_ns, *spans.get(key, (_NONE, _NONE))) for key, series in prices.items()}
    kept = sum(int(mask.sum()) for mask in keep.values())
    every = -(-(total - kept) // max(budget_bars - kept, budget_bars // 10, 1))
    return {key: merge_bars(series, keep[key], every) for key, series in prices.items()}


def near_trades(ts_ns: Ints, entry_ns: Ints, exit_ns: Ints, window_bars: int = WINDOW_BARS) -> Mask:
    """Return a mask of the bars within ``window_bars`` of any trade, shape (n,)."""
    first = np.maximum(np.searchsorted(ts_ns, entry_ns) - window_bars, 0)
    after = np.minimum(np.searchsorted(ts_ns, exit_ns) + window_bars, len(ts_ns))
    steps = np.zeros(len(ts_ns) + 1, dtype=np.int64)
    np.add.at(steps, first, 1)
    np.add.at(steps, after, -1)
    return np.asarray(np.cumsum(steps[:-1]) > 0)


def merge_bars(series: PriceSeries, keep: Mask, every: int) -> PriceSeries:
    """Return the series with each run of bars outside ``keep`` merged ``every`` at a time.

    >>> rise = np.arange(5.0)
    >>> bars = PriceSeries(np.arange(5), rise, rise + 1, rise - 1, rise)
    >>> merge_bars(bars, np.array([False, False, False, True, True]), 2).close.tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    rows = np.arange(len(series))
    turns = np.concatenate(([True], keep[1:] != keep[:-1]))[: len(rows)]
    since_turn = rows - np.maximum.accumulate(np.where(turns, rows, 0))
    starts = np.flatnonzero(keep | turns | (since_turn % every == 0))
    if len(starts) == 0:
        return series
    last = np.append(starts[1:], len(series)) - 1
    return PriceSeries(
        ts_ns=series.ts_ns[last],
        open=series.open[starts],
        high=np.maximum.reduceat(series.high, starts),
        low=np.minimum.reduceat(series.low, starts),
        close=series.close[last],
    )


_NONE: Ints = np.zeros(0, dtype=np.int64)
