"""Orders without an answer: unknown is not refused (design/venues.md). Looked up until found or provably absent."""

import time
from collections.abc import Callable
from typing import Any

from adapters.binance.usdm import BinanceUsdm
from execution.caretaker import Caretaker
from execution.orders import leg_of
from live.errands import Errands
from live.halts import Halts
from live.history import symbol_of
from live.witness import CONDITIONAL, is_algo_known, wire_id

KEY = "unanswered"
ASK_NS = 1_000_000_000
EXPIRED_NS = 7_000_000_000  # the venue's window of 5 s for a request, and more than a clock may be off
TIMES = 2  # asked and not known

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
    caretaker : callable
        The desk's, once there is one.
    """

    def __init__(
        self,
        *,
        limit_ns: int,
        orders: Callable[[], list[Any]],
        caretaker: Callable[[], Caretaker],
        halts: Halts,
        client: BinanceUsdm,
        errands: Errands,
        tell: Tell,
    ) -> None:
        self._limit_ns = limit_ns
        self._orders = orders
        self._caretaker = caretaker
        self._halts = halts
        self._client = client
        self._errands = errands
        self._tell = tell
        self._asked_ns: dict[str, int] = {}
        self._unknown: dict[str, int] = {}
        self._absent: set[str] = set()

    def look(self, instruments: tuple[str, ...]) -> None:
        """Look at every order in flight."""
        now_ns = time.time_ns()
        late = {
            str(order.client_order_id): order
            for order in self._orders()
            if now_ns - order.ts_last > self._limit_ns and str(order.client_order_id) not in self._absent
        }
        for order_id, order in late.items():
            self._caretaker().on_unanswered(order_id)
            if now_ns - self._asked_ns.get(order_id, 0) > ASK_NS:
                self._asked_ns[order_id] = now_ns
                self._ask(order, order_id)
        self._freeze(instruments, {str(order.instrument_id): order_id for order_id, order in late.items()})

    def _ask(self, order: Any, order_id: str) -> None:
        symbol = symbol_of(str(order.instrument_id))
        self._errands.send(lambda: self._is_known(order_id, symbol), lambda known: self._take(order, known))

    def _is_known(self, order_id: str, symbol: str) -> bool:
        """Return whether the venue has ever had an order; in the errands' thread."""
        name, found = wire_id(order_id), leg_of(order_id)
        if self._client.order(symbol, name, urgent=True) is not None:
            return True
        conditional = found is not None and found[1] in CONDITIONAL
        return conditional and is_algo_known(self._client, name)

    def _take(self, order: Any, known: bool | None) -> None:
        """Take what the venue said; None: nothing."""
        order_id, age_ns = str(order.client_order_id), time.time_ns() - order.ts_last
        if known is None or order_id in self._absent or order.venue_order_id is not None or order.is_closed:
            return
        self._unknown[order_id] = 0 if known or age_ns < EXPIRED_NS else self._unknown.get(order_id, 0) + 1
        if self._unknown[order_id] >= TIMES:
            self._absent.add(order_id)
            self._caretaker().on_absent(order_id)

    def _freeze(self, instruments: tuple[str, ...], waiting: dict[str, str]) -> None:
        for name in instruments:
            if name not in waiting:
                if self._halts.release(KEY, name):
                    self._tell("ORDER_ANSWERED", "INFO", "every order has an answer again", name)
            elif self._halts.hold(KEY, f"order {waiting[name]} has no answer", name):
                self._tell("ORDER_UNANSWERED", "CRITICAL", f"{waiting[name]}: looked up, not sent again", name)
