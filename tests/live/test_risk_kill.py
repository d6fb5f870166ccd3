"""Killed at any moment, a restart finds what an uninterrupted run has (issue 3, outcome 3; Spec 9.4)."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from risk_worker import die_at_commit, work
from stores import finish, folder_in_memory, fresh_database, spawn

from memory.config import MemoryConfig

EVENTS = 400
KILLS = [pytest.param(12, id="12"), pytest.param(200, id="200", marks=pytest.mark.long)]


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as path:
        yield path


@pytest.fixture(params=["sqlite", "postgresql"])
def configs(request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[MemoryConfig, MemoryConfig]]:
    """Yield a place for the run that is left alone and one for the run that is killed."""
    if request.param == "sqlite":
        yield tuple(MemoryConfig(backend="sqlite", path=str(folder / f"{n}.sqlite")) for n in "ab")
        return
    with fresh_database("risk_kill") as url:
        yield tuple(MemoryConfig(backend="postgresql", url=url, account=name) for name in "ab")


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.parametrize("seed", [11])
def test_killed_at_random_moments_the_account_ends_as_if_it_never_was(
    configs: tuple[MemoryConfig, MemoryConfig], kills: int, seed: int
) -> None:
    alone, harassed = configs
    chance = random.Random(seed)
    for round_number, share in enumerate(split(kills, 25)):
        number = seed + round_number
        expected = run_through(of_round(alone, round_number), number)
        assert expected["breakers"]["known"] == 1
        target = of_round(harassed, round_number)
        at = sorted(chance.randrange(EVENTS - 1) for _ in range(share))
        for event in at:
            kill_after(event, chance.uniform(0.0, 0.006), target, number)
        assert run_through(target, number) == expected


SHORT = 150  # events; some 300 commits
SEED_WITH_TRIPS = 14


@pytest.mark.parametrize("every", [pytest.param(40, id="40th"), pytest.param(2, id="2nd", marks=pytest.mark.long)])
def test_killed_before_any_commit_the_account_ends_as_if_it_never_was(folder: Path, every: int) -> None:
    """Every state that can be on the disk is one that a restart goes on from."""
    place = MemoryConfig(backend="sqlite", path=str(folder / "alone.sqlite"))
    expected = run_through(place, SEED_WITH_TRIPS, SHORT)
    told = die(MemoryConfig(backend="sqlite", path=str(folder / "count.sqlite")), 10**9)
    assert told is not None
    count, trips = told
    assert trips, "the script trips no breaker: nothing is between a trip and what it leads to"
    chosen = {*range(1, count + 1, every), *(commit + after for commit in trips for after in (0, 1, 2))}
    for commit in sorted(chosen):
        target = MemoryConfig(backend="sqlite", path=str(folder / f"{commit}.sqlite"))
        assert die(target, commit) is None
        assert run_through(target, SEED_WITH_TRIPS, SHORT) == expected, f"killed before commit {commit}"


def die(config: MemoryConfig, commit: int) -> tuple[int, list[int]] | None:
    """Run until a commit; return how many there were, and which tripped a breaker, when it is never reached."""
    process, connection = spawn(die_at_commit, config, SEED_WITH_TRIPS, SHORT, commit)
    process.join(60)
    told = connection.recv() if process.exitcode == 0 else None
    connection.close()
    return told


def split(kills: int, most: int) -> list[int]:
    """Return how many kills each round has, at most ``most``."""
    return [min(most, kills - done) for done in range(0, kills, most)]


def of_round(config: MemoryConfig, number: int) -> MemoryConfig:
    account = f"{config.account}{number}"
    return MemoryConfig(backend=config.backend, path=config.path + str(number), url=config.url, account=account)


def run_through(config: MemoryConfig, seed: int, events: int = EVENTS) -> dict:
    process, connection = spawn(work, config, seed, events)
    assert connection.recv() == "ready"
    connection.send("go")
    while not isinstance(told := connection.recv(), dict):
        pass
    finish(process, connection)
    return told


def kill_after(event: int, seconds: float, config: MemoryConfig, seed: int) -> None:
    """Kill a process ``seconds`` after it has taken an event, wherever it then is; at once if it is past that one."""
    process, connection = spawn(work, config, seed, EVENTS)
    try:
        assert connection.recv() == "ready"
        connection.send("go")
        while (told := connection.recv()) != event + 1 and not isinstance(told, dict) and told <= event:
            pass
        time.sleep(seconds)
    finally:
        process.kill()
        process.join()
        connection.close()
