"""Orders without an answer: unknown is not refused (design/venues.md). Looked up until found or provably absent."""

import time
from collections.abc import Callable
from typing import Any, Literal

from adapters.binance.names import venue_name_of
from adapters.binance.usdm import BinanceUsdm
from execution.desk import Desk
from execution.orders import leg_of
from live.errands import Errands
from live.halts import Halts
from live.history import symbol_of
from live.witness import CONDITIONAL, is_algo_known

KEY = "unanswered"
ASK_NS = 1_000_000_000  # after so long, and so often, an order is looked up
EXPIRED_NS = 7_000_000_000  # the venue's window of 5 s for a request, and more than a clock may be off
TIMES = 2  # asked and not known

type Found = Literal["open", "closed", "absent"]
type Tell = Callable[[str, str, str, str], None]  # name, severity, details, instrument


class Answers:
    """Watch orders in flight: freeze the entries of their instrument, look them up, tell the desk.

    Parameters
    ----------
    limit_ns : int
        How long an answer may take, real time.
    orders : callable
        Engine orders in flight.
    client : BinanceUsdm
        Used by the errands' thread alone.
    desk : callable
        The desk, once there is one.
    audit : callable
        Has a trade compared with the venue.
    """

    def __init__(
        self,
        *,
        limit_ns: int,
        orders: Callable[[], list[Any]],
        desk: Callable[[], Desk],
        audit: Callable[[str], None],
        halts: Halts,
        client: BinanceUsdm,
        errands: Errands,
        tell: Tell,
    ) -> None:
        self._limit_ns = limit_ns
        self._orders = orders
        self._desk = desk
        self._audit = audit
        self._halts = halts
        self._client = client
        self._errands = errands
        self._tell = tell
        self._asked_ns: dict[str, int] = {}
        self._unknown: dict[str, int] = {}
        self._settled: set[str] = set()

    def look(self, instruments: tuple[str, ...]) -> None:
        """Look at every order in flight."""
        now_ns = time.time_ns()
        waiting: dict[str, str] = {}
        for order in self._orders():
            order_id, age_ns = str(order.client_order_id), now_ns - order.ts_last
            if order_id in self._settled or age_ns < ASK_NS:
                continue
            if now_ns - self._asked_ns.get(order_id, 0) >= ASK_NS:
                self._asked_ns[order_id] = now_ns
                self._ask(order, order_id)
            if age_ns >= self._limit_ns:
                waiting[str(order.instrument_id)] = order_id
        self._freeze(instruments, waiting)

    def _ask(self, order: Any, order_id: str) -> None:
        symbol = symbol_of(str(order.instrument_id))
        self._errands.send(lambda: self._look_up(order_id, symbol), lambda found: self._take(order, found))

    def _look_up(self, order_id: str, symbol: str) -> Found:
        """Return what the venue knows of an order; in the errands' thread."""
        name, link = venue_name_of(order_id), leg_of(order_id)
        order = self._client.order(symbol, name, urgent=True)
        if order is not None:
            return "open" if order.is_open else "closed"
        conditional = link is not None and link[1] in CONDITIONAL
        return "open" if conditional and is_algo_known(self._client, name) else "absent"

    def _take(self, order: Any, found: Found | None) -> None:
        """Take what the venue said; None: nothing."""
        order_id, age_ns = str(order.client_order_id), time.time_ns() - order.ts_last
        if found is None or order_id in self._settled or order.is_closed:
            return
        link = leg_of(order_id)
        if found == "closed" and link is not None:  # the engine may never learn what became of it
            self._settled.add(order_id)
            self._audit(link[0])
        if order.venue_order_id is not None:
            return
        if found == "absent":
            self._desk().caretaker.on_unanswered(order_id)
        is_absent = found == "absent" and age_ns >= EXPIRED_NS
        self._unknown[order_id] = self._unknown.get(order_id, 0) + 1 if is_absent else 0
        if self._unknown[order_id] >= TIMES:
            self._settled.add(order_id)
            self._desk().caretaker.on_absent(order_id)

    def _freeze(self, instruments: tuple[str, ...], waiting: dict[str, str]) -> None:
        for name in instruments:
            if name not in waiting:
                if self._halts.release(KEY, name):
                    self._tell("ORDER_ANSWERED", "INFO", "every order has an answer again", name)
            elif self._halts.hold(KEY, f"order {waiting[name]} has no answer", name):
                self._tell("ORDER_UNANSWERED", "CRITICAL", f"{waiting[name]}: looked up, not sent again", name)
