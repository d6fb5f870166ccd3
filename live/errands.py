"""Ask the venue over our own client, in a thread: the node must not wait for a venue that is slow."""

import queue
import threading
from collections.abc import Callable
from typing import Any

from errors import VenueError

type Errand = tuple[Callable[[], Any], Callable[[Any], None]]


class Errands:
    """Do one errand after another; what follows from each is done by the node's thread, in ``collect``."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Errand] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Callable[[Any], None], Any]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def send(self, action: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Have ``action`` done; ``then`` is given what it returned, None when the venue did not answer."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="errands", daemon=True)
            self._thread.start()
        self._waiting.put((action, then))

    def collect(self) -> None:
        """Do what follows from the errands that are done."""
        while not self._done.empty():
            then, found = self._done.get()
            then(found)

    def _work(self) -> None:
        while True:
            action, then = self._waiting.get()
            try:
                self._done.put((then, action()))
            except VenueError:
                self._done.put((then, None))
