"""Whatever is put, deleted, appended, undone and opened again, a store holds what a dictionary would (Spec 4.2.5)."""

import copy
import shutil
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from errors import StateError
from memory.config import MemoryConfig
from memory.store import Document, Entry, Store, open_store

kinds = st.sampled_from(["breaker", "trade"])
keys = st.sampled_from(["", "1", "2", "ä 'quoted\""])
bodies = st.binary(max_size=40)
texts = st.text(max_size=5)
stamps = st.integers(-(2**63), 2**63 - 1)
stores = st.sampled_from([0, 1])


@dataclass
class Model:
    """What should be stored: ``None`` stands for a document that was deleted."""

    documents: dict[tuple[str, str], tuple[int, bytes | None]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def version(self, kind: str, key: str) -> int:
        version, body = self.documents.get((kind, key), (0, None))
        return 0 if body is None else version

    def put(self, kind: str, key: str, body: bytes) -> int:
        version = self.documents.get((kind, key), (0, None))[0] + 1
        self.documents[kind, key] = version, body
        return version

    def all(self, kind: str) -> dict[str, Document]:
        found = ((key, version, body) for (of, key), (version, body) in self.documents.items() if of == kind)
        return {key: Document(version, body) for key, version, body in found if body is not None}


class Stores(RuleBasedStateMachine):
    """Two stores on one file, as of two processes; the first one may hold a transaction, several deep."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tidebreak-store-"))
        self.config = MemoryConfig(backend="sqlite", path=str(self.folder / "risk.sqlite"))
        self.stores = [open_store(self.config), open_store(self.config)]
        self.now, self.committed = Model(), Model()
        self.depth: list[AbstractContextManager[None]] = []

    def teardown(self) -> None:
        if self.depth:
            self.raise_through_all()
        for store in self.stores:
            store.close()
        shutil.rmtree(self.folder)

    def writer(self, number: int) -> Store:
        return self.stores[0 if self.depth else number]  # the other one would wait

    def wrote(self) -> None:
        if not self.depth:
            self.committed = copy.deepcopy(self.now)

    @rule(number=stores, kind=kinds, key=keys, body=bodies)
    def put(self, number: int, kind: str, key: str, body: bytes) -> None:
        assert self.writer(number).put(kind, key, body) == self.now.put(kind, key, body)
        self.wrote()

    @rule(number=stores, kind=kinds, key=keys, body=bodies, off=st.sampled_from([0, 0, 0, -1, 1]))
    def put_if(self, number: int, kind: str, key: str, body: bytes, off: int) -> None:
        version = self.now.version(kind, key) + off
        assert self.writer(number).put_if(kind, key, body, version) == (off == 0)
        if off == 0:
            self.now.put(kind, key, body)
        self.wrote()

    @rule(number=stores, kind=kinds, key=keys)
    def delete(self, number: int, kind: str, key: str) -> None:
        self.writer(number).delete(kind, key)
        if (kind, key) in self.now.documents:
            self.now.documents[kind, key] = self.now.documents[kind, key][0], None
        self.wrote()

    @rule(number=stores, ts_ns=stamps, module=texts, event_type=texts, asset=texts, severity=texts, details=bodies)
    def append(self, number: int, **values: object) -> None:
        entry = Entry(id=len(self.now.entries) + 1, **values)
        assert self.writer(number).append(**values) == entry.id
        self.now.entries.append(entry)
        self.wrote()

    @rule()
    def begin(self) -> None:
        transaction = self.stores[0].transaction()
        transaction.__enter__()
        self.depth.append(transaction)

    @precondition(lambda self: self.depth)
    @rule()
    def end(self) -> None:
        self.depth.pop().__exit__(None, None, None)
        self.wrote()

    @precondition(lambda self: self.depth)
    @rule()
    def raise_through_all(self) -> None:
        error = KeyError("raised on purpose")
        while self.depth:
            assert not self.depth.pop().__exit__(KeyError, error, None), "it must go on to the outermost"
        self.now = copy.deepcopy(self.committed)

    @precondition(lambda self: len(self.depth) > 1)
    @rule()
    def raise_in_an_inner_one_and_catch(self) -> None:
        self.depth.pop().__exit__(KeyError, KeyError("raised on purpose"), None)
        while len(self.depth) > 1:
            self.depth.pop().__exit__(None, None, None)
        with pytest.raises(StateError, match="a part of the transaction failed"):
            self.depth.pop().__exit__(None, None, None)
        self.now = copy.deepcopy(self.committed)

    @precondition(lambda self: not self.depth)
    @rule(number=stores)
    def open_again(self, number: int) -> None:
        self.stores[number].close()
        self.stores[number] = open_store(self.config, create=False)

    @invariant()
    def store_holds_what_was_written_and_the_other_what_was_committed(self) -> None:
        for store, model in zip(self.stores, (self.now, self.committed), strict=True):
            assert list(store.entries()) == model.entries
            for kind in ("breaker", "trade"):
                documents = model.all(kind)
                assert list(store.all(kind).items()) == sorted(documents.items())
                for key in ("", "1"):
                    assert store.get(kind, key) == documents.get(key)
                    assert store.version(kind, key) == model.version(kind, key)


class LongStores(Stores):
    """The same, longer and not the same every time."""


Stores.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True)
LongStores.TestCase.settings = settings(max_examples=500, stateful_step_count=50, deadline=None)
TestStores = Stores.TestCase
TestLongStores = pytest.mark.long(LongStores.TestCase)
