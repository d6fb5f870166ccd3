"""Any interleaving of fills, cancels, refusals, timers and bars against a tiny venue (Spec 2.4, 5.1, 5.2, 7.4).

The venue holds one order per leg, cancels at its own pace, and closes never more than there is (reduce-only).
"""

import math
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from execution.config import ExitConfig
from execution.lifecycle import advance, begin
from execution.trade import (
    BarClosed,
    CloseDue,
    Drop,
    EntryEnded,
    EntryFilled,
    EntryTimeout,
    Event,
    ExitFilled,
    ExitRefused,
    HoldUntil,
    Intent,
    Leg,
    Market,
    Phase,
    Plan,
    RepriceDue,
    Rest,
    Trade,
    Work,
)

TARGETS = (Leg.TP1, Leg.TP2)
RESTING = (Leg.STOP, Leg.BACKSTOP, *TARGETS)
prices = st.integers(4 * 85, 4 * 120).map(lambda quarters: quarters / 4.0)
parts = st.floats(0.0, 1.0)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    return Plan(
        trade_id="t",
        signal_id="s",
        signal_ns=0,
        instrument_id="X.SIM",
        strategy="breakout",
        side=draw(st.sampled_from([1, -1])),
        quantity=float(draw(st.integers(1, 9))),
        entry_px=100.0,
        stop_distance=draw(st.sampled_from([0.5, 3.0, 3.1])),
        tp1_distance=6.2,
        tp2_distance=12.4,
        tick=0.25,
        lot=1.0,
        min_quantity=draw(st.sampled_from([0.0, 1.0, 2.0, 3.0])),
        min_notional=draw(st.sampled_from([0.0, 150.0, 250.0])),
        multiplier=1.0,
        exits=ExitConfig(),
        entry_on_timeout=draw(st.sampled_from(["cancel", "market"])),
        backstop=draw(st.booleans()),
    )


def lots_of(part: float, quantity: float) -> float:
    """Return a whole number of lots, at least one, at most ``quantity``."""
    return max(1.0, min(quantity, math.ceil(part * quantity)))


class TradeAtAVenue(RuleBasedStateMachine):
    """A trade and the venue that carries out its wishes."""

    trade: Trade
    now_ns = 0

    @initialize(plan=plans())
    def begin(self, plan: Plan) -> None:
        self.position = 0.0
        self.resting: dict[Leg, float] = {}
        self.entry_left: float | None = None
        self.entry_asked = 0  # entry orders sent: one limit, and at most one market order after it
        self.works = 0
        self.holds = 0
        self.entry_unwanted = False  # an exit has begun, or the trade must end
        self.entry_dropped = False
        self.timed_out = False
        self.market: float | None = None
        self.market_refused = False
        self.trade, intents = begin(plan)
        self.carry(intents, None)

    # --- the venue takes wishes -------------------------------------------------------------------------------------

    def carry(self, intents: tuple[Intent, ...], event: Event | None) -> None:
        stops_at = [i for i, wish in enumerate(intents) if isinstance(wish, Rest) and wish.leg is Leg.STOP]
        others_at = [i for i, wish in enumerate(intents) if isinstance(wish, Rest) and wish.leg is not Leg.STOP]
        assert not others_at or (stops_at and stops_at[0] < others_at[0]), "the stop comes first"
        for wish in intents:
            self.carry_one(wish, event)

    def carry_one(self, wish: Intent, event: Event | None) -> None:
        if isinstance(wish, Work):
            self.carry_work(wish, event)
        elif isinstance(wish, Rest):
            assert wish.quantity > 0.0
            assert wish.price > 0.0
            assert math.isclose(wish.price * 4.0, round(wish.price * 4.0)), "on a tick"
            self.resting[wish.leg] = wish.quantity
        elif isinstance(wish, Drop):
            self.carry_drop(wish)
        elif isinstance(wish, Market):
            self.carry_market(wish)
        else:
            assert isinstance(wish, HoldUntil)
            self.holds += 1

    def carry_work(self, wish: Work, event: Event | None) -> None:
        self.works += 1
        assert wish.quantity == self.trade.plan.quantity
        if event is None:
            self.entry_left, self.entry_asked = wish.quantity, 1
            return
        assert isinstance(event, RepriceDue)
        assert self.entry_left is not None, "nothing to reprice: it would be a second entry"
        assert not self.entry_unwanted
        assert not self.entry_dropped

    def carry_drop(self, wish: Drop) -> None:
        if wish.leg is Leg.ENTRY:
            self.entry_dropped = True
            return
        if wish.leg in (Leg.STOP, Leg.BACKSTOP):
            assert self.trade.remaining == 0.0, "no stop is dropped while there is something to protect"
        self.resting.pop(wish.leg, None)

    def carry_market(self, wish: Market) -> None:
        assert wish.quantity > 0.0
        if wish.leg is Leg.ENTRY:
            assert self.entry_left is None, "never limit and market at once"
            assert not self.entry_unwanted
            assert self.trade.filled + wish.quantity == self.trade.plan.quantity
            self.entry_left, self.entry_asked = wish.quantity, self.entry_asked + 1
            return
        assert wish.leg is Leg.MARKET
        assert wish.quantity == self.trade.remaining
        if self.market is None:  # one that is on its way is not sent twice
            self.market, self.market_refused = wish.quantity, False

    # --- what happens -----------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        before = self.trade
        self.trade, intents = advance(before, event)
        assert self.trade.phase is not Phase.ENTERING or before.phase is Phase.ENTERING
        anchors = isinstance(event, EntryFilled) and before.tp1_filled == 0.0
        if before.filled > 0.0 and not anchors:
            assert self.trade.plan.side * (self.trade.stop - before.stop) >= 0.0, "a stop never loosens"
        if before.is_over:
            assert self.trade == before
            assert intents == ()
        self.carry(intents, event)

    @property
    def ts_ns(self) -> int:
        self.now_ns += 1
        return self.now_ns

    @precondition(lambda self: self.entry_left)
    @rule(part=parts, offset=st.integers(-8, 8))
    def entry_fills(self, part: float, offset: int) -> None:
        assert self.entry_left is not None
        quantity = lots_of(part, self.entry_left)
        self.entry_left -= quantity
        self.position += quantity
        self.apply(EntryFilled(self.ts_ns, quantity, 100.0 + offset / 4.0))
        if self.entry_left == 0.0:
            self.entry_is_gone()

    @precondition(lambda self: self.entry_left and self.entry_dropped)
    @rule()
    def entry_is_gone(self) -> None:
        self.entry_left = None
        self.apply(EntryEnded(self.ts_ns))

    @precondition(lambda self: self.entry_left)
    @rule()
    def entry_is_refused(self) -> None:
        self.entry_is_gone()

    @rule(best_px=prices | st.just(math.nan))
    def reprice(self, best_px: float) -> None:
        self.apply(RepriceDue(self.ts_ns, best_px))

    @precondition(lambda self: not self.timed_out)
    @rule()
    def timeout(self) -> None:
        self.timed_out = True  # one timer, set once
        self.apply(EntryTimeout(self.ts_ns))

    @precondition(lambda self: self.position and self.resting)
    @rule(data=st.data(), part=parts, price=prices)
    def exit_fills(self, data: st.DataObject, part: float, price: float) -> None:
        leg = data.draw(st.sampled_from(sorted(self.resting)))
        quantity = lots_of(part, min(self.resting[leg], self.position))
        self.resting[leg] -= quantity
        if self.resting[leg] == 0.0:
            del self.resting[leg]
        self.exit(leg, quantity, price)

    @precondition(lambda self: self.position and self.market)
    @rule(part=parts, price=prices)
    def market_fills(self, part: float, price: float) -> None:
        assert self.market is not None
        quantity = lots_of(part, min(self.market, self.position))
        self.market = self.market - quantity or None
        self.exit(Leg.MARKET, quantity, price)

    def exit(self, leg: Leg, quantity: float, price: float) -> None:
        self.position -= quantity
        self.entry_unwanted = True
        self.apply(ExitFilled(self.ts_ns, leg, quantity, price))

    @precondition(lambda self: self.resting)
    @rule(data=st.data())
    def exit_is_refused(self, data: st.DataObject) -> None:
        leg = data.draw(st.sampled_from(sorted(self.resting)))
        del self.resting[leg]
        if leg is Leg.STOP:
            self.entry_unwanted = self.entry_unwanted or self.position > 0.0
        self.apply(ExitRefused(self.ts_ns, leg))

    @precondition(lambda self: self.market)
    @rule()
    def market_is_refused(self) -> None:
        self.market, self.market_refused = None, True
        self.apply(ExitRefused(self.ts_ns, Leg.MARKET))

    @rule(close=prices, atr=st.sampled_from([0.25, 0.6, 2.0, 5.0]))
    def bar_closes(self, close: float, atr: float) -> None:
        self.apply(BarClosed(self.ts_ns, close, atr))

    @rule(reason=st.sampled_from(["MAX_HOLD", "SHUTDOWN", "MANUAL"]))
    def close_is_due(self, reason: Any) -> None:
        self.entry_unwanted = True
        self.apply(CloseDue(self.ts_ns, reason))

    # --- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def position_is_what_the_trade_says(self) -> None:
        trade = self.trade
        assert trade.remaining == self.position >= 0.0
        assert trade.exit_filled <= trade.filled <= trade.plan.quantity
        assert trade.tp1_filled <= trade.exit_filled
        assert (trade.filled > 0.0) == (trade.stop > 0.0)
        assert self.holds <= 1
        assert self.works <= 2
        assert self.entry_asked <= 2

    @invariant()
    def open_quantity_is_protected(self) -> None:
        if self.trade.phase is Phase.OPEN and self.position:
            assert self.resting.get(Leg.STOP) == self.position

    @invariant()
    def targets_never_exceed_the_position(self) -> None:
        if self.position:
            assert sum(self.resting.get(leg, 0.0) for leg in TARGETS) <= self.position

    @invariant()
    def closing_is_pursued(self) -> None:
        if self.trade.phase is Phase.CLOSING:
            assert not any(leg in self.resting for leg in TARGETS)
            assert self.market or self.market_refused or not self.position
            assert self.entry_left is None or self.entry_dropped

    @invariant()
    def an_end_is_an_end(self) -> None:
        trade = self.trade
        if not trade.is_over:
            assert self.position or self.entry_left
            return
        assert self.entry_left is None
        assert not trade.working
        assert self.position == 0.0
        assert not self.resting
        assert (trade.phase is Phase.MISSED) == (trade.filled == 0.0)
        assert (trade.exit_reason == "") == (trade.phase is Phase.MISSED)

    def teardown(self) -> None:
        """Any trade ends when it is told to and the venue answers."""
        if not hasattr(self, "trade"):
            return
        self.close_is_due("SHUTDOWN")
        if self.entry_left is not None:
            self.entry_is_gone()
        self.bar_closes(100.0, 2.0)
        while self.position:
            self.market_fills(1.0, 100.0)
        assert self.trade.is_over
        self.an_end_is_an_end()
        for event in (EntryFilled(1, 1.0, 100.0), BarClosed(1, 200.0, 1.0), CloseDue(1, "SHUTDOWN")):
            assert advance(self.trade, event) == (self.trade, ())


TestTradeAtAVenue = TradeAtAVenue.TestCase
TestTradeAtAVenue.settings = settings(max_examples=200, stateful_step_count=30, deadline=None, derandomize=True)


@pytest.mark.long
class TestTradeAtAVenueLong(TradeAtAVenue.TestCase):
    settings = settings(max_examples=2000, stateful_step_count=60, deadline=None)
