"""What ``scripts/approve.py`` does with a record that is there: ask whether it holds, take it back."""

import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from configs.run import RunConfig
from errors import ConfigError, StateError
from research.approval.record import Record
from research.approval.revoke import Revocation, refuse_revoked, revoke
from research.approval.store import read_bytes
from research.approval.verify import check_configuration, find_record, verify_approval

HOLDS, HOLDS_NOT = 0, 1


def tell_whether_it_holds(record: Path, config: RunConfig) -> int:
    """Print whether a configuration may trade live now, as a live start would find; return 0 when it may."""
    try:
        found = verify_approval(record, config, now_ns=time.time_ns())
    except (ConfigError, StateError) as error:
        print(f"not approved: {error}")
        return HOLDS_NOT
    print(f"approved: {found.trading_hash} ({config.name}) may trade live: {', '.join(found.instruments)}")
    print(f"until:    {found.expires_at:%Y-%m-%dT%H:%M:%SZ}, with this code only ({found.code_hash[:12]})")
    print(f"by:       {found.operator}, {found.approved_at:%Y-%m-%dT%H:%M:%SZ}: {found.reason}")
    for note in found.notes:
        print(f"note:     {note}")
    return HOLDS


def take_back(record: Path, config: RunConfig, operator: str, reason: str) -> int:
    """Revoke the record of a configuration; return 1 when it was revoked before.

    Raises
    ------
    ConfigError, StateError
        There is no such record, it is of another configuration, or it is no record.
    """
    path = find_record(record, config)
    data = read_bytes(path)
    try:
        check_configuration(msgspec.json.decode(data, type=Record).approval, config, path)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"{path}: not an approval record, or altered ({error}): nothing trades on it") from error
    try:
        refuse_revoked(path, data)
    except StateError as error:
        print(f"nothing done: {error}")
        return HOLDS_NOT
    now = datetime.now(UTC).replace(microsecond=0)
    mark = revoke(path, data, Revocation(operator=operator, reason=reason, revoked_at=now))
    print(f"revoked: {path}")
    print(f"mark:    {mark}; it must lie beside the record on every machine that has one")
    print("note:    a system that runs asks at its next start only; scripts/breakers.py kill stops its entries now")
    return HOLDS
