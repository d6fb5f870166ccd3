"""Walk a candle: open, nearer extreme, further extreme, close, in a fixed number of trades."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from simvenue.instrument import Instrument
from simvenue.orders import Side
from simvenue.prices.bars import Bars
from simvenue.prices.tick import Tick


def walk(instrument: Instrument, bars: Bars, row: int, steps: int) -> Iterator[Tick]:
    """Yield the trades of one candle; the candle they add up to is the candle that was given.

    ``steps`` is at least 4. The four corners are exact, what lies between them is on the tick; the volume is shared
    evenly, on the step, and the last trade carries the rest.
    """
    prices = _prices(instrument, bars, row, max(steps, 4))
    count = len(prices)
    whole = Decimal(repr(float(bars.volume[row])))
    share = instrument.floor_quantity(whole / count)
    start, span = int(bars.open_ms[row]), bars.interval_ms - 1
    before = prices[0]
    for n, price in enumerate(prices):
        quantity = share if n < count - 1 else whole - share * (count - 1)
        yield Tick(
            ts_ms=start + span * n // (count - 1),
            symbol=instrument.symbol,
            price=price,
            quantity=quantity,
            aggressor=Side.BUY if price > before or (price == before and n % 2) else Side.SELL,
        )
        before = price


def _prices(instrument: Instrument, bars: Bars, row: int, steps: int) -> list[Decimal]:
    first, high, low, last = (float(column[row]) for column in (bars.open, bars.high, bars.low, bars.close))
    corners = [first, high, low, last] if high - first <= first - low else [first, low, high, last]
    length = sum(abs(b - a) for a, b in pairwise(corners))
    prices = [Decimal(repr(first))]
    for a, b in pairwise(corners):
        between = int((steps - 4) * abs(b - a) / length) if length > 0 else 0
        parts = (a + (b - a) * n / (between + 1) for n in range(1, between + 1))
        prices += [instrument.round_price(Decimal(repr(part))) for part in parts]
        prices.append(Decimal(repr(b)))
    return prices
