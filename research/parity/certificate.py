"""What certifies that the sweep does for a configuration what the engine does; a walk-forward asks for it.

A certificate holds for the sources, the candles and all of the configuration but the parameters that were turned.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from configs.run import RunConfig
from errors import ConfigError, StateError
from machine_code import ROOT
from research.inputs import Inputs

FOLDER = Path("certificates")
SOURCES = ("catalog", "configs", "execution", "risk", "strategies", "research/sweep", "research/parity")
FILES = ("compiled.py", "requirements.lock")


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, with which sources and candles."""

    hash: str
    code_hash: str
    space_hash: str
    data: dict[str, str]
    signals: int
    trades: int
    variations: tuple[str, ...]


def code_hash() -> str:
    """Return the name of all sources that engine and sweep are made of; pages and statistics are none of them."""
    rooms = [path for room in SOURCES for path in (ROOT / room).rglob("*.py")]
    files = sorted({*rooms, *(ROOT / "research").glob("*.py"), *(ROOT / name for name in FILES)})
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def space_hash(config: RunConfig) -> str:
    """Return the name of everything that a search does not turn: instruments, time frames, orders, costs, account."""
    values = msgspec.to_builtins(config, order="sorted")
    for turned in ("name", "start", "end", "catalog", "memory", "ledger", "strategy", "exits", "risk"):
        values.pop(turned)
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()[:16]


def path_of(config: RunConfig, folder: Path = FOLDER) -> Path:
    """Return where a configuration's certificate is."""
    return folder / f"{space_hash(config)}.json"


def issue(
    inputs: Inputs, *, signals: int, trades: int, variations: tuple[str, ...], folder: Path = FOLDER
) -> Certificate:
    """Write a certificate, whole or not at all."""
    body = {
        "code_hash": code_hash(),
        "space_hash": space_hash(inputs.config),
        "data": data_of(inputs),
        "signals": signals,
        "trades": trades,
        "variations": variations,
    }
    digest = hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()[:16]
    made = msgspec.convert({"hash": digest, **body}, Certificate)
    folder.mkdir(parents=True, exist_ok=True)
    target = path_of(inputs.config, folder)
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    part.replace(target)
    return made


def data_of(inputs: Inputs) -> dict[str, str]:
    """Return the fingerprint of every instrument's candles."""
    return {one.instrument_id: one.fingerprint for one in inputs.series}


def check(config: RunConfig, data: dict[str, str] | None = None, folder: Path = FOLDER) -> Certificate:
    """Return the certificate of a configuration.

    Raises
    ------
    ConfigError
        There is none, or it is of other sources or candles: the message says how to get one.
    StateError
        The file cannot be read.
    """
    path = path_of(config, folder)
    how = "run: python scripts/parity.py CONFIG"
    if not path.is_file():
        raise ConfigError(
            f"{path}: this configuration has no certificate that the sweep does what the engine does; {how}"
        )
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Certificate)
    except msgspec.DecodeError as error:
        raise StateError(f"{path}: the certificate cannot be read ({error}); {how}") from error
    if found.code_hash != code_hash():
        raise ConfigError(f"{path}: the certificate is of other sources ({found.code_hash[:12]}); {how}")
    if data is not None and found.data != data:
        raise ConfigError(f"{path}: the certificate is of other candles; {how}")
    return found
