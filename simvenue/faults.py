"""Misbehaviour on order: which request or event goes wrong, how, from which occurrence on and how often."""

import random
from collections.abc import Callable
from enum import Enum

import msgspec

from simvenue.orders import Order


class FaultKind(Enum):
    FAIL_BEFORE = "fail_before"  # answer an error, do nothing
    FAIL_AFTER = "fail_after"  # do it, then answer an error
    CLOSE_BEFORE = "close_before"  # close the connection, do nothing
    CLOSE_AFTER = "close_after"  # do it, then close the connection
    HANG_BEFORE = "hang_before"  # never answer, do nothing
    HANG_AFTER = "hang_after"  # do it, never answer
    DELAY_BEFORE = "delay_before"  # wait, then do it and answer
    DELAY_AFTER = "delay_after"  # do it, wait, answer
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After
    BAN = "ban"  # 418 with Retry-After
    FILL_ON_CANCEL = "fill_on_cancel"  # the order fills while its cancel is under way
    DROP_EVENT = "drop_event"
    DUPLICATE_EVENT = "duplicate_event"
    DELAY_EVENT = "delay_event"
    REORDER_EVENT = "reorder_event"  # send it after the next one


EVENT_KINDS = frozenset(
    {FaultKind.DROP_EVENT, FaultKind.DUPLICATE_EVENT, FaultKind.DELAY_EVENT, FaultKind.REORDER_EVENT}
)


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Describe one fault; an empty ``method``, ``path``, ``symbol``, ``client_id`` or ``event`` matches every one.

    ``path`` is a request's path (``/fapi/v1/order``) or a WebSocket API method (``order.place``), and matches as a
    whole or, with a ``*`` at its end, as a prefix. ``event`` is an event type, or type and status
    (``ORDER_TRADE_UPDATE/FILLED``). The fault strikes from its ``nth`` match on, ``count`` times (0: for ever), each
    time with ``probability``.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    symbol: str = ""
    client_id: str = ""
    event: str = ""
    nth: int = 1
    count: int = 1
    probability: float = 1.0
    http_status: int = 503
    code: int = -1000
    message: str = "An unknown error occured while processing the request."
    body: str = "json"  # or html
    retry_after_s: int = 5
    delay_ms: int = 1_000
    hang_ms: int = 60_000
    fault_id: int = 0
    seen: int = 0
    struck: int = 0

    @property
    def spent(self) -> bool:
        return self.count > 0 and self.struck >= self.count


class Occasion(msgspec.Struct, frozen=True):
    """Say what is about to happen: a request or an event."""

    method: str = ""
    path: str = ""
    symbol: str = ""
    client_id: str = ""
    event: str = ""


class FaultBoard:
    """Hold armed faults and say which one strikes; chance comes from one seed."""

    def __init__(self, seed: int = 0) -> None:
        self.faults: list[Fault] = []
        self.fill: Callable[[Order], None] = lambda _: None
        self._chance = random.Random(seed)
        self._last_id = 0

    def seed(self, seed: int) -> None:
        self._chance.seed(seed)

    def arm(self, fault: Fault) -> Fault:
        """Add a fault; it is looked at after those that were armed before it."""
        self._last_id += 1
        fault.fault_id, fault.seen, fault.struck = self._last_id, 0, 0
        self.faults.append(fault)
        return fault

    def clear(self, fault_id: int = 0) -> int:
        """Disarm one fault or all; return how many were."""
        kept = [fault for fault in self.faults if fault_id and fault.fault_id != fault_id]
        gone = len(self.faults) - len(kept)
        self.faults = kept
        return gone

    def strike(self, kinds: frozenset[FaultKind], occasion: Occasion) -> Fault | None:
        """Return the first armed fault of some kinds that strikes on an occasion, and count it."""
        for fault in self.faults:
            if fault.kind not in kinds or fault.spent or not _matches(fault, occasion):
                continue
            fault.seen += 1
            if fault.seen >= fault.nth and self._chance.random() < fault.probability:
                fault.struck += 1
                return fault
        return None

    def fill_before_cancel(self, order: Order) -> None:
        """Fill an order that is about to be cancelled, when a fault says so."""
        occasion = Occasion(symbol=order.symbol, client_id=order.client_id)
        if order.is_open and self.strike(frozenset({FaultKind.FILL_ON_CANCEL}), occasion):
            self.fill(order)


def _matches(fault: Fault, occasion: Occasion) -> bool:
    path = fault.path
    on_path = occasion.path.startswith(path[:-1]) if path.endswith("*") else path in ("", occasion.path)
    on_event = fault.event in ("", occasion.event, occasion.event.partition("/")[0])
    return (
        on_path
        and on_event
        and fault.method in ("", occasion.method)
        and fault.symbol in ("", occasion.symbol)
        and fault.client_id in ("", occasion.client_id)
    )
