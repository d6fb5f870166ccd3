"""``scripts/watchdog.py`` and the simulated exchange: real processes and sockets, answers that get lost (Spec 9.4)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

from adapters.binance.names import venue_name_of
from monitoring.watchdog.state import Phase, State
from operations.watchdog.command import main
from tests.live.usdm_account import Account
from tests.live.venue import ROOT, SimulatedVenue

SYMBOLS = ("BTCUSDT", "ETHUSDT")
KEYS = {"TIDEBREAK_WATCHDOG_KEY": "sim-watchdog-key", "TIDEBREAK_WATCHDOG_SECRET": "sim-watchdog-secret"}
FAST = {
    "poll_secs": 0.05, "heartbeat_secs": 0.6, "unprotected_secs": 0.5, "fresh_secs": 0.3, "return_secs": 0.6,
    "absent_secs": 0.4, "retry_secs": 0.1, "full_look_secs": 0.1, "venue.timeout_secs": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedVenue]:
    with SimulatedVenue(
        "--prices", "seed:1", "--speed", "0", "--instrument", "BTCUSDT", "--instrument", "ETHUSDT"
    ) as venue:
        yield venue


@pytest.fixture(scope="module")
def shared(running: SimulatedVenue) -> Account:
    return Account(running)


@pytest.fixture
def account(shared: Account) -> Account:
    shared.new_minute()
    shared.empty(*SYMBOLS)
    return shared


class Node:
    """Give signs of life as a node does, until it is silenced."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "heartbeat.json"
        self._silent = threading.Event()
        self._thread = threading.Thread(target=self._live)
        self._thread.start()

    def silence(self) -> None:
        self._silent.set()
        self._thread.join()

    def _live(self) -> None:
        while not self._silent.wait(0.05):
            self.beat()

    def beat(self) -> None:
        stamp = time.time_ns()
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "ts_ns": stamp, "market_ns": 0, "state": "RUNNING"}))
        fresh.replace(self._file)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    found = Node(tmp_path)
    yield found
    found.silence()


def configuration(folder: Path, venue: SimulatedVenue) -> Path:
    file = folder / "watchdog.toml"
    file.write_text(f'state_dir = "{folder}"\n[venue]\nhttp_url = "{venue.http}"\n')
    return file


class Watchdog:
    """Run the script on a state folder; what it says goes to a file."""

    def __init__(self, folder: Path, venue: SimulatedVenue, *options: str, **environment: str) -> None:
        self.folder = folder
        config = configuration(folder, venue)
        settings = [f"--set={key}={value}" for key, value in FAST.items()]
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "watchdog.py"), str(config), *settings, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **KEYS, **environment},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> str:
        """End it; return what it has said."""
        if self.process.poll() is None:
            self.process.terminate()
        said = self.process.communicate(timeout=10)[1]
        assert "Traceback" not in said, said
        return said

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=10)

    def lines(self) -> list[dict[str, Any]]:
        file = self.folder / "watchdog" / "journal.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def events(self) -> list[str]:
        return [line["event_type"] for line in self.lines()]

    def until(self, event: str, count: int = 1, secs: float = 15.0) -> None:
        eventually(lambda: self.events().count(event) >= count, f"{event}: {self.events()}", secs)


def eventually(holds: Callable[[], Any], what: str, secs: float = 15.0) -> None:
    end = time.monotonic() + secs
    while not holds():
        assert time.monotonic() < end, f"not within {secs} s: {what}"
        time.sleep(0.02)


def sent_closes(account: Account) -> dict[str, int]:
    """Return how often the venue has received each close of a watchdog."""
    return {name: count for name, count in account.venue.get("/received").items() if name.startswith("wd-")}


@contextmanager
def closes_of(account: Account) -> Iterator[dict[str, int]]:
    """Yield what becomes the closes that the venue receives meanwhile."""
    before, found = sent_closes(account), {}
    yield found
    found |= {name: count for name, count in sent_closes(account).items() if name not in before}


def settled(watchdog: Watchdog, secs: float = 0.2) -> None:
    """Let it look some times."""
    watchdog.until("WATCHDOG_STARTED")
    time.sleep(secs)


def named(watchdog: Watchdog, event: str) -> list[str]:
    """Return the names of the closes in lines of one kind."""
    return [line["details"]["client_id"] for line in watchdog.lines() if line["event_type"] == event]


def test_living_node_with_protected_positions_is_left_alone(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.protect("t-SL1")
    account.limit("u-EN1", "BUY", 2.0, 90.0)
    with Watchdog(tmp_path, account.venue) as watchdog:
        settled(watchdog, 1.5)
        assert watchdog.events() == ["WATCHDOG_STARTED"]
    assert account.held() == 2
    assert account.orders() == [venue_name_of("u-EN1")]


def test_silent_node_is_cleared_and_stops_stay(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.protect("t-SL1")
    account.enter(3.0, "ETHUSDT", "SELL")
    account.protect("v-SL1", 3.0, "ETHUSDT", "BUY")
    account.limit("u-EN1", "BUY", 2.0, 90.0)
    account.limit("t-T11", "SELL", 1.0, 120.0, reduceOnly="true")
    with Watchdog(tmp_path, account.venue) as watchdog, closes_of(account) as closes:
        settled(watchdog)
        node.silence()
        watchdog.until("WATCHDOG_FLAT")
    assert (account.held(), account.held("ETHUSDT")) == (0, 0)
    assert venue_name_of("u-EN1") not in account.orders()
    assert sorted(account.stops()) == sorted([venue_name_of("t-SL1"), venue_name_of("v-SL1")])
    assert list(closes.values()) == [1, 1]
    events = watchdog.events()
    assert events.index("WATCHDOG_CANCEL_ENTRY") < events.index("WATCHDOG_SEND_CLOSE")
    cancelled = [line["details"]["venue_name"] for line in watchdog.lines() if "CANCEL_ENTRY" in line["event_type"]]
    assert set(cancelled) == {venue_name_of("u-EN1")}


def test_position_without_stop_is_closed_and_the_protected_one_stays(
    account: Account, node: Node, tmp_path: Path
) -> None:
    account.enter(3.0, "ETHUSDT")
    account.protect("v-SL1", 3.0, "ETHUSDT")
    account.enter()
    account.protect("t-SL1", 1.5)
    begun = time.monotonic()
    with Watchdog(tmp_path, account.venue) as watchdog:
        watchdog.until("WATCHDOG_FLAT")
        assert time.monotonic() - begun >= FAST["unprotected_secs"]
        assert (account.held(), account.held("ETHUSDT")) == (0, 3)
        assert "no sufficient stop rests for BTCUSDT" in watchdog.stop()


def test_stop_that_comes_in_time_leaves_the_position(account: Account, node: Node, tmp_path: Path) -> None:
    with Watchdog(tmp_path, account.venue, "--set=unprotected_secs=1") as watchdog:
        settled(watchdog)
        account.enter()
        time.sleep(0.4)
        account.protect("t-SL1")
        time.sleep(1.0)
        assert watchdog.events() == ["WATCHDOG_STARTED"]
    assert account.held() == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "fail_after", "http_status": 503, "body": "html"},
        {"kind": "close_after"},
        {"kind": "hang_after", "hang_ms": 3000},
    ],
    ids=["503-html", "closed", "hangs"],
)
def test_close_whose_answer_is_lost_is_looked_up_and_not_sent_again(
    account: Account, node: Node, tmp_path: Path, fault: dict[str, Any]
) -> None:
    account.enter()
    account.venue.post("/faults", method="POST", path="/fapi/v1/order", **fault)
    with Watchdog(tmp_path, account.venue) as watchdog, closes_of(account) as closes:
        watchdog.until("WATCHDOG_FLAT")
    assert list(closes.values()) == [1]
    assert account.held() == 0
    assert watchdog.events().count("WATCHDOG_SEND_CLOSE") == 1
    assert "WATCHDOG_LOOK_UP" in watchdog.events()
    assert "WATCHDOG_CLOSE_ABSENT" not in watchdog.events()


@pytest.mark.parametrize("kind", ["fail_before", pytest.param("close_before", marks=pytest.mark.long)])
def test_close_that_never_arrived_is_followed_by_a_new_one(
    account: Account, node: Node, tmp_path: Path, kind: str
) -> None:
    account.enter()
    account.venue.post("/faults", method="POST", path="/fapi/v1/order", kind=kind, http_status=503)
    with Watchdog(tmp_path, account.venue) as watchdog, closes_of(account) as closes:
        watchdog.until("WATCHDOG_FLAT")
    assert account.held() == 0
    assert len(closes) == 1
    assert watchdog.events().count("WATCHDOG_SEND_CLOSE") == 2
    assert "WATCHDOG_CLOSE_ABSENT" in watchdog.events()


def test_refused_close_is_tried_anew(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.venue.post(
        "/faults", method="POST", path="/fapi/v1/order", kind="fail_before", http_status=400, code=-4131, count=2
    )
    with Watchdog(tmp_path, account.venue) as watchdog:
        watchdog.until("WATCHDOG_FLAT")
    assert watchdog.events().count("WATCHDOG_CLOSE_FAILED") == 2
    assert account.held() == 0


def test_venue_that_comes_back_finds_the_watchdog_waiting(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.protect("t-SL1")
    with Watchdog(tmp_path, account.venue, "--set=blind_secs=0.3") as watchdog:
        settled(watchdog)
        account.venue.post("/down", down_ms=2500)
        node.silence()
        watchdog.until("WATCHDOG_BLIND")
        watchdog.until("WATCHDOG_FLAT")
    assert account.held() == 0


@pytest.mark.parametrize("fault", [pytest.param("hang_before", marks=pytest.mark.long), "hang_after"])
def test_next_watchdog_finishes_what_a_killed_one_began(
    account: Account, node: Node, tmp_path: Path, fault: str
) -> None:
    """It is killed with the close on its way: whether that has arrived, the next one finds out before it acts."""
    account.enter()
    account.protect("t-SL1")
    account.limit("u-EN1", "BUY", 2.0, 90.0)
    account.venue.post("/faults", method="POST", path="/fapi/v1/order", kind=fault, hang_ms=60_000)
    first = Watchdog(tmp_path, account.venue, "--set=venue.timeout_secs=30")
    with closes_of(account) as closes:
        settled(first)
        node.silence()
        first.until("WATCHDOG_SEND_CLOSE")
        time.sleep(0.2)
        first.kill()
        (close,) = named(first, "WATCHDOG_SEND_CLOSE")
        assert account.orders() == []  # it died between the cancel and the answer
        account.venue.delete("/faults")
        with Watchdog(tmp_path, account.venue) as second:
            second.until("WATCHDOG_FLAT")
    assert account.held() == 0
    assert all(count == 1 for count in closes.values())
    assert account.stops() == [venue_name_of("t-SL1")]
    assert close in named(second, "WATCHDOG_LOOK_UP")
    if fault == "hang_after":
        assert list(closes) == [close]
        assert named(second, "WATCHDOG_SEND_CLOSE") == [close]


def test_second_watchdog_stands_by_and_takes_over_when_the_first_dies(
    account: Account, node: Node, tmp_path: Path
) -> None:
    account.enter()
    account.protect("t-SL1")
    first = Watchdog(tmp_path, account.venue)
    settled(first)
    with Watchdog(tmp_path, account.venue) as second, closes_of(account) as closes:
        second.until("WATCHDOG_STANDBY")
        first.kill()
        second.until("WATCHDOG_STARTED", 2)
        node.silence()
        second.until("WATCHDOG_FLAT")
    assert account.held() == 0
    assert list(closes.values()) == [1]


def test_flapping_node_is_trusted_again_only_when_it_stays(account: Account, node: Node, tmp_path: Path) -> None:
    with Watchdog(tmp_path, account.venue, "--set=return_secs=1") as watchdog:
        settled(watchdog)
        node.silence()
        watchdog.until("WATCHDOG_FLAT")
        for _ in range(3):
            node.beat()
            time.sleep(0.4)
        assert "WATCHDOG_REARMED" not in watchdog.events()
        back = Node(tmp_path)
        watchdog.until("WATCHDOG_REARMED")
        back.silence()


def test_node_that_trades_on_without_signs_of_life_is_cleared_again(
    account: Account, node: Node, tmp_path: Path
) -> None:
    with Watchdog(tmp_path, account.venue) as watchdog:
        settled(watchdog)
        node.silence()
        watchdog.until("WATCHDOG_FLAT")
        account.enter(symbol="ETHUSDT")
        watchdog.until("WATCHDOG_FLAT", 2)
    assert account.held("ETHUSDT") == 0


def test_entry_that_fills_while_it_is_cancelled_is_closed_too(account: Account, node: Node, tmp_path: Path) -> None:
    account.limit("u-EN1", "BUY", 2.0, 99.0)
    account.venue.post("/faults", kind="fill_on_cancel", symbol="BTCUSDT")
    with Watchdog(tmp_path, account.venue) as watchdog, closes_of(account) as closes:
        settled(watchdog)
        node.silence()
        watchdog.until("WATCHDOG_FLAT")
    assert account.held() == 0
    assert account.orders() == []
    assert list(closes.values()) == [1]


def test_everything_is_journalled_before_it_is_done(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    with Watchdog(tmp_path, account.venue) as watchdog:
        watchdog.until("WATCHDOG_FLAT")
    lines = watchdog.lines()
    assert {line["module"] for line in lines} == {"watchdog"}
    close = next(line for line in lines if line["event_type"] == "WATCHDOG_SEND_CLOSE")
    assert (close["asset"], Decimal(close["details"]["quantity"])) == ("BTCUSDT", 2)
    ledger = [row for row in account.venue.get("/ledger") if row.get("client_id") == close["details"]["client_id"]]
    assert ledger
    assert json.loads((tmp_path / "watchdog" / "state.json").read_text())["phase"] == "WATCHING"


@pytest.mark.parametrize(
    ("options", "environment", "said"),
    [
        (["--set=heartbeat_secs=0.1"], {}, "heartbeat_secs must be at least three looks"),
        (["--set=heartbeat_sec=60"], {}, "unknown key 'heartbeat_sec'; did you mean 'heartbeat_secs'?"),
        (["--set=unprotected_secs=-1"], {}, "unprotected_secs: expected"),
        ([], {"TIDEBREAK_WATCHDOG_KEY": ""}, "TIDEBREAK_WATCHDOG_KEY is not set"),
        ([], {"TIDEBREAK_WATCHDOG_KEY": "nobody"}, "key does not work"),
        (
            [],
            {"TIDEBREAK_WATCHDOG_KEY": "sim-read-key", "TIDEBREAK_WATCHDOG_SECRET": "sim-read-secret"},
            "may not trade",
        ),
        (
            [],
            {"TIDEBREAK_WATCHDOG_KEY": "sim-withdraw-key", "TIDEBREAK_WATCHDOG_SECRET": "sim-withdraw-secret"},
            "may withdraw",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(
    account: Account,
    tmp_path: Path,
    options: list[str],
    environment: dict[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**KEYS, **environment}.items():
        monkeypatch.setenv(name, value)
    config = configuration(tmp_path, account.venue)
    assert main([str(config), *options]) == 2
    text = capsys.readouterr().err
    assert text.startswith("error: ")
    assert said in text
    assert not (tmp_path / "watchdog").exists()


def test_watchdog_starts_while_the_venue_is_away(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.venue.post("/down", down_ms=1500)
    with Watchdog(tmp_path, account.venue) as watchdog:
        watchdog.until("WATCHDOG_FLAT")
        assert "the venue does not say what the key may do" in watchdog.stop()
    assert account.held() == 0


def test_state_that_cannot_be_understood_is_put_aside(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    (tmp_path / "watchdog").mkdir()
    (tmp_path / "watchdog" / "state.json").write_text("{half")
    with Watchdog(tmp_path, account.venue) as watchdog:
        watchdog.until("WATCHDOG_FLAT")
    assert watchdog.events()[0] == "WATCHDOG_STATE_LOST"
    assert (tmp_path / "watchdog" / "state.unreadable").read_text() == "{half"


def test_clearing_of_days_ago_does_not_hit_a_living_node(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.protect("t-SL1")
    (tmp_path / "watchdog").mkdir()
    old = State(phase=Phase.CLEARING, everything=True, sent=1, reason="long ago", ticked_ns=1, alive_ns=1)
    (tmp_path / "watchdog" / "state.json").write_bytes(msgspec.json.encode(old))
    with Watchdog(tmp_path, account.venue) as watchdog:
        watchdog.until("WATCHDOG_STOOD_DOWN")
        settled(watchdog, 0.5)
        assert "WATCHDOG_SEND_CLOSE" not in watchdog.events()
    assert account.held() == 2


def test_healthy_node_is_safe_from_a_watchdog_on_the_wrong_folder(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    config = configuration(tmp_path, account.venue)
    assert main([str(config), f"--set=state_dir={tmp_path / 'typo'}"]) == 2
    assert "no such folder; start the node first, or correct it" in capsys.readouterr().err
    (tmp_path / "heartbeat.json").write_text('{"ts_ns": 1, "account": "other"}')
    assert main([str(config)]) == 2
    assert "of account 'other', this watchdog is for 'default'" in capsys.readouterr().err


def test_folder_where_no_node_has_ever_been_closes_nothing(account: Account, tmp_path: Path) -> None:
    account.enter()
    account.protect("t-SL1")
    with Watchdog(tmp_path, account.venue) as watchdog:
        settled(watchdog, 1.5)
        assert watchdog.events() == ["WATCHDOG_STARTED", "WATCHDOG_NO_NODE"]
    assert account.held() == 2


def test_closed_terminal_ends_no_watch(account: Account, node: Node, tmp_path: Path) -> None:
    account.enter()
    account.protect("t-SL1")
    watchdog = Watchdog(tmp_path, account.venue)
    settled(watchdog)
    assert watchdog.process.stderr is not None
    watchdog.process.stderr.close()  # what it says breaks from now on
    watchdog.process.send_signal(signal.SIGHUP)
    node.silence()
    try:
        eventually(lambda: account.held() == 0, "flat")
        watchdog.until("WATCHDOG_FLAT")
    finally:
        watchdog.process.terminate()
        assert watchdog.process.wait(10) == 0


def test_told_to_stop_it_ends_in_order(account: Account, node: Node, tmp_path: Path) -> None:
    watchdog = Watchdog(tmp_path, account.venue)
    settled(watchdog)
    assert "nobody watches this account now" in watchdog.stop()
    assert watchdog.process.returncode == 0
    interrupted = Watchdog(tmp_path, account.venue)
    interrupted.until("WATCHDOG_STARTED", 2)
    interrupted.process.send_signal(signal.SIGINT)
    interrupted.process.wait(10)
    interrupted.stop()
    assert interrupted.process.returncode == 130


def test_watchdog_needs_neither_engine_nor_compiler() -> None:
    """What takes the node down must not take the watchdog down with it."""
    code = "import sys, operations.watchdog.start; print({'nautilus_trader', 'numba'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert said.stdout.strip() == "set()"
