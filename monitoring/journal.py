"""Events as JSON lines, written before the action they lead to (Spec 4.2.5)."""

import functools
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec


class Entry(msgspec.Struct):
    """One line of the journal."""

    timestamp_utc: str
    module: str
    event_type: str
    asset: str
    severity: str
    details: Any


class Journal:
    """Append events to a file of JSON lines.

    Parameters
    ----------
    path : Path
    each_line : bool
        Hand every line to the system at once: what a live process wrote must outlive it. A back-test buffers.
    """

    def __init__(self, path: Path, *, each_line: bool = False) -> None:
        self._file = path.open("ab", buffering=0 if each_line else 1 << 16)
        self._encode = msgspec.json.Encoder().encode

    def write(self, ts_ns: int, module: str, event_type: str, asset: str, details: Any, severity: str = "INFO") -> None:
        entry = Entry(iso_utc(ts_ns), module, event_type, asset, severity, details)
        self._file.write(self._encode(entry) + b"\n")

    def close(self) -> None:
        """Flush to disk and close."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.close()


@functools.lru_cache(maxsize=64)
def iso_utc(ts_ns: int) -> str:
    """Return a timestamp as ISO 8601 with nanoseconds, UTC.

    >>> iso_utc(1_704_067_200_000_000_001)
    '2024-01-01T00:00:00.000000001Z'
    """
    seconds, nanos = divmod(ts_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{nanos:09d}Z"
