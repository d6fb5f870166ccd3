"""What the next watchdog must know: written whole, on disk before anything is done."""

import os
from pathlib import Path

import msgspec
from msgspec.structs import replace

from errors import StateError
from monitoring.watchdog.limits import SECOND_NS
from monitoring.watchdog.state import State

FILE = "state.json"
SAVE_NS = 5 * SECOND_NS  # a quiet state is only written so often


class StateFile:
    """The state of one account's watchdog in its folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._written: State | None = None

    def read(self) -> tuple[State, str]:
        """Return what the last watchdog wrote, and what was wrong with it; a first one starts with nothing.

        A file that cannot be understood is put aside: a close that it may have known of only ever reduces, and an
        account that nobody watches is worse.

        Raises
        ------
        StateError
            The disk does not let it be read.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=State), ""
        except FileNotFoundError:
            return State(), ""
        except OSError as error:
            raise StateError(f"{self._path}: cannot be read: {error}") from error
        except msgspec.DecodeError as error:
            aside = self._path.with_suffix(".unreadable")
            self._path.replace(aside)
            return State(), f"the state of an earlier watchdog cannot be understood ({error}): put aside as {aside}"

    def write(self, state: State) -> None:
        """Write a state that says something new, or is five seconds younger.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        written = self._written
        if (
            written is not None
            and _quiet(state) == _quiet(written)
            and 0 <= state.ticked_ns - written.ticked_ns < SAVE_NS
        ):
            return
        fresh = self._path.with_name(f".{FILE}")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._written = state


def _quiet(state: State) -> State:
    """Return a state without what changes with every look at a healthy node."""
    return replace(state, ticked_ns=0, beat_ns=0, alive_ns=0, steady_ns=0)
