"""Orders without an answer: unknown is not refused (design/venues.md). Looked up until found or provably absent."""

import time
from collections.abc import Callable
from typing import Any

from live.halts import Halts
from live.history import symbol_of
from live.inquiry import Inquiry, Question

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
    desk : callable
        The desk, once there is one.
    """

    def __init__(
        self,
        *,
        limit_ns: int,
        orders: Callable[[], list[Any]],
        desk: Callable[[], Any],
        halts: Halts,
        inquiry: Inquiry,
        tell: Tell,
    ) -> None:
        self._limit_ns = limit_ns
        self._orders = orders
        self._desk = desk
        self._halts = halts
        self._inquiry = inquiry
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
        self._take_verdicts(late, now_ns)
        for order_id, order in late.items():
            self._desk().on_unanswered(order_id)
            if now_ns - self._asked_ns.get(order_id, 0) > ASK_NS:
                self._asked_ns[order_id] = now_ns
                self._inquiry.ask(Question(order_id, symbol_of(str(order.instrument_id))))
        self._freeze(instruments, {str(order.instrument_id): order_id for order_id, order in late.items()})

    def _take_verdicts(self, late: dict[str, Any], now_ns: int) -> None:
        for order_id, known in self._inquiry.verdicts():
            if known is None or order_id not in late:
                continue
            age_ns = now_ns - late[order_id].ts_last
            self._unknown[order_id] = 0 if known or age_ns < EXPIRED_NS else self._unknown.get(order_id, 0) + 1
            if self._unknown[order_id] >= TIMES and late[order_id].venue_order_id is None:
                self._absent.add(order_id)
                del late[order_id]
                self._desk().on_absent(order_id)

    def _freeze(self, instruments: tuple[str, ...], waiting: dict[str, str]) -> None:
        for name in instruments:
            if name not in waiting:
                if self._halts.release(KEY, name):
                    self._tell("ORDER_ANSWERED", "INFO", "every order has an answer again", name)
            elif self._halts.hold(KEY, f"order {waiting[name]} has no answer", name):
                self._tell("ORDER_UNANSWERED", "CRITICAL", f"{waiting[name]}: looked up, not sent again", name)
