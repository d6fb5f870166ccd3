"""A strategy's configuration is changed while a node trades: new entries follow it, the open trade keeps its plan."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from execution.trade import Plan
from execution.trade_memory import load_trades
from live.command import main
from live.reload.documents import REQUEST
from live.stage import ROOT, simulated_venue
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store

CONFIG = str(ROOT / "configs" / "live" / "demo.toml")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "LTCUSDT")
LASTING = {
    "strategy.donchian_bars": "4",
    "strategy.min_score": "2",
    "strategy.require_volume": "false",
    "strategy.atr_ratio_min_frac": "0.0",
    "strategy.rsi_long_max": "95",
    "strategy.rsi_long_min": "30",
    "exits.stop_atr": "10.0",
    "exits.tp1_atr": "30.0",
    "exits.tp2_atr": "60.0",
    "entry.on_timeout": "market",
    "risk.crypto.max_positions": "50",
    "risk.max_positions": "50",
    "risk.risk_frac": "0.002",
}  # a signal every few bars, trades that stay open
NEW = (
    "--set",
    "strategy.donchian_bars=2",
    "--set",
    "strategy.volume_multiple=0.1",
    "--set",
    "exits.stop_atr=5.0",
    "--set",
    "risk.max_heat_frac=0.04",
)


class Node:
    """A node in a process of its own, seen through its state folder."""

    def __init__(self, state: Path, settings: list[str], process: subprocess.Popen[bytes]) -> None:
        self.state, self.settings, self.process = state, settings, process

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        path = self.state / "journal.jsonl"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [event for event in map(json.loads, lines) if event["event_type"] in kinds]

    @contextmanager
    def memory(self) -> Iterator[Memory]:
        store = open_store(MemoryConfig(backend="sqlite", path=str(self.state / "risk.sqlite")), create=False)
        try:
            yield Memory(store)
        finally:
            store.close()

    def plans(self) -> dict[str, Plan]:
        with self.memory() as memory:
            return {key: kept.trade.plan for key, kept in load_trades(memory).items()}

    def requests(self) -> list[str]:
        with self.memory() as memory:
            return list(memory.all(REQUEST))

    def reload(self, *more: str) -> int:
        return main(["reload", CONFIG, *self.settings, *more, "--operator", "A. Trader"])

    def until(self, condition: Callable[[], Any], secs: float = 40.0) -> Any:
        deadline = time.monotonic() + secs
        while not (found := condition()):
            assert self.process.poll() is None, "the node ended"
            assert time.monotonic() < deadline, "it did not come to that"
            time.sleep(0.1)
        return found


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("reload")
    named = [part for symbol in SYMBOLS for part in ("--instrument", symbol)]
    market = ["--prices", "seed:7", "--from", "2024-06-04T17:40", "--speed", "300", "--steps", "20"]
    with simulated_venue(folder, [*named, *market]) as place:
        values = {
            **place.addresses(), **LASTING, "live.state_dir": str(folder / "state"),
            "instruments": ",".join(f"{symbol}-PERP.BINANCE" for symbol in SYMBOLS),
        }  # fmt: skip
        settings = [part for key, value in values.items() for part in ("--set", f"{key}={value}")]
        command = [sys.executable, str(ROOT / "scripts" / "live.py"), CONFIG, *settings, "--seconds", "120"]
        with subprocess.Popen(command) as process:
            yield Node(folder / "state", settings, process)
            process.terminate()


def test_new_entries_follow_the_new_file_and_the_open_trade_keeps_its_plan(node, capsys):
    node.until(lambda: node.events("ENTRY_FILLED"))
    before = node.until(node.plans)
    assert node.reload(*NEW) == 0
    said = capsys.readouterr().out
    assert "exits.stop_atr: 10.0 -> 5.0" in said
    assert "strategy.donchian_bars: 4 -> 2" in said
    (told,) = node.events("CONFIG_RELOADED")
    old, new = told["details"]["old"], told["details"]["new"]
    assert f"done: {old} -> {new}" in said
    assert told["details"]["operator"] == "A. Trader"
    assert told["details"]["changes"]["risk.max_heat_frac"] == [0.05, 0.04]
    assert old == node.events("LIVE_STARTED")[0]["details"]["config"] != new
    after = node.plans()
    kept = before.keys() & after.keys()
    assert kept
    assert all(after[key] == before[key] and after[key].exits.stop_atr == 10.0 for key in kept)
    node.until(lambda: json.loads((node.state / "heartbeat.json").read_bytes())["config_hash"] == new)
    assert (node.state / f"config-{new}.toml").exists()
    signal = node.until(lambda: signals_of(node, new))[0]
    assert abs(signal["entry"] - signal["stop"]) == pytest.approx(max(5.0 * signal["atr"], 0.005 * signal["entry"]))
    node.until(lambda: [plan for plan in node.plans().values() if plan.exits.stop_atr == 5.0])
    assert all(node.plans()[key].exits.stop_atr == 10.0 for key in kept & node.plans().keys())
    assert node.events("CALLBACK_FAILED") == []


def signals_of(node: Node, config_hash: str) -> list[dict[str, Any]]:
    found = [event["details"] for event in node.events("SIGNAL_LONG", "SIGNAL_SHORT")]
    return [signal for signal in found if signal["config_hash"] == config_hash]


def test_the_same_file_again_is_nothing_to_do(node, capsys):
    node.until(lambda: node.events("CONFIG_RELOADED"))
    assert node.reload(*NEW) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert len(node.events("CONFIG_RELOAD_ASKED")) == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("strategy.donchian_bars=0", "strategy.donchian_bars"),
        ("strategy.nonsense=1", "unknown key 'strategy.nonsense'"),
        ("live.watch_millis=100", "live.watch_millis cannot change while the system runs"),
        ("risk.correlation_days=60", "risk.correlation_days cannot change while the system runs"),
    ],
)
def test_wrong_file_is_refused_before_anything_is_sent(node, capsys, setting, message):
    node.until(lambda: node.events("LIVE_STARTED"))
    asked = len(node.events("CONFIG_RELOAD_ASKED", "CONFIG_RELOAD_REFUSED"))
    assert node.reload("--set", setting) == 2
    assert message in capsys.readouterr().err
    assert node.requests() == []
    assert len(node.events("CONFIG_RELOAD_ASKED", "CONFIG_RELOAD_REFUSED")) == asked


def test_system_that_does_not_run_is_not_asked(node, capsys):
    node.until(lambda: node.events("LIVE_STARTED"))
    node.process.terminate()
    node.process.wait(20)
    assert node.reload(*NEW) == 2
    assert "no system runs there: start it with the new file" in capsys.readouterr().err
