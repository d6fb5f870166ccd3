"""What the watchdog knows; written to disk before it acts, read back by the next one."""

from decimal import Decimal
from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """What it is doing."""

    WATCHING = "WATCHING"
    CLEARING = "CLEARING"  # cancel entries, close, verify
    GUARDING = "GUARDING"  # all is flat; the node has not steadily come back yet


class Close(msgspec.Struct, frozen=True):
    """A close that may have left and whose end is not known."""

    symbol: str
    client_id: str
    side: int
    quantity: Decimal
    sent_ns: int
    absences: int = 0  # how often the venue did not know it


class Bare(msgspec.Struct, frozen=True):
    """Since when, and for how many looks, a position lacks a sufficient stop."""

    since_ns: int
    looks: int


class Pause(msgspec.Struct, frozen=True):
    """No new close in an instrument until then."""

    until_ns: int
    failures: int


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything it knows.

    Attributes
    ----------
    ticked_ns : int
        When it last looked; 0: never.
    beat_ns, alive_ns : int
        The newest sign of life as the node stamped it, and the moment that proves life here.
    lost_looks : int
        How many looks in a row found the node silent for too long.
    steady_ns : int
        Since when its signs of life have been fresh; 0: they are not.
    scope : tuple of str
        Instruments being cleared; empty with ``everything``.
    incident_ns : int
        When clearing began; names the closes of this incident.
    sent : int
        Closes that this incident has had.
    told_ns : int
        Last call for help.
    blind_ns, blind_told : int, bool
        Since when the venue has not answered; 0: it does.
    """

    phase: Phase = Phase.WATCHING
    ticked_ns: int = 0
    beat_ns: int = 0
    alive_ns: int = 0
    lost_looks: int = 0
    steady_ns: int = 0
    bare: dict[str, Bare] = {}
    everything: bool = False
    scope: tuple[str, ...] = ()
    reason: str = ""
    incident_ns: int = 0
    sent: int = 0
    closes: tuple[Close, ...] = ()
    pauses: dict[str, Pause] = {}
    clear_looks: int = 0
    told_ns: int = 0
    blind_ns: int = 0
    blind_told: bool = False

    def clears(self, symbol: str) -> bool:
        """Return whether an instrument is being cleared."""
        return self.everything or symbol in self.scope
