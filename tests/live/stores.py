"""Real databases for the tests of `memory`, and what child processes do with a store."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from memory import postgresql, sqlite
from memory.config import MemoryConfig
from memory.store import Store, open_store

SERVER = "127.0.0.1:5432"
TOTAL = 1_000_000

# Children are forked from a process that has everything imported: a child is there in 10 ms, not in 400.
PROCESSES = multiprocessing.get_context("forkserver")
DIALECTS = ["sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql"]
MEMORY = ["memory.session", "memory.sqlite", "memory.store"]
PROCESSES.set_forkserver_preload(["pytest", "psycopg", *DIALECTS, *MEMORY, "risk_worker", "risk.shared_ledger"])


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """Yield the URL of a new database on the real server and drop it afterwards; skip where there is no server."""
    name = f"tidebreak_test_{name}_{os.getpid()}"
    run_sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    run_sql("postgres", f"CREATE DATABASE {name}")
    try:
        yield f"postgresql://postgres@{SERVER}/{name}"
    finally:
        run_sql("postgres", f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Yield a folder that no disk is waited for in: what a killed process leaves in it is the same."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="tidebreak_test_", dir=place) as name:
        yield Path(name)


def run_sql(database: str, statement: str) -> list[Any]:
    """Run a statement as the administrator, outside of any store."""
    try:
        connection = psycopg.connect(f"postgresql://postgres@{SERVER}/{database}", autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        pytest.skip(f"no server: PostgreSQL on {SERVER}")
    with connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def opened(config: MemoryConfig, *, create: bool = True) -> Iterator[Store]:
    store = open_store(config, create=create)
    try:
        yield store
    finally:
        store.close()


def spawn(work: Callable[..., None], *args: object) -> tuple[BaseProcess, Connection]:
    """Start ``work(connection, *args)`` in a process; return it and our end of the connection."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=work, args=(theirs, *args))
    process.start()
    theirs.close()
    return process, ours


def finish(process: BaseProcess, connection: Connection) -> None:
    """Wait until a child has ended well; one that does not end is killed."""
    process.join(60)
    process.kill()
    process.join()
    connection.close()
    assert process.exitcode == 0


# What children do. Each says "ready" first, and waits for a word before it does what is measured.
@contextmanager
def patient(config: MemoryConfig) -> Iterator[Store]:
    """Open a store that waits for others as long as it takes on a busy machine."""
    sqlite.BUSY_SECS = postgresql.LOCK_SECS = 60.0
    with opened(config) as store:
        yield store


def meet(connection: Connection) -> None:
    connection.send("ready")
    connection.recv()


def create(connection: Connection, config: MemoryConfig) -> None:
    meet(connection)
    with patient(config) as store:
        store.append(0, "test", "CREATED", "", "INFO", b"{}")


def increment(connection: Connection, config: MemoryConfig, times: int) -> None:
    """Count a number up with compare and swap, until it is counted up so many times."""
    with patient(config) as store:
        meet(connection)
        for _ in range(times):
            while not _increment(store):
                pass


def _increment(store: Store) -> bool:
    found = store.get("count", "all")
    version, number = (found.version, int(found.body)) if found else (0, 0)
    return store.put_if("count", "all", str(number + 1).encode(), version)


def increment_in_transactions(connection: Connection, config: MemoryConfig, times: int) -> None:
    """Read, add one, write: safe only if the transactions of an account follow each other."""
    with patient(config) as store:
        meet(connection)
        for _ in range(times):
            with store.transaction():
                found = store.get("count", "all")
                store.put("count", "all", str(int(found.body if found else 0) + 1).encode())


def append(connection: Connection, config: MemoryConfig, name: str, times: int) -> None:
    with patient(config) as store:
        meet(connection)
        for number in range(times):
            store.append(number, name, "APPENDED", "", "INFO", b"{}")


def put_when_told(connection: Connection, config: MemoryConfig) -> None:
    """Put or delete a document whenever a word comes, and answer when it is done."""
    with opened(config) as store:
        connection.send("ready")
        while (word := connection.recv()) != "end":
            if word == "delete":
                store.delete("breaker", "day")
            else:
                store.put("breaker", "day", word)
            connection.send("done")


def move_money(connection: Connection, config: MemoryConfig) -> None:
    """Move an amount between two documents again and again; tell the number of each move once it is kept."""
    connection.send(0)
    with opened(config) as store:
        number = number_of(store)
        while True:
            number += 1
            with store.transaction():
                left = amount_of(store, "left") - number
                store.put("amount", "left", str(left).encode())
                store.append(number, "test", "MOVED", "", "INFO", msgspec.json.encode({"number": number}))
                store.put("amount", "right", str(TOTAL - left).encode())
                store.put("count", "moves", str(number).encode())
            connection.send(number)


def number_of(store: Store) -> int:
    found = store.get("count", "moves")
    return int(found.body) if found else 0


def amount_of(store: Store, side: str) -> int:
    found = store.get("amount", side)
    return int(found.body) if found else TOTAL * (side == "left")
