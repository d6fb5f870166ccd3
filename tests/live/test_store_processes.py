"""Several processes on one memory: nothing is lost, nothing is seen too early (Spec 4.2.5)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stores import (
    append,
    create,
    finish,
    fresh_database,
    increment,
    increment_in_transactions,
    opened,
    put_when_told,
    spawn,
)

from memory.config import MemoryConfig

COUNT = 3  # processes at once


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryConfig]:
    """Return a memory that does not exist yet, not even its tables."""
    if request.param == "sqlite":
        yield MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))
        return
    with fresh_database("processes") as url:
        yield MemoryConfig(backend="postgresql", url=url)


def run_together(work: Callable[..., None], arguments: list[tuple[object, ...]]) -> None:
    """Let children begin at once and wait until all have ended well."""
    children = [spawn(work, *own) for own in arguments]
    for _, connection in children:
        assert connection.recv() == "ready"
    for _, connection in children:
        connection.send("go")
    for process, connection in children:
        finish(process, connection)


@pytest.mark.parametrize(("work", "times"), [(increment, 200), (increment_in_transactions, 50)])
def test_no_increment_of_many_processes_is_lost(config: MemoryConfig, work: Callable[..., None], times: int) -> None:
    run_together(work, [(config, times)] * COUNT)
    with opened(config) as store:
        assert store.get("count", "all") == (times * COUNT, str(times * COUNT).encode())


def test_appends_of_many_processes_are_numbered_without_gap_in_their_order(config: MemoryConfig) -> None:
    run_together(append, [(config, f"child {number}", 50) for number in range(COUNT)])
    with opened(config) as store:
        entries = list(store.entries())
    assert [entry.id for entry in entries] == list(range(1, 50 * COUNT + 1))
    for number in range(COUNT):
        assert [entry.ts_ns for entry in entries if entry.module == f"child {number}"] == list(range(50))


def test_processes_that_create_at_once_all_succeed(config: MemoryConfig) -> None:
    run_together(create, [(config,)] * 8)
    with opened(config, create=False) as store:
        assert [entry.id for entry in store.entries()] == list(range(1, 9))


def test_version_shows_what_another_process_wrote(config: MemoryConfig) -> None:
    process, connection = spawn(put_when_told, config)
    assert connection.recv() == "ready"
    with opened(config) as store:
        seen = [store.version("breaker", "day")]
        for word in (b"open", b"tripped", "delete", b"open"):
            connection.send(word)
            assert connection.recv() == "done"
            seen.append(store.version("breaker", "day"))
        assert seen == [0, 1, 2, 0, 3]
    connection.send("end")
    finish(process, connection)


def test_second_store_in_a_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """Opening and closing the file would drop them: another process would end as the last one, and delete the log."""
    config = MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))
    with opened(config) as store:
        store.put("trade", "1", b"x")
        with opened(config):
            run_together(create, [(config,)])
            assert Path(f"{config.path}-wal").exists()
            store.put("trade", "2", b"y")
        assert len(list(store.entries())) == 1
    with opened(config) as store:
        assert store.all("trade").keys() == {"1", "2"}
