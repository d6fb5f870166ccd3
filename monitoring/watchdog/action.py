"""What the watchdog wants done; each is written to the journal before it is done."""

from decimal import Decimal
from typing import Literal

import msgspec

type Severity = Literal["INFO", "WARNING", "CRITICAL"]


class CancelEntry(msgspec.Struct, frozen=True):
    """Cancel an order that may open a position; doing it twice is harmless."""

    symbol: str
    venue_name: str
    conditional: bool


class SendClose(msgspec.Struct, frozen=True):
    """Send a reduce-only market order, once: ``side`` +1 buys, -1 sells."""

    symbol: str
    client_id: str
    side: int
    quantity: Decimal


class LookUp(msgspec.Struct, frozen=True):
    """Ask the venue what became of a close."""

    symbol: str
    client_id: str


class Tell(msgspec.Struct, frozen=True):
    """Say something to a person."""

    name: str
    severity: Severity
    text: str
    symbol: str = ""


type Action = CancelEntry | SendClose | LookUp | Tell
