"""What the watchdog saw, wanted and did: a line each, in the journal and for whoever watches the terminal."""

import sys
import time
from typing import Any

import msgspec

from monitoring.journal import Journal
from monitoring.watchdog.action import Action, Tell

MODULE = "watchdog"


class Diary:
    """Write lines; a disk that is full silences the journal, never the watchdog."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def tell(self, said: Tell) -> None:
        """Write something that a person should hear, and say it."""
        self.line(said.name, {"text": said.text}, symbol=said.symbol, severity=said.severity)
        where = f" {said.symbol}" if said.symbol else ""
        print(f"{said.severity} {said.name}{where}: {said.text}", file=sys.stderr, flush=True)

    def wants(self, action: Action) -> None:
        """Write what is about to be done."""
        kind = type(action).__name__
        self.line(f"WATCHDOG_{_words(kind)}", msgspec.to_builtins(action), symbol=action.symbol)

    def line(self, event_type: str, details: Any, *, symbol: str = "", severity: str = "INFO") -> None:
        """Write one line."""
        try:
            self._journal.write(time.time_ns(), MODULE, event_type, symbol, details, severity)
        except OSError as error:
            print(f"CRITICAL WATCHDOG_JOURNAL: cannot be written: {error}", file=sys.stderr, flush=True)


def _words(name: str) -> str:
    """Return a class name in capitals with underscores.

    >>> _words("SendClose")
    'SEND_CLOSE'
    """
    return "".join(f"_{letter}" if letter.isupper() and at else letter for at, letter in enumerate(name)).upper()
