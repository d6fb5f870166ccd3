"""Whatever signals, fills, cancels, stops and equity do, no approval breaks a limit, nothing leaks (Spec 2.6)."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from msgspec.structs import replace

from risk.book import RiskBook
from risk.config import RiskConfig
from risk.ledger import ProcessLedger
from risk.limits.entry import Correlation
from risk.messages import Check, Decision, Market, Signal, TradeEvent
from risk.review import candidate_of, review

LEVERAGE = {"crypto": 3.0, "fx": 10.0, "equity": 1.0, "future": 10.0}  # Spec 2.5, D18
CLASS_COUNT = {"crypto": 2, "fx": 2, "equity": 1, "future": 2}  # Spec 5.6, D20
ROWS = ((1e5, 0.01, 5), (5e5, 0.0075, 8), (2e6, 0.005, 12), (math.nextafter(1e7, math.inf), 0.0025, 20))  # Spec 11.3


PAIRS = (
    Correlation(),
    Correlation("OTHER", 0.75, 200),
    Correlation("OTHER", -0.9, 720),
    Correlation("OTHER", 0.7500001, 720),
    Correlation("OTHER", 0.1, 199),
    Correlation("OTHER", math.nan, 720),
)
OPEN, CLOSED = Check("daily_loss", True, 0.03, 0.0), Check("drawdown", False, 0.15, 0.16)


def market(name: str, kind: str, lot: float, **changes: object) -> Market:
    values: dict = {"tick": 0.01, "min_quantity": 0.0, "min_notional": 0.0, "multiplier": 1.0, "allow_short": True}
    values |= {"real_volume": kind != "fx", "continuous": kind == "crypto"}
    return Market(instrument_id=name, asset_class=kind, lot=lot, **values | changes)


MARKETS = {
    one.instrument_id: one
    for one in (
        market("BTC.X", "crypto", 0.001, min_notional=100.0),
        market("ETH.X", "crypto", 0.01, allow_short=False),
        market("LTC.X", "crypto", 0.1, min_quantity=0.5),
        market("EUR.FX", "fx", 1.0, min_quantity=1000.0, tick=0.0001),
        market("GBP.FX", "fx", 1000.0, tick=0.0001),
        market("JPY.FX", "fx", 1.0),
        market("AAPL.US", "equity", 1.0, allow_short=False),
        market("IBM.US", "equity", 1.0),
        market("ES.CME", "future", 1.0, multiplier=50.0, tick=0.25),
        market("CL.CME", "future", 1.0, multiplier=10.0),
    )
}


@dataclass
class Held:
    """One approved trade as the test follows it."""

    decision: Decision
    trade_id: str
    filled: float = 0.0
    closed: float = 0.0
    entry: float = 0.0
    stop: float = 0.0
    working: bool = True

    @property
    def market(self) -> Market:
        return MARKETS[self.decision.signal.instrument_id]

    @property
    def side(self) -> int:
        return self.decision.signal.side

    @property
    def open(self) -> float:
        return self.filled - self.closed

    def event(self) -> TradeEvent:
        signal = self.decision.signal
        quantity = self.open if self.open > 0.5 * self.market.lot else 0.0
        return TradeEvent(
            ts_ns=0,
            kind="TEST",
            trade_id=self.trade_id,
            signal_id=signal.signal_id,
            instrument_id=signal.instrument_id,
            side=signal.side,
            entry=self.entry,
            stop=self.stop,
            quantity=quantity,
            working=self.working,
            strategy=signal.strategy,
        )


class Gate(RuleBasedStateMachine):
    """Gate and desk without an engine: decisions reserve, trade events report."""

    trades = Bundle("trades")

    def __init__(self) -> None:
        super().__init__()
        self.equity = 0.0
        self.rate = 1.0
        self.config = RiskConfig()
        self.breakers: tuple[Check, ...] = ()
        self.size_factor = 1.0
        self.book = RiskBook(
            asset_classes={name: one.asset_class for name, one in MARKETS.items()},
            multipliers={name: one.multiplier for name, one in MARKETS.items()},
            equity=lambda: self.equity,
            rate=self._rate,
            ledger=ProcessLedger(),
        )
        self.held: dict[str, Held] = {}
        self.number = 0

    def _rate(self, name: str) -> float:
        return self.rate if name == "JPY.FX" else 1.0

    @initialize(equity=st.sampled_from([5e4, 99_999.0, 3e4, 5e3, 1e5, 5e5, 2e6, 1e7]))
    def open_account(self, equity: float) -> None:
        self.equity = equity

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(
        target=trades,
        name=st.sampled_from(sorted(MARKETS)),
        side=st.sampled_from([1, -1]),
        entry=st.floats(0.5, 5000.0),
        distance_frac=st.floats(0.0005, 0.2),
        calm=st.floats(0.2, 5.0),
        volume=st.sampled_from([0.0, 50.0, 1e5, 1e12, math.nan]),
        pair=st.sampled_from(PAIRS),
    )
    def signal(
        self, name: str, side: int, entry: float, distance_frac: float, calm: float, volume: float, pair: Correlation
    ) -> object:
        held = self._answer(name, side, entry, distance_frac, calm, volume, pair)
        return multiple() if held is None else held

    @rule(
        target=trades,
        names=st.lists(st.sampled_from(sorted(MARKETS)), min_size=3, unique=True),
        distance_frac=st.floats(0.01, 0.2),
        calm=st.floats(0.8, 2.0),
    )
    def many_good_signals_at_one_bar_close(self, names: list[str], distance_frac: float, calm: float) -> object:
        answers = [self._answer(name, 1, 10.0, distance_frac, calm, 1e12) for name in names]
        return multiple(*[held for held in answers if held is not None])

    def _answer(
        self,
        name: str,
        side: int,
        entry: float,
        distance_frac: float,
        calm: float,
        volume: float,
        pair: Correlation = PAIRS[0],
    ) -> Held | None:
        self.number += 1
        message = self._signal(name, side, entry, distance_frac, calm, volume)
        book = replace(self.book.read(self.number), breakers=self.breakers, size_factor=self.size_factor)
        candidate = candidate_of(message, MARKETS[name], self.book.rate(name), correlation=pair)
        decision = review(candidate, book, self.config)
        if not decision.approved:
            assert decision.rule
            assert (decision.quantity, decision.risk_quote) == (0.0, 0.0)
            return None
        self._check_approval(decision, pair)
        assert self.book.reserve(decision, book.ledger_token)
        held = self.held[message.signal_id] = Held(decision, f"t{self.number}")
        return held

    def _signal(self, name: str, side: int, entry: float, distance_frac: float, calm: float, volume: float) -> Signal:
        return Signal(
            signal_id=f"s{self.number}",
            config_hash="",
            ts_ns=self.number,
            instrument_id=name,
            strategy="breakout",
            timeframe="15m",
            side=side,
            score=4,
            entry=entry,
            stop=entry * (1.0 - side * distance_frac),
            atr=entry * 0.01,
            atr_baseline=entry * 0.01 * calm,
            volume_24h=volume,
            average_daily_volume=volume,
            volume=volume,
            tp1=entry * (1.0 + side * 2.0 * distance_frac),
            tp2=entry * (1.0 + side * 4.0 * distance_frac),
            close=entry,
            atr_ratio=0.01,
            rsi=60.0,
            volume_ma=1.0,
            donchian_upper=0.0,
            donchian_lower=0.0,
            htf_trend=side,
            bb_lower=0.0,
            bb_mid=0.0,
            bb_upper=0.0,
        )

    @rule(held=trades, share=st.floats(0.01, 1.0), better=st.floats(0.0, 0.001))
    def fill(self, held: Held, share: float, better: float) -> None:
        if not held.working:
            return
        lots = round((held.decision.quantity - held.filled) / held.market.lot)
        held.filled += max(1, int(lots * share)) * held.market.lot
        if held.entry == 0.0:
            signal = held.decision.signal
            held.entry = signal.entry * (1.0 - held.side * better)
            held.stop = held.entry - (signal.entry - signal.stop)
        held.working = held.filled < held.decision.quantity - 0.5 * held.market.lot
        self.book.on_trade_event(held.event())

    @rule(held=trades)
    def entry_ends(self, held: Held) -> None:
        held.working = False
        self.book.on_trade_event(held.event())

    @rule(held=trades, share=st.floats(0.0, 2.0))
    def stop_moves(self, held: Held, share: float) -> None:
        if held.open > 0.0:
            held.stop += share * (held.entry - held.stop) if held.side * (held.entry - held.stop) > 0.0 else 0.0
            self.book.on_trade_event(held.event())

    @rule(held=trades, share=st.floats(0.01, 0.99))
    def partly_closes(self, held: Held, share: float) -> None:
        lots = round(held.open / held.market.lot)
        if lots > 1:
            held.closed += max(1, int(lots * share)) * held.market.lot
            self.book.on_trade_event(held.event())

    @rule(held=consumes(trades))
    def closes(self, held: Held) -> None:
        self._end(held)

    @rule(held=trades)
    def says_it_again(self, held: Held) -> None:
        self.book.on_trade_event(held.event())

    @rule(factor=st.floats(0.5, 1.5))
    def equity_changes(self, factor: float) -> None:
        self.equity *= factor

    @rule(rate=st.sampled_from([1.0, 0.01, 0.007, math.nan]))
    def rate_changes(self, rate: float) -> None:
        self.rate = rate

    @rule(breakers=st.sampled_from([(), (OPEN,), (OPEN, CLOSED), (CLOSED, OPEN)]))
    def breakers_change(self, breakers: tuple[Check, ...]) -> None:
        self.breakers = breakers

    @rule(factor=st.sampled_from([1.0, 0.5]))
    def losses_come_and_go(self, factor: float) -> None:
        self.size_factor = factor

    def _end(self, held: Held) -> None:
        held.working, held.closed = False, held.filled
        self.book.on_trade_event(held.event())
        self.held.pop(held.decision.signal.signal_id, None)

    # --- what must hold -----------------------------------------------------------------------------------------------

    def _heat(self) -> float:
        total = 0.0
        for held in self.held.values():
            loss = (held.entry - held.stop) if held.side > 0 else (held.stop - held.entry)
            if held.open > 0.5 * held.market.lot:
                unit = held.market.multiplier * self._rate(held.market.instrument_id)
                total += (loss if loss > 0.0 else 0.0) * held.open * unit
            total += held.decision.risk_quote if held.working else 0.0
        return total

    def _alive(self) -> list[Held]:
        return [held for held in self.held.values() if held.working or held.open > 0.5 * held.market.lot]

    def _check_approval(self, decision: Decision, pair: Correlation) -> None:
        self._check_account(decision)
        self._check_size(decision, decision.signal.volume_24h)
        assert all(check.passed for check in decision.checks)
        assert not pair.other or (pair.hours >= 200 and pair.value <= 0.75)

    def _check_account(self, decision: Decision) -> None:
        one, count = MARKETS[decision.signal.instrument_id], self._row()[2]
        assert CLOSED not in self.breakers
        assert self._heat() + decision.risk_quote <= 0.05 * self.equity * (1.0 + 1e-12)
        alive = self._alive()
        assert len(alive) < count
        assert sum(held.market.asset_class == one.asset_class for held in alive) < CLASS_COUNT[one.asset_class]
        assert one.instrument_id not in {held.market.instrument_id for held in alive}

    def _row(self) -> tuple[float, float, int]:
        return next(row for row in ROWS if self.equity < row[0])

    def _check_size(self, decision: Decision, volume: float) -> None:
        signal, quantity = decision.signal, decision.quantity
        one = MARKETS[signal.instrument_id]
        unit = self._rate(one.instrument_id) * one.multiplier
        frac = self._row()[1] * self.size_factor
        calm = min(signal.atr_baseline / signal.atr, 1.5)
        loss = quantity * abs(signal.entry - signal.stop) * unit
        hair = 1e-8 * (one.lot * signal.entry * unit + loss)
        assert loss <= decision.risk_quote + hair
        assert decision.risk_quote <= self.equity * min(frac * calm, 0.3 * 0.05) + hair
        assert quantity * signal.entry * unit <= self.equity * LEVERAGE[one.asset_class] + hair
        if one.real_volume:
            assert quantity <= 0.01 * volume * (1.0 + 1e-9)
        assert quantity / one.lot == pytest.approx(round(quantity / one.lot), abs=1e-6)
        assert quantity >= max(one.lot, one.min_quantity) * (1.0 - 1e-9)
        assert quantity * signal.entry * one.multiplier >= one.min_notional
        assert signal.side > 0 or one.allow_short

    @invariant()
    def heat_is_the_sum_over_what_is_alive(self) -> None:
        assert self.book.heat() == pytest.approx(self._heat(), rel=1e-9, abs=1e-6, nan_ok=True)

    @invariant()
    def reservations_are_those_of_working_entries(self) -> None:
        working = {signal_id: held for signal_id, held in self.held.items() if held.working}
        kept = self.book.reservations()
        assert kept.keys() == working.keys()
        assert all(kept[one].risk == working[one].decision.risk_quote for one in kept)
        assert self.book.read(0).working == sum(1 for held in working.values() if held.filled == 0.0)

    @invariant()
    def positions_are_open_or_working(self) -> None:
        alive = {(held.market.instrument_id, held.market.asset_class, "breakout") for held in self._alive()}
        positions = self.book.read(0).positions
        assert (set(positions), len(positions)) == (alive, len(alive))

    def teardown(self) -> None:
        for held in list(self.held.values()):
            self._end(held)
        book = self.book.read(0)
        assert (self.book.reserved_risk, self.book.reservations()) == (0.0, {})
        assert (book.heat, book.count(), self.book.open_positions) == (0.0, 0, 0)


CALM = [HealthCheck.too_slow]
TestRiskLimitsInAnyInterleaving = Gate.TestCase
TestRiskLimitsInAnyInterleaving.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=CALM
)


@pytest.mark.long
class TestRiskLimitsInAnyInterleavingLong(Gate.TestCase):
    settings = settings(max_examples=10_000, stateful_step_count=40, deadline=None, suppress_health_check=CALM)
