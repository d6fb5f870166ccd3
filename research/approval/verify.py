"""The question a live start asks: may this configuration trade, here and now?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from configs.run import RunConfig
from errors import ConfigError, StateError
from research.approval.record import Approval
from research.approval.revoke import refuse_revoked
from research.approval.seal import load_key, unseal
from research.approval.store import read_bytes, record_path
from research.identity import code_hash, hash_of_part, trading_hash, trading_part


def verify_approval(record: Path, config: RunConfig, *, now_ns: int) -> Approval:
    """Return the approval of a configuration that may trade now.

    Parameters
    ----------
    record : Path
        A record, or the folder that holds records.
    config : RunConfig
        What is about to trade; only its trading part counts (``research.identity.trading_part``).
    now_ns : int
        The present, nanoseconds UTC.

    Raises
    ------
    ConfigError
        There is no record or no key, or the record is of another configuration; the message says which keys differ.
    StateError
        The record was revoked, altered or sealed with another key, has a requirement that is not met, has expired or is
        not yet valid, or the code is not what was approved.
    """
    path = find_record(record, config)
    data = read_bytes(path)
    refuse_revoked(path, data)
    approval = unseal(data, load_key(create=False), str(path))
    check_configuration(approval, config, path)
    failed = [row.requirement for row in approval.rows if not row.passed]
    if failed:
        raise StateError(f"{path}: not met when it was written: {', '.join(failed)}")
    now = datetime.fromtimestamp(now_ns // 10**9, UTC)
    if not approval.approved_at <= now < approval.expires_at:
        span = f"{approval.approved_at:%Y-%m-%dT%H:%M:%SZ} to {approval.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        raise StateError(f"{path}: valid {span}, now is {now:%Y-%m-%dT%H:%M:%SZ}: approve anew, or set the clock")
    present = code_hash()
    if approval.code_hash != present:
        raise StateError(
            f"{path}: approved with code {approval.code_hash[:12]}, this is {present[:12]}: what was tested is not "
            "what would trade; go back to that code, or research and approve anew"
        )
    return approval


def find_record(record: Path, config: RunConfig) -> Path:
    """Return the record itself, or that of the configuration in a folder of records."""
    if not record.is_dir():
        return record
    path = record_path(record, trading_hash(config))
    if not path.exists():
        there = ", ".join(sorted(file.stem for file in record.glob("*.json"))) or "none"
        raise ConfigError(f"{record}: no approval of configuration {path.stem} ({config.name}); there are: {there}")
    return path


def check_configuration(approval: Approval, config: RunConfig, path: Path) -> None:
    """Raise ConfigError when an approval is of another configuration; the message says which keys differ."""
    given = trading_part(config)
    if approval.configuration != given:
        found = "; ".join(differences(approval.configuration, given))
        raise ConfigError(f"{path}: is of another configuration, not of {hash_of_part(given)} ({config.name}): {found}")
    if approval.trading_hash != hash_of_part(given):
        raise StateError(f"{path}: names configuration {approval.trading_hash}, holds {hash_of_part(given)}")


def differences(approved: Any, given: Any, key: str = "") -> Iterator[str]:
    """Yield what differs between two trading parts, key by key."""
    if isinstance(approved, dict) and isinstance(given, dict):
        for name in sorted(approved.keys() | given.keys()):
            yield from differences(approved.get(name), given.get(name), f"{key}.{name}" if key else name)
    elif approved != given:
        yield f"{key}: approved {_text(approved)}, given {_text(given)}"


def _text(value: Any) -> str:
    return "nothing" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
