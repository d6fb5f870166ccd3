"""The audit of a running account, read only: what the venue holds beside what is kept."""

import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from adapters.binance.picture import take_account_picture
from adapters.binance.usdm import BinanceUsdm
from errors import StateError
from execution.audit.audit import audit
from execution.audit.finding import Finding
from execution.audit.picture import AccountPicture
from execution.trade import Trade
from execution.trade_memory import load_trades
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the doctor found.

    Attributes
    ----------
    heartbeat_age_secs : float or None
        None: the node has left no sign of life.
    memory : str
        Why kept trades were not judged, empty when they were.
    trades : int
        How many are kept.
    """

    positions: int
    orders: int
    trades: int
    heartbeat_age_secs: float | None
    node_state: str
    memory: str
    findings: tuple[Finding, ...]


class _Beat(msgspec.Struct):
    ts_ns: int
    state: str = ""


def examine(client: BinanceUsdm, folder: Path, memory: MemoryConfig, *, again_secs: float = 2.0) -> Report:
    """Return what is wrong with an account now.

    Three answers of a venue are not one moment: what is found is looked at again, and what is gone then was none.

    Raises
    ------
    VenueError
        The venue does not answer, or refuses.
    StateError
        The memory cannot be read.
    """
    picture, trades, why = _look(client, memory)
    findings = audit(picture, trades)
    if findings and again_secs > 0.0:
        time.sleep(again_secs)
        picture, trades, why = _look(client, memory)
        findings = _still_there(findings, audit(picture, trades))
    beat = _beat(folder)
    return Report(
        positions=len(picture.positions),
        orders=len(picture.orders),
        trades=len(trades or {}),
        heartbeat_age_secs=None if beat is None else (time.time_ns() - beat.ts_ns) / 1e9,
        node_state="" if beat is None else beat.state,
        memory=why,
        findings=findings,
    )


def _look(client: BinanceUsdm, memory: MemoryConfig) -> tuple[AccountPicture, Mapping[str, Trade] | None, str]:
    picture = take_account_picture(client)
    if memory.backend == "none":
        return picture, None, "no memory is configured"
    if memory.backend == "sqlite" and not Path(memory.path).is_file():
        return picture, None, f"{memory.path}: no memory here"
    return picture, _trades(memory), ""


def _trades(config: MemoryConfig) -> Mapping[str, Trade]:
    store = open_store(config, create=False)
    try:
        return {name: kept.trade for name, kept in load_trades(Memory(store)).items()}
    finally:
        store.close()


def _still_there(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> tuple[Finding, ...]:
    seen = {_name(finding) for finding in before}
    return tuple(finding for finding in after if _name(finding) in seen)


def _name(finding: Finding) -> tuple[str, str, str]:
    return finding.kind, finding.instrument_id, finding.trade_id


def _beat(folder: Path) -> _Beat | None:
    try:
        return msgspec.json.decode((folder / "heartbeat.json").read_bytes(), type=_Beat)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise StateError(f"{folder / 'heartbeat.json'}: cannot be read: {error}") from error
