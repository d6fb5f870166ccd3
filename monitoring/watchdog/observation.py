"""What the watchdog sees at one moment."""

from decimal import Decimal
from enum import StrEnum

import msgspec


class SeenPosition(msgspec.Struct, frozen=True):
    """An open position: ``quantity`` negative for a short; ``bare``: what no resting stop covers, None: not seen."""

    symbol: str
    quantity: Decimal
    bare: Decimal | None
    max_close: Decimal = Decimal(0)  # largest market order of the venue; 0: no bound


class SeenEntry(msgspec.Struct, frozen=True):
    """An order that may open or enlarge a position."""

    symbol: str
    venue_name: str
    conditional: bool = False


class Fate(StrEnum):
    """What became of a close, as far as the venue says."""

    OVER = "OVER"  # filled, or ended without: it will not fill any more
    WORKING = "WORKING"
    ABSENT = "ABSENT"  # the venue does not know it
    UNKNOWN = "UNKNOWN"  # no answer
    REFUSED = "REFUSED"
    NOT_SENT = "NOT_SENT"


class Answer(msgspec.Struct, frozen=True):
    """What was heard of one close since the last look."""

    client_id: str
    fate: Fate
    text: str = ""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One look.

    Attributes
    ----------
    beat_ns : int
        Time that the node's newest sign of life carries; 0: there is none that can be read.
    positions : tuple of SeenPosition or None
        Fetched after all ``answers`` were heard. None: the venue did not answer.
    entries : tuple of SeenEntry or None
        None: not looked for, or the venue did not answer.
    trouble : str
        Why something was not seen.
    """

    now_ns: int
    beat_ns: int = 0
    positions: tuple[SeenPosition, ...] | None = None
    entries: tuple[SeenEntry, ...] | None = None
    answers: tuple[Answer, ...] = ()
    trouble: str = ""
