"""The kill switch: what an operator stops stays stopped (D31)."""

import pytest
from breaker_values import MON, TUE, Breakers, at, kinds

from risk.breakers.events import HandKill, HandReset
from risk.messages import BreakerEvent

NOON = at(MON)


def kill(*, close: bool, ts_ns: int = NOON) -> HandKill:
    return HandKill(ts_ns, "ana", "exchange in the news", close)


@pytest.mark.parametrize(("close", "level"), [(False, 1.0), (True, 2.0)], ids=["entries-only", "positions-too"])
def test_kill_switch_refuses_entries_and_names_who_and_why(close: bool, level: float) -> None:
    breakers = Breakers()
    assert breakers.apply(kill(close=close)) == [
        BreakerEvent(
            ts_ns=NOON,
            breaker="kill_switch",
            kind="TRIPPED",
            observed=level,
            limit=0.0,
            operator="ana",
            reason="exchange in the news",
        )
    ]
    check = breakers.checks["kill_switch"]
    assert (check.passed, check.limit, check.observed) == (False, 0.0, level)


def test_kill_switch_passes_while_nobody_pulled_it() -> None:
    check = Breakers().checks["kill_switch"]
    assert (check.passed, check.limit, check.observed) == (True, 0.0, 0.0)


@pytest.mark.parametrize(
    ("asked", "told", "level"),
    [
        pytest.param([False, False], ["TRIPPED"], 1.0, id="twice"),
        pytest.param([False, True], ["TRIPPED", "TRIPPED"], 2.0, id="then-the-positions-too"),
        pytest.param([True, False], ["TRIPPED"], 2.0, id="the-milder-wish-takes-nothing-back"),
    ],
)
def test_kill_switch_pulled_again(asked: list[bool], told: list[str], level: float) -> None:
    breakers = Breakers()
    breakers.apply(*(kill(close=close) for close in asked))
    assert kinds(breakers.told, "kill_switch") == told
    assert breakers.checks["kill_switch"].observed == level


def test_kill_switch_lasts_until_a_hand_takes_it_back() -> None:
    breakers = Breakers()
    breakers.apply(kill(close=True))
    breakers.see((NOON, 50_000.0), (at(TUE), 60_000.0), (at(MON + 90), 60_000.0))
    assert breakers.closed == {"kill_switch"}
    (told,) = breakers.reset(at(MON + 90), "kill_switch")
    assert (told.kind, told.operator, told.reason) == ("RESET", "ana", "looked into it")
    assert breakers.closed == set()
    breakers.apply(kill(close=False, ts_ns=at(MON + 91)))
    assert breakers.checks["kill_switch"].observed == 1.0, "the older wish is forgotten"


@pytest.mark.parametrize(("operator", "reason"), [("", "why not"), ("ana", ""), ("  ", "why not"), ("ana", "\t")])
def test_kill_switch_wants_a_name_and_a_reason(operator: str, reason: str) -> None:
    breakers = Breakers()
    wish = HandKill(NOON, operator, reason)
    assert breakers.refusal(wish) == "an operator and a reason are required (D31)"
    assert breakers.apply(wish) == []
    assert breakers.closed == set()


def test_kill_switch_may_be_pulled_at_any_time() -> None:
    breakers = Breakers()
    assert breakers.refusal(kill(close=True)) == ""
    breakers.apply(kill(close=True))
    assert breakers.refusal(kill(close=True)) == ""
    assert breakers.refusal(HandReset(NOON, "kill_switch", "ana", "over")) == ""
