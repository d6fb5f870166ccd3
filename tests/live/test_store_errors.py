"""What a store says when its database is not what it should be, and what it does then (Spec 4.2.5)."""

import functools
import os
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from stores import fresh_database, opened, run_sql

from errors import ConfigError, StateError
from memory import postgresql, sqlite
from memory.config import MemoryConfig
from memory.database import prepare
from memory.session import Session
from memory.store import Store, open_store
from memory.tables import statements_of

ROOT = Path(__file__).resolve().parents[2]
TERMINATE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'tidebreak'"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "risk.sqlite"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with fresh_database("errors") as url:
        yield url


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    with opened(MemoryConfig(backend="postgresql", url=database, account=str(tmp_path))) as store:
        yield store


def in_file(path: Path) -> MemoryConfig:
    return MemoryConfig(backend="sqlite", path=str(path))


def on_server(url: str) -> MemoryConfig:
    return MemoryConfig(backend="postgresql", url=url)


def terminate(url: str) -> None:
    """End the connections of all stores, as a server does that is started anew."""
    name = url.rpartition("/")[2]
    assert run_sql(name, f"{TERMINATE} AND datname = '{name}'")


def put_two(
    store: Store,
    between: Callable[[], object] = int,
    after: Callable[[], object] = int,
    second: bytes = b"y",
) -> None:
    with store.transaction():
        store.put("trade", "1", b"x")
        between()
        store.put("trade", "2", second)
        after()


def test_missing_file_is_not_made_unless_asked(path: Path) -> None:
    with pytest.raises(StateError, match=f"{path}: no such file"):
        open_store(in_file(path), create=False)
    assert not path.exists()


def test_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"timestamp,open,high,low,close\n" * 100)
    with pytest.raises(StateError, match=f"{path}: file is not a database; move the file away"):
        open_store(in_file(path))
    assert path.read_bytes() == b"timestamp,open,high,low,close\n" * 100


def test_folder_that_cannot_be_made_is_named(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StateError, match=rf"{path}/risk\.sqlite: cannot be made: (File exists|Not a directory)"):
        open_store(in_file(path / "risk.sqlite"))


def test_database_without_our_tables_is_refused_unless_asked(path: Path, database: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    with pytest.raises(StateError, match=f"{path}: holds no memory of this program"):
        open_store(in_file(path), create=False)
    with fresh_database("empty") as url, pytest.raises(StateError, match="holds no memory of this program"):
        open_store(on_server(url), create=False)


@pytest.mark.parametrize(("schema", "todo"), [(2, "update the program"), (0, "open it with the version that made it")])
def test_other_schema_is_refused(path: Path, schema: int, todo: str) -> None:
    with opened(in_file(path)):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE tidebreak_schema SET version = ?", [schema])
    with pytest.raises(StateError, match=f"{path}: holds schema {schema}, this program knows 1: {todo}"):
        open_store(in_file(path))


def test_newer_schema_on_a_server_is_refused() -> None:
    with fresh_database("newer") as url:
        with opened(on_server(url)):
            run_sql(url.rpartition("/")[2], "INSERT INTO tidebreak_schema VALUES (2)")
        with pytest.raises(StateError, match="holds schema 2, this program knows 1: update the program"):
            open_store(on_server(url))


def test_file_is_for_its_owner_only_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        with opened(in_file(path)) as store:
            store.put("trade", "1", b"x")
            files = sorted(path.parent.iterdir())
            modes = {oct(file.stat().st_mode & 0o777) for file in files}
    finally:
        os.umask(before)
    assert [file.name for file in files] == ["risk.sqlite", "risk.sqlite-shm", "risk.sqlite-wal"]
    assert modes == {"0o600"}


def test_file_is_durable_at_every_commit(path: Path) -> None:
    session = Session(sqlite.open_sqlite(path, create=True), "account")
    found = [session.run(sa.text(f"PRAGMA {name}"))[0][0] for name in ("journal_mode", "synchronous", "busy_timeout")]
    session.close()
    assert found == ["wal", 2, 5000]


def test_two_that_open_a_new_file_at_once_wait_for_each_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite refuses at once to switch a file to its write-ahead log while another writes it."""
    waits = threading.Event()

    class Telling(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if statement == "BEGIN IMMEDIATE":
                waits.set()
            return super().execute(statement, *values)

    with closing(sqlite3.connect(path, isolation_level=None)) as writer, ThreadPoolExecutor(1) as pool:
        writer.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Telling))
        opening = pool.submit(open_store, in_file(path))
        assert waits.wait(10)
        writer.execute("COMMIT")
        opening.result(10).close()


def test_file_system_without_shared_memory_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda file, **options: connect(f"{file}&vfs=unix-none", **options))
    with pytest.raises(StateError, match=r"journal_mode is delete, not wal: is this a network file system\?"):
        open_store(in_file(path))


def test_server_that_is_set_otherwise_is_durable_and_isolated_all_the_same() -> None:
    with fresh_database("lax") as url:
        name = url.rpartition("/")[2]
        run_sql(name, f"ALTER DATABASE {name} SET synchronous_commit = off")
        run_sql(name, f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
        session = Session(postgresql.open_postgresql(url), "account")
        for _ in range(2):  # the second time, what a read left behind counts
            session.run(sa.text("SELECT 1"))
            with session.transaction():
                assert session.run(sa.text("SHOW synchronous_commit"))[0][0] == "on"
                assert session.run(sa.text("SHOW transaction_isolation"))[0][0] == "read committed"
        session.close()


def test_full_disk_undoes_the_transaction_and_the_store_goes_on(path: Path) -> None:
    opening = sqlite.open_sqlite(path, create=True)
    prepare(opening, create=True)
    session = Session(opening, "account")
    store = Store(session, statements_of("default"), opening.owner("default"))
    session.run(sa.text("PRAGMA max_page_count = 10"))
    with pytest.raises(StateError, match=f"{path}: database or disk is full"):
        put_two(store, second=b"x" * 100_000)
    assert store.all("trade") == {}
    assert store.put("trade", "1", b"x") == 1
    store.close()


def test_disk_that_fails_during_the_commit_undoes_the_transaction_and_the_store_goes_on(path: Path) -> None:
    with opened(in_file(path)) as store:
        store.put("trade", "1", b"x")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # a real failure: writes beyond it are refused
        try:
            with pytest.raises(StateError, match=f"{path}: disk I/O error; during the commit: read back"):
                put_two(store, second=b"y" * 200_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert store.all("trade") == {"1": (1, b"x")}
        put_two(store)
        assert store.all("trade") == {"1": (2, b"x"), "2": (1, b"y")}


def test_writer_that_does_not_end_is_named_after_a_while(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECS", 0.05)
    with opened(in_file(path)) as holder, opened(in_file(path)) as store, holder.transaction():
        with pytest.raises(StateError, match=f"{path}: database is locked; another process has been writing"):
            store.put("trade", "1", b"x")
        assert store.get("trade", "1") is None


def test_writer_on_a_server_that_does_not_end_is_named_after_a_while(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_SECS", 0.05)
    other = MemoryConfig(backend="postgresql", url=database, account="another")
    with opened(on_server(database)) as holder, opened(on_server(database)) as store, holder.transaction():
        with pytest.raises(StateError, match="lock timeout; another process has been writing"):
            store.put("trade", "1", b"x")
        assert store.get("trade", "1") is None
        with opened(other) as stranger:
            assert stranger.put("trade", "1", b"x") == 1, "accounts must not wait for each other"


def test_connection_that_was_lost_between_calls_is_not_noticed(store: Store, database: str) -> None:
    assert store.put("trade", "1", b"x") == 1
    terminate(database)
    assert store.get("trade", "1") == (1, b"x")
    terminate(database)
    assert store.put("trade", "1", b"y") == 2


def test_connection_that_is_lost_in_a_transaction_undoes_it(store: Store, database: str) -> None:
    with pytest.raises(StateError, match=r"PostgreSQL on 127\.0\.0\.1:5432, database tidebreak_test_errors_\d+: "):
        put_two(store, between=lambda: terminate(database))
    assert store.all("trade") == {}
    assert store.put("trade", "1", b"y") == 1


def test_connection_that_is_lost_before_the_commit_leaves_it_open_what_is_kept(store: Store, database: str) -> None:
    with pytest.raises(StateError, match="during the commit: read back"):
        put_two(store, after=lambda: terminate(database))
    assert store.all("trade") == {}
    assert store.put("trade", "1", b"y") == 1


def test_error_of_ours_counts_although_the_connection_is_lost_too(store: Store, database: str) -> None:
    def fail() -> None:
        terminate(database)
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        put_two(store, after=fail)
    assert store.all("trade") == {}


def test_connection_that_cannot_be_set_up_is_an_error(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "LOCK_SECS", -5.0)
    with pytest.raises(StateError, match="outside the valid range"):
        open_store(on_server(database))


def test_server_that_is_away_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(StateError, match=rf"PostgreSQL on 127\.0\.0\.1:{port}, database risk: connection failed: .*is"):
        open_store(on_server(f"postgresql://bot@127.0.0.1:{port}/risk"))


def test_database_that_is_not_there_is_named(database: str) -> None:
    with pytest.raises(StateError, match='database "nowhere" does not exist'):
        open_store(on_server(database.rpartition("/")[0] + "/nowhere"))


def test_driver_that_is_missing_is_told_how_to_get(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"uv pip install 'psycopg\[binary\]'"):
        open_store(on_server("postgresql://bot@127.0.0.1/risk"))


@pytest.mark.parametrize("url", ["postgresql://bot@127.0.0.1:port/risk", "postgresql://bot@[::1/risk"])
def test_url_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"memory\.url cannot be read"):
        open_store(on_server(url))


def test_no_backend_is_no_store() -> None:
    with pytest.raises(ConfigError, match="backend is none"):
        open_store(MemoryConfig())


def test_sqlalchemy_is_imported_by_who_opens_a_store_only() -> None:
    code = "import sys, memory.config, memory.store, memory.journal; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
