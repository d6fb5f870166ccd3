"""State in, state and meaning out: the input stays, a restart changes nothing, the gravest speaks first (Spec 5.5)."""

from typing import Any

import msgspec
import pytest
from breaker_values import MON, TUE, WED, Breakers, at, kinds

from risk.breakers.account import observe_equity
from risk.breakers.catalogue import BY_NAME
from risk.breakers.events import (
    ApiBanned,
    ApiCounted,
    EquitySeen,
    HandKill,
    HandReset,
    OrderFilled,
    TradeEnded,
    TradeOpened,
)
from risk.breakers.state import copy_of, from_values, limits_record, new_state, to_values
from risk.breakers.transition import transition
from risk.config import BreakerLimits

NOON = at(TUE)
ORDER = ("kill_switch", "drawdown", "suspension", "weekly_loss", "daily_loss", "api_errors", "slippage")
EVENTS = [
    EquitySeen(NOON, 40_000.0),
    TradeOpened(NOON),
    TradeEnded(NOON, -1.0),
    OrderFilled(NOON, 0.001, 0.9),
    ApiCounted(NOON, 100, 90),
    ApiBanned(NOON),
    HandReset(NOON, "kill_switch", "ana", "over"),
    HandKill(NOON, "ana", "fire", close_positions=True),
]


def busy() -> Breakers:
    """Return breakers that have seen a little of everything; an operator has stopped entries."""
    breakers = Breakers()
    breakers.see((at(MON), 50_000.0), (at(MON, 15.0), 48_000.0), (at(TUE, 1.0), 49_123.45))
    breakers.apply(TradeOpened(NOON), *[TradeEnded(NOON, -1.0)] * 5, OrderFilled(NOON, 0.001, 0.004))
    breakers.apply(ApiCounted(NOON, 100, 7), HandKill(NOON, "ana", "lunch"))
    return breakers


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_transition_leaves_the_state_before_as_it_was(event: Any) -> None:
    breakers = busy()
    before = breakers.state.tobytes()
    after, _ = transition(breakers.state, event, breakers.limits)
    assert breakers.state.tobytes() == before
    assert after.tobytes() != before


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_transition_goes_on_from_a_state_that_was_written_and_read(event: Any) -> None:
    breakers = busy()
    kept = msgspec.json.encode(to_values(breakers.state))
    read = from_values(msgspec.json.decode(kept))
    assert read.tobytes() == breakers.state.tobytes()
    one, told = transition(breakers.state, event, breakers.limits)
    other, told_too = transition(read, event, breakers.limits)
    assert (one.tobytes(), told) == (other.tobytes(), told_too)


def test_transition_does_not_know_every_event() -> None:
    with pytest.raises(TypeError, match="no transition of the breakers for str"):
        transition(new_state(), "fire", limits_record(BreakerLimits(), every_day=True))  # type: ignore[arg-type]


def test_transition_one_look_may_mean_a_lot() -> None:
    breakers = Breakers(suspension_days=1)
    told = breakers.see((at(MON), 50_000.0), (at(MON, 13.0), 40_000.0))
    assert [(event.breaker, event.kind) for event in told] == [
        ("daily_loss", "WARNING"),
        ("weekly_loss", "WARNING"),
        ("drawdown", "TRIPPED"),
        ("suspension", "TRIPPED"),
        ("weekly_loss", "TRIPPED"),
        ("daily_loss", "TRIPPED"),
    ]


def test_transition_the_first_look_judges_nothing() -> None:
    breakers = Breakers()
    assert breakers.see((at(MON, 0.0), 50_000.0)) == []
    assert breakers.closed == set()


def test_observe_equity_is_what_a_look_does() -> None:
    breakers = Breakers()
    state = new_state()
    looks = [(at(MON), 50_000.0), (at(MON, 13.0), 48_000.0), (at(WED, 0.0), float("nan")), (at(WED, 0.0), 46_000.0)]
    for ts_ns, equity in looks:
        breakers.see((ts_ns, equity))
        observe_equity(state, breakers.limits, ts_ns, equity)
        assert state.tobytes() == breakers.state.tobytes()


def test_state_without_a_field_starts_it_at_zero_and_ignores_strangers() -> None:
    values = to_values(busy().state)
    del values["kill_switch"]
    read = from_values(values | {"breaker_of_next_year": 1})
    assert int(read[0].kill_switch) == 0
    assert to_values(read) == values | {"kill_switch": 0}


def test_state_copies_stand_alone() -> None:
    state = busy().state
    copy = copy_of(state)
    copy[0].kill_switch = 0
    assert int(state[0].kill_switch) == 1


def test_checks_name_every_breaker_the_gravest_first() -> None:
    checks = Breakers().checks
    assert tuple(checks) == ORDER
    assert all(check.passed for check in checks.values())
    limits = [0.0, 0.15, 3.0, 0.08, 0.03, 0.1, 5.0]
    assert [check.limit for check in checks.values()] == limits


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        pytest.param("daily_loss", "by itself", id="5.5-automatic-at-00:00"),
        pytest.param("weekly_loss", "both", id="5.5-7-days-and-approval"),
        pytest.param("api_errors", "by hand", id="5.5-api"),
        pytest.param("slippage", "by hand", id="5.5-slippage"),
        pytest.param("drawdown", "by hand", id="5.5-drawdown"),
        pytest.param("suspension", "by hand", id="5.4-suspension"),
        pytest.param("loss_streak", "by itself", id="5.5-automatic-after-10-trades"),
        pytest.param("kill_switch", "by hand", id="D31"),
    ],
)
def test_catalogue_says_what_opens_each(name: str, opens: str) -> None:
    assert BY_NAME[name].opens == opens


def test_limits_refuse_a_warning_after_what_it_warns_of() -> None:
    with pytest.raises(ValueError, match=r"daily_warning_frac must not exceed daily_loss_frac \(0.01\), was 0.02"):
        BreakerLimits(daily_loss_frac=0.01)


def test_warnings_of_a_look_come_with_what_was_seen() -> None:
    breakers = Breakers()
    told = breakers.see((at(MON), 50_000.0), (at(MON, 13.0), 47_000.0))
    assert [(event.breaker, event.observed, event.limit) for event in told if event.kind == "WARNING"] == [
        ("daily_loss", 0.06, 0.02),
        ("weekly_loss", 0.06, 0.05),
    ]
    assert kinds(told, "daily_loss") == ["WARNING", "TRIPPED"]
