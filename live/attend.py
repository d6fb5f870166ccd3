"""Attend a running system from a thread of its own: stop it in time, show what happens."""

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from live.system import LiveSystem


def attend(system: "LiveSystem", *, seconds: float | None, screen: bool) -> threading.Thread:
    """Begin; the thread ends with the process."""

    def work() -> None:
        until = time.monotonic() + seconds if seconds else float("inf")
        if screen:
            from live.screen import show  # noqa: PLC0415

            show(system, until)
        else:
            while time.monotonic() < until:
                time.sleep(0.1)
        system.stop()

    thread = threading.Thread(target=work, name="attend", daemon=True)
    thread.start()
    return thread
