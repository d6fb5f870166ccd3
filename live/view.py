"""What a live system knows of its markets: quotes, their age and spread, hourly closes (D16, D32, D33)."""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from live.halts import Halts
from risk.limits.entry import Spread
from risk.returns import HourlyReturns
from risk.spread import SpreadMeter

HOUR_NS = 3_600_000_000_000
NS = 1e9


class LiveView:
    """Take quotes as they come; answer what the risk officer asks.

    Parameters
    ----------
    instrument_ids : iterable of str
    returns : HourlyReturns
        Given each hour's last mid price once that hour is over.
    halts : Halts
    """

    def __init__(self, instrument_ids: Iterable[str], returns: HourlyReturns, halts: Halts) -> None:
        self._returns = returns
        self._halts = halts
        self._meters = {name: SpreadMeter() for name in instrument_ids}
        self._seen_ns = dict.fromkeys(self._meters, 0)
        self._mid = dict.fromkeys(self._meters, math.nan)

    def on_quote(self, instrument_id: str, ts_ns: int, bid: float, ask: float) -> None:
        """Take a quote; ``ts_ns`` is market time."""
        self._close_hour(instrument_id, ts_ns)
        self._meters[instrument_id].push(ts_ns, bid, ask)
        self._seen_ns[instrument_id] = ts_ns
        self._mid[instrument_id] = 0.5 * (bid + ask)

    def load_hours(self, instrument_id: str, close_ns: npt.NDArray[np.int64], close: npt.NDArray[np.float64]) -> None:
        """Take the hourly closes of the past, oldest first."""
        for at_ns, price in zip(close_ns.tolist(), close.tolist(), strict=True):
            self._returns.push(instrument_id, at_ns, price)

    def advance(self, ts_ns: int) -> None:
        """Bring hourly returns up to a moment."""
        for name in self._meters:
            self._close_hour(name, ts_ns)

    def data_age_secs(self, instrument_id: str, ts_ns: int) -> float:
        """Return how old the newest quote is; infinite before the first."""
        seen_ns = self._seen_ns[instrument_id]
        return max(0.0, (ts_ns - seen_ns) / NS) if seen_ns else math.inf

    def spread(self, instrument_id: str, ts_ns: int) -> Spread | None:
        """Return the spread and its mean over the last hour."""
        return self._meters[instrument_id].read(ts_ns)

    def spread_frac(self, instrument_id: str) -> float:
        """Return the spread as it was at the newest quote."""
        return self._meters[instrument_id].read(self._seen_ns[instrument_id]).now_frac

    def halted(self, instrument_id: str) -> str:
        """Return why nothing may be entered; empty when it may."""
        return self._halts.of(instrument_id)

    def _close_hour(self, instrument_id: str, ts_ns: int) -> None:
        """Push the price before an hour's end, once that is past."""
        seen_ns, mid = self._seen_ns[instrument_id], self._mid[instrument_id]
        end_ns = (seen_ns // HOUR_NS + 1) * HOUR_NS
        if seen_ns and ts_ns >= end_ns and mid > 0.0:
            self._returns.push(instrument_id, end_ns, mid)
            self._mid[instrument_id] = math.nan
