"""One system at a time works an account, and it is known at once when it is gone."""

from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from stores import fresh_database, opened, run_sql, spawn

from errors import StateError
from memory.config import MemoryConfig
from memory.store import open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryConfig]:
    if request.param == "sqlite":
        yield MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))
        return
    with fresh_database("owner") as url:
        yield MemoryConfig(backend="postgresql", url=url)


def hold(connection: Connection, config: MemoryConfig) -> None:
    """Own the account until told to end."""
    store = open_store(config)
    store.own()
    connection.send("owned")
    connection.recv()
    store.close()


def other(config: MemoryConfig) -> MemoryConfig:
    return MemoryConfig(backend=config.backend, path=config.path, url=config.url, account="other")


def test_owner_is_seen_by_others_and_nobody_else_may_own(config: MemoryConfig) -> None:
    with opened(config) as store:
        assert not store.owner_is_alive()
        process, connection = spawn(hold, config)
        assert connection.recv() == "owned"
        assert store.owner_is_alive()
        with pytest.raises(StateError, match="another process works this account"):
            store.own()
        connection.send("end")
        process.join(30)
        assert not store.owner_is_alive()
        store.own()
        store.own()  # asking twice is owning once
        assert store.owner_is_alive()


def test_killed_owner_is_gone_at_once(config: MemoryConfig) -> None:
    with opened(config) as store:
        process, connection = spawn(hold, config)
        assert connection.recv() == "owned"
        process.kill()
        process.join()
        if config.backend == "postgresql":
            wait_for_server(config)
        assert not store.owner_is_alive()
        store.own()


def wait_for_server(config: MemoryConfig) -> None:
    """Wait until the server has noticed that the connections of the dead are closed."""
    name = config.url.rpartition("/")[2]
    for _ in range(10_000):
        held = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        if run_sql("postgres", f"{held} WHERE l.locktype = 'advisory' AND d.datname = '{name}'") == [(0,)]:
            return
    raise AssertionError("the server still holds the lock of a dead process")


def test_accounts_of_one_database_have_owners_of_their_own(config: MemoryConfig) -> None:
    with opened(config) as one, opened(other(config)) as two:
        one.own()
        assert not two.owner_is_alive()
        two.own()


def test_closing_gives_the_account_up(config: MemoryConfig) -> None:
    with opened(config) as one:
        one.own()
    with opened(config) as two:
        assert not two.owner_is_alive()
        two.own()


def test_asking_does_not_take_the_account(config: MemoryConfig) -> None:
    with opened(config) as one, opened(config) as two:
        assert not one.owner_is_alive()
        two.own()
