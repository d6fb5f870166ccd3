"""Risk officers of several processes on one account: one heat, one set of counts; what a lost Redis stops (issue 3)."""

import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from ledger_server import PrivateRedis, Space, space, until
from risk_worker import MARKETS, NAMES, START_NS, Hours, Quiet, fail

from memory.memory import Memory
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.config import RiskConfig
from risk.messages import Decision, Signal, TradeEvent
from risk.officer import RiskOfficer
from risk.shared_ledger import RedisLedger

BRISK = {"lease_secs": 1.5, "timeout_secs": 0.2, "lapse_secs": 60.0}


class Node:
    """One process's officer; every venue account is worth 10,000."""

    def __init__(self, ledger: RedisLedger) -> None:
        self.ledger = ledger
        self.answers: list[Decision] = []
        self.number = 0
        config, hours = RiskConfig(), Hours()
        self.book = RiskBook(
            asset_classes=dict(NAMES), multipliers=dict.fromkeys(NAMES, 1.0), equity=lambda: 10_000.0,
            rate=lambda _name: 1.0, ledger=ledger,
        )  # fmt: skip
        self.officer = RiskOfficer(
            markets=MARKETS, config=config, book=self.book,
            board=BreakerBoard(config, every_day=True, memory=Memory()), returns=hours.returns, view=hours,
            memory=Memory(), journal=Quiet(), publish=self.hear, report=fail,
        )  # fmt: skip

    def hear(self, _topic: str, message: object) -> None:
        if isinstance(message, Decision):
            self.answers.append(message)

    def ask(self, name: str) -> Decision:
        self.number += 1
        self.officer.on_signal(make_signal(name, self.number))
        self.officer.on_bar_close(NOW)
        return self.answers[-1]

    def event(self, decision: Decision, quantity: float, *, working: bool, stop: float = 98.0) -> TradeEvent:
        one = decision.signal
        return TradeEvent(
            ts_ns=NOW, kind="TEST", trade_id=f"t-{one.signal_id}", signal_id=one.signal_id,
            instrument_id=one.instrument_id, side=1, entry=100.0, stop=stop, quantity=quantity, working=working,
            strategy=one.strategy,
        )  # fmt: skip


NOW = START_NS + 3_600_000_000_000


def make_signal(name: str, number: int) -> Signal:
    return Signal(
        signal_id=f"{name}/{number}/{time.monotonic_ns()}", config_hash="", ts_ns=NOW, instrument_id=name,
        strategy="breakout", timeframe="15m", side=1, score=5, entry=100.0, stop=98.0, tp1=104.0, tp2=108.0,
        close=100.0, atr=1.0, atr_baseline=1.0, atr_ratio=0.01, rsi=60.0, volume=1.0, volume_ma=1.0,
        donchian_upper=0.0, donchian_lower=0.0, htf_trend=1, bb_lower=0.0, bb_mid=0.0, bb_upper=0.0,
        volume_24h=1e9, average_daily_volume=1e9,
    )  # fmt: skip


@pytest.fixture
def room() -> Iterator[Space]:
    with space() as found:
        yield found.settle()


def nodes(room: Space, *names: str) -> list[Node]:
    """Return officers that have all heard of each other's venue account."""
    ledgers = [room.ledger(name) for name in names]
    for ledger in ledgers:
        ledger.tell_equity(10_000.0)
        ledger.open()
    made = [Node(ledger) for ledger in ledgers]
    for node in made:
        until(lambda node=node: node.ledger.read().equity == 10_000.0 * (len(names) - 1))
    return made


def test_heat_counts_and_equity_are_those_of_all_processes(room: Space) -> None:
    one, two = nodes(room, "one", "two")
    first = one.ask("BTC.X")
    assert (first.approved, first.equity) == (True, 20_000.0)
    assert first.risk_quote == pytest.approx(200.0)  # 1 % of both accounts
    second = two.ask("LTC.X")
    assert (second.approved, second.heat_before) == (True, pytest.approx(200.0))
    third = one.ask("EUR.FX")
    assert (third.approved, third.heat_before) == (True, pytest.approx(400.0))
    assert two.ask("BTC.X").rule == "one_position"  # held by the other process, by the same strategy
    full = two.ask("JPY.FX")
    assert (full.approved, full.heat_before) == (True, pytest.approx(600.0))
    assert one.ask("JPY.FX").rule == "one_position"
    two.officer.on_trade_event(two.event(second, 0.0, working=False))  # missed
    until(lambda: len(one.ledger.read().claims) == 1)
    again = one.ask("LTC.X")
    assert (again.approved, again.heat_before) == (True, pytest.approx(600.0))
    assert [check.rule for check in again.checks][:1] == ["shared_ledger"]


def test_class_cap_holds_across_processes(room: Space) -> None:
    one, two, three = nodes(room, "one", "two", "three")
    assert one.ask("BTC.X").approved
    assert two.ask("LTC.X").approved
    assert three.ask("ETH.X").rule == "asset_class_positions"
    no_risk = one.event(one.answers[0], 1.0, working=False, stop=100.5)  # a stop past the entry: a place all the same
    one.officer.on_trade_event(no_risk)
    until(lambda: 0.0 in {claim.reserved + claim.open_risk for claim in three.ledger.read().claims})
    assert three.ask("ETH.X").rule == "asset_class_positions"
    assert three.ask("IBM.US").approved


@pytest.mark.parametrize("how", ["killed", "hangs"])
def test_lost_redis_refuses_entries_and_leaves_exits_alone(tmp_path: Path, how: str) -> None:
    server = PrivateRedis(tmp_path).start()
    try:
        (node,) = nodes(Space(server.port, **BRISK), "one")
        held = until(lambda: (answer := node.ask("BTC.X")).approved and answer)
        node.officer.on_trade_event(node.event(held, 2.0, working=True))
        (server.kill if how == "killed" else partial(server.signal, signal.SIGSTOP))()
        refused = node.ask("EUR.FX")
        assert (refused.approved, refused.rule) == (False, "shared_ledger")
        assert refused.checks[-1].note
        began = time.perf_counter()
        for stop in (98.5, 99.0, 100.0):
            node.officer.on_trade_event(node.event(held, 2.0, working=False, stop=stop))
        node.officer.on_trade_event(node.event(held, 0.0, working=False))
        assert time.perf_counter() - began < 0.1  # nothing waited for Redis
        assert (node.book.heat(), node.book.positions()) == (0.0, ())
        node.ledger.close()
    finally:
        server.kill()
