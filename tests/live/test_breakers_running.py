"""An operator and a system that runs: what is asked is taken up at once, by the system itself (D31)."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from risk_worker import MARKETS, Account
from stores import fresh_database, spawn

from memory.config import MemoryConfig
from operations.breakers_command import main
from risk.config_ledger import SharedLedgerConfig
from risk.facts import keep_facts

ROOT = Path(__file__).resolve().parents[2]
HAND = ("--operator", "me", "--reason", "test")
EVENTS = 10**9


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryConfig]:
    if request.param == "sqlite":
        yield MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))
        return
    with fresh_database("running") as url:
        yield MemoryConfig(backend="postgresql", url=url)


def live(connection: Connection, config: MemoryConfig) -> None:
    """Work an account, looking at it all the time, until told to end; then tell what is closed."""
    account = Account(config, 1)
    account.store.own()
    keep_facts(
        account.memory, account.officer._config, MARKETS, ledger=SharedLedgerConfig(), currency="USDT", name="live"
    )
    connection.send("alive")
    while not connection.poll(0.02):
        account.officer.observe(account.now_ns)
    connection.send([check.rule for check in account.officer.board.checks() if not check.passed])
    account.close()


def breakers(config: MemoryConfig, *arguments: str) -> subprocess.CompletedProcess[str]:
    place = config.url or config.path
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "breakers.py"), "--state", place, *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def status(config: MemoryConfig) -> dict:
    """Ask in this process: a process of its own takes a second."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["--state", config.url or config.path, "status", "--json"]) == 0
    found: dict = json.loads(out.getvalue())
    return found


def test_kill_reaches_a_running_system_and_resume_frees_it(config: MemoryConfig) -> None:
    process, connection = spawn(live, config)
    assert connection.recv() == "alive"
    assert status(config)["running"] is True
    done = breakers(config, "kill", *HAND)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done: kill\n", "")
    found = status(config)
    assert [row["name"] for row in found["breakers"] if row["closed"]] == ["kill_switch"]
    assert found["waiting"] == []
    refused = breakers(config, "reset", "drawdown", "--peak", "1", *HAND)
    assert (refused.returncode, "drawdown is not closed" in refused.stderr) == (1, True)
    assert breakers(config, "resume", *HAND).returncode == 0
    assert breakers(config, "kill", *HAND).returncode == 0
    connection.send("end")
    assert connection.recv() == ["kill_switch"]  # the system itself knows
    process.join(30)
    found = status(config)
    assert (found["running"], [row["name"] for row in found["breakers"] if row["closed"]]) == (False, ["kill_switch"])


def test_system_that_does_not_look_leaves_the_wish_waiting(config: MemoryConfig) -> None:
    process, connection = spawn(asleep, config)
    assert connection.recv() == "alive"
    done = breakers(config, "kill", *HAND)
    assert (done.returncode, "has not looked yet" in done.stdout) == (3, True)
    waiting = status(config)["waiting"]
    assert [(one["action"], one["operator"]) for one in waiting] == [("kill", "me")]
    connection.send("wake up")
    assert connection.recv() == ["kill_switch"]
    process.join(30)


def asleep(connection: Connection, config: MemoryConfig) -> None:
    """Own an account without looking at it until woken."""
    account = Account(config, 1)
    account.store.own()
    keep_facts(
        account.memory, account.officer._config, MARKETS, ledger=SharedLedgerConfig(), currency="USDT", name="asleep"
    )
    connection.send("alive")
    connection.recv()
    account.officer.observe(account.now_ns)
    connection.send([check.rule for check in account.officer.board.checks() if not check.passed])
    account.close()
