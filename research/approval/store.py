"""Where records are kept: one in force for each configuration, and every record that ever was in ``history/``."""

import hashlib
import os
import secrets
from pathlib import Path

from errors import ConfigError
from research.approval.record import Record, encode

HISTORY = "history"


def record_path(folder: Path, trading_hash: str) -> Path:
    """Return where the record in force of a configuration is."""
    return folder / f"{trading_hash}.json"


def read_bytes(path: Path) -> bytes:
    """Return a record's bytes.

    Raises
    ------
    ConfigError
        There is no such file, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such approval record") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


def write_record(record: Record, folder: Path) -> tuple[Path, Path | None]:
    """Put a record in force, whole or not at all.

    Returns
    -------
    (Path, Path or None)
        Where it is, and where the record is kept that was in force before.

    Raises
    ------
    ConfigError
        The folder cannot be written to.
    """
    final = record_path(folder, record.approval.trading_hash)
    try:
        (folder / HISTORY).mkdir(parents=True, exist_ok=True)
        earlier = _keep(final, final.read_bytes()) if final.exists() else None
        data = encode(record)
        _keep(final, data)
        put(final, data)
    except OSError as error:
        raise ConfigError(f"--out {folder}: cannot be written to ({error.strerror})") from error
    return final, earlier


def _keep(final: Path, data: bytes) -> Path:
    """Keep a record's bytes under a name made of them: nothing in the history is ever written over."""
    kept = final.parent / HISTORY / f"{final.stem}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    if not kept.exists():
        put(kept, data)
    return kept


def put(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
