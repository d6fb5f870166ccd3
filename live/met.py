"""The price that an order met when it could first trade, told from the quotes before its first fill (Spec 7.2, D28)."""

import math
from collections import deque
from typing import NamedTuple

KEPT = 512


class Quote(NamedTuple):
    """Best prices at one moment."""

    ts_ns: int
    bid: float
    ask: float


class MetPrices:
    """Remember quotes and, for every order, the price it met.

    A market order meets the other side's best price. A stop meets the first quote beyond its trigger; when none was
    seen, the market jumped it, and it met its first fill: the jump is told by ALERT_STOP_UNFILLED, it is not slippage.
    """

    def __init__(self) -> None:
        self._quotes: dict[str, deque[Quote]] = {}
        self._met: dict[str, float] = {}

    def on_quote(self, instrument_id: str, ts_ns: int, bid: float, ask: float) -> None:
        """Take a quote; quotes come oldest first."""
        found = self._quotes.get(instrument_id)
        if found is None:
            found = self._quotes[instrument_id] = deque(maxlen=KEPT)
        found.append(Quote(ts_ns, bid, ask))

    def on_fill(
        self, order_id: str, instrument_id: str, *, buys: bool, trigger: float, price: float, ts_ns: int
    ) -> None:
        """Take a fill; only the first of an order counts. ``trigger`` is NaN for an order without one."""
        if order_id in self._met:
            return
        best = self._best(instrument_id, ts_ns, buys=buys)
        if math.isnan(trigger):
            self._met[order_id] = best
            return
        worse = 1.0 if buys else -1.0
        if worse * (best - trigger) >= 0.0:
            self._met[order_id] = best
        else:
            self._met[order_id] = price if worse * (price - trigger) > 0.0 else trigger

    def take(self, order_id: str) -> float:
        """Return the price that an order met, once; NaN when nobody noted it."""
        return self._met.pop(order_id, math.nan)

    def _best(self, instrument_id: str, ts_ns: int, *, buys: bool) -> float:
        for quote in reversed(self._quotes.get(instrument_id, ())):
            if quote.ts_ns < ts_ns:
                return quote.ask if buys else quote.bid
        return math.nan
