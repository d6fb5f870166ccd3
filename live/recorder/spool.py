"""Segments of the spool: rows appended in frames, read back as far as they are whole."""

import contextlib
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

HEAD = struct.Struct("<4sII")  # mark, length, checksum of what follows
MARK = b"TBR1"
SUFFIX = ".spool"
QUOTE, TRADE, DEFINITION = 0, 1, 2

type Row = tuple[Any, ...]


class Segment(NamedTuple):
    """What a segment holds; ``torn_bytes`` at its end were never written whole."""

    rows: list[list[Any]]
    torn_bytes: int


class Spool:
    """Append rows to the segments of one life of a node.

    A row is a quote ``(QUOTE, index, bid, ask, bid size, ask size, ts_event, ts_init)``, a trade
    ``(TRADE, index, price, size, side, trade id, ts_event, ts_init)``, or what an index means
    ``(DEFINITION, index, instrument id, price decimals, size decimals)``. Every segment tells its own definitions.

    Parameters
    ----------
    folder : Path
    life : str
        Begins the name of every segment; sorts by age.
    """

    def __init__(self, folder: Path, life: str) -> None:
        self._folder, self._life = folder, life
        self._encode = msgspec.msgpack.Encoder().encode
        self._definitions: dict[int, Row] = {}
        self._number = 0
        self._handle = -1
        self.path: Path | None = None
        self.size = 0

    def append(self, rows: Sequence[Row]) -> None:
        """Write rows as one frame: all of them, or none.

        Raises
        ------
        OSError
            They could not be written: ``finish`` the segment, the next one tells its definitions again.
        """
        self._definitions |= {row[1]: row for row in rows if row[0] == DEFINITION}
        if self._handle < 0:
            self._open()
        self._write(rows)

    def finish(self) -> Path | None:
        """End the segment and return it; None when there is none."""
        if self._handle < 0:
            return None
        os.close(self._handle)
        self._handle, self.size = -1, 0
        found, self.path = self.path, None
        return found

    def _open(self) -> None:
        self._number += 1
        self.path = self._folder / f"{self._life}-{self._number:06d}{SUFFIX}"
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self.size = 0
        if self._definitions:
            self._write(list(self._definitions.values()))

    def _write(self, rows: Sequence[Row]) -> None:
        body = self._encode(rows)
        frame = HEAD.pack(MARK, len(body), zlib.crc32(body)) + body
        try:
            written = os.write(self._handle, frame)
        except OSError:
            self._take_back()
            raise
        if written != len(frame):  # the disk is full: half a frame would hide what comes after it
            self._take_back()
            raise OSError(f"{self.path}: only {written} of {len(frame)} bytes could be written")
        self.size += written

    def _take_back(self) -> None:
        with contextlib.suppress(OSError):  # readers stop at a torn frame
            os.ftruncate(self._handle, self.size)


def read_segment(path: Path) -> Segment:
    """Return the rows of a segment, up to the first frame that is not whole."""
    body = path.read_bytes()
    decode = msgspec.msgpack.Decoder(list[list[Any]]).decode
    rows: list[list[Any]] = []
    at = 0
    while at + HEAD.size <= len(body):
        mark, length, checksum = HEAD.unpack_from(body, at)
        part = body[at + HEAD.size : at + HEAD.size + length]
        if mark != MARK or len(part) != length or zlib.crc32(part) != checksum:
            break
        rows += decode(part)
        at += HEAD.size + length
    return Segment(rows, len(body) - at)


def segments_in(folder: Path, life: str = "") -> list[Path]:
    """Return the segments of one life, or all, oldest first."""
    return sorted(folder.glob(f"{life}*{SUFFIX}"))
