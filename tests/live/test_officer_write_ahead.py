"""What the risk officer says is on disk before anyone hears it; and what it says when something fails (D31, D32)."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from risk_worker import MARKETS, NAMES, START_NS, Hours, Quiet

import memory.sqlite
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import Store, open_store
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.config import RiskConfig
from risk.ledger import ProcessLedger
from risk.messages import COMMAND_TOPIC, Command, Decision, FillQuality, Signal
from risk.officer import RiskOfficer
from risk.requests import REQUEST, Request

NOW = START_NS + 3_600_000_000_000


class Desk:
    """An officer, and a second look at its database at the moment each message comes."""

    def __init__(self, path: Path) -> None:
        config = MemoryConfig(backend="sqlite", path=str(path))
        self.store: Store = open_store(config)
        self.reader: Store = open_store(config)
        self.memory = Memory(self.store)
        self.heard: list[tuple[str, object, dict[str, object]]] = []
        self.faults: list[Exception] = []
        self.equity = 50_000.0
        hours, risk = Hours(), RiskConfig()
        self.book = RiskBook(
            asset_classes=dict(NAMES), multipliers=dict.fromkeys(NAMES, 1.0), equity=lambda: self.equity,
            rate=lambda _name: 1.0, ledger=ProcessLedger(),
        )  # fmt: skip
        self.officer = RiskOfficer(
            markets=MARKETS, config=risk, book=self.book,
            board=BreakerBoard(risk, every_day=True, memory=self.memory), returns=hours.returns, view=hours,
            memory=self.memory, journal=Quiet(), publish=self.hear, report=self.faults.append,
        )  # fmt: skip

    def hear(self, topic: str, message: object) -> None:
        state = self.reader.get("breakers", "state")
        on_disk = {
            "reserved": list(self.reader.all("reservation")),
            "breakers": json.loads(state.body) if state else {},
            "lines": [entry.event_type for entry in self.reader.entries()],
        }
        self.heard.append((topic, message, on_disk))

    def ask(self, *names: str, score: int = 5) -> list[Decision]:
        for number, name in enumerate(names):
            self.officer.on_signal(signal(name, score=score - number % 2))
        self.officer.on_bar_close(NOW)
        return [message for _, message, _ in self.heard if isinstance(message, Decision)]

    def close(self) -> None:
        self.memory.close()
        self.reader.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(memory.sqlite, "BUSY_SECS", 0.02)
    found = Desk(tmp_path / "risk.sqlite")
    yield found
    found.close()


def signal(name: str, *, score: int = 5) -> Signal:
    return Signal(
        signal_id=f"{name}/1", config_hash="", ts_ns=NOW, instrument_id=name, strategy="breakout", timeframe="15m",
        side=1, score=score, entry=100.0, stop=98.0, tp1=104.0, tp2=108.0, close=100.0, atr=1.0, atr_baseline=1.0,
        atr_ratio=0.01, rsi=60.0, volume=1.0, volume_ma=1.0, donchian_upper=0.0, donchian_lower=0.0, htf_trend=1,
        bb_lower=0.0, bb_mid=0.0, bb_upper=0.0, volume_24h=1e9, average_daily_volume=1e9,
    )  # fmt: skip


def test_every_answer_of_a_bar_close_is_on_disk_before_the_first_is_heard(desk: Desk) -> None:
    answers = desk.ask("BTC.X", "EUR.FX", "IBM.US")
    assert [one.approved for one in answers] == [True, True, True]
    for _, message, on_disk in desk.heard:
        assert isinstance(message, Decision)
        assert sorted(on_disk["reserved"]) == ["BTC.X/1", "EUR.FX/1", "IBM.US/1"]
        assert on_disk["lines"].count("RISK_APPROVED") == 3
        assert on_disk["lines"].count("SIGNAL_LONG") == 3


def test_trip_is_on_disk_before_the_desk_is_told(desk: Desk) -> None:
    desk.officer.observe(NOW)
    desk.equity = 42_000.0
    desk.officer.observe(NOW + 1)
    commands = [(m, on_disk) for topic, m, on_disk in desk.heard if topic == COMMAND_TOPIC]
    assert {command.reason for command, _ in commands} == {"daily_loss", "weekly_loss", "drawdown"}
    assert all(command.close_positions for command, _ in commands)
    for _, on_disk in commands:
        assert on_disk["breakers"]["drawdown"] == 1
        assert "BREAKER_TRIPPED" in on_disk["lines"]


def test_kill_is_on_disk_and_off_the_list_before_the_desk_is_told(desk: Desk) -> None:
    with desk.memory.unit():
        desk.memory.put(REQUEST, "1", Request(ts_ns=1, action="kill", operator="me", reason="test"))
    desk.officer.observe(NOW)
    (command,) = [(m, on_disk) for topic, m, on_disk in desk.heard if topic == COMMAND_TOPIC]
    assert isinstance(command[0], Command)
    assert command[1]["breakers"]["kill_switch"] == 1
    assert desk.reader.all(REQUEST) == {}


def test_slippage_halt_is_on_disk_before_the_desk_is_told(desk: Desk) -> None:
    quality = FillQuality(ts_ns=NOW, order_id="o", instrument_id="BTC.X", expected_frac=0.001, actual_frac=0.006)
    desk.officer.on_quality(quality)
    (command,) = [(m, on_disk) for topic, m, on_disk in desk.heard if topic == COMMAND_TOPIC]
    assert (command[0].reason, command[0].close_positions) == ("slippage", False)
    assert command[1]["breakers"]["slippage"] == 1


def test_memory_that_cannot_be_written_refuses_and_holds_nothing_back(desk: Desk, tmp_path: Path) -> None:
    blocker = sqlite3.connect(tmp_path / "risk.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    first = desk.ask("BTC.X")[-1]
    assert (first.approved, first.rule, first.quantity, first.risk_quote) == (False, "memory", 0.0, 0.0)
    assert "cannot be written" in first.checks[-1].note
    assert (desk.book.heat(), desk.book.positions()) == (0.0, ())
    blocker.execute("ROLLBACK")
    blocker.close()
    assert desk.ask("BTC.X")[-1].approved
    assert list(desk.reader.all("reservation")) == ["BTC.X/1"]


def test_request_that_cannot_be_read_may_be_one_to_stop(desk: Desk) -> None:
    desk.store.put(REQUEST, "1", b"not json")
    refused = desk.ask("BTC.X")[-1]
    assert (refused.rule, "cannot be read" in refused.checks[-1].note) == ("memory", True)
    desk.store.delete(REQUEST, "1")
    assert desk.ask("BTC.X")[-1].approved


def test_exception_inside_a_rule_refuses_with_its_reason_and_is_reported(desk: Desk) -> None:
    desk.officer._markets = {}  # as if an instrument had been forgotten
    refused = desk.ask("BTC.X")[-1]
    assert (refused.approved, refused.rule) == (False, "exception")
    assert refused.checks[-1].note == "KeyError: 'BTC.X'"
    assert [type(error) for error in desk.faults] == [KeyError]
    assert desk.book.positions() == ()


def test_best_score_then_largest_volume_is_answered_first(desk: Desk) -> None:
    assert [one.signal.instrument_id for one in desk.ask("BTC.X", "EUR.FX", "IBM.US", "JPY.FX")] == [
        "BTC.X",
        "IBM.US",
        "EUR.FX",
        "JPY.FX",
    ]
