"""The loop: look, decide, write, do."""

import sys
import threading
import time
import traceback

from monitoring.watchdog.action import Action, Tell
from monitoring.watchdog.limits import Limits
from monitoring.watchdog.observation import Answer
from monitoring.watchdog.state import Phase, State
from monitoring.watchdog.transition import resume, transition
from operations.watchdog.diary import Diary
from operations.watchdog.disk import StateFile
from operations.watchdog.hands import Hands
from operations.watchdog.sight import Sight


class Guard:
    """Watch one account until told to stop, from where an earlier watchdog left off."""

    def __init__(
        self,
        *,
        state: State,
        sight: Sight,
        hands: Hands,
        disk: StateFile,
        diary: Diary,
        limits: Limits,
        poll_secs: float,
    ) -> None:
        self._sight = sight
        self._hands = hands
        self._disk = disk
        self._diary = diary
        self._limits = limits
        self._poll_secs = poll_secs
        self._state = state
        self._is_first = True
        self._answers: list[Answer] = []

    def run(self, stopping: threading.Event) -> None:
        """Look again and again; a look that fails in an unforeseen way is told, and the next one comes all the same."""
        while not stopping.is_set():
            begun = time.monotonic()
            try:
                busy = self.tick()
            except Exception:  # noqa: BLE001 - the edge of the process: a watchdog that has died guards nobody
                self._diary.tell(Tell("WATCHDOG_FAULT", "CRITICAL", traceback.format_exc()))
                busy = False
            if not busy:
                stopping.wait(max(0.0, self._poll_secs - (time.monotonic() - begun)))

    def tick(self) -> bool:
        """Look once and do what follows; return whether there is more to do at once."""
        before = self._state
        said: tuple[Action, ...] = ()
        seen = self._sight.look(before, self._answers)
        if self._is_first:
            before, said = resume(before, seen, self._limits)
        state, actions = transition(before, seen, self._limits)
        self._write(state)
        self._state, self._is_first = state, False
        self._answers = self._hands.carry_out((*said, *actions))
        return state.phase is Phase.CLEARING and before.phase is not Phase.CLEARING

    def _write(self, state: State) -> None:
        """Write ahead. A disk that fails is told and does not hold the hand back: bare positions are worse."""
        try:
            self._disk.write(state)
        except OSError as error:
            print(f"CRITICAL WATCHDOG_DISK: state cannot be written: {error}", file=sys.stderr, flush=True)
