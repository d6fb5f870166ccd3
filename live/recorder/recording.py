"""A recording under way: the spool's folder, the writer's thread, the roller's process."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from errors import StateError
from live.recorder.spool import segments_in
from live.recorder.writer import Figures, TickWriter

ROOT = Path(__file__).resolve().parents[2]
ROLLER = "live.recorder.roller"


class Recording:
    """Write rows down from the moment this is made until ``close``.

    Parameters
    ----------
    folder : Path
        Of the system's state: the spool and what the roller complains about lie there.
    catalog : Path
    limit_rows, roll_secs
        See ``TickWriter``.

    Raises
    ------
    StateError
        The folder cannot be written.
    """

    def __init__(self, folder: Path, catalog: Path, *, limit_rows: int, roll_secs: float) -> None:
        self._spool = folder / "spool"
        try:
            self._spool.mkdir(parents=True, exist_ok=True)
            catalog.mkdir(parents=True, exist_ok=True)
            self._log: IO[bytes] = (folder / "recorder.log").open("ab")
        except OSError as error:
            raise StateError(f"{error.filename}: the recorder cannot write there ({error.strerror})") from error
        left = segments_in(self._spool)
        self._writer = TickWriter(self._spool, limit_rows=limit_rows, roll_secs=roll_secs, on_segment=self._tell)
        self.roller = self._start_roller(catalog.resolve(), self._writer.life)
        self.put = self._writer.put
        for path in left:
            self._tell(path)
        self._writer.start()

    def _start_roller(self, catalog: Path, life: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", ROLLER, str(self._spool.resolve()), str(catalog), life],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for the node: the roller ends when the node has
        )

    def _tell(self, segment: Path) -> None:
        pipe = self.roller.stdin
        with contextlib.suppress(OSError, ValueError):  # gone: ``fault`` says so, the segment waits for the next start
            os.write(pipe.fileno() if pipe is not None else -1, f"{segment.name}\n".encode())

    def figures(self) -> Figures:
        """Return what was done so far."""
        return self._writer.figures()

    @property
    def fault(self) -> str:
        """Return what is wrong; empty when nothing is."""
        if self.roller.poll() is not None:
            return "the roller has ended: segments stay in the spool until the next start; see recorder.log"
        return self._writer.error

    def segments(self) -> int:
        """Return how many segments lie in the spool, the open one included."""
        return len(segments_in(self._spool))

    def close(self, wait_secs: float = 20.0) -> bool:
        """Write what waits and have it rolled; return whether that is done (else it goes on by itself)."""
        self._writer.close()
        if self.roller.stdin is not None:
            self.roller.stdin.close()
        try:
            return self.roller.wait(wait_secs) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            self._log.close()
