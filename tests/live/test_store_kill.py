"""A process that is killed in the middle of anything loses nothing that it was told is kept, and halves nothing."""

import random
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import pytest
from stores import TOTAL, amount_of, create, fresh_database, move_money, number_of, opened, spawn

from memory.config import MemoryConfig

ROUNDS = [pytest.param(15, id="15"), pytest.param(200, id="200", marks=pytest.mark.long)]


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryConfig]:
    if request.param == "sqlite":
        yield MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))
        return
    with fresh_database("kill") as url:
        yield MemoryConfig(backend="postgresql", url=url)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("seed", [7])
def test_kill_at_a_random_moment_keeps_what_was_told_and_halves_nothing(
    config: MemoryConfig, rounds: int, seed: int
) -> None:
    chance = random.Random(seed)
    told = 0
    for _ in range(rounds):
        moves, seconds = chance.choice([0, 1, 3, 10]), chance.uniform(0.0, 0.05)
        told = max(told, killed_after(moves, seconds, config))
        check(config, told)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("seed", [7])
def test_kill_while_the_file_is_made_leaves_one_that_opens(tmp_path: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(rounds):
        config = MemoryConfig(backend="sqlite", path=str(tmp_path / f"{number}.sqlite"))
        process, connection = spawn(create, config)
        assert connection.recv() == "ready"
        connection.send("go")
        read_for(chance.uniform(0.0, 0.02), connection)
        process.kill()
        process.join()
        connection.close()
        with opened(config) as store:
            store.append(0, "test", "AFTERWARDS", "", "INFO", b"{}")
            assert [entry.id for entry in store.entries()] in ([1], [1, 2])


def killed_after(moves: int, seconds: float, config: MemoryConfig) -> int:
    """Kill a child so many moves and then seconds after it began, before it opens the store; return the last number."""
    process, connection = spawn(move_money, config)
    told = max(connection.recv() for _ in range(1 + moves))
    told = max(told, read_for(seconds, connection))
    process.kill()
    process.join()
    assert process.exitcode == -9, "it failed before it was killed"
    told = max(told, read_for(None, connection))
    connection.close()
    return told


def read_for(seconds: float | None, connection: Connection) -> int:
    """Return the last number that comes within a time, or until the end of the pipe."""
    last, end = 0, time.monotonic() + (seconds or 0.0)
    try:
        while seconds is None or connection.poll(max(0.0, end - time.monotonic())):
            last = connection.recv()
    except EOFError:
        pass
    return last


def check(config: MemoryConfig, told: int) -> None:
    with opened(config) as store, store.transaction():  # the server may be busy with the last commit: wait for it
        number = number_of(store)
        numbers = [msgspec.json.decode(entry.details)["number"] for entry in store.entries()]
        left = amount_of(store, "left")
        assert left + amount_of(store, "right") == TOTAL
        assert left == TOTAL - number * (number + 1) // 2
        assert numbers == list(range(1, number + 1))
        assert number >= told
