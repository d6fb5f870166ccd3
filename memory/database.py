"""A database that is ready for use: engines, the lock of its writers, and the tables of our version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

from errors import StateError
from memory.owner import Owner
from memory.tables import METADATA, VERSIONS

SCHEMA = 1  # a later version of the tables counts up and converts the earlier ones in `prepare`


@dataclass(frozen=True)
class Database:
    """What the two backends have in common."""

    where: str
    reader: Engine  # every statement is a snapshot of its own
    writer: Engine  # a transaction
    lock: Callable[[str], sa.Executable]  # the first statement of a transaction: waits for the other writers of a name
    owner: Callable[[str], Owner]  # of an account

    def close(self) -> None:
        """Close the connection."""
        self.writer.dispose()


def tell(engine: Engine, where: str, advice: Mapping[str, str]) -> None:
    """Let every failure below an engine leave it as a ``StateError`` that says what, where and what to do.

    Parameters
    ----------
    engine : Engine
        Whose failures; it still sees by itself whether a connection is lost.
    where : str
        File or server, without secrets.
    advice : mapping of str to str
        What to add to a message of the driver that holds the key.
    """

    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        cause = context.original_exception
        if isinstance(cause, Exception) and not context.is_pre_ping:  # a failed ping is how the pool notices a loss
            reason = " ".join(str(cause).split())
            hints = [hint for part, hint in advice.items() if part in reason]
            raise StateError("; ".join([f"{where}: {reason}", *hints])) from cause


def prepare(database: Database, *, create: bool) -> None:
    """Create the tables where there are none, refuse those of another version.

    Raises
    ------
    StateError
        There are none and ``create`` is false, or another version of the program made them.
    """
    with database.reader.connect() as connection:
        found = schema_of(connection)
    if found is None and create:
        found = _create(database)
    if found is None:
        raise StateError(f"{database.where}: holds no memory of this program: correct the place, or start the system")
    if found != SCHEMA:
        todo = "update the program" if found > SCHEMA else "open it with the version that made it"
        raise StateError(f"{database.where}: holds schema {found}, this program knows {SCHEMA}: {todo}")


def schema_of(connection: Connection) -> int | None:
    """Return the version of the tables, ``None`` where there are none."""
    if not sa.inspect(connection).has_table(VERSIONS.name):
        return None
    highest: int | None = connection.execute(sa.select(sa.func.max(VERSIONS.c.version))).scalar_one()
    return highest


def _create(database: Database) -> int | None:
    with database.writer.begin() as connection:
        connection.execute(database.lock("schema"))
        if schema_of(connection) is None:  # another process may have been faster
            METADATA.create_all(connection)
            connection.execute(sa.insert(VERSIONS).values(version=SCHEMA))
        return schema_of(connection)
