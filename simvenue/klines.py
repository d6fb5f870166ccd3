"""Candles as the venue shows them: what was before the replay began, and what its trades have added since."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal

from simvenue.orders import Side
from simvenue.prices.bars import Bars

MINUTE_MS = 60_000
INTERVALS_MS = {
    name: int(name[:-1]) * unit
    for unit, names in (
        (MINUTE_MS, ("1m", "3m", "5m", "15m", "30m")),
        (3_600_000, ("1h", "2h", "4h", "6h", "8h", "12h")),
        (86_400_000, ("1d", "3d")),
    )
    for name in names
}
FIELDS = ("open", "high", "low", "close", "volume", "quote", "buy", "buy_quote", "trades")


@dataclass(frozen=True, slots=True)
class Kline:
    """Hold one candle; ``buy`` is what takers bought, in base units."""

    open_ms: int
    close_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote: float
    buy: float
    buy_quote: float
    trades: int


class KlineBook:
    """Keep the candles of one instrument: recorded ones of before, one-minute ones since."""

    def __init__(self, history: Bars) -> None:
        self.history = history
        self._history_end = int(history.open_ms[-1]) + history.interval_ms if len(history) else 0
        self._opens = array("q")
        self._columns = {name: array("d") for name in FIELDS}

    def add(self, ts_ms: int, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Count a trade of others; times never go back."""
        opens = ts_ms // MINUTE_MS * MINUTE_MS
        value, volume = float(price), float(quantity)
        columns = self._columns
        if not self._opens or self._opens[-1] != opens:
            self._opens.append(opens)
            for name in FIELDS:
                columns[name].append(value if name in ("open", "high", "low", "close") else 0.0)
        columns["high"][-1] = max(columns["high"][-1], value)
        columns["low"][-1] = min(columns["low"][-1], value)
        columns["close"][-1] = value
        taken = volume if aggressor is Side.BUY else 0.0
        for name, amount in (
            ("volume", volume),
            ("quote", volume * value),
            ("buy", taken),
            ("buy_quote", taken * value),
        ):
            columns[name][-1] = round(columns[name][-1] + amount, 8)
        columns["trades"][-1] += 1

    def candle(self, interval_ms: int, open_ms: int) -> Kline | None:
        """Return the candle that opens at a time, as far as it is known."""
        found = self.candles(interval_ms, open_ms, open_ms + 1, 1)
        return found[0] if found and found[0].open_ms == open_ms else None

    def candles(self, interval_ms: int, from_ms: int, to_ms: int, limit: int, *, newest: bool = True) -> list[Kline]:
        """Return candles that open in [from, to), oldest first; of too many the newest, or the oldest."""
        span = limit * interval_ms * 3  # gaps are absent: look a little further than the count
        if newest:
            from_ms = max(from_ms, to_ms - span)
        else:
            to_ms = min(to_ms, from_ms + span)
        made = self._old(interval_ms, from_ms, to_ms)
        for kline in self._new(interval_ms, from_ms, to_ms):
            if made and made[-1].open_ms == kline.open_ms:
                made[-1] = _joined(made[-1], kline)
            else:
                made.append(kline)
        return made[-limit:] if newest else made[:limit]

    def latest_open(self) -> int | None:
        """Return the open time of the newest minute that traded."""
        return self._opens[-1] if self._opens else None

    def _old(self, interval_ms: int, from_ms: int, to_ms: int) -> list[Kline]:
        if interval_ms % self.history.interval_ms or from_ms >= self._history_end:
            return []
        start = -(-from_ms // interval_ms) * interval_ms
        end = -(-to_ms // interval_ms) * interval_ms
        bars = self.history.between(start, end).aggregate(interval_ms)
        middle = (bars.open + bars.high + bars.low + bars.close) / 4
        columns = (bars.open_ms, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.volume * middle)
        return [
            Kline(t, t + interval_ms - 1, o, h, low, c, v, q, round(v / 2, 8), q / 2, 100)
            for t, o, h, low, c, v, q in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def _new(self, interval_ms: int, from_ms: int, to_ms: int) -> list[Kline]:
        start = -(-from_ms // interval_ms) * interval_ms
        end = -(-to_ms // interval_ms) * interval_ms
        low, high = bisect_left(self._opens, start), bisect_left(self._opens, end)
        made: list[Kline] = []
        for row in range(low, high):
            kline = self._minute(row, interval_ms)
            if made and made[-1].open_ms == kline.open_ms:
                made[-1] = _joined(made[-1], kline)
            else:
                made.append(kline)
        return made

    def _minute(self, row: int, interval_ms: int) -> Kline:
        opens = self._opens[row] // interval_ms * interval_ms
        first, high, low, last, volume, quote, buy, buy_quote, trades = (self._columns[name][row] for name in FIELDS)
        end = opens + interval_ms - 1
        return Kline(opens, end, first, high, low, last, volume, quote, buy, buy_quote, int(trades))


def _joined(first: Kline, second: Kline) -> Kline:
    return Kline(
        first.open_ms,
        first.close_ms,
        first.open,
        max(first.high, second.high),
        min(first.low, second.low),
        second.close,
        round(first.volume + second.volume, 8),
        round(first.quote + second.quote, 8),
        round(first.buy + second.buy, 8),
        round(first.buy_quote + second.buy_quote, 8),
        first.trades + second.trades,
    )
