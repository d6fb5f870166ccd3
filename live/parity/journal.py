"""A journal read back, live or of a back-test: signals, decisions and what became of every trade."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from errors import DataError
from monitoring.journal import Entry

SIGNALS = ("SIGNAL_LONG", "SIGNAL_SHORT")
DECISIONS = ("RISK_APPROVED", "RISK_REJECTED")

type Key = tuple[str, int]  # instrument id, close of the signal's bar


class Fill(msgspec.Struct, frozen=True):
    """One fill; ``kind`` is that of the trade's event, such as ``TP1_FILLED``."""

    ts_ns: int
    kind: str
    quantity: float
    price: float


class Journey(msgspec.Struct, kw_only=True):
    """One trade from its entry order to its result; prices in quote units, money in account currency."""

    trade_id: str
    instrument_id: str
    side: int
    begun_ns: int
    limit_px: float
    repriced_px: float = 0.0
    stop: float = 0.0  # as it was when the entry had filled
    entries: list[Fill] = []
    exits: list[Fill] = []
    result: dict[str, Any] | None = None
    missed: bool = False


class Record(msgspec.Struct, kw_only=True):
    """What a journal tells; the mappings are by instrument and bar close."""

    signals: dict[Key, dict[str, Any]] = {}
    decisions: dict[Key, dict[str, Any]] = {}
    trades: dict[Key, Journey] = {}


def read_events(path: Path) -> Iterator[Entry]:
    """Yield the lines of a journal; a last line that was not written whole is left out.

    Raises
    ------
    DataError
        There is no journal, or a line in it cannot be read.
    """
    decode = msgspec.json.Decoder(Entry).decode
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError(f"{path}: no journal ({error.strerror}): name the state folder of a live run") from error
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield decode(line)
        except msgspec.DecodeError as error:
            raise DataError(f"{path}: line {number} cannot be read ({error})") from error


def record_of(events: Iterator[Entry] | list[Entry]) -> Record:
    """Return what happened, from the events of one run."""
    found = Record()
    keys: dict[str, Key] = {}
    trades: dict[str, Journey] = {}
    for event in events:
        details = event.details
        if event.event_type in SIGNALS:
            key = keys[details["signal_id"]] = (event.asset, details["ts_ns"])
            found.signals[key] = details
        elif event.event_type in DECISIONS and details["signal"] in keys:
            found.decisions[keys[details["signal"]]] = details  # its own stamp is that of the account's picture
        elif event.module == "execution_engine":
            journey = _follow(event.event_type, details, trades)
            if journey is not None and details["signal_id"] in keys:
                found.trades[keys[details["signal_id"]]] = journey
    return found


def _follow(kind: str, details: dict[str, Any], trades: dict[str, Journey]) -> Journey | None:
    trade_id = details["trade_id"]
    if kind == "ENTRY_WORKING":
        trades[trade_id] = Journey(
            trade_id=trade_id,
            instrument_id=details["instrument_id"],
            side=details["side"],
            begun_ns=details["ts_ns"],
            limit_px=details["limit_px"],
        )
    one = trades.get(trade_id)
    if one is None:
        return None
    if kind == "TRADE_CLOSED":
        one.result = details
    elif details.get("filled"):
        fill = Fill(details["ts_ns"], kind, details["filled"], details["price"])
        if kind == "ENTRY_FILLED":
            one.entries.append(fill)
            one.stop = details["stop"]
        elif kind.endswith("_FILLED"):
            one.exits.append(fill)
    elif kind == "ENTRY_REPRICED":
        one.repriced_px = details["limit_px"]
    one.missed = not one.entries and not details.get("working", False)
    return one
