"""Units of the memory: all that one event changes is written together, before anyone acts on it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import memory.sqlite
from errors import StateError
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(memory.sqlite, "BUSY_SECS", 0.01)
    found = open_store(MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite")))
    yield found
    found.close()


@pytest.fixture
def blocker(store: Store, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the database locked: nobody else can write."""
    connection = sqlite3.connect(tmp_path / "risk.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def events(store: Store) -> list[str]:
    return [entry.event_type for entry in store.entries()]


def test_unit_writes_documents_and_lines_together_at_its_end(store: Store) -> None:
    kept = Memory(store)
    with kept.unit():
        kept.put("trade", "a", {"x": 1})
        kept.write(1, "m", "FIRST", "", {})
        with kept.unit():
            kept.drop("trade", "b")
        assert (store.get("trade", "a"), events(store)) == (None, [])
    assert store.get("trade", "a").body == b'{"x":1}'
    assert events(store) == ["FIRST"]


def test_what_waits_for_a_unit_happens_once_it_is_written_and_in_order(store: Store) -> None:
    kept, seen = Memory(store), []
    kept.afterwards(lambda: seen.append("now"))
    with kept.unit():
        kept.put("trade", "a", b"1")
        with kept.unit():
            kept.afterwards(lambda: seen.append(("first", store.get("trade", "a") is not None)))
        kept.afterwards(lambda: seen.append("second"))
        assert seen == ["now"]
    assert seen == ["now", ("first", True), "second"]


def test_what_is_done_afterwards_may_open_units_of_its_own(store: Store) -> None:
    kept, seen = Memory(store), []

    def act() -> None:
        with kept.unit():
            kept.put("trade", "b", b"2")
            kept.afterwards(lambda: seen.append(store.get("trade", "b") is not None))

    with kept.unit():
        kept.put("trade", "a", b"1")
        kept.afterwards(act)
    assert seen == [True]


def test_database_that_is_away_never_stops_an_exit_and_gets_it_later(store: Store, blocker: sqlite3.Connection) -> None:
    kept = Memory(store)
    with kept.unit():
        kept.put("trade", "a", b"1")
        kept.write(1, "m", "EXIT", "", {})
    assert "memory cannot be written" in kept.fault
    with kept.unit():
        kept.put("trade", "a", b"2")
    assert kept.fault
    blocker.execute("ROLLBACK")
    with kept.unit():
        kept.write(2, "m", "LATER", "", {})
    assert kept.fault == ""
    assert store.get("trade", "a").body == b"2"
    assert events(store) == ["EXIT", "LATER"]


def test_strict_unit_that_cannot_be_written_raises_and_is_forgotten(store: Store, blocker: sqlite3.Connection) -> None:
    kept = Memory(store)
    with kept.unit():
        kept.put("trade", "exit", b"1")
    with pytest.raises(StateError, match="cannot be written"):
        approve(kept)
    blocker.execute("ROLLBACK")
    assert kept.flush()
    assert (store.get("reservation", "entry"), events(store)) == (None, [])
    assert store.get("trade", "exit").body == b"1"


def approve(kept: Memory) -> None:
    with kept.strict_unit():
        kept.put("reservation", "entry", b"1")
        kept.write(1, "m", "APPROVED", "", {})


def test_nothing_is_kept_without_a_store() -> None:
    kept = Memory()
    with kept.strict_unit():
        kept.put("trade", "a", b"1")
        kept.drop("trade", "a")
        kept.write(1, "m", "X", "", {})
    assert (kept.is_kept, kept.fault, kept.get("trade", "a"), kept.all("trade")) == (False, "", None, {})
    assert kept.flush()
    kept.close()


def test_close_writes_what_is_left(tmp_path: Path) -> None:
    config = MemoryConfig(backend="sqlite", path=str(tmp_path / "other.sqlite"))
    kept = Memory(open_store(config))
    kept.put("trade", "a", b"1")
    kept.close()
    again = open_store(config)
    assert again.get("trade", "a").body == b"1"
    again.close()
