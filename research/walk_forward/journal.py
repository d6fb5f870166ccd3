"""What a walk-forward has finished, kept line by line so that a killed one goes on where it was.

``work/journal.jsonl``: a first line that says what is searched on what, then one line per finished piece of work, put
on disk about once a second; a torn last line is cut off. ``work/returns.f8`` holds the daily returns of every set over
the longest sample, one record a set: too long for lines, and the overfitting statistics need them all.
"""

import fcntl
import os
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
import numpy as np
import numpy.typing as npt

from errors import ConfigError, DataError
from research.walk_forward.score import Score

Floats = npt.NDArray[np.float64]
type Span = tuple[date, date]

SYNC_SECS = 1.0
JOURNAL, RETURNS, LOCK = "journal.jsonl", "returns.f8", "lock"


class Header(msgspec.Struct, frozen=True, kw_only=True, tag="walk_forward"):
    """What finished work counts for; with any other value it counts for nothing."""

    configuration: str
    space: str
    plan: str
    data: str
    code: str
    longest: Span  # the sample whose returns are kept
    days: int  # daily returns in it


class Tried(msgspec.Struct, frozen=True, kw_only=True, tag="tried"):
    """One parameter set in one span."""

    span: Span
    number: int
    score: Score


class Checked(msgspec.Struct, frozen=True, kw_only=True, tag="checked"):
    """One parameter set in one span in the engine: what it did there, and where the sweep saw something else."""

    span: Span
    number: int
    score: Score
    equity: tuple[float, ...]  # last of each day
    differences: tuple[str, ...]


class WorkJournal:
    """Read what is finished, append what gets finished; one process at a time.

    Parameters
    ----------
    folder : Path
        Made when it is not there.
    header : Header
    restart : bool
        Throw away what is finished.

    Raises
    ------
    ConfigError
        Finished work is of another configuration, space, plan, data or code; or another process is at work.
    DataError
        A line other than the last is damaged.
    """

    def __init__(self, folder: Path, header: Header, *, restart: bool = False) -> None:
        self.scores: dict[Span, dict[int, Score]] = {}
        self.checks: dict[tuple[Span, int], Checked] = {}
        with ExitStack() as files:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _own(files.enter_context((folder / LOCK).open("wb")), folder)
                if restart:
                    (folder / JOURNAL).unlink(missing_ok=True)
                    (folder / RETURNS).unlink(missing_ok=True)
                self._lines = files.enter_context((folder / JOURNAL).open("ab+"))
                self._returns = files.enter_context((folder / RETURNS).open("ab+"))
            except OSError as error:
                raise ConfigError(f"--out {folder}: cannot be written to ({error.strerror})") from error
            self._records = np.dtype([("number", "<i8"), ("returns", "<f8", (header.days,))])
            self._read(folder / JOURNAL, header)
            self._keep_pairs(header.longest)
            self._files = files.pop_all()
        self.resumed = sum(map(len, self.scores.values())) + len(self.checks)
        self._synced = time.monotonic()

    def _read(self, path: Path, header: Header) -> None:
        _cut_torn_line(self._lines)
        decoder = msgspec.json.Decoder(Header | Tried | Checked)
        first = True
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                entry = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DataError(f"{path}:{number}: damaged ({error}); start again with --restart") from error
            if isinstance(entry, Header):
                _compare(entry, header, path)
                first = False
            elif first:
                raise DataError(f"{path}: does not say what it is about; start again with --restart")
            else:
                self._keep(entry)
        if first:
            self._write(header)

    def _keep_pairs(self, longest: Span) -> None:
        """Cut a torn record off; forget scores whose returns did not reach the disk."""
        size = self._returns.seek(0, os.SEEK_END)
        self._returns.truncate(size - size % self._records.itemsize)
        known = {int(number) for number in self._table()["number"]}
        scores = self.scores.get(longest, {})
        self.scores[longest] = {number: score for number, score in scores.items() if number in known}

    def _table(self) -> npt.NDArray[np.void]:
        return np.fromfile(self._returns.name, self._records)

    def _keep(self, entry: Tried | Checked) -> None:
        if isinstance(entry, Tried):
            self.scores.setdefault(entry.span, {})[entry.number] = entry.score
        else:
            self.checks[entry.span, entry.number] = entry

    def missing(self, span: Span, numbers: Iterable[int]) -> list[int]:
        """Return the sets that were not tried in a span yet."""
        known = self.scores.get(span, {})
        return [number for number in numbers if number not in known]

    def add(self, entry: Tried | Checked, returns: Floats | None = None) -> None:
        """Keep a finished piece of work; returns go to disk before the line that says they are there."""
        if returns is not None:
            self._returns.write(np.int64(entry.number).tobytes() + np.asarray(returns, "<f8").tobytes())
            self._returns.flush()
        self._keep(entry)
        self._write(entry)
        if time.monotonic() - self._synced > SYNC_SECS:
            self.sync()

    def _write(self, entry: Header | Tried | Checked) -> None:
        self._lines.write(msgspec.json.encode(entry) + b"\n")
        self._lines.flush()

    def sync(self) -> None:
        """Put everything on disk."""
        os.fsync(self._returns.fileno())
        os.fsync(self._lines.fileno())
        self._synced = time.monotonic()

    def returns(self, numbers: Iterable[int]) -> Floats:
        """Return the daily returns of these sets over the longest sample, shape (days, sets)."""
        table = self._table()
        rows = {int(number): row for row, number in enumerate(table["number"])}
        return np.ascontiguousarray(table["returns"][[rows[number] for number in numbers]].T)

    def close(self) -> None:
        """Put everything on disk and let others in."""
        self.sync()
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.close()


def _own(lock: BinaryIO, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConfigError(f"{folder}: another process is at work on this walk-forward") from error


def _cut_torn_line(lines: BinaryIO) -> None:
    """Cut off what stands behind the last line end."""
    lines.seek(0)
    lines.truncate(lines.read().rfind(b"\n") + 1)


def _compare(found: Header, wanted: Header, path: Path) -> None:
    differing = [name for name in Header.__struct_fields__ if getattr(found, name) != getattr(wanted, name)]
    if differing:
        raise ConfigError(
            f"{path}: finished work is of another {', '.join(differing)} and cannot be gone on with; start again with "
            "--restart, or give another --out"
        )
