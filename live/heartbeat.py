"""A sign of life for watchdog and operators: one small file, replaced whole."""

import os
import time
from pathlib import Path

import msgspec


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """What the node says of itself; ``ts_ns`` is real time."""

    pid: int
    ts_ns: int
    market_ns: int
    state: str
    config_hash: str
    account: str
    halts: list[str] = []


def beat(folder: Path, *, market_ns: int, state: str, config_hash: str, account: str, halts: list[str]) -> None:
    """Write the sign of life."""
    found = Heartbeat(
        pid=os.getpid(),
        ts_ns=time.time_ns(),
        market_ns=market_ns,
        state=state,
        config_hash=config_hash,
        account=account,
        halts=halts,
    )
    fresh = folder / f".heartbeat-{os.getpid()}"
    fresh.write_bytes(msgspec.json.encode(found))
    fresh.replace(folder / "heartbeat.json")
