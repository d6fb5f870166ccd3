"""Documents by kind and key, and a journal, of one account: written durably or not at all."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from errors import ConfigError, StateError
from memory.config import MemoryConfig

if TYPE_CHECKING:
    from memory.database import Database
    from memory.owner import Owner
    from memory.session import Session
    from memory.tables import Statements

PAGE = 1000  # entries read at once


class Document(NamedTuple):
    """What is stored under a kind and key."""

    version: int  # 1 for the first, one more with every put
    body: bytes


class Entry(msgspec.Struct, frozen=True):
    """One line of the journal."""

    id: int  # 1, 2, ... without gaps, in the order of commits
    ts_ns: int
    module: str
    event_type: str
    asset: str
    severity: str
    details: bytes  # JSON


class Store:
    """The memory of one account. A call outside a transaction is one of its own.

    Notes
    -----
    One thread at a time uses a store. Other stores and processes may use the same database: they wait for each other's
    transactions, at most five seconds. Whatever goes wrong with the database is raised as a ``StateError``.
    """

    def __init__(self, session: "Session", statements: "Statements", owner: "Owner") -> None:
        self._session = session
        self._run = session.run
        self._sql = statements
        self._owner = owner

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the lock, write all that is put inside when the block ends, nothing if it raises.

        The lock is the account's, with SQLite that of the file. A transaction inside another joins it: a failure inside
        that is caught outside undoes all of it as well.

        Raises
        ------
        StateError
            The database failed, or a part of the transaction did and was caught. When it failed while the commit was
            under way, the message says so: what was written may be there.
        """
        return self._session.transaction()

    def get(self, kind: str, key: str) -> Document | None:
        """Return a document, ``None`` when there is none."""
        rows = self._run(self._sql.get, the_kind=kind, the_key=key)
        return Document(*rows[0]) if rows else None

    def all(self, kind: str) -> dict[str, Document]:
        """Return the documents of a kind by key, keys in order."""
        rows = self._run(self._sql.all, the_kind=kind)
        return {key: Document(version, body) for key, version, body in sorted(rows)}

    def version(self, kind: str, key: str) -> int:
        """Return the version of a document, 0 when there is none. Made to be asked every second."""
        rows = self._run(self._sql.version, the_kind=kind, the_key=key)
        return int(rows[0][0]) if rows else 0

    def put(self, kind: str, key: str, body: bytes) -> int:
        """Store a document and return its version: 1, 2, ...; after a delete it goes on counting."""
        values = {"the_kind": kind, "the_key": key, "the_body": body}
        with self.transaction():
            rows = self._run(self._sql.replace, **values) or self._run(self._sql.insert, **values)
        return int(rows[0][0])

    def put_if(self, kind: str, key: str, body: bytes, version: int) -> bool:
        """Store a document if its version is still ``version`` (0: if there is none); tell whether it did."""
        with self.transaction():
            if self.version(kind, key) != version:
                return False
            self.put(kind, key, body)
        return True

    def delete(self, kind: str, key: str) -> None:
        """Delete a document, if it is there."""
        with self.transaction():
            self._run(self._sql.delete, the_kind=kind, the_key=key)

    def append(self, ts_ns: int, module: str, event_type: str, asset: str, severity: str, details: bytes) -> int:
        """Append an entry to the journal and return its number."""
        values = {"the_ts_ns": ts_ns, "the_module": module, "the_event_type": event_type}
        values |= {"the_asset": asset, "the_severity": severity, "the_details": details}
        with self.transaction():
            return int(self._run(self._sql.append, **values)[0][0])

    def entries(
        self, *, after_id: int = 0, event_type: str | None = None, asset: str | None = None, limit: int | None = None
    ) -> Iterator[Entry]:
        """Return the journal as it is when it is first asked, oldest first, read page by page as it is used.

        Parameters
        ----------
        after_id : int
            Only entries with a higher number.
        event_type, asset : str, optional
            Only entries with these.
        limit : int, optional
            At most so many entries.
        """
        return islice(self._pages(after_id, event_type, asset), limit)

    def _pages(self, first: int, event_type: str | None, asset: str | None) -> Iterator[Entry]:
        # Numbers have no gaps: pages are ranges of numbers, which PostgreSQL reads well before it has statistics too.
        last = int(self._run(self._sql.last)[0][0])
        for number in range(first, last, PAGE):
            wanted = {"the_id": number, "the_last": min(number + PAGE, last)}
            rows = self._run(self._sql.entries, **wanted, the_event_type=event_type, the_asset=asset)
            yield from (Entry(*row) for row in rows)

    def own(self) -> None:
        """Become the one system that works this account, until ``close`` or the end of the process, however it comes.

        Raises
        ------
        StateError
            Another process is that already: two systems on one account would trade against each other.
        """
        if not self._owner.take():
            raise StateError(
                f"{self._session.where}: another process works this account: stop it first, or give memory.account "
                "another name"
            )
        with self.transaction():  # a command that found nobody may be at work: wait for it, then read
            pass

    def owner_is_alive(self) -> bool:
        """Return whether a system works this account now, this one or another."""
        return self._owner.is_taken()

    def close(self) -> None:
        """Close the database and give the account up; twice does nothing."""
        self._session.close()
        self._owner.release()


def open_store(config: MemoryConfig, *, create: bool = True) -> Store:
    """Open the memory of an account.

    Parameters
    ----------
    config : MemoryConfig
        Which database, whose account.
    create : bool
        Make file, folders and tables where there are none; false refuses.

    Raises
    ------
    ConfigError
        No backend is configured, psycopg is missing, or the URL cannot be read.
    StateError
        The database is not there, is none, or was made by another version.
    """
    from memory.database import prepare  # noqa: PLC0415  (SQLAlchemy takes 0.2 s: not for who keeps no memory)
    from memory.session import Session  # noqa: PLC0415
    from memory.tables import statements_of  # noqa: PLC0415

    database = _database(config, create=create)
    try:
        prepare(database, create=create)
    except BaseException:
        database.close()
        raise
    session = Session(database, f"account {config.account}")
    return Store(session, statements_of(config.account), database.owner(config.account))


def _database(config: MemoryConfig, *, create: bool) -> "Database":
    if config.backend == "sqlite":
        from memory.sqlite import open_sqlite  # noqa: PLC0415

        return open_sqlite(Path(config.path), create=create)
    if config.backend == "postgresql":
        from memory.postgresql import open_postgresql  # noqa: PLC0415

        return open_postgresql(config.url)
    raise ConfigError("memory.backend is none: there is no memory to open")
