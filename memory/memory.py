"""What one event changes, written together before the action it leads to."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from errors import StateError

if TYPE_CHECKING:
    from memory.store import Store

type Line = tuple[int, str, str, str, str, bytes]


class Memory:
    """Collect what an event changes and write it in one transaction when its unit ends.

    A unit never raises for the database's sake: exits must go through when it is away. What could not be written stays
    and is tried again with the next unit; until then ``fault`` says why, and no entry may be approved (D32). A strict
    unit is for entries: it raises, and forgets what it collected.

    Parameters
    ----------
    store : Store, optional
        None keeps nothing: a back-test has no restart.
    """

    def __init__(self, store: "Store | None" = None) -> None:
        self.fault = ""
        self._store = store
        self._depth = 0
        self._afterwards: deque[Callable[[], None]] = deque()
        self._pending: dict[tuple[str, str], bytes | None] = {}
        self._lines: list[Line] = []
        self._encode = msgspec.json.Encoder().encode

    @property
    def is_kept(self) -> bool:
        """Return whether there is a store at all."""
        return self._store is not None

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Write everything noted inside when the outermost unit ends; then do what was put off until then."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self.flush()
        while self._depth == 0 and self._afterwards:
            self._afterwards.popleft()()

    def afterwards(self, action: Callable[[], None]) -> None:
        """Do something that others act on: now, or, inside a unit, once that is written."""
        if self._depth == 0:
            action()
        else:
            self._afterwards.append(action)

    @contextmanager
    def strict_unit(self) -> Iterator[None]:
        """Write everything noted inside, or nothing of it.

        Raises
        ------
        StateError
            The database is away; what came before this unit waits as ever.
        """
        before = dict(self._pending), list(self._lines)
        with self.unit():
            yield
        if self.fault:
            self._pending, self._lines = before
            raise StateError(self.fault)

    def put(self, kind: str, key: str, value: Any) -> None:
        """Note a document; ``value`` is encoded as JSON unless it is bytes."""
        if self._store is not None:
            self._pending[kind, key] = value if isinstance(value, bytes) else self._encode(value)

    def drop(self, kind: str, key: str) -> None:
        """Note that a document is gone."""
        if self._store is not None:
            self._pending[kind, key] = None

    def write(self, ts_ns: int, module: str, event_type: str, asset: str, details: Any, severity: str = "INFO") -> None:
        """Note a line of the journal."""
        if self._store is not None:
            self._lines.append((ts_ns, module, event_type, asset, severity, self._encode(details)))

    def flush(self) -> bool:
        """Write what is noted; return whether nothing is left."""
        store = self._store
        if store is None or not (self._pending or self._lines):
            return True
        try:
            with store.transaction():
                self._write(store)
        except StateError as error:
            self.fault = f"memory cannot be written: {error}"
            return False
        self._pending, self._lines, self.fault = {}, [], ""
        return True

    def flush_strictly(self) -> None:
        """Write what is noted.

        Raises
        ------
        StateError
            The database is away.
        """
        if not self.flush():
            raise StateError(self.fault)

    def _write(self, store: "Store") -> None:
        for (kind, key), body in self._pending.items():
            if body is None:
                store.delete(kind, key)
            else:
                store.put(kind, key, body)
        for line in self._lines:
            store.append(*line)

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a document as it is stored; None when there is none.

        Raises
        ------
        StateError
            The database is away.
        """
        document = self._store.get(kind, key) if self._store is not None else None
        return document.body if document is not None else None

    def all(self, kind: str) -> dict[str, bytes]:
        """Return all documents of a kind as they are stored, by key.

        Raises
        ------
        StateError
            The database is away.
        """
        if self._store is None:
            return {}
        return {key: document.body for key, document in self._store.all(kind).items()}

    def close(self) -> None:
        """Write what is left and close the store."""
        self.flush()
        if self._store is not None:
            self._store.close()
