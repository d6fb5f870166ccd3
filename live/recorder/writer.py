"""The thread that writes rows down while the node goes on."""

import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from live.recorder.delays import Delays
from live.recorder.spool import DEFINITION, Row, Spool

BATCH_ROWS = 512
SEGMENT_BYTES = 32 * 1024 * 1024
LOOK_SECS = 0.5


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a recorder has done; delays from receipt to handed to the operating system."""

    written: int
    dropped: int  # the queue was full
    failed: int  # the disk did not take them
    waiting: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class TickWriter:
    """Take rows from the node's thread without ever waiting; write them from another.

    Parameters
    ----------
    folder : Path
        Of the spool.
    limit_rows : int
        More than so many are not kept waiting: the newest is dropped and counted.
    roll_secs : float
        When a segment ends; it also does at 32 MB.
    on_segment : callable
        Told of every finished segment, from the writer's thread.
    """

    def __init__(self, folder: Path, *, limit_rows: int, roll_secs: float, on_segment: Callable[[Path], None]) -> None:
        self.life = f"{time.time_ns():020d}-{os.getpid()}"
        self._spool = Spool(folder, self.life)
        self._limit_rows = limit_rows
        self._roll_secs = roll_secs
        self._on_segment = on_segment
        self._rows: queue.SimpleQueue[Row | None] = queue.SimpleQueue()  # its put never waits and takes no lock of ours
        self._delays = Delays()
        self._written = self._dropped = self._failed = 0  # each is written by one thread only
        self._ends_at = 0.0
        self.error = ""
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, row: Row) -> None:
        """Hand over a row of plain values; the node's thread."""
        if self._rows.qsize() >= self._limit_rows and row[0] != DEFINITION:
            self._dropped += 1
        else:
            self._rows.put(row)

    def close(self, wait_secs: float = 10.0) -> None:
        """Write what waits, end the segment."""
        self._rows.put(None)
        self._thread.join(wait_secs)

    def figures(self) -> Figures:
        """Return what was done so far; from any thread."""
        return Figures(
            written=self._written,
            dropped=self._dropped,
            failed=self._failed,
            waiting=self._rows.qsize(),
            p50_ms=round(self._delays.quantile_millis(0.5), 3),
            p99_ms=round(self._delays.quantile_millis(0.99), 3),
            max_ms=round(self._delays.max_millis, 3),
        )

    # --- the writer's thread ------------------------------------------------------------------------------------------

    def _work(self) -> None:
        ended = False
        while not ended:
            rows, ended = self._take()
            if rows:
                self._write(rows)
            if ended or time.monotonic() >= self._ends_at or self._spool.size >= SEGMENT_BYTES:
                self._finish()

    def _take(self) -> tuple[list[Row], bool]:
        rows: list[Row] = []
        try:
            row = self._rows.get(timeout=LOOK_SECS)
            while row is not None:
                rows.append(row)
                if len(rows) >= BATCH_ROWS:
                    return rows, False
                row = self._rows.get_nowait()
        except queue.Empty:
            return rows, False
        return rows, True

    def _write(self, rows: list[Row]) -> None:
        if self._spool.size == 0:
            self._ends_at = time.monotonic() + self._roll_secs
        try:
            self._spool.append(rows)
        except OSError as error:
            self._failed += sum(row[0] != DEFINITION for row in rows)
            self.error = str(error)
            self._finish()
            time.sleep(LOOK_SECS)  # meanwhile the queue keeps what comes
            return
        now_ns = time.time_ns()
        for row in rows:
            if row[0] != DEFINITION:
                self._delays.add(now_ns - row[-1])
                self._written += 1

    def _finish(self) -> None:
        finished = self._spool.finish()
        if finished is not None:
            self._on_segment(finished)
