"""The mean bid-ask spread of the last hour (Spec 7.2, D33): pure, one step per quote."""

import math

import numpy as np

from risk.limits.entry import Spread

NS = 1_000_000_000
BUCKET_NS = 60 * NS
BUCKETS = 60


class SpreadMeter:
    """Follow one instrument's quotes; answer with the spread now and its mean over the last hour.

    The mean is weighted by time, minute by minute, so that a burst of quotes counts no more than a quiet minute.
    Before ten minutes have been seen there is no mean: the spread is then not known, and nothing is entered (D32).

    >>> meter = SpreadMeter()
    >>> meter.push(0, 99.0, 101.0)
    >>> meter.push(1800 * NS, 98.0, 102.0)
    >>> meter.read(3600 * NS)
    Spread(now_frac=0.04, mean_frac=0.03)
    """

    LEAST_NS = 10 * BUCKET_NS

    def __init__(self) -> None:
        self._sums = np.zeros(BUCKETS + 1)
        self._times = np.zeros(BUCKETS + 1)
        self._minute = -1
        self._last_ns = 0
        self._now = math.nan

    def push(self, ts_ns: int, bid: float, ask: float) -> None:
        """Take a quote; quotes come oldest first. One that is crossed or empty makes the spread unknown."""
        self._elapse(ts_ns)
        mid = 0.5 * (bid + ask)
        self._now = (ask - bid) / mid if 0.0 < bid <= ask < math.inf else math.nan

    def read(self, ts_ns: int) -> Spread:
        """Return the spread as it is at a moment."""
        self._elapse(ts_ns)
        seen_ns = float(self._times.sum())
        mean = float(self._sums.sum()) / seen_ns if seen_ns >= self.LEAST_NS else math.nan
        return Spread(self._now, mean)

    def _elapse(self, ts_ns: int) -> None:
        """Book the present spread for the time since the last look, minute by minute."""
        ts_ns = max(ts_ns, self._last_ns)  # time does not go back
        if self._minute < 0:
            self._minute, self._last_ns = ts_ns // BUCKET_NS, ts_ns
            return
        start_ns = max(self._last_ns, ts_ns - BUCKETS * BUCKET_NS)
        while start_ns < ts_ns:
            minute = start_ns // BUCKET_NS
            if minute != self._minute:
                self._forget(minute)
            end_ns = min(ts_ns, (minute + 1) * BUCKET_NS)
            if not math.isnan(self._now):
                self._sums[minute % (BUCKETS + 1)] += self._now * (end_ns - start_ns)
                self._times[minute % (BUCKETS + 1)] += end_ns - start_ns
            start_ns = end_ns
        if ts_ns // BUCKET_NS != self._minute:
            self._forget(ts_ns // BUCKET_NS)
        self._last_ns = max(self._last_ns, ts_ns)

    def _forget(self, minute: int) -> None:
        """Clear the buckets of the minutes from the last one seen up to ``minute``: they held an hour ago."""
        for skipped in range(max(self._minute + 1, minute - BUCKETS), minute + 1):
            self._sums[skipped % (BUCKETS + 1)] = 0.0
            self._times[skipped % (BUCKETS + 1)] = 0.0
        self._minute = minute
