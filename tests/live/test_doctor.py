"""``scripts/doctor.py`` and an account on the simulated exchange: what it finds and says, what it never does."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.binance.names import venue_name_of
from execution.trade_log import Costs
from execution.trade_memory import keep
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store
from operations.doctor_command import main
from tests.live.usdm_account import Account
from tests.live.venue import ROOT, SimulatedVenue
from tests.unit.execution.test_audit import trade

KEYS = {"TIDEBREAK_VENUE_KEY": "sim-read-key", "TIDEBREAK_VENUE_SECRET": "sim-read-secret"}
BTC = "BTCUSDT-PERP.BINANCE"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedVenue]:
    with SimulatedVenue("--prices", "seed:1", "--speed", "0") as venue:
        yield venue


@pytest.fixture
def account(running: SimulatedVenue) -> Account:
    found = Account(running)
    found.empty()
    return found


def remember(folder: Path, **changes: Any) -> None:
    """Keep the trade that belongs to the position."""
    own = trade("t", **changes)
    own = replace(own, plan=replace(own.plan, instrument_id=BTC, lot=0.001))
    store = open_store(MemoryConfig(backend="sqlite", path=str(folder / "risk.sqlite")))
    memory = Memory(store)
    keep(memory, own, Costs())
    memory.flush_strictly()
    store.close()


def beat(folder: Path, age_secs: float = 0.0) -> None:
    stamp = time.time_ns() - round(age_secs * 1e9)
    (folder / "heartbeat.json").write_text(
        json.dumps({"pid": 1, "ts_ns": stamp, "market_ns": stamp, "state": "RUNNING"})
    )


@dataclass
class Said:
    returncode: int
    stdout: str
    stderr: str


type Doctor = Callable[..., Said]


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Return the command, run in this process: starting one takes longer than the looks."""

    def run(*arguments: str, **environment: str) -> Said:
        for name, value in {"COLUMNS": "300", **KEYS, **environment}.items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        return Said(code, *capsys.readouterr())

    return run


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "doctor.py"), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **KEYS},
    )


def test_protected_account_that_agrees_with_the_memory_is_clean(
    account: Account, tmp_path: Path, doctor: Doctor
) -> None:
    account.enter()
    account.protect("t-SL1")
    remember(tmp_path)
    beat(tmp_path)
    said = doctor(str(tmp_path), "--url", account.venue.http)
    assert (said.returncode, said.stderr) == (0, "")
    assert "nothing is wrong" in said.stdout
    assert "1 positions, 1 orders; 1 kept trades" in said.stdout
    assert "alive" in said.stdout


def test_what_is_wrong_is_named_with_its_remedy_and_nothing_is_changed(
    account: Account, tmp_path: Path, doctor: Doctor
) -> None:
    account.enter()
    account.protect("t-SL1", quantity=1.5)
    account.limit("old-T11", "SELL", 1.0, 110, reduceOnly="true")
    remember(tmp_path)
    beat(tmp_path, age_secs=100.0)
    before = [account.venue.get(path) for path in ("/orders?open=true", "/algos?open=true", "/positions")]
    sent = account.venue.get("/received")
    said = doctor(str(tmp_path), "--url", account.venue.http, "--again", "0.1")
    assert said.returncode == 1
    assert "UNPROTECTED" in said.stdout
    assert "0.500 of 2.000 long has no resting stop" in said.stdout
    assert "re-protect" in said.stdout
    assert "ORPHAN_EXIT" in said.stdout
    assert f"sweep: {venue_name_of('old-T11')}" in said.stdout
    assert "silent" in said.stdout
    assert [account.venue.get(path) for path in ("/orders?open=true", "/algos?open=true", "/positions")] == before
    assert account.venue.get("/received") == sent


def test_findings_are_told_as_json_too(account: Account, tmp_path: Path, doctor: Doctor) -> None:
    account.enter()
    said = doctor(str(tmp_path), "--url", account.venue.http, "--again", "0", "--json")
    assert said.returncode == 1
    report = json.loads(said.stdout)
    assert [(one["kind"], one["remedy"]) for one in report["findings"]] == [("UNPROTECTED", "close")]
    assert "no memory here" in report["memory"]
    assert report["heartbeat_age_secs"] is None


def asked(account: Account) -> int:
    return int(account.venue.get("/requests").get("GET /fapi/v1/openAlgoOrders", 0))


def test_what_is_gone_at_the_second_look_is_no_finding(account: Account, tmp_path: Path) -> None:
    """Positions and orders are asked one after the other: between them a stop may be on its way."""
    account.enter()
    seen = asked(account)
    process = started(str(tmp_path), "--url", account.venue.http, "--again", "1.5")
    account.venue.until(lambda: asked(account) > seen, "the first look")
    account.protect("t-SL1")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, out


def test_live_configuration_names_venue_keys_and_memory(account: Account, tmp_path: Path, doctor: Doctor) -> None:
    account.enter()
    account.protect("t-SL1")
    (tmp_path / "state").mkdir()
    remember(tmp_path / "state")
    config = tmp_path / "live.toml"
    config.write_text(
        f'include = ["live/demo.toml"]\n[live]\nhttp_url = "{account.venue.http}"\nws_url = "ws://x"\n'
        f'state_dir = "{tmp_path}/state"\n'
    )
    said = doctor(str(config))
    assert (said.returncode, said.stderr) == (0, "")
    assert "1 kept trades" in said.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.toml"], "no such configuration file"),
        (["{tmp}", "--url", "http://127.0.0.1:1"], "cannot reach"),
        (["{tmp}", "--url", "nonsense"], "url must be http"),
        (["{tmp}", "--url", "{http}", "--key-secret", "NOT_SET"], "NOT_SET is not set"),
        (["{tmp}", "--url", "{http}", "--again", "99"], "--again must be in"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(
    account: Account, tmp_path: Path, doctor: Doctor, arguments: list[str], said: str
) -> None:
    found = doctor(*(text.format(tmp=tmp_path, http=account.venue.http) for text in arguments))
    assert found.returncode == 2
    assert said in found.stderr
    assert found.stderr.startswith("error: ")
    assert "Traceback" not in found.stderr


def test_refused_key_is_said(account: Account, tmp_path: Path, doctor: Doctor) -> None:
    found = doctor(str(tmp_path), "--url", account.venue.http, TIDEBREAK_VENUE_KEY="wrong")
    assert found.returncode == 2
    assert "refused by the venue" in found.stderr
