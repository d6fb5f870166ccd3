"""The journal of ``monitoring.journal`` in a store: an entry is written with the documents it belongs to, or not."""

from typing import Any

import msgspec

from memory.store import Store


class StoreJournal:
    """Append events to a store; a running transaction of the store takes them in (Spec 4.2.5)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._encode = msgspec.json.Encoder().encode

    def write(self, ts_ns: int, module: str, event_type: str, asset: str, details: Any, severity: str = "INFO") -> None:
        """Append one event, durably unless a transaction is running: then with it."""
        self._store.append(ts_ns, module, event_type, asset, severity, self._encode(details))

    def close(self) -> None:
        """Do nothing: every entry is written already, and the store belongs to who opened it."""
