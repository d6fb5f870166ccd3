"""Who works an account: at most one process at a time, known to be gone the moment it is (D31)."""

import fcntl
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from errors import StateError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class Owner(Protocol):
    """The right to work an account. The system that holds it loses it with its life, however that ends."""

    def take(self) -> bool:
        """Take it; return False when another process has it."""

    def is_taken(self) -> bool:
        """Return whether any process has it."""

    def release(self) -> None:
        """Give it back; twice does nothing."""


class FileOwner:
    """A lock on a file beside the database: the kernel takes it back from the dead.

    Parameters
    ----------
    path : Path
        The database; the lock is on a file of its own, since SQLite locks the database itself.
    account : str
    """

    def __init__(self, path: Path, account: str) -> None:
        name = hashlib.blake2b(account.encode(), digest_size=6).hexdigest()
        self._path = path.with_name(f"{path.name}-owner-{name}")
        self._file: int | None = None

    def take(self) -> bool:
        """Take it; return False when another process has it."""
        if self._file is not None:
            return True
        file = self._open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def is_taken(self) -> bool:
        """Return whether any process has it."""
        if self._file is not None:
            return True
        if not self._path.exists():
            return False
        taken = not self.take()
        self.release()
        return taken

    def release(self) -> None:
        """Give it back; twice does nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(f"{self._path}: cannot be opened: {error.strerror}") from error


class ServerOwner:
    """A session lock of PostgreSQL: the server takes it back when the connection ends.

    Parameters
    ----------
    engine : Engine
        Of a pool of its own: the lock lives as long as its connection.
    account : str
    """

    def __init__(self, engine: "Engine", account: str) -> None:
        digest = hashlib.blake2b(f"tidebreak owner {account}".encode(), digest_size=8).digest()
        self._engine = engine
        self._key = int.from_bytes(digest, signed=True)
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take it; return False when another process has it. A lock that a lost connection cost is taken anew."""
        import sqlalchemy as sa  # noqa: PLC0415

        connection = self._connection or self._engine.connect()
        try:
            taken = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(self._key))).scalar_one())
        except StateError:
            self._forget(connection)
            raise
        if taken:
            self._connection = connection
        else:
            self._forget(connection)  # back in the pool it would stay open for good
        return taken

    def is_taken(self) -> bool:
        """Return whether any process has it."""
        if self._connection is not None:
            return True
        taken = not self.take()
        self.release()
        return taken

    def release(self) -> None:
        """Give it back; twice does nothing."""
        if self._connection is not None:
            self._forget(self._connection)

    def _forget(self, connection: "Connection") -> None:
        self._connection = None
        connection.invalidate()  # the server session ends, and every lock with it
        connection.close()
