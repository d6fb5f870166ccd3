"""Wait for what a process does, with a limit."""

import time
from collections.abc import Callable

POLL_SECS = 0.02


def wait_for(what: str, found: Callable[[], bool], secs: float = 10.0) -> float:
    """Return how long it took until ``found`` said so; an AssertionError names what did not happen."""
    begin = time.monotonic()
    while not found():
        if time.monotonic() - begin > secs:
            raise AssertionError(f"not within {secs:g} s: {what}")
        time.sleep(POLL_SECS)
    return time.monotonic() - begin
