"""The seal of an approval record: HMAC-SHA256 (RFC 2104) with a key that is not in the repository.

It protects a record against everyone who can write the file but has no key: a hand in the repository or in the image, a
mix-up, a damaged disk. It does **not** protect against whoever has the key (the key that proves a record also makes
one, so that the machine that trades could approve for itself), against research that was false before it was
sealed, against changed code of this check, or against an older record of the same configuration put back: that one
lapses with its date and with the code. A record that is removed stops the start.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from errors import ConfigError, StateError
from research.approval.record import Approval, Record, Seal, encode
from research.identity import ROOT

KEY, KEY_FILE = "TIDEBREAK_APPROVAL_KEY", "TIDEBREAK_APPROVAL_KEY_FILE"
MIN_CHARACTERS = 32
LABEL = b"tidebreak approval key id"


class ApprovalKey:
    """A secret that masks itself, and where it came from."""

    __slots__ = ("_secret", "made", "source")

    def __init__(self, secret: str, source: str, *, made: bool = False) -> None:
        if len(secret) < MIN_CHARACTERS:
            raise ConfigError(f"{source}: a key has at least {MIN_CHARACTERS} characters, this one has {len(secret)}")
        self._secret = secret.encode()
        self.source = source
        self.made = made

    def __repr__(self) -> str:
        return f"ApprovalKey({self.source}, ***)"

    @property
    def id(self) -> str:
        """Return a name that tells keys apart: twelve hex digits."""
        return self.mark(LABEL)[:12]

    def mark(self, data: bytes) -> str:
        """Return the HMAC-SHA256 of data, 64 hex digits."""
        return hmac.new(self._secret, data, hashlib.sha256).hexdigest()


def load_key(*, create: bool, environ: Mapping[str, str] = os.environ) -> ApprovalKey:
    """Return the key: the variable ``TIDEBREAK_APPROVAL_KEY``, else a file of mode 0600 outside the repository.

    Parameters
    ----------
    create : bool
        Make the file when there is none: for approving, never for verifying.
    environ : mapping
        ``TIDEBREAK_APPROVAL_KEY_FILE`` names another file than ``~/.config/tidebreak/approval.key``.

    Raises
    ------
    ConfigError
        There is no key; it is too short; its file lies in the repository or others may read it.
    """
    if KEY in environ:
        return ApprovalKey(environ[KEY].strip(), KEY)
    default = Path.home() / ".config" / "tidebreak" / "approval.key"
    path = Path(environ[KEY_FILE]) if environ.get(KEY_FILE) else default
    if path.resolve().is_relative_to(ROOT):
        raise ConfigError(f"{path}: the key must lie outside the repository {ROOT}: whoever has it can approve")
    try:
        made = create and _make(path)
        return _read(path, made=made)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no approval key; copy it from where the approval was given, or set {KEY}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the approval key cannot be used ({error})") from error


def _read(path: Path, *, made: bool) -> ApprovalKey:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise ConfigError(f"{path}: others may read or write the key (mode {mode:04o}): chmod 600 {path}")
    return ApprovalKey(path.read_text(encoding="ascii").strip(), str(path), made=made)


def _make(path: Path) -> bool:
    """Write a new key; return False where there is one already. It appears whole or not at all."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        os.link(aside, path)
    except FileExistsError:
        return False  # another process was quicker
    finally:
        aside.unlink()
    return True


def seal(approval: Approval, key: ApprovalKey) -> Record:
    """Return a record with the key's mark over all of it."""
    blank = Record(approval=approval, seal=Seal(key_id=key.id, mac=""))
    return Record(approval=approval, seal=Seal(key_id=key.id, mac=key.mark(encode(blank))))


def unseal(data: bytes, key: ApprovalKey, where: str) -> Approval:
    """Return the approval in a record's bytes.

    Raises
    ------
    StateError
        Any byte is not what was sealed, or another key sealed it.
    """
    try:
        record = msgspec.json.decode(data, type=Record)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise StateError(f"{where}: not an approval record, or altered ({error})") from error
    if record.seal.key_id != key.id:
        raise StateError(f"{where}: sealed with key {record.seal.key_id}, the key of {key.source} is {key.id}")
    expected = encode(seal(record.approval, key))
    if not hmac.compare_digest(expected, data):
        raise StateError(f"{where}: altered after it was sealed: do not trade on it, approve anew")
    return record.approval
