"""The watchdog beside a real node that trades: it leaves a healthy one alone and clears up after a dead one."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.test_watchdog import Node, Watchdog, eventually, settled
from tests.live.usdm_account import Account
from tests.live.venue import ROOT, SimulatedVenue

pytestmark = pytest.mark.long
BREAKOUT = ("--prices", "seed:7", "--from", "2024-06-04T17:35", "--steps", "30", "--instrument", "BTCUSDT")
STANDARD = (
    "--set=poll_secs=1", "--set=heartbeat_secs=60", "--set=unprotected_secs=10", "--set=fresh_secs=5",
    "--set=full_look_secs=5", "--set=absent_secs=5",
)  # fmt: skip


@pytest.fixture
def replay() -> Iterator[Account]:
    with SimulatedVenue(*BREAKOUT, "--speed", "60") as venue:
        yield Account(venue)


def start_node(venue: SimulatedVenue, folder: Path) -> subprocess.Popen[bytes]:
    values = {
        "http_url": venue.http,
        "ws_url": venue.facts["ws"],
        "clock_url": f"{venue.facts['control']}/clock",
        "state_dir": str(folder),
    }
    settings = [f"--set=live.{name}={value}" for name, value in values.items()]
    with (folder / "node.log").open("wb") as log:
        command = [sys.executable, str(ROOT / "scripts" / "live.py"), str(ROOT / "configs" / "live" / "demo.toml")]
        return subprocess.Popen([*command, *settings], stdout=log, stderr=log, cwd=ROOT)


def test_trade_of_a_node_that_dies_is_closed(replay: Account, tmp_path: Path) -> None:
    node = start_node(replay.venue, tmp_path)
    patient = ("--set=poll_secs=0.5", "--set=heartbeat_secs=5", "--set=fresh_secs=3", "--set=unprotected_secs=2")
    try:
        eventually((tmp_path / "heartbeat.json").exists, "a sign of life", 60.0)
        with Watchdog(tmp_path, replay.venue, *patient) as watchdog:
            eventually(lambda: replay.held() != 0, "a trade", 200.0)
            time.sleep(5.0)  # bars close, the stop is replaced: none of it may look like danger
            assert watchdog.events() == ["WATCHDOG_STARTED"]
            assert node.poll() is None
            assert replay.held() != 0, "the trade was over before the node could die: another date, please"
            stops = replay.stops()
            assert stops
            node.kill()
            watchdog.until("WATCHDOG_FLAT", secs=60.0)
            assert replay.held() == 0
            assert set(stops) <= set(replay.stops())
            assert [line["severity"] for line in watchdog.lines() if line["event_type"] == "WATCHDOG_FLAT"]
    finally:
        node.kill()
        node.wait()
    sent_twice = {name: count for name, count in replay.venue.get("/received").items() if count > 1}
    assert sent_twice == {}


def test_times_of_the_specification(tmp_path: Path) -> None:
    """Ten seconds for a bare position, sixty for a silent node, on a real clock and with the shipped values."""
    with SimulatedVenue("--prices", "seed:1", "--speed", "0", "--instrument", "BTCUSDT") as venue:
        account, node = Account(venue), Node(tmp_path)
        account.empty()
        try:
            with Watchdog(tmp_path, venue, *STANDARD) as watchdog:
                settled(watchdog)
                account.enter()
                assert 9.0 <= _secs_until_flat(account) <= 14.0
                watchdog.until("WATCHDOG_FLAT", secs=20.0)
                account.enter()
                account.protect("t-SL1")
                node.silence()
                assert 59.0 <= _secs_until_flat(account) <= 66.0
                watchdog.until("WATCHDOG_FLAT", 2, secs=20.0)
        finally:
            node.silence()


def _secs_until_flat(account: Account) -> float:
    begun = time.monotonic()
    eventually(lambda: account.held() == 0, "flat", 90.0)
    return time.monotonic() - begun
