"""All or nothing: stage files, publish one manifest, apply it; whoever opens a catalog finishes what was published.

::

    DIR/.staging-<id>/...   files of a load that is under way: worthless until published
    DIR/.commit.json        published: the load counts, its files move into place now or at the next open
    DIR/.lock               flock: one writer; readers share it, so that they never see half

A process may die at any instruction. Before the rename of ``.commit.json`` the catalog is as it was; after it the
moves are repeated until all are done: moving a file that has moved, or deleting one that is gone, does nothing.
"""

import contextlib
import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from errors import StateError

LOCK = ".lock"
MANIFEST = ".commit.json"
STAGING = ".staging-"


class Transaction:
    """Collect the files of one load and put them into the catalog at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._staging = root / f"{STAGING}{uuid.uuid4().hex}"
        self._staging.mkdir()
        self._moves: list[str] = []
        self._deletes: list[str] = []

    @property
    def staging(self) -> Path:
        """Return the folder in which files are prepared, laid out as the catalog is."""
        return self._staging

    @property
    def staged(self) -> bool:
        """Return whether there is anything to commit."""
        return bool(self._moves or self._deletes)

    def create(self, relative: str) -> Path:
        """Return where to write a file that will appear in the catalog at ``relative``."""
        path = self._staging / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        self.adopt(relative)
        return path

    def adopt(self, relative: str) -> None:
        """Register a file that already lies in the staging folder."""
        self._moves.append(relative)

    def write_text(self, relative: str, text: str) -> None:
        """Stage a small text file."""
        self.create(relative).write_text(text, encoding="utf-8")

    def delete(self, relative: str) -> None:
        """Register a file to be removed, unless this transaction writes it."""
        self._deletes.append(relative)

    def commit(self) -> None:
        """Publish the manifest, then move everything into place."""
        for relative in self._moves:
            _sync(self._staging / relative)
        manifest = {
            "staging": self._staging.name,
            "moves": self._moves,
            "deletes": [name for name in self._deletes if name not in self._moves],
        }
        draft = self._staging / MANIFEST
        draft.write_text(json.dumps(manifest), encoding="utf-8")
        _sync(draft)
        draft.replace(self._root / MANIFEST)
        _sync(self._root)
        apply_published(self._root)

    def abandon(self) -> None:
        """Drop what was staged."""
        shutil.rmtree(self._staging, ignore_errors=True)


@contextlib.contextmanager
def transaction(root: Path) -> Iterator[Transaction]:
    """Yield a transaction; what is not committed inside is dropped. The caller holds the writer's lock."""
    work = Transaction(root)
    try:
        yield work
    finally:
        work.abandon()


@contextlib.contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the one writer's lock, after finishing a published load and dropping dead staging folders."""
    with (root / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        apply_published(root)
        for dead in root.glob(f"{STAGING}*"):
            shutil.rmtree(dead, ignore_errors=True)
        yield


@contextlib.contextmanager
def reading(root: Path) -> Iterator[None]:
    """Share the lock with other readers, after finishing a published load; a read-only catalog is read as it is."""
    try:
        lock = (root / LOCK).open("a")
    except OSError:  # a read-only copy: nobody writes it either
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        while (root / MANIFEST).exists():  # its writer died: finish its work alone, then share again
            fcntl.flock(lock, fcntl.LOCK_EX)
            apply_published(root)
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def apply_published(root: Path) -> None:
    """Move and delete what a published manifest says; do nothing when there is none.

    Raises
    ------
    StateError
        The manifest cannot be read, or names a file that is neither staged nor in place.
    """
    path = root / MANIFEST
    if not path.exists():
        return
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        staging = root / manifest["staging"]
        moves, deletes = manifest["moves"], manifest["deletes"]
    except (ValueError, KeyError) as error:
        raise StateError(f"{path}: not a manifest ({error}); restore the catalog from its sources") from error
    for relative in moves:
        _move(staging / relative, root / relative)
    for relative in deletes:
        (root / relative).unlink(missing_ok=True)
    path.unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    elif not target.exists():
        raise StateError(f"{target}: published by a load but neither staged nor in place; load its source again")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
