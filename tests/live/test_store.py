"""The store does the same on SQLite and PostgreSQL, both real (Spec 4.2.5)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import fresh_database, opened

from errors import StateError
from memory import store as store_module
from memory.config import MemoryConfig
from memory.journal import StoreJournal
from memory.store import Document, Store

EVERY_BYTE = bytes(range(256))


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with fresh_database("store") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> MemoryConfig:
    """Return the memory of an account that nobody has used."""
    if request.param == "sqlite":
        return MemoryConfig(backend="sqlite", path=str(tmp_path / "state" / "risk.sqlite"))
    return MemoryConfig(
        backend="postgresql", url=request.getfixturevalue("database"), account=f"{request.node.name} {tmp_path}"
    )


@pytest.fixture
def store(config: MemoryConfig) -> Iterator[Store]:
    with opened(config) as store:
        yield store


@pytest.fixture
def other(config: MemoryConfig, store: Store) -> Iterator[Store]:
    """Return what another process would see."""
    with opened(config) as other:
        yield other


def append(store: Store, ts_ns: int, event_type: str = "E", asset: str = "BTC") -> int:
    return store.append(ts_ns, "test", event_type, asset, "INFO", b"{}")


def numbers(store: Store) -> list[int]:
    return [entry.id for entry in store.entries()]


@pytest.mark.parametrize("body", [b"", b"{}", EVERY_BYTE, EVERY_BYTE * 8192], ids=["empty", "json", "bytes", "2 MiB"])
def test_body_comes_back_as_it_was(store: Store, other: Store, body: bytes) -> None:
    assert store.put("trade", "1", body) == 1
    assert other.get("trade", "1") == Document(1, body)


def test_versions_count_from_1_and_absent_is_0(store: Store, other: Store) -> None:
    assert (store.get("equity", "peak"), store.version("equity", "peak")) == (None, 0)
    assert [store.put("equity", "peak", b"x"), store.put("equity", "peak", b"y")] == [1, 2]
    assert (other.get("equity", "peak"), other.version("equity", "peak")) == (Document(2, b"y"), 2)


def test_all_returns_one_kind_in_order_of_keys(store: Store, other: Store) -> None:
    for key in ("b", "a b", "B", "é", "a"):
        store.put("trade", key, key.encode())
    store.put("trades", "z", b"")
    store.put("trade", "gone", b"")
    store.delete("trade", "gone")
    assert list(other.all("trade").items()) == [(key, Document(1, key.encode())) for key in ("B", "a", "a b", "b", "é")]
    assert other.all("nothing") == {}


def test_kind_and_key_are_apart(store: Store) -> None:
    store.put("a", "b", b"1")
    store.put("b", "a", b"2")
    store.put("a", "", b"3")
    assert [store.get("a", "b"), store.get("b", "a"), store.get("a", "")] == [(1, b"1"), (1, b"2"), (1, b"3")]


def test_deleted_document_is_gone_and_its_version_goes_on(store: Store, other: Store) -> None:
    store.put("trade", "1", b"x")
    store.put("trade", "1", b"y")
    store.delete("trade", "1")
    store.delete("trade", "1")
    store.delete("trade", "never was")
    assert (other.get("trade", "1"), other.version("trade", "1"), other.all("trade")) == (None, 0, {})
    assert store.put("trade", "1", b"z") == 3


def test_put_if_compares_the_version(store: Store, other: Store) -> None:
    assert not store.put_if("trade", "1", b"x", 1)
    assert store.put_if("trade", "1", b"x", 0)
    assert not other.put_if("trade", "1", b"y", 0)
    assert other.put_if("trade", "1", b"y", 1)
    assert not store.put_if("trade", "1", b"z", 1)
    assert store.get("trade", "1") == Document(2, b"y")


def test_put_if_0_takes_a_deleted_document_for_none(store: Store) -> None:
    store.put("trade", "1", b"x")
    store.delete("trade", "1")
    assert not store.put_if("trade", "1", b"y", 1)
    assert store.put_if("trade", "1", b"y", 0)
    assert store.get("trade", "1") == Document(2, b"y")


def test_accounts_do_not_see_each_other(config: MemoryConfig, store: Store) -> None:
    store.put("trade", "1", b"x")
    append(store, 1)
    stranger = MemoryConfig(backend=config.backend, path=config.path, url=config.url, account=f"{config.account} 2")
    with opened(stranger) as theirs:
        assert (theirs.get("trade", "1"), theirs.all("trade"), numbers(theirs)) == (None, {}, [])
        assert (theirs.put("trade", "1", b"y"), append(theirs, 2)) == (1, 1)
        theirs.delete("trade", "1")
    assert (store.get("trade", "1"), numbers(store)) == (Document(1, b"x"), [1])


def test_memory_outlives_the_store(config: MemoryConfig) -> None:
    with opened(config) as store:
        store.put("trade", "1", b"x")
        append(store, 5)
    with opened(config) as store:
        assert (store.put("trade", "1", b"y"), append(store, 6), numbers(store)) == (2, 2, [1, 2])


def test_transaction_is_seen_by_others_when_the_outermost_ends(store: Store, other: Store) -> None:
    with store.transaction():
        store.put("trade", "1", b"x")
        with store.transaction():
            store.put("trade", "2", b"y")
            append(store, 1)
        assert (store.all("trade").keys(), numbers(store)) == ({"1", "2"}, [1])
        assert (other.all("trade"), other.version("trade", "1"), numbers(other)) == ({}, 0, [])
    assert (other.all("trade").keys(), numbers(other)) == ({"1", "2"}, [1])


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_transaction_that_raises_leaves_nothing(store: Store, error: type[BaseException]) -> None:
    def fail() -> None:
        with store.transaction():
            store.put("trade", "1", b"new")
            store.delete("trade", "2")
            append(store, 2)
            raise error

    store.put("trade", "2", b"old")
    append(store, 1)
    with pytest.raises(error):
        fail()
    assert (store.all("trade"), numbers(store)) == ({"2": (1, b"old")}, [1])
    assert (append(store, 3), store.put("trade", "2", b"newer")) == (2, 2)


def test_failure_inside_that_is_caught_outside_undoes_all(store: Store) -> None:
    def inner() -> None:
        with store.transaction():
            store.put("trade", "2", b"y")
            raise KeyError

    def outer() -> None:
        with store.transaction():
            store.put("trade", "1", b"x")
            with pytest.raises(KeyError):
                inner()

    with pytest.raises(StateError, match="a part of the transaction failed"):
        outer()
    assert store.all("trade") == {}


def test_database_failure_inside_that_is_caught_undoes_all(store: Store) -> None:
    def outer() -> None:
        with store.transaction():
            store.put("trade", "1", b"x")
            with pytest.raises(StateError):
                append(store, 2**63)  # no room for it
            with pytest.raises(StateError, match="a part of the transaction failed"):
                store.get("trade", "1")

    with pytest.raises(StateError, match="a part of the transaction failed"):
        outer()
    assert store.all("trade") == {}
    assert store.put("trade", "1", b"x") == 1


def test_entries_are_filtered_and_limited(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PAGE", 3)
    for number in range(10):
        assert append(store, number, "AB"[number % 2], "XYZ"[number % 3]) == number + 1
    assert numbers(store) == list(range(1, 11))
    assert [entry.ts_ns for entry in store.entries(after_id=7)] == [7, 8, 9]
    assert [entry.id for entry in store.entries(event_type="A")] == [1, 3, 5, 7, 9]
    assert [entry.id for entry in store.entries(asset="Z", event_type="B")] == [6]
    assert [[entry.id for entry in store.entries(limit=limit)] for limit in (0, 1, 3, 4)] == [
        [],
        [1],
        [1, 2, 3],
        [1, 2, 3, 4],
    ]
    assert [entry.id for entry in store.entries(after_id=2, asset="X", limit=2)] == [4, 7]


def test_entries_are_those_of_the_first_look(store: Store, other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PAGE", 2)
    entries = store.entries()
    for number in range(5):
        append(store, number)
    seen = [next(entries).id]
    append(other, 9)
    assert seen + [entry.id for entry in entries] == [1, 2, 3, 4, 5]
    assert numbers(store) == [1, 2, 3, 4, 5, 6]


def test_journal_numbers_have_no_gap_after_a_rollback(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            append(store, 2)
            raise KeyError

    append(store, 1)
    with pytest.raises(KeyError):
        fail()
    assert (append(store, 3), [entry.ts_ns for entry in store.entries()]) == (2, [1, 3])


def test_journal_writes_json_with_the_running_transaction(store: Store, other: Store) -> None:
    journal = StoreJournal(store)
    with store.transaction():
        journal.write(5, "risk", "BREAKER", "BTC", {"state": "tripped", "loss_frac": 0.03}, "WARNING")
        assert list(other.entries()) == []
    journal.close()
    journal.write(6, "risk", "BREAKER", "BTC", None)
    assert [(entry.id, entry.ts_ns, entry.severity, entry.details) for entry in other.entries()] == [
        (1, 5, "WARNING", b'{"state":"tripped","loss_frac":0.03}'),
        (2, 6, "INFO", b"null"),
    ]


def test_journal_that_cannot_encode_writes_nothing(store: Store) -> None:
    with pytest.raises(TypeError):
        StoreJournal(store).write(5, "risk", "BREAKER", "BTC", object())
    assert list(store.entries()) == []


def test_closed_store_says_so(config: MemoryConfig) -> None:
    with opened(config) as store:
        with pytest.raises(StateError, match="inside a transaction"), store.transaction():
            store.close()
        store.close()
        store.close()
        for call in (lambda: store.get("a", "b"), lambda: store.put("a", "b", b""), lambda: list(store.entries())):
            with pytest.raises(StateError, match="closed"):
                call()
