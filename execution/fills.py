"""How the simulated venue fills orders from bars (Spec 3.5.2; D15, D34, D35).

- A resting limit fills at its price when the market trades *through* it, up to a share of the bar's volume; when it is
  only touched, with a configured probability.
- A market order or triggered stop pays the slippage; what exceeds the share of the bar's volume pays it once more per
  further share.
- A stop inside a bar trades at its trigger, a jumped stop at the bar's open.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
from nautilus_trader.execution import FillModel
from nautilus_trader.model import BookOrder, BookType, OrderBook, OrderSide, OrderType, Price, Quantity

from catalog.candles import FloatArray, IntArray
from execution.config import CostConfig
from execution.costs import level_price, stop_base_price, whole_lots
from execution.schedule import NS
from monitoring.guard import Fault

DEPTH_STEPS = 10
STOPS = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)


class FillBars(msgspec.Struct, frozen=True):
    """The bars that fill one instrument's orders: close stamps, opens and volumes, oldest first.

    ``volume`` is None where it is not traded quantity: fills are then not limited by it.
    """

    close_ns: IntArray
    open: FloatArray
    volume: FloatArray | None


class BarFillModel(FillModel):
    """Answer the matching engine with the book that an order meets."""

    def attach(
        self, *, bars: Mapping[str, FillBars], costs: CostConfig, now_ns: Callable[[], int], fault: Fault
    ) -> None:
        """Hand over what the engine's constructor has no room for."""
        self._bars = bars
        self._costs = costs
        self._now_ns = now_ns
        self._fault = fault
        self._seen: dict[str, tuple[int, float]] = {}
        self._met: dict[str, float] = {}

    def met_price(self, order_id: str) -> float:
        """Return the price that an order met when it could first trade, before slippage; NaN when it never could."""
        return self._met.pop(order_id, float("nan"))

    def is_limit_filled(self) -> bool:
        """Let the book decide on touched limits: it knows the order."""
        return True

    def is_slipped(self) -> bool:
        """Return False: slippage is in the book."""
        return False

    def fill_limit_inside_spread(self) -> bool:
        """Return False: a limit rests until the market comes to it."""
        return False

    def get_orderbook_for_fill_simulation(
        self, instrument: Any, order: Any, best_bid: Price | None = None, best_ask: Price | None = None
    ) -> OrderBook | None:
        """Return the levels this order can trade with now."""
        try:
            return self._book(instrument, order, best_bid, best_ask)
        except Exception as error:  # noqa: BLE001 - the engine would swallow it; the runner stops on a fault
            self._fault.trip(error)
            return None

    def _book(self, instrument: Any, order: Any, best_bid: Price | None, best_ask: Price | None) -> OrderBook:
        side = 1 if order.side == OrderSide.BUY else -1
        touch = best_ask if side > 0 else best_bid
        market_px = float(touch) if touch is not None else float("nan")
        bars = self._bars[str(instrument.id)]
        now_ns = self._now_ns()
        row = int(np.searchsorted(bars.close_ns, now_ns))
        row = min(row, len(bars.close_ns) - 1)
        if order.order_type == OrderType.LIMIT:
            levels = self._limit_levels(order, side, market_px, bars, row, now_ns)
        else:
            levels = self._market_levels(order, side, market_px, bars, row, now_ns, instrument)
        return make_book(instrument, side, levels)

    def _limit_levels(
        self, order: Any, side: int, market_px: float, bars: FillBars, row: int, now_ns: int
    ) -> list[tuple[float, float]]:
        limit = float(order.price)
        through = side * (limit - market_px) > 0.0
        touched = limit == market_px and now_ns > order.ts_last and self._touch_fills(order, int(bars.close_ns[row]))
        if not (through or touched):
            return []
        available = self._share(bars, row) - self._filled_in_bar(order, row)
        return [(limit, available)] if available > 0.0 else []

    def _market_levels(
        self, order: Any, side: int, market_px: float, bars: FillBars, row: int, now_ns: int, instrument: Any
    ) -> list[tuple[float, float]]:
        base = market_px
        if order.order_type in STOPS:
            base = float(order.trigger_price)
            if not _moved_within(order, bars, row, now_ns):
                base = stop_base_price(base, float(bars.open[row]), side)
        if order.order_type == OrderType.STOP_LIMIT and side * (float(order.price) - base) < 0.0:
            return []  # jumped: the limit rests, D15 takes over
        self._met.setdefault(str(order.client_order_id), base)
        tick = float(instrument.price_increment)
        share = self._share(bars, row)
        levels = []
        for step in range(1, DEPTH_STEPS + 1):
            price = level_price(base, side, self._costs.slippage_frac, step, tick)
            levels.append((price, share if step < DEPTH_STEPS else np.inf))
            if share >= float(order.leaves_qty):
                break
        return levels

    def _share(self, bars: FillBars, row: int) -> float:
        if bars.volume is None:
            return float(np.inf)
        return self._costs.participation_frac * float(bars.volume[row])

    def _filled_in_bar(self, order: Any, row: int) -> float:
        """Return what this order has already taken from this bar."""
        filled = float(order.filled_qty)
        seen_row, before = self._seen.get(str(order.client_order_id), (-1, 0.0))
        if seen_row != row:
            before = filled
            self._seen[str(order.client_order_id)] = (row, before)
        return filled - before

    def _touch_fills(self, order: Any, close_ns: int) -> bool:
        """Return whether a touched limit fills in a bar: one draw, however often the bar touches it."""
        probability = self._costs.touch_fill_probability
        if probability <= 0.0:
            return False
        digest = hashlib.blake2b(
            f"{self._costs.seed}/{order.client_order_id}/{close_ns}".encode(), digest_size=8
        ).digest()
        return int.from_bytes(digest) / 2.0**64 < probability


def _moved_within(order: Any, bars: FillBars, row: int, now_ns: int) -> bool:
    """Return whether a stop was set after its bar opened and before now: that open cannot have jumped it."""
    return row > 0 and int(bars.close_ns[row - 1]) + NS <= order.ts_last < now_ns


def make_book(instrument: Any, side: int, levels: list[tuple[float, float]]) -> OrderBook:
    """Return a book whose opposite side has ``levels`` of (price, quantity), best first; empty levels are left out."""
    book = OrderBook(instrument.id, BookType.L2_MBP)
    opposite = OrderSide.SELL if side > 0 else OrderSide.BUY
    lot, ceiling = float(instrument.size_increment), 1e12
    for number, (price, quantity) in enumerate(levels, 1):
        size = min(quantity, ceiling)
        if size < lot:
            continue
        rounded = Quantity(whole_lots(size, lot) * lot, instrument.size_precision)
        book.add(BookOrder(opposite, Price(price, instrument.price_precision), rounded, number), 0, 0, 0)
    return book
