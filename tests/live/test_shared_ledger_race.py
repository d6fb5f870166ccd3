"""Eight processes race for one account, some are killed: Redis' own record of every step proves that the cap held.

``MONITOR`` is the witness: it lists what every script wrote, in the order in which Redis did it. The test replays that
record with a model of its own and looks at the account after every step.
"""

import json
import multiprocessing
import os
import random
import re
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

import pytest
from ledger_server import HOST, PORT, Space, claim, space, until

from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim, Shared
from risk.shared_ledger import RedisLedger

SPAWN = multiprocessing.get_context("spawn")
WORKERS, PROPOSALS = 8, 10_000
CAP, MOST = 100.0, 8  # whole numbers: sums are exact
PATIENCE_SECS = 120.0
TIMES = {"lease_secs": 3.0, "lapse_secs": 3.0, "timeout_secs": 1.0}


@dataclass
class Tally:
    """What one worker has done; arrays in shared memory, so that it outlives a kill."""

    done: Any
    accepted: Any
    stale: Any
    recovered: Any


class Racer:
    """One process: propose, hold, fill, let go."""

    def __init__(self, config: SharedLedgerConfig, row: int, tally: Tally, seed: int) -> None:
        self.ledger = RedisLedger(config)
        self.name = f"{config.owner}-{seed}"
        self.row = row
        self.tally = tally
        self.random = random.Random(seed)
        self.mine: dict[str, Claim] = {}

    def run(self, quota: int) -> None:
        self.ledger.open()
        self.ledger.tell_equity(1000.0)
        self.mine = {one.key: one for one in self.ledger.recover()}
        self.tally.recovered[self.row] += len(self.mine)
        while self.tally.done[self.row] < quota:
            self._propose(f"{self.name}-{self.tally.done[self.row]}")
            self.tally.done[self.row] += 1
            self._live_on()
        for key in self.mine:
            self.ledger.release(key)
        self.ledger.close()

    def _propose(self, key: str) -> None:
        """Look, decide, reserve; look again as long as others were faster."""
        wanted = claim(key, reserved=float(self.random.randint(1, 30)))
        deadline = time.monotonic() + PATIENCE_SECS
        while time.monotonic() < deadline:
            shared = self.ledger.read()
            if shared.fault:
                time.sleep(0.01)
            elif not self._fits(wanted, shared):
                return
            elif self.ledger.reserve(wanted, shared.token):
                self.tally.accepted[self.row] += 1
                self.mine[key] = wanted
                return
            else:
                self.tally.stale[self.row] += 1
        raise TimeoutError(shared.fault)

    def _fits(self, wanted: Claim, shared: Shared) -> bool:
        held = [*shared.claims, *self.mine.values()]
        return sum(map(risk, held)) + wanted.reserved <= CAP and len(held) < MOST

    def _live_on(self) -> None:
        """Let some entries fill, some stops tighten, some positions and entries end."""
        for key, held in list(self.mine.items()):
            fate = self.random.random()
            if fate < 0.5:
                del self.mine[key]
                self.ledger.release(key)
            elif fate < 0.7:
                self.mine[key] = claim(key, open_risk=float(int(risk(held))))
                self.ledger.update(self.mine[key])
            elif fate < 0.8 and held.open_risk > 1.0:
                self.mine[key] = claim(key, open_risk=held.open_risk - 1.0)
                self.ledger.update(self.mine[key])


def risk(held: Claim) -> float:
    return held.reserved + held.open_risk


def race(config: SharedLedgerConfig, row: int, tally: Tally, seed: int, quota: int) -> None:
    Racer(config, row, tally, seed).run(quota)


class Witness(Thread):
    """Keep every line of ``MONITOR`` that is about one namespace."""

    def __init__(self, room: Space) -> None:
        super().__init__(daemon=True)
        self.wanted = room.name.encode()
        self.end = f"end-of-{room.name}"
        self.room = room
        self.lines: list[bytes] = []
        self.socket = socket.create_connection((HOST, PORT), timeout=60.0)
        self.socket.sendall(b"MONITOR\r\n")
        assert self.socket.recv(5) == b"+OK\r\n"

    def run(self) -> None:
        with self.socket, self.socket.makefile("rb", buffering=1 << 20) as stream:
            for line in stream:
                if self.wanted in line and (b"lua]" not in line or b':claims" "' in line):  # steps and writes
                    self.lines.append(line)
                    if self.end.encode() in line:
                        return

    def finish(self) -> list[bytes]:
        self.room.client.echo(self.end)
        self.join(60.0)
        assert not self.is_alive()
        return self.lines


WRITE = re.compile(rb'lua\] "(HSET|HDEL)" "[^"]*:claims" "([^"]+)"(?: "(.*)")?$')
STEP = re.compile(
    rb'\] "EVAL(?:SHA)?" "(?:[^"\\]|\\.)*" "3" (?:"[^"]*" ){3}"\w+" "(\w+)"(?: "(?:[^"\\]|\\.)*" "(\d*)")?'
)


@dataclass
class History:
    """The account as Redis wrote it."""

    claims: dict[str, float] = field(default_factory=dict)
    reservations: int = 0
    steps: int = 0
    highest: float = 0.0
    most: int = 0

    def replay(self, lines: list[bytes]) -> None:
        """Look at the account after each step; a step is one script with all that it wrote."""
        for step, token, writes in steps_of(lines):
            before = set(self.claims)
            for command, owner_key, value in writes:
                if command == b"HDEL":
                    del self.claims[owner_key.decode()]
                else:
                    found = json.loads(value.replace(b'\\"', b'"'))
                    self.claims[owner_key.decode()] = found["reserved"] + found["open_risk"]
            self.steps += 1
            self.reservations += step == b"publish" and token != b"" and bool(set(self.claims) - before)
            heat = sum(self.claims.values())
            assert heat <= CAP, f"step {self.steps}: {self.claims}"
            assert len(self.claims) <= MOST, f"step {self.steps}: {self.claims}"
            self.highest, self.most = max(self.highest, heat), max(self.most, len(self.claims))


def steps_of(lines: list[bytes]) -> Iterator[tuple[bytes, bytes, list[tuple[bytes, bytes, bytes]]]]:
    """Yield each script's step, token and writes."""
    step, token, writes = b"", b"", list[tuple[bytes, bytes, bytes]]()
    for line in lines:
        if found := WRITE.search(line.rstrip()):
            writes.append((found[1], found[2], found[3]))
        elif found := STEP.search(line):
            yield step, token, writes
            step, token, writes = found[1], found[2] or b"", []
    yield step, token, writes


class Track:
    """The race: workers by row, those who die and those who take over."""

    def __init__(self, room: Space, quota: int) -> None:
        self.room = room
        self.quota = quota
        self.tally = Tally(*(SPAWN.Array("q", WORKERS, lock=False) for _ in range(4)))
        self.running: dict[int, BaseProcess] = {}
        self.started = 0

    def start(self, row: int, owner: str) -> None:
        self.started += 1
        config = self.room.config(owner, **TIMES)
        self.running[row] = SPAWN.Process(target=race, args=(config, row, self.tally, self.started, self.quota))
        self.running[row].start()

    def catch(self, row: int, share: float) -> None:
        """Stop a worker in the middle, once it has done a share of its work, while an entry of its is working."""
        until(lambda: self.tally.done[row] >= share * self.quota, PATIENCE_SECS)
        process = self.running[row]
        until(lambda: self._stopped_with_an_entry(process, row), PATIENCE_SECS)

    def kill(self, row: int) -> None:
        """Kill a worker that was caught."""
        process = self.running.pop(row)
        process.kill()
        process.join()
        process.close()

    def _stopped_with_an_entry(self, process: BaseProcess, row: int) -> bool:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        stored = self.room.client.hgetall(self.room.key("claims"))
        if any(key.startswith(f"w{row}:") and json.loads(value)["open_risk"] == 0.0 for key, value in stored.items()):
            return True
        os.kill(process.pid, signal.SIGCONT)
        return False

    def finish(self) -> None:
        for process in self.running.values():
            process.join(PATIENCE_SECS)
            assert process.exitcode == 0
            process.close()
        self.running.clear()

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
            process.join()
            process.close()


def test_race_of_processes_never_exceeds_the_cap_and_leaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
        monkeypatch.delenv(name, raising=False)  # a race of traced processes takes four times as long
    with space() as room:
        room.settle()
        witness = Witness(room)
        witness.start()
        track = Track(room, PROPOSALS // WORKERS)
        began = time.monotonic()
        try:
            for row in range(WORKERS):
                track.start(row, f"w{row}")
            for row in (5, 2, 1):  # all before the first is killed: a quick one would be done by then
                track.catch(row, 0.1)
            track.kill(1)
            track.start(1, "w1")  # the same owner again: recovers what it held
            track.kill(2)
            track.start(2, "w2b")  # another owner: what w2 had reserved lapses
            track.kill(5)
            track.start(5, "w5b")
            track.finish()
        finally:
            track.stop()
        ended = time.monotonic()
        check_nothing_is_left(room)
        lines = witness.finish()
    history = History()
    history.replay(lines)
    accepted, stale = sum(track.tally.accepted), sum(track.tally.stale)
    print(
        f"\n{sum(track.tally.done)} proposals in {ended - began:.1f} s: {accepted} accepted, {stale} times too late;"
        f" {history.steps} steps, heat at most {history.highest:g} of {CAP:g}, {history.most} claims of {MOST}"
    )
    assert sum(track.tally.done) == track.quota * WORKERS
    assert accepted <= history.reservations <= accepted + 3, "a killed process may not have counted its last one"
    assert history.claims == {}
    assert history.highest > 0.9 * CAP, "the race was about something"
    assert history.most == MOST
    assert stale > 0, "processes met"
    assert [count > 0 for count in track.tally.recovered] == [row == 1 for row in range(WORKERS)]


def check_nothing_is_left(room: Space) -> None:
    """Wait for what lapses; give back, as an operator, what dead owners had open."""
    screen = room.ledger("screen")
    until(lambda: all(not status.alive for status in screen.owners()))
    dead = {"w2", "w5"}

    def only_positions() -> bool:
        screen.owners()
        stored = room.client.hgetall(room.key("claims"))
        return all(json.loads(value)["open_risk"] > 0.0 for value in stored.values())

    until(only_positions)
    assert {owner_key.partition(":")[0] for owner_key in room.stored()} <= dead
    for name in sorted(dead):
        screen.release_owner(name)
    assert room.stored() == {}
