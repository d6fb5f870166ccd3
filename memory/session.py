"""One connection and its transaction: what is inside another one joins it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import Connection

from errors import StateError
from memory.database import Database


class Session:
    """Run statements in transactions that hold a lock, or one by one."""

    def __init__(self, database: Database, lock: str) -> None:
        self._database = database
        self._lock = lock
        self._open: Connection | None = None  # the running transaction
        self._broken = False  # a part of it failed
        self._closed = False

    @property
    def where(self) -> str:
        """Return the place, for messages."""
        return self._database.where

    def run(self, statement: Executable, **values: Any) -> list[Any]:
        """Return the rows of a statement, inside the running transaction or else by itself, read only."""
        if self._open is not None:
            with self._part():
                return list(self._open.execute(statement, values))
        with self._connect(write=False) as connection:
            return list(connection.execute(statement, values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin a transaction and take the lock, or join the one that runs; see ``Store.transaction``."""
        if self._open is not None:
            with self._part():
                yield
            return
        with self._connect(write=True) as connection:
            connection.execute(self._database.lock(self._lock))
            with self._whole(connection):
                yield
            self._commit(connection)

    def close(self) -> None:
        """Close the database; twice does nothing."""
        if self._open is not None:
            raise StateError(f"{self._database.where}: closed inside a transaction")
        self._closed = True
        self._database.close()

    def _connect(self, *, write: bool) -> Connection:
        if self._closed:
            raise StateError(f"{self._database.where}: the store is closed")
        return (self._database.writer if write else self._database.reader).connect()

    @contextmanager
    def _whole(self, connection: Connection) -> Iterator[None]:
        self._open, self._broken = connection, False
        try:
            yield
            self._refuse_broken()
        except BaseException:
            with suppress(StateError):  # a lost connection: the server rolls back by itself, the first error counts
                connection.rollback()
            raise
        finally:
            self._open = None

    @contextmanager
    def _part(self) -> Iterator[None]:
        self._refuse_broken()
        try:
            yield
        except BaseException:
            self._broken = True
            raise

    def _refuse_broken(self) -> None:
        # PostgreSQL answers the commit of a failed transaction with a silent rollback; SQLite may have rolled back
        # alone and would write what follows at once.
        if self._broken:
            raise StateError(f"{self._database.where}: a part of the transaction failed, all of it is rolled back")

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except StateError as error:
            raise StateError(f"{error}; during the commit: read back whether it was written") from error
