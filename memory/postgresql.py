"""PostgreSQL as the memory: for several processes, machines or accounts."""

import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine

from errors import ConfigError
from memory.database import Database, tell
from memory.owner import ServerOwner

LOCK_SECS = 5.0
# What libpq does by default with a server that went silent is to wait for hours. The URL may say otherwise.
DEFAULTS = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "tidebreak",
}
# A holder of the lock that hangs or whose machine died must not stop the others; a commit is on disk when it returns.
SESSION = """
    SELECT set_config('lock_timeout', %s, false),
           set_config('idle_in_transaction_session_timeout', '10s', false),
           set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                          WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
"""
ADVICE: Mapping[str, str] = {
    "lock timeout": f"another process has been writing for {LOCK_SECS:g} s: find and end it",
    "connection failed": "is the server there, and is memory.url right?",
    "permission denied for schema": "GRANT CREATE on it, or let an administrator start the system once",
}


def open_postgresql(url: str) -> Database:
    """Return the database of a server.

    Raises
    ------
    ConfigError
        psycopg is not installed, or the URL cannot be read.
    """
    engine, where = _engine(url)
    tell(engine, where, ADVICE)
    event.listen(engine, "connect", _set_up)
    return Database(
        where,
        engine.execution_options(isolation_level="AUTOCOMMIT"),  # one round trip for a read instead of three
        engine.execution_options(isolation_level="READ COMMITTED"),  # sees what was written while the lock was awaited
        _lock,
        lambda account: ServerOwner(_engine_of_owner(url), account),
    )


def _engine_of_owner(url: str) -> Engine:
    """Return an engine of its own for the one connection that lives as long as the system."""
    engine, where = _engine(url)
    tell(engine, where, ADVICE)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _engine(text: str) -> tuple[Engine, str]:
    try:
        url = sa.make_url(text)
        # A ping for every transaction: a server that was started anew between two calls is not noticed.
        engine = sa.create_engine(_complete(url), pool_size=1, max_overflow=0, pool_pre_ping=True)
    except ImportError as error:
        raise ConfigError(
            f"memory.backend postgresql needs psycopg ({error}): uv pip install 'psycopg[binary]'"
        ) from error
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ConfigError(f"memory.url cannot be read: {error}") from error
    return engine, f"PostgreSQL on {url.host or 'local socket'}:{url.port or 5432}, database {url.database}"


def _complete(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg", query={**DEFAULTS, **url.query})


def _set_up(connection: Any, _record: object) -> None:
    connection.execute(SESSION, [f"{LOCK_SECS:g}s"])
    connection.commit()  # else the rollback that follows takes it back


def _lock(name: str) -> sa.Executable:
    number = hashlib.blake2b(f"tidebreak {name}".encode(), digest_size=8).digest()
    key = sa.literal(int.from_bytes(number, signed=True), sa.BigInteger)
    return sa.select(sa.func.pg_advisory_xact_lock(key))
