"""The risk officer with real trades and a real database: whatever happens, in whatever order (Spec 2.6, 5; issue 3)."""

import math
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import memory.sqlite
from execution.config import EntryConfig, ExitConfig, VenueConfig
from execution.lifecycle import advance, begin
from execution.planning import plan_of
from execution.trade import (
    BarClosed,
    CloseDue,
    EntryEnded,
    EntryFilled,
    EntryHalted,
    ExitFilled,
    Leg,
    Market,
    Phase,
    Rest,
    Trade,
)
from execution.trade_event import trade_event
from execution.trade_log import Costs
from execution.trade_memory import keep, load_trades
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.breakers.catalogue import HALTS
from risk.breakers.state import to_values
from risk.config import RiskConfig
from risk.ledger import ProcessLedger
from risk.limits.entry import Spread
from risk.messages import ALERT_TOPIC, COMMAND_TOPIC, Command, Decision, Signal, TradeResult
from risk.messages import Market as Instrument
from risk.officer import RiskOfficer, load_reservations
from risk.requests import REQUEST, Request
from risk.returns import HOUR_NS, HourlyReturns

MINUTE_NS = 60_000_000_000
DAY_NS = 24 * HOUR_NS
START_NS = 1_704_067_200_000_000_000
PRICE = 100.0
CLASS_CAP = {"crypto": 2, "fx": 2, "equity": 1}
LEVERAGE = {"crypto": 3.0, "fx": 10.0, "equity": 1.0}
TIERS = ((1e5, 0.01, 5), (5e5, 0.0075, 8), (2e6, 0.005, 12))


def instrument(name: str, kind: str, lot: float) -> Instrument:
    return Instrument(
        instrument_id=name, asset_class=kind, tick=0.01, lot=lot, min_quantity=0.0, min_notional=5.0, multiplier=1.0,
        allow_short=True, real_volume=kind != "fx", continuous=kind == "crypto",
    )  # fmt: skip


LISTED = (
    ("BTC.X", "crypto", 0.001),
    ("ETH.X", "crypto", 0.01),
    ("LTC.X", "crypto", 0.1),
    ("EUR.FX", "fx", 1.0),
    ("GBP.FX", "fx", 1.0),
    ("JPY.FX", "fx", 1.0),
    ("IBM.US", "equity", 1.0),
    ("SPY.US", "equity", 1.0),
)
MARKETS = {name: instrument(name, kind, lot) for name, kind, lot in LISTED}
TWINS = {"BTC.X", "ETH.X"}  # move alike


class View:
    def __init__(self) -> None:
        self.age_secs = 0.0

    def advance(self, ts_ns: int) -> None:
        pass

    def data_age_secs(self, _name: str, _ts_ns: int) -> float:
        return self.age_secs

    def halted(self, _name: str) -> str:
        return ""

    def spread(self, _name: str, _ts_ns: int) -> Spread:
        return Spread(0.0001, 0.0001)


class NoJournal:
    def write(self, *_line: object) -> None:
        pass


def make_returns() -> HourlyReturns:
    """Return 30 days in which only the twins move alike."""
    import numpy as np

    found = HourlyReturns(list(MARKETS), 30)
    draw = np.random.default_rng(3)
    common = draw.normal(0.0, 0.01, 721)
    for name in MARKETS:
        moves = common + draw.normal(0.0, 0.001, 721) if name in TWINS else draw.normal(0.0, 0.01, 721)
        for hour, close in enumerate(PRICE * np.exp(np.cumsum(moves))):
            found.push(name, START_NS - (720 - hour) * HOUR_NS, float(close))
    return found


RETURNS = make_returns()


class Account(RuleBasedStateMachine):
    """An account with an officer, trades as the desk would keep them, a venue that fills at will, and a database."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="officer-"))
        self.store = open_store(MemoryConfig(backend="sqlite", path=str(self.folder / "risk.sqlite")))
        self.memory = Memory(self.store)
        self.trades: dict[str, Trade] = {}
        self.now_ns = START_NS + 9 * HOUR_NS
        self.cash = 50_000.0
        self.prices = dict.fromkeys(MARKETS, PRICE)
        self.view = View()
        self.number = 0
        self.results: list[float] = []
        self.lock: sqlite3.Connection | None = None
        self.blocked_exits = 0
        self.start()

    def start(self) -> None:
        self.book = RiskBook(
            asset_classes={name: one.asset_class for name, one in MARKETS.items()},
            multipliers=dict.fromkeys(MARKETS, 1.0),
            equity=self.equity,
            rate=lambda _name: 1.0,
            ledger=ProcessLedger(),
        )
        self.config = RiskConfig()
        self.officer = RiskOfficer(
            markets=MARKETS,
            config=self.config,
            book=self.book,
            board=BreakerBoard(self.config, every_day=True, memory=self.memory),
            returns=RETURNS,
            view=self.view,
            memory=self.memory,
            journal=NoJournal(),
            publish=self.publish,
            report=self.fail,
        )

    @staticmethod
    def fail(error: Exception) -> None:
        raise error

    def equity(self) -> float:
        return self.cash + sum(
            one.plan.side * (self.prices[one.plan.instrument_id] - one.entry_px) * one.remaining
            for one in self.trades.values()
        )

    # --- the bus ------------------------------------------------------------------------------------------------------

    def publish(self, topic: str, message: object) -> None:
        if isinstance(message, Decision) and message.approved:
            self.check_approval(message)
            plan = plan_of(
                message, MARKETS[message.signal.instrument_id], entry=EntryConfig(), exits=ExitConfig(),
                venue=VenueConfig(),
            )  # fmt: skip
            self.step(*begin(plan), "ENTRY_WORKING")
        elif topic == COMMAND_TOPIC and isinstance(message, Command):
            self.obey(message)
        else:
            assert topic != ALERT_TOPIC or message

    def obey(self, command: Command) -> None:
        for trade in list(self.trades.values()):
            if trade.working:
                self.event(trade, EntryHalted(self.now_ns, command.reason), "ENTRY_HALTED")
            if command.close_positions and trade.plan.trade_id in self.trades:
                self.event(self.trades[trade.plan.trade_id], CloseDue(self.now_ns, "SHUTDOWN"), "EXIT_DUE")

    def step(self, trade: Trade, intents: tuple, kind: str) -> None:
        """Do as the desk does: remember and tell before anything is sent."""
        self.trades[trade.plan.trade_id] = trade
        with self.memory.unit():
            keep(self.memory, trade, Costs())
            self.officer.on_trade_event(trade_event(trade, self.now_ns, kind, None))
            if trade.is_over:
                self.end(trade)
        if trade.remaining > 0.0 and trade.phase is Phase.OPEN and kind.endswith("_FILLED"):
            assert intents, "a fill is always answered"
            assert isinstance(next(i for i in intents if not isinstance(i, type(None))), Rest | Market) or trade.working

    def end(self, trade: Trade) -> None:
        del self.trades[trade.plan.trade_id]
        if trade.phase is Phase.MISSED:
            return
        net = trade.plan.side * (trade.exit_px - trade.entry_px) * trade.filled
        self.cash += net
        self.results.append(net)
        self.officer.on_result(
            TradeResult(
                ts_ns=self.now_ns, trade_id=trade.plan.trade_id, signal_id=trade.plan.signal_id,
                instrument_id=trade.plan.instrument_id, gross=net, fees=0.0, funding=0.0, net=net,
                reason=trade.exit_reason,
            )
        )  # fmt: skip

    def event(self, trade: Trade, event: object, kind: str) -> None:
        after, intents = advance(trade, event)
        if after is not trade or intents:
            self.step(after, intents, kind)

    # --- what must hold at an approval --------------------------------------------------------------------------------

    def heat(self) -> float:
        total = 0.0
        for trade in self.trades.values():
            loss = trade.plan.side * (trade.entry_px - trade.stop) * trade.remaining
            total += max(0.0, loss) if trade.remaining else 0.0
        return total + sum(self.approved_risk[one.plan.signal_id] for one in self.trades.values() if one.working)

    approved_risk: dict[str, float]

    @initialize()
    def begin(self) -> None:
        self.approved_risk = {}

    def check_approval(self, decision: Decision) -> None:
        equity, signal = self.equity(), decision.signal
        market = MARKETS[signal.instrument_id]
        frac, count = next((frac, count) for below, frac, count in TIERS if equity < below)
        self.approved_risk[signal.signal_id] = decision.risk_quote
        held = list(self.trades.values())
        pending = [one for one in self.answering if one.approved and one.signal.signal_id != signal.signal_id]
        waiting = [one for one in pending if one.signal.signal_id not in {t.plan.signal_id for t in held}]
        set_aside = sum(one.risk_quote for one in waiting)
        hair = 1e-6 * equity
        assert self.lock is None, "approved without a memory"
        assert self.view.age_secs <= 30.0
        assert not [name.name for name in HALTS if name.is_closed(self.officer.board.state[0])]
        assert self.heat() + set_aside + decision.risk_quote <= 0.05 * equity + hair
        streak = self.officer.board.size_factor
        budget = equity * min(frac * streak * min(signal.atr_baseline / signal.atr, 1.5), 0.015)
        assert decision.risk_quote <= budget + hair
        assert decision.quantity * signal.entry <= LEVERAGE[market.asset_class] * equity + hair
        names = [one.plan.instrument_id for one in held] + [one.signal.instrument_id for one in waiting]
        assert signal.instrument_id not in names
        assert len(names) < count
        assert sum(MARKETS[n].asset_class == market.asset_class for n in names) < CLASS_CAP[market.asset_class]
        assert not (signal.instrument_id in TWINS and TWINS & set(names)), "two that move alike"

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(
        names=st.lists(st.sampled_from(sorted(MARKETS)), min_size=1, max_size=5, unique=True),
        side=st.sampled_from([1, -1]),
        distance=st.floats(0.005, 0.1),
        calm=st.floats(0.3, 3.0),
        score=st.sampled_from([4, 5]),
    )
    def bar_close(self, names: list[str], side: int, distance: float, calm: float, score: int) -> None:
        self.now_ns += MINUTE_NS
        for name in names:
            self.number += 1
            self.officer.on_signal(self.signal(name, side, distance, calm, score))
        self.answering: list[Decision] = []
        decide = self.officer._decide

        def noted(signal: Signal) -> Decision:
            decision = decide(signal)
            self.answering.append(decision)
            return decision

        self.officer._decide = noted
        try:
            self.officer.on_bar_close(self.now_ns)
        finally:
            self.officer._decide = decide

    def signal(self, name: str, side: int, distance: float, calm: float, score: int) -> Signal:
        entry = self.prices[name]
        away = distance * entry
        return Signal(
            signal_id=f"s{self.number}", config_hash="", ts_ns=self.now_ns, instrument_id=name, strategy="breakout",
            timeframe="15m", side=side, score=score, entry=entry, stop=entry - side * away,
            tp1=entry + side * 2.0 * away, tp2=entry + side * 4.0 * away, close=entry, atr=entry * 0.01,
            atr_baseline=entry * 0.01 * calm, atr_ratio=0.01, rsi=60.0, volume=1.0, volume_ma=1.0,
            donchian_upper=entry, donchian_lower=entry, htf_trend=side, bb_lower=entry, bb_mid=entry, bb_upper=entry,
            volume_24h=1e9, average_daily_volume=1e9,
        )  # fmt: skip

    def pick(self, n: int, wanted: Callable[[Trade], bool]) -> Trade | None:
        fit = [trade for _, trade in sorted(self.trades.items()) if wanted(trade)]
        return fit[n % len(fit)] if fit else None

    @rule(n=st.integers(0, 9), share=st.floats(0.05, 1.0))
    def entry_fills(self, n: int, share: float) -> None:
        trade = self.pick(n, lambda one: one.working and one.filled < one.plan.quantity - 0.5 * one.plan.lot)
        if trade is None:
            return
        lots = round((trade.plan.quantity - trade.filled) / trade.plan.lot)
        quantity = max(1, int(lots * share)) * trade.plan.lot
        self.event(trade, EntryFilled(self.now_ns, quantity, trade.limit_px), "ENTRY_FILLED")
        trade = self.trades.get(trade.plan.trade_id)
        if trade is not None and trade.filled >= trade.plan.quantity - 0.5 * trade.plan.lot:
            self.event(trade, EntryEnded(self.now_ns), "ENTRY_ENDED")

    @rule(n=st.integers(0, 9))
    def entry_is_cancelled_or_refused(self, n: int) -> None:
        trade = self.pick(n, lambda one: one.working)
        if trade is not None:
            self.event(trade, EntryEnded(self.now_ns), "ENTRY_ENDED")

    @rule(n=st.integers(0, 9), leg=st.sampled_from([Leg.STOP, Leg.TP1, Leg.TP2, Leg.MARKET]), share=st.floats(0.1, 1.0),
          worse=st.floats(0.0, 0.3))  # fmt: skip
    def exit_fills(self, n: int, leg: Leg, share: float, worse: float) -> None:
        """Whatever is closed, halted or away: an exit goes through."""
        trade = self.pick(n, lambda one: one.remaining > 0.0)
        if trade is None:
            return
        side, plan = trade.plan.side, trade.plan
        price = {
            Leg.STOP: trade.stop - side * worse * trade.stop,
            Leg.TP1: trade.entry_px + side * plan.tp1_distance,
            Leg.TP2: trade.entry_px + side * plan.tp2_distance,
        }.get(leg, self.prices[plan.instrument_id])
        lots = round(trade.remaining / plan.lot)
        quantity = max(1, int(lots * share)) * plan.lot
        before = trade.remaining
        self.event(trade, ExitFilled(self.now_ns, leg, quantity, max(price, 0.01)), f"{leg.name}_FILLED")
        after = self.trades.get(plan.trade_id)
        assert after is None or after.remaining < before

    @rule(name=st.sampled_from(sorted(MARKETS)), factor=st.floats(0.8, 1.25))
    def one_price_moves(self, name: str, factor: float) -> None:
        self.price_moves(name, factor)

    def price_moves(self, name: str, factor: float) -> None:
        self.prices[name] = min(max(self.prices[name] * factor, 20.0), 500.0)

    @rule(factor=st.sampled_from([0.5, 0.9, 0.97, 1.03, 1.1, 2.0]), stopped=st.booleans())
    def everything_moves(self, factor: float, stopped: bool) -> None:
        """Fill what works, then move all markets at once, over the stops or not."""
        for trade in list(self.trades.values()):
            if trade.working and trade.filled == 0.0:
                self.event(trade, EntryFilled(self.now_ns, trade.plan.quantity, trade.limit_px), "ENTRY_FILLED")
                self.event(self.trades[trade.plan.trade_id], EntryEnded(self.now_ns), "ENTRY_ENDED")
        for name in self.prices:
            self.price_moves(name, factor)
        for trade in list(self.trades.values()):
            price = self.prices[trade.plan.instrument_id]
            if stopped and trade.remaining > 0.0 and trade.plan.side * (trade.stop - price) > 0.0:
                self.event(trade, ExitFilled(self.now_ns, Leg.STOP, trade.remaining, price), "STOP_FILLED")
        self.officer.observe(self.now_ns)

    @rule(n=st.integers(0, 9))
    def bar_trails(self, n: int) -> None:
        trade = self.pick(n, lambda one: one.remaining > 0.0)
        if trade is not None:
            event = BarClosed(self.now_ns, self.prices[trade.plan.instrument_id], 1.0)
            self.event(trade, event, "BAR_CLOSED")

    @rule(minutes=st.sampled_from([1, 60, 600, 1440, 4 * 1440, 8 * 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now_ns += minutes * MINUTE_NS
        self.officer.observe(self.now_ns)

    @rule(age=st.sampled_from([0.0, 30.0, 30.1, math.nan]))
    def data_ages(self, age: float) -> None:
        self.view.age_secs = age

    @precondition(lambda self: self.lock is None)
    @rule(
        breaker=st.sampled_from([one.name for one in HALTS] + ["daily_los"]),
        peak=st.sampled_from([0.0, 20_000.0, 50_000.0]),
        action=st.sampled_from(["reset", "reset", "reset", "kill"]),
        named=st.booleans(),
    )
    def operator_asks(self, breaker: str, peak: float, action: str, named: bool) -> None:
        self.number += 1
        request = Request(
            ts_ns=self.now_ns, action=action, operator="me" if named else " ", reason="test", breaker=breaker,
            peak=min(peak, max(self.equity(), 1.0) * 1.1) if peak else 0.0,
        )  # fmt: skip
        with self.memory.unit():
            self.memory.put(REQUEST, f"{self.number:09d}", request)
        before = to_values(self.officer.board.state)
        self.officer.observe(self.now_ns)
        if not named:
            after = to_values(self.officer.board.state)
            assert not [
                one.name for one in HALTS if before[one.name] and not after[one.name] and one.opens == "by hand"
            ]

    @precondition(lambda self: self.lock is None)
    @rule()
    def database_goes_away(self) -> None:
        self.lock = sqlite3.connect(self.folder / "risk.sqlite", isolation_level=None)
        self.lock.execute("BEGIN IMMEDIATE")

    @precondition(lambda self: self.lock is not None)
    @rule()
    def database_comes_back(self) -> None:
        self.lock.execute("ROLLBACK")
        self.lock.close()
        self.lock = None
        assert self.memory.flush()

    @precondition(lambda self: self.lock is None)
    @rule(reopen=st.booleans())
    def restart(self, reopen: bool) -> None:
        """Everything in memory is lost; what is read back is what was."""
        state, heat = to_values(self.officer.board.state), self.book.heat()
        reserved, positions = self.book.reservations(), self.book.positions()
        if reopen:
            self.store.close()
            self.store = open_store(MemoryConfig(backend="sqlite", path=str(self.folder / "risk.sqlite")))
        self.memory = Memory(self.store)
        kept = {trade_id: one.trade for trade_id, one in load_trades(self.memory).items()}
        assert {key: to_plain(one) for key, one in kept.items()} == {k: to_plain(v) for k, v in self.trades.items()}
        self.start()
        self.officer.restore([trade_event(trade, self.now_ns, "RESTORED", None) for trade in kept.values()])
        passing = {"seen_ns", "equity", "day_moved", "api_rate"}
        now = to_values(self.officer.board.state)
        assert {k: v for k, v in now.items() if k not in passing} == {
            k: v for k, v in state.items() if k not in passing
        }
        assert self.book.heat() == pytest.approx(heat, rel=1e-12, abs=1e-9)
        assert (self.book.reservations(), self.book.positions()) == (reserved, positions)

    # --- what must always hold ----------------------------------------------------------------------------------------

    @invariant()
    def book_is_what_the_trades_are(self) -> None:
        names = sorted((one.plan.instrument_id, "breakout") for one in self.trades.values())
        assert [(held.instrument_id, held.strategy) for held in self.book.positions()] == names
        assert self.book.heat() == pytest.approx(self.heat(), rel=1e-9, abs=1e-6)

    @invariant()
    def shutdown_leaves_nothing_open_unless_it_is_closing(self) -> None:
        if self.officer.board.shuts_down:
            assert all(one.phase in (Phase.CLOSING, Phase.ENTERING) for one in self.trades.values())
            assert not any(one.working and not one.halted_by for one in self.trades.values())

    @invariant()
    def memory_holds_the_reservations_of_working_entries(self) -> None:
        if self.lock is None and not self.memory.fault:
            working = {one.plan.signal_id for one in self.trades.values() if one.working}
            assert set(load_reservations(self.memory)) == working

    def teardown(self) -> None:
        if self.lock is not None:
            self.lock.close()
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def to_plain(trade: Trade) -> str:
    return repr(trade)  # NaN equals NaN here


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is locked says so at once."""
    monkeypatch.setattr(memory.sqlite, "BUSY_SECS", 0.002)


COMMON = {
    "stateful_step_count": 40,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}
Account.TestCase.settings = settings(max_examples=200, derandomize=True, **COMMON)
TestOfficerInAnyInterleaving = Account.TestCase


class LongAccount(Account):
    """The same, for the long suite."""


LongAccount.TestCase.settings = settings(max_examples=10_000, **COMMON)
TestOfficerInAnyInterleavingLong = pytest.mark.long(LongAccount.TestCase)
