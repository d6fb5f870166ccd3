"""What truly happened: append-only, in order, in memory and as JSON lines. Tests compare a bot with this."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import msgspec

from simvenue.orders import ZERO


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Record one event: ``time_ms`` is the venue's clock, ``market_ms`` the market's."""

    sequence: int
    kind: str
    time_ms: int
    market_ms: int
    symbol: str = ""
    client_id: str = ""
    amount: Decimal = ZERO  # change of the wallet balance
    balance: Decimal = ZERO  # wallet balance afterwards
    details: dict[str, Any] = {}


class Ledger:
    """Append entries; never change one."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self.received: dict[str, int] = {}
        self._file: IO[bytes] | None = path.open("ab") if path else None

    def append(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.kind == "order_received" and entry.client_id:
            self.received[entry.client_id] = self.received.get(entry.client_id, 0) + 1
        if self._file is not None:
            self._file.write(msgspec.json.encode(entry) + b"\n")
            self._file.flush()

    @property
    def next_sequence(self) -> int:
        return self.entries[-1].sequence + 1 if self.entries else 1

    def restore(self, entries: Iterable[Entry]) -> None:
        """Continue from what a former process had recorded; the file already holds it."""
        self.entries = list(entries)
        self.received = {}
        for entry in self.entries:
            if entry.kind == "order_received" and entry.client_id:
                self.received[entry.client_id] = self.received.get(entry.client_id, 0) + 1

    def query(self, kind: str = "", symbol: str = "", client_id: str = "", after: int = 0) -> list[Entry]:
        """Return the entries after a sequence number that match; empty matches all."""
        return [
            entry
            for entry in self.entries
            if entry.sequence > after
            and kind in ("", entry.kind)
            and symbol in ("", entry.symbol)
            and client_id in ("", entry.client_id)
        ]

    def totals(self) -> dict[str, Decimal]:
        """Return sums of what moved the balance: realised result, fees (paid: positive), funding (paid: positive)."""
        fills = self.query("fill")
        return {
            "realised": sum((Decimal(entry.details["realised"]) for entry in fills), ZERO),
            "fees": sum((Decimal(entry.details["fee"]) for entry in fills), ZERO),
            "funding": -sum((entry.amount for entry in self.query("funding")), ZERO),
            "deposits": sum((entry.amount for entry in self.query("deposit")), ZERO),
        }

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
