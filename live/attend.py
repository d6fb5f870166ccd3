"""Attend a running system from a thread of its own: stop it in time, show what happens.

The engine's objects must not be touched from here: what is shown was made by the node's own thread.
"""

import threading
import time
from collections.abc import Callable

from rich.console import Console, Group
from rich.live import Live

type Picture = Callable[[], Group | None]


def attend(*, picture: Picture, stop: Callable[[], None], seconds: float | None, screen: bool) -> threading.Thread:
    """Begin; the thread ends with the process.

    Parameters
    ----------
    picture : callable
        Returns what is to be shown, None before there is anything.
    stop : callable
        Stops the system, from any thread.
    """
    until = time.monotonic() + seconds if seconds else float("inf")

    def work() -> None:
        if screen:
            _show(picture, until)
        else:
            while time.monotonic() < until:
                time.sleep(0.1)
        stop()

    thread = threading.Thread(target=work, name="attend", daemon=True)
    thread.start()
    return thread


def _show(picture: Picture, until: float) -> None:
    with Live(console=Console(), refresh_per_second=4) as live:
        while time.monotonic() < until:
            found = picture()
            if found is not None:
                live.update(found)
            time.sleep(0.25)
