"""What a back-test knows of its markets apart from signals: hourly closes, holes in the data, no quotes."""

from collections.abc import Mapping, Sequence

import numpy as np

from research.run_data import Series
from risk.limits.entry import Spread
from risk.returns import HourlyReturns

NS = 1e9


class CandleView:
    """Feed the hourly returns as time passes, and tell where data is missing (D16, D32).

    Parameters
    ----------
    series : sequence of Series
    returns : HourlyReturns
        Given each hour's close only once that hour is over.
    """

    def __init__(self, series: Sequence[Series], returns: HourlyReturns) -> None:
        self._returns = returns
        self._hourly = {one.instrument_id: (one.hour_close_ns, one.hour_close) for one in series}
        self._next = dict.fromkeys(self._hourly, 0)
        self._ages = {one.instrument_id: stale_bars(one) for one in series}

    def advance(self, ts_ns: int) -> None:
        """Bring hourly returns up to a moment."""
        for name, (close_ns, close) in self._hourly.items():
            end = int(np.searchsorted(close_ns, ts_ns, side="right"))
            for row in range(self._next[name], end):
                self._returns.push(name, int(close_ns[row]), float(close[row]))
            self._next[name] = end

    def data_age_secs(self, instrument_id: str, ts_ns: int) -> float:
        """Return how long data was missing in the signal bar that closes now, or right before it."""
        return self._ages[instrument_id].get(ts_ns, 0.0)

    def spread(self, _instrument_id: str, _ts_ns: int) -> Spread | None:
        """Return None: candles have no spread."""
        return None

    def halted(self, _instrument_id: str) -> str:
        """Return nothing: a back-test is always ready."""
        return ""


def stale_bars(series: Series) -> Mapping[int, float]:
    """Return the seconds without data of the signal bars that have a hole in them or right before them, by close."""
    found: dict[int, float] = {}
    opens_ns = series.signal.ts_open_ns.tolist()
    starts_ns = np.array([start_ns for start_ns, _ in series.gaps_ns], np.int64)
    first = np.searchsorted(series.signal.ts_open_ns, starts_ns - series.signal_ns, side="right").tolist()
    for (start_ns, end_ns), row in zip(series.gaps_ns, first, strict=True):
        while row < len(opens_ns) and opens_ns[row] <= end_ns:
            close_ns = opens_ns[row] + series.signal_ns
            missing = (min(end_ns, close_ns) - start_ns) / NS
            found[close_ns] = max(found.get(close_ns, 0.0), missing)
            row += 1  # noqa: PLW2901 - the rows from the first one on
    return found
