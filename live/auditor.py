"""Open trades compared with the venue while they run: what the stream lost is caught up from the venue's own records.

The engine repairs most of what a stream loses, but not all: with a half-open one the fill of a market order without an
answer was given to an order of another name; and fills that it infers carry no fee. Here the venue is asked as after a
restart, by the same code.
"""

from collections.abc import Callable
from functools import partial

from adapters.binance.usdm import BinanceUsdm
from execution.desk import Desk
from execution.trade import Trade
from execution.trade_memory import KeptTrade
from live.clock import Pace
from live.errands import Errands
from live.history import symbol_of
from live.restart import Seen, catch_up, missed_events
from live.witness import orders_of

TIMES = 2  # looks in a row at which the position differed: a fill may be on its way

type Tell = Callable[[str, str, str, str], None]  # name, severity, details, instrument


class Auditor:
    """Compare positions; ask for a trade's orders where they differ, or where the engine guessed.

    Parameters
    ----------
    client : BinanceUsdm
        Used by the errands' thread alone.
    desk : callable
        The desk, once there is one.
    """

    def __init__(
        self, client: BinanceUsdm, *, errands: Errands, desk: Callable[[], Desk], pace: Pace, tell: Tell
    ) -> None:
        self._client = client
        self._errands = errands
        self._desk = desk
        self._pace = pace
        self._tell = tell
        self._differed: dict[str, int] = {}
        self._asked: set[str] = set()

    def look(self) -> None:
        """Ask for positions when there is a trade."""
        if not self._desk().is_idle:
            self._errands.send(self._positions, self._compare)

    def ask(self, trade_id: str) -> None:
        """Ask for the orders of a trade now."""
        kept = self._desk().kept(trade_id)
        if kept is None or trade_id in self._asked:
            return
        self._asked.add(trade_id)
        self._errands.send(partial(self._orders, kept), partial(self._take, kept))

    def _positions(self) -> dict[str, float]:
        return {one.symbol: float(one.quantity) for one in self._client.positions(urgent=True)}

    def _compare(self, found: dict[str, float] | None) -> None:
        if found is None:
            return
        before, self._differed = self._differed, {}
        for trade in self._desk().open_trades():
            if not _differs(trade, found):
                continue
            trade_id = trade.plan.trade_id
            self._differed[trade_id] = before.get(trade_id, 0) + 1
            if self._differed[trade_id] >= TIMES:
                self.ask(trade_id)

    def _orders(self, kept: KeptTrade) -> list[Seen]:
        return orders_of(self._client, symbol_of(kept.trade.plan.instrument_id), kept, self._pace, ahead=0)

    def _take(self, kept: KeptTrade, seen: list[Seen] | None) -> None:
        plan = kept.trade.plan
        self._asked.discard(plan.trade_id)
        now = self._desk().kept(plan.trade_id)
        if not seen or now is None or now.trade is not kept.trade:
            return  # it went on meanwhile: the next look will tell
        events = list(missed_events(kept.trade, sorted(seen, key=lambda one: one.ts_ns)))
        if events:
            text = f"{plan.trade_id}: the stream lost {len(events)} events, caught up from the venue"
            self._tell("TRADE_CAUGHT_UP", "WARNING", text, plan.instrument_id)
        self._desk().catch_up(
            plan.trade_id,
            events,
            costs=catch_up(kept, seen).costs,
            filled={one.client_id: one.filled for one in seen},
            gone=[one.client_id for one in seen if not one.is_open],
        )


def _differs(trade: Trade, found: dict[str, float]) -> bool:
    held = found.get(symbol_of(trade.plan.instrument_id), 0.0)
    return abs(held - trade.plan.side * trade.remaining) > 0.5 * trade.plan.lot
