"""SQLite as the memory: one file, durable when a transaction ends, shared by the processes of one machine.

SQLite before 3.51.3 may, very rarely, lose a commit when two processes write and checkpoint in the same instant
(sqlite.org/wal.html, "The WAL-Reset Bug"). A running system with a command beside it now and then will not meet it;
several processes that write all the time are a case for PostgreSQL.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from errors import StateError
from memory.database import Database, tell
from memory.owner import FileOwner

BUSY_SECS = 5.0
ADVICE = {
    "not a database": "move the file away, or correct memory.path",
    "malformed": "keep the file, restore a backup, reconcile with the venue",
    "locked": f"another process has been writing for {BUSY_SECS:g} s: find and end it",
    "readonly": "let this user write the file and its folder",
}


def open_sqlite(path: Path, *, create: bool) -> Database:
    """Return the database in a file.

    Raises
    ------
    StateError
        There is no file and ``create`` is false, or the file or its folder cannot be made.
    """
    if create:
        _make(path)
    elif not path.is_file():
        raise StateError(f"{path}: no such file: correct memory.path, or start the system, which makes it")
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _connect(path), poolclass=QueuePool, pool_size=1, max_overflow=0
    )
    tell(engine, str(path), ADVICE)
    return Database(
        str(path), engine, engine, lambda _name: sa.text("BEGIN IMMEDIATE"), lambda account: FileOwner(path, account)
    )


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A file that is there is not opened here: to close it would drop the locks that SQLite holds in this process.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o600))  # its side files get the same mode
    except OSError as error:
        raise StateError(f"{path}: cannot be made: {error.strerror}: correct memory.path") from error


def _connect(path: Path) -> sqlite3.Connection:
    # isolation_level=None: neither driver nor SQLAlchemy begins a transaction, the first statement does (`lock`).
    # mode=rw: a file that was taken away after the check is not made anew.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECS,
        isolation_level=None,
        check_same_thread=False,  # one thread at a time, not always the same
    )
    try:
        _make_durable(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _make_durable(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous=FULL")
    try:
        mode = _write_ahead(connection)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        # Another process is writing a new file. SQLite does not wait for that to switch, but it does to write.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        mode = _write_ahead(connection)
    if mode != "wal":
        raise sqlite3.OperationalError(f"journal_mode is {mode}, not wal: is this a network file system?")


def _write_ahead(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
