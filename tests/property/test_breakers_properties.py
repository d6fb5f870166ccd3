"""Whatever happens in whatever order, breakers close and open as the decisions say, restarts included (D24 - D31)."""

import math
from typing import Any

import msgspec
import pytest
from breakers_model import BY_HAND, DAY, Model, day_that_ends, monday_of
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from risk.breakers.catalogue import checks
from risk.breakers.events import (
    ApiBanned,
    ApiCounted,
    EquitySeen,
    Event,
    HandKill,
    HandReset,
    OrderFilled,
    TradeEnded,
    TradeOpened,
)
from risk.breakers.hands import refuse
from risk.breakers.loss_streak import size_factor
from risk.breakers.state import from_values, limits_record, new_state, to_values
from risk.breakers.transition import transition
from risk.config import BreakerLimits
from risk.messages import BreakerEvent

START = 20_458 * DAY  # Monday, 5 January 2026
PAUSES = {"an hour": DAY // 24, "eight hours": DAY // 3, "a day": DAY, "three days": 3 * DAY, "eight days": 8 * DAY}
PAUSES |= {"at once": 0, "a nanosecond": 1, "a week": 7 * DAY, "to the end": -1, "past it": -2, "to Monday": -3}
PAUSES |= {"to the end of the halt": -4, "almost to it": -5}
MOVES = {"2 % of the day": 98, "3 % of the day": 97, "8 % of the week": 92, "15 % of the peak": 85}
words = st.sampled_from(["ana", "ana", "ana", "", " "])


class AccountOfBreakers(RuleBasedStateMachine):
    """The breakers, and beside them what the decisions say of the same history."""

    @initialize(
        every_day=st.booleans(),
        start=st.sampled_from([0, 1, DAY // 2, 6 * DAY, 7 * DAY - 1, 40 * DAY]),
        equity=st.integers(10, 2000).map(lambda n: 100 * n),
    )
    def open_account(self, every_day: bool, start: int, equity: int) -> None:
        self.limits = limits_record(BreakerLimits(), every_day=every_day)
        self.state = new_state()
        self.model = Model(every_day=every_day)
        self.now = START + start
        self.believed: set[str] = set()  # what someone who hears every event believes is closed
        self.see(equity)

    # --- time and equity ----------------------------------------------------------------------------------------------

    def see(self, equity: int) -> None:
        if self.now % DAY == 0 and self.model.looks and self.model.looks[-1][0] == self.now:
            self.now += (
                1  # of two looks at one midnight the second is taken for the new day's: see test_breakers_daily_loss
            )
        self.apply(EquitySeen(self.now, float(equity)), lambda: self.model.see(self.now, equity))

    @rule(pause=st.sampled_from(sorted(PAUSES)))
    def time_passes(self, pause: str) -> None:
        self.pass_time(pause)
        self.see(self.model.equity)

    @rule(pause=st.sampled_from(sorted(PAUSES)), percent=st.integers(88, 112))
    def equity_moves(self, pause: str, percent: int) -> None:
        self.pass_time(pause)
        self.see(max(1000, self.model.equity * percent // 100))

    @rule(pause=st.sampled_from(sorted(PAUSES)), move=st.sampled_from(sorted(MOVES)), more=st.integers(-1, 1))
    def equity_falls_to_a_limit(self, pause: str, move: str, more: int) -> None:
        self.pass_time(pause)
        self.see(max(1000, -(-self.base(move) * MOVES[move] // 100) + more))

    @rule(pause=st.sampled_from(["a day", "to the end", "eight hours"]), percent=st.integers(96, 98))
    def another_bad_day(self, pause: str, percent: int) -> None:
        self.equity_moves(pause, percent)

    @rule(factor=st.sampled_from([1.2, 1.5, 3.0]))
    def capital_comes_in(self, factor: float) -> None:
        equity = min(int(self.model.equity * factor), 10**9)
        self.see(equity // 17 * 17)  # 15 % under a whole number

    @rule(pause=st.sampled_from(sorted(PAUSES)), equity=st.sampled_from([math.nan, math.inf, -math.inf]))
    def equity_is_not_known(self, pause: str, equity: float) -> None:
        self.pass_time(pause)
        before = self.state.tobytes()
        assert self.apply(EquitySeen(self.now, equity), lambda: None) == ()
        assert self.state.tobytes() == before

    def pass_time(self, pause: str) -> None:
        end, monday = (self.now // DAY + 1) * DAY, (monday_of(self.now // DAY) + 7) * DAY
        halt = max(self.now + 1, self.model.halted_until_ns)
        special = {-1: end, -2: end + 1, -3: monday, -4: halt, -5: halt - 1}
        self.now = special.get(PAUSES[pause], self.now + PAUSES[pause])

    def base(self, move: str) -> int:
        day = day_that_ends(self.now)
        bases = {"day": self.model.opening(day), "week": self.model.opening(monday_of(day)), "peak": self.model.peak}
        return bases[move.rsplit(maxsplit=1)[-1]]

    # --- trades, orders, venues ---------------------------------------------------------------------------------------

    @rule(net=st.sampled_from([-1.0, -1.0, -0.01, -math.inf, math.nan, 0.0, 5.0]), times=st.integers(1, 5))
    def trades_end(self, net: float, times: int) -> None:
        for _ in range(times):
            self.apply(TradeEnded(self.now, net), lambda: self.model.end_trade(net))

    @rule(times=st.integers(1, 10))
    def trades_open(self, times: int) -> None:
        for _ in range(times):
            self.apply(TradeOpened(self.now), self.model.open_trade)

    @rule(actual=st.sampled_from([-1.0, 2.0, 6.0, 7.0, 9.0, 10.0, 11.0]), times=st.integers(1, 4))
    def orders_fill(self, actual: float, times: int) -> None:
        for _ in range(times):
            self.apply(OrderFilled(self.now, 2.0, actual), lambda: self.model.fill(2.0, actual))

    @rule(requests=st.sampled_from([1, 19, 20, 30, 100]), share=st.integers(0, 15))
    def venue_answers(self, requests: int, share: int) -> None:
        errors = requests * share // 100
        self.apply(ApiCounted(self.now, requests, errors), lambda: self.model.count_api(requests, errors))

    @rule()
    def venue_bans(self) -> None:
        self.apply(ApiBanned(self.now), lambda: setattr(self.model, "api_errors", True))

    # --- hands --------------------------------------------------------------------------------------------------------

    @rule(close=st.booleans(), operator=words, reason=words)
    def kill(self, close: bool, operator: str, reason: str) -> None:
        level = 0 if not (operator.strip() and reason.strip()) else 2 if close else 1
        done = max(level, self.model.kill_switch)
        self.apply(HandKill(self.now, operator, reason, close), lambda: setattr(self.model, "kill_switch", done))

    @rule(
        breaker=st.sampled_from([*BY_HAND, "daily_loss", "loss_streak", "nonsense"]),
        operator=words,
        reason=words,
        peak=st.sampled_from([0.0, -1.0, math.nan, math.inf]) | st.integers(80, 121),
    )
    def reset(self, breaker: str, operator: str, reason: str, peak: float) -> None:
        if isinstance(peak, int):
            peak = float(self.model.equity * peak // 100)
        self.wish(HandReset(self.now, breaker, operator, reason, peak))

    @precondition(lambda self: self.model.closed & set(BY_HAND))
    @rule(data=st.data())
    def reset_what_is_closed(self, data: st.DataObject) -> None:
        breaker = data.draw(st.sampled_from(sorted(self.model.closed & set(BY_HAND))))
        equity = self.model.equity
        lowest_refused = -(-100 * equity // 85)  # from there equity is 15 % down already
        peak = data.draw(st.sampled_from([equity, lowest_refused - 1, lowest_refused]))
        self.wish(HandReset(self.now, breaker, "ana", "looked into it", float(peak)))

    def wish(self, event: HandReset) -> None:
        allowed = self.model.allows(event.breaker, event.operator, event.reason, event.peak)
        assert (refuse(self.state, self.limits, event) == "") is allowed
        before = self.state.tobytes()
        self.apply(event, lambda: self.model.reset(event.ts_ns, event.breaker, event.peak) if allowed else None)
        assert allowed or self.state.tobytes() == before

    # --- restarts -----------------------------------------------------------------------------------------------------

    @rule()
    def restart(self) -> None:
        kept = msgspec.json.decode(msgspec.json.encode(to_values(self.state)), type=dict[str, float | int])
        before, self.state = self.state, from_values(kept)
        assert self.state.tobytes() == before.tobytes()

    # --- what must hold -----------------------------------------------------------------------------------------------

    def apply(self, event: Event, also: Any) -> tuple[BreakerEvent, ...]:
        before, input_bytes = self.closed, self.state.tobytes()
        after, told = transition(self.state, event, self.limits)
        assert self.state.tobytes() == input_bytes
        self.state = after
        opened = before - self.closed
        if not isinstance(event, HandReset):
            assert opened <= {"daily_loss", "weekly_loss"}, "what wants a hand opened without one"
        if "weekly_loss" in opened:
            assert self.now >= self.model.halted_until_ns, "before its seven days"
            assert isinstance(event, HandReset) or self.model.approved, "without an approval"
        also()
        for one in told:
            self.hear(one, event)
        return told

    def hear(self, told: BreakerEvent, event: Event) -> None:
        assert told.ts_ns <= event.ts_ns
        if told.kind == "TRIPPED":
            assert told.breaker not in self.believed or told.breaker in ("weekly_loss", "kill_switch")
            self.believed.add(told.breaker)
        elif told.kind in ("OPENED", "RESET"):
            assert told.breaker in self.believed
            self.believed.remove(told.breaker)
        if told.breaker == "daily_loss" and told.kind == "OPENED":
            assert told.ts_ns % DAY == 0
        by_hand = told.kind in ("RESET", "APPROVED") or told.breaker == "kill_switch"
        assert bool(told.operator and told.reason) is by_hand

    @property
    def closed(self) -> set[str]:
        return {check.rule for check in checks(self.state, self.limits) if not check.passed}

    @invariant()
    def what_is_closed_is_what_the_decisions_say(self) -> None:
        assert self.closed == self.model.closed

    @invariant()
    def what_was_told_is_what_is(self) -> None:
        assert self.believed - {"loss_streak"} == self.closed
        assert ("loss_streak" in self.believed) is (self.model.factor == 0.5)

    @invariant()
    def trades_are_half_as_large_for_ten_after_five_losses(self) -> None:
        assert size_factor(self.state, self.limits) == self.model.factor

    @invariant()
    def kill_level_and_peak_are_kept(self) -> None:
        assert int(self.state[0].kill_switch) == self.model.kill_switch
        assert float(self.state[0].peak) == self.model.peak


TestBreakersInAnyOrder = AccountOfBreakers.TestCase
TestBreakersInAnyOrder.settings = settings(max_examples=200, stateful_step_count=50, deadline=None, derandomize=True)


@pytest.mark.long
class TestBreakersInAnyOrderLong(AccountOfBreakers.TestCase):
    settings = settings(max_examples=10_000, stateful_step_count=50, deadline=None)
