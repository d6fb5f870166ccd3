"""Take an approval back: a mark beside the record, which a live start honours.

It needs no key and no seal: to stop is always allowed, and a mark that cannot be read stops too.
"""

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from errors import ConfigError, StateError
from research.approval.record import Utc
from research.approval.store import HISTORY, put

REVOKED = "revoked"


class Revocation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who took an approval back, why and when."""

    operator: Annotated[str, Meta(min_length=1)]
    reason: Annotated[str, Meta(min_length=1)]
    revoked_at: Utc


def revocation_path(record: Path, data: bytes) -> Path:
    """Return where the mark of a record is, named by the record's bytes: a new approval is another record."""
    folder = record.parent.parent if record.parent.name == HISTORY else record.parent
    return folder / REVOKED / f"{hashlib.sha256(data).hexdigest()[:16]}.json"


def refuse_revoked(record: Path, data: bytes) -> None:
    """Raise StateError when a record has been taken back."""
    path = revocation_path(record, data)
    if not path.exists():
        return
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Revocation)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise StateError(f"{record}: revoked; {path} does not say by whom ({error})") from error
    raise StateError(f"{record}: revoked {found.revoked_at:%Y-%m-%dT%H:%M:%SZ} by {found.operator}: {found.reason}")


def revoke(record: Path, data: bytes, revocation: Revocation) -> Path:
    """Mark a record as taken back, and return where; raise ConfigError when its folder cannot be written to."""
    path = revocation_path(record, data)
    try:
        path.parent.mkdir(exist_ok=True)
        put(path, msgspec.json.format(msgspec.json.encode(revocation), indent=1) + b"\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}): remove {record} instead") from error
    return path
