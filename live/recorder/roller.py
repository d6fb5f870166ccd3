"""The process that rolls finished segments: the node tells their names on its standard input.

It outlives the node: once that input ends, whatever the node left is rolled too. The node's memory, its locks and the
time of its threads are not touched by Parquet.
"""

import fcntl
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import BotError
from live.recorder.roll import roll
from live.recorder.spool import segments_in

LOCK = ".lock"
SYNC_SECS = 1.0
NICE = 5


def main(arguments: list[str]) -> int:
    """Roll until standard input ends, then what is left of that life; return 1 when something stayed."""
    spool, catalog, life = Path(arguments[0]), Path(arguments[1]), arguments[2]
    os.nice(NICE)
    with _alone(spool):
        waiting: list[Path] = []
        for name in _names(spool, life):
            waiting = _roll_all([*waiting, spool / name], catalog)
        left = [path for path in segments_in(spool, life) if path not in waiting]
        return 1 if _roll_all([*waiting, *left], catalog) else 0


@contextmanager
def _alone(spool: Path) -> Iterator[None]:
    """Wait for the roller of an earlier life: two would do the same work."""
    with (spool / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _names(spool: Path, life: str) -> Iterator[str]:
    """Yield what the node says; meanwhile have the disk take what was written, about once a second."""
    said = b""
    while True:
        ready, _, _ = select.select([0], [], [], SYNC_SECS)
        if not ready:
            _sync(spool, life)
            continue
        part = os.read(0, 65536)
        if not part:
            return
        *lines, said = (said + part).split(b"\n")
        for line in lines:
            yield line.decode()


def _sync(spool: Path, life: str) -> None:
    for path in segments_in(spool, life):
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            os.fdatasync(handle)
        finally:
            os.close(handle)


def _roll_all(segments: list[Path], catalog: Path) -> list[Path]:
    """Return those that could not be rolled; they are tried again."""
    failed = []
    for segment in segments:
        try:
            torn_bytes = roll(segment, catalog)
        except FileNotFoundError:
            continue  # an earlier roller was quicker
        except (BotError, OSError) as error:
            print(f"{segment}: stays: {error}", file=sys.stderr, flush=True)
            failed.append(segment)
            continue
        if torn_bytes:
            print(f"{segment}: the last {torn_bytes} bytes were not written whole", file=sys.stderr, flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
