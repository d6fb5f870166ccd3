"""One thing that is wrong with an account, and what would be done about it."""

from enum import StrEnum
from typing import Literal

import msgspec

from execution.audit.picture import VenueOrder

type Severity = Literal["WARNING", "CRITICAL"]


class Kind(StrEnum):
    """What is wrong."""

    HEDGE_MODE = "HEDGE_MODE"  # long and short of an instrument apart: nothing here is made for it
    UNPROTECTED = "UNPROTECTED"  # no resting stop of at least the position's size
    UNKNOWN_POSITION = "UNKNOWN_POSITION"  # no kept trade says why it is there
    SIZE_MISMATCH = "SIZE_MISMATCH"  # the venue holds another quantity than the kept trades
    POSITION_GONE = "POSITION_GONE"  # a kept trade is open, the venue holds nothing
    ENTRY_GONE = "ENTRY_GONE"  # a kept trade waits for an entry that is not there
    STOP_LOOSER = "STOP_LOOSER"  # the stop rests further away than the kept trade says
    ORPHAN_EXIT = "ORPHAN_EXIT"  # an exit order without a position to reduce, or of a trade that is over
    UNKNOWN_ENTRY = "UNKNOWN_ENTRY"  # an order that may open a position and that no kept trade waits for
    DOUBLED_LEG = "DOUBLED_LEG"  # two orders where one belongs


class Remedy(StrEnum):
    """What would be done."""

    ADOPT = "adopt"  # take the venue's word: book what was missed
    REPROTECT = "re-protect"  # place the stop that the kept trade asks for
    SWEEP = "sweep"  # cancel these orders
    SWEEP_LATER = "sweep once re-protected"  # cancel them, but not before a better stop rests
    CLOSE = "close"  # close at market, reduce-only
    HAND = "ask"  # no entries in this instrument until a person has looked


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong."""

    kind: Kind
    severity: Severity
    remedy: Remedy
    instrument_id: str
    text: str
    trade_id: str = ""
    orders: tuple[VenueOrder, ...] = ()
