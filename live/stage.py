"""A simulated venue in a process of its own, for rehearsals: parity, soak, tests."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from errors import StateError

ROOT = Path(__file__).resolve().parent.parent
END_SECS = 30.0


class Place(msgspec.Struct, frozen=True):
    """Where a simulated venue listens."""

    http: str
    ws: str
    control: str
    pid: int

    def addresses(self) -> dict[str, str]:
        """Return what a live configuration must be told, as dotted keys."""
        return {"live.http_url": self.http, "live.ws_url": self.ws, "live.clock_url": f"{self.control}/clock"}

    def ask(self, path: str) -> Any:
        """Return what the control port answers."""
        with urllib.request.urlopen(f"{self.control}/{path}", timeout=10.0) as answer:
            return json.load(answer)


@contextmanager
def simulated_venue(folder: Path, arguments: Sequence[str]) -> Iterator[Place]:
    """Yield a running venue; what it says goes to ``folder``/venue.log.

    Raises
    ------
    StateError
        It did not start.
    """
    command = [sys.executable, str(ROOT / "scripts" / "simvenue.py"), *arguments]
    log = folder / "venue.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            if not line:
                raise StateError(f"the simulated venue did not start: {log.read_text()[-500:]}")
            found = json.loads(line)
            yield Place(found["http"], found["ws"], found["control"], process.pid)
        finally:
            process.terminate()
            process.wait(END_SECS)
