"""An account's events on their way out: in order, unless a fault drops, doubles, holds back or delays one."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from simvenue.faults import EVENT_KINDS, FaultBoard, FaultKind, Occasion

type Event = dict[str, Any]


class FaultedEvents:
    """Hand events on to ``deliver``."""

    def __init__(self, faults: FaultBoard, deliver: Callable[[Event], None]) -> None:
        self._faults = faults
        self._deliver = deliver
        self._held: list[Event] = []

    def emit(self, event: Event, where: Occasion, status: str = "") -> None:
        """Send an event, or do with it what a fault says."""
        occasion = msgspec.structs.replace(where, event=f"{event['e']}/{status}" if status else event["e"])
        fault = self._faults.strike(EVENT_KINDS, occasion)
        if fault is None:
            self._send(event)
        elif fault.kind is FaultKind.DUPLICATE_EVENT:
            self._send(event)
            self._send(event)
        elif fault.kind is FaultKind.REORDER_EVENT:
            self._held.append(event)
        elif fault.kind is FaultKind.DELAY_EVENT:
            asyncio.get_running_loop().call_later(fault.delay_ms / 1000, self._deliver, event)

    def _send(self, event: Event) -> None:
        self._deliver(event)
        held, self._held = self._held, []
        for late in held:
            self._deliver(late)
