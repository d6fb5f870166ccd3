"""The order in which a signal is judged, and what is noted of it (Spec 4.2.3; D21, D30, D32)."""

import math
from typing import Any

import msgspec
import pytest
from breaker_values import MON, Breakers, at
from risk_values import BTC, decide, make_book, make_candidate, make_signal

from risk.breakers.events import ApiBanned, HandKill, OrderFilled
from risk.config import RiskConfig
from risk.limits.entry import Correlation, Spread
from risk.limits.heat import HeatShare
from risk.messages import Check, Decision, Market
from risk.review import review

ORDER = (
    "shared_ledger",
    "kill_switch",
    "drawdown",
    "suspension",
    "weekly_loss",
    "daily_loss",
    "api_errors",
    "slippage",
    "known_numbers",
    "stale_data",
    "review_required",
    "short_selling",
    "reward_to_risk",
    "spread",
    "one_position",
    "max_positions",
    "asset_class_positions",
    "trades_per_day",
    "correlation",
    "minimum_quantity",
    "minimum_notional",
    "heat_share",
    "portfolio_heat",
)
SPOT = msgspec.structs.replace(BTC, allow_short=False)
TINY = msgspec.structs.replace(BTC, lot=1e9)
DEAR = msgspec.structs.replace(BTC, min_notional=1e9)
ALL_OPEN = tuple(Breakers().checks.values())


def judge(
    market: Market = BTC, *, signal: dict[str, Any] | None = None, seen: dict[str, Any] | None = None, **book: Any
) -> Decision:
    """Return the decision on a good signal but for what is said; all breakers are open unless the book says so."""
    candidate = msgspec.structs.replace(make_candidate(market, **signal or {}), **seen or {})
    return review(candidate, make_book(**{"breakers": ALL_OPEN} | book), RiskConfig())


def rules_of(decision: Decision) -> tuple[str, ...]:
    return tuple(check.rule for check in decision.checks)


def test_review_of_an_approval_has_asked_every_rule_in_order() -> None:
    decision = judge()
    assert decision.approved
    assert rules_of(decision) == ORDER
    assert all(check.passed for check in decision.checks)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("shared_ledger", {"ledger_fault": "Redis is away"}),
        ("known_numbers", {"signal": {"atr": math.nan}}),
        ("stale_data", {"seen": {"data_age_secs": 31.0}}),
        ("review_required", {"equity": 1.1e7}),
        ("short_selling", {"market": SPOT, "signal": {"side": -1, "stop": 102.0}}),
        ("reward_to_risk", {"signal": {"tp1": 101.0}}),
        ("spread", {"seen": {"spread": Spread(0.5, 0.1)}}),
        ("one_position", {"positions": {"BTC.X": "crypto"}}),
        ("max_positions", {"positions": dict.fromkeys("abcde", "fx")}),
        ("asset_class_positions", {"positions": {"ETH.X": "crypto", "LTC.X": "crypto"}}),
        ("trades_per_day", {"trades_today": 20}),
        ("correlation", {"seen": {"correlation": Correlation("ETH.X", 0.9, 720)}}),
        ("minimum_quantity", {"market": TINY}),
        ("minimum_notional", {"market": DEAR}),
        ("portfolio_heat", {"open_risk": 2400.0}),
    ],
)
def test_review_of_a_refusal_has_asked_up_to_the_rule_that_said_no(rule: str, wrong: dict[str, Any]) -> None:
    decision = judge(**wrong)
    assert not decision.approved
    count = ORDER.index(rule) + 1
    assert rules_of(decision)[:-1] == ORDER[: count - 1]
    assert [check.passed for check in decision.checks] == [True] * (count - 1) + [False]
    last = decision.checks[-1]
    assert repr((decision.rule, decision.limit, decision.observed)) == repr((last.rule, last.limit, last.observed))
    assert last.rule == (rule if rule != "known_numbers" else "unknown_atr")
    assert (decision.quantity, decision.risk_quote, decision.heat_after) == (0.0, 0.0, decision.heat_before)


def test_review_asks_the_ledger_first_and_says_what_is_wrong_with_it() -> None:
    decision = judge(ledger_fault="Redis is away", equity=math.nan)
    assert decision.checks == (Check("shared_ledger", False, 0.0, 1.0, "Redis is away"),)


CLOSING = {
    "kill_switch": lambda b: b.apply(HandKill(at(MON), "ana", "fire")),
    "drawdown": lambda b: b.see((at(MON), 50_000.0), (at(MON + 1), 40_000.0)),
    "suspension": lambda b: b.see((at(MON), 50_000.0), (at(MON, 13.0), 48_400.0), (at(MON, 24.0), 48_400.0)),
    "weekly_loss": lambda b: b.see(*((at(MON + d), 50_000.0 - 1_000.0 * d) for d in range(5))),
    "daily_loss": lambda b: b.see((at(MON), 50_000.0), (at(MON, 13.0), 48_400.0)),
    "api_errors": lambda b: b.apply(ApiBanned(at(MON))),
    "slippage": lambda b: b.apply(OrderFilled(at(MON), 0.001, 0.01)),
}


@pytest.mark.parametrize("name", CLOSING)
def test_review_refuses_for_every_breaker_before_it_looks_at_the_entry(name: str) -> None:
    breakers = Breakers(suspension_days=1 if name == "suspension" else 3)
    CLOSING[name](breakers)
    decision = judge(breakers=tuple(breakers.checks.values()), equity=math.nan, trades_today=99)
    assert decision.rule == name
    assert rules_of(decision) == ORDER[: ORDER.index(name) + 1]
    assert decision.checks[-1] == breakers.checks[name]


def test_review_names_the_gravest_of_several_breakers() -> None:
    breakers = Breakers()
    names = list(CLOSING)
    for name in ("slippage", "api_errors", "daily_loss", "drawdown", "kill_switch"):
        CLOSING[name](breakers)
        closed = [one for one in names if one in breakers.closed]
        assert judge(breakers=tuple(breakers.checks.values())).rule == closed[0]


@pytest.mark.parametrize(
    ("today", "working", "approved"),
    [
        pytest.param(19, 0, True, id="2.6-twentieth-trade"),
        pytest.param(20, 0, False, id="2.6-twenty-first-trade"),
        pytest.param(18, 1, True, id="2.6-twentieth-with-one-working"),
        pytest.param(19, 1, False, id="2.6-working-entries-count"),
        pytest.param(0, 20, False, id="2.6-twenty-working"),
    ],
)
def test_trades_per_day_refuse_the_twenty_first(today: int, working: int, approved: bool) -> None:
    decision = decide(book=make_book(trades_today=today, working=working))
    assert decision.approved is approved
    if not approved:
        assert (decision.rule, decision.limit, decision.observed) == ("trades_per_day", 20.0, float(today + working))


def test_trades_per_day_can_be_fewer() -> None:
    config = RiskConfig(max_trades_per_day=3)
    assert decide(config=config, book=make_book(trades_today=2)).approved
    assert decide(config=config, book=make_book(trades_today=3)).rule == "trades_per_day"


@pytest.mark.parametrize(
    ("risk", "passed"),
    [pytest.param(750.0, True, id="D21-exactly-30-percent-of-2500"), pytest.param(750.01, False, id="D21-a-cent-over")],
)
def test_heat_share_is_thirty_percent_of_the_budget(risk: float, passed: bool) -> None:
    candidate = msgspec.structs.replace(make_candidate(), risk=risk)
    check = HeatShare(RiskConfig()).check(candidate, make_book())
    assert (check.rule, check.passed, check.observed) == ("heat_share", passed, risk)
    assert check.limit == pytest.approx(750.0)


def test_heat_share_lets_the_largest_size_pass() -> None:
    decision = decide(atr_baseline=9.0)
    assert decision.approved
    assert decision.risk_quote == pytest.approx(750.0)


@pytest.mark.parametrize(
    ("changes", "quantity", "risk"),
    [
        pytest.param({}, 125.0, 250.0, id="D30-half-of-one-percent"),
        pytest.param({"atr_baseline": 1.5}, 187.5, 375.0, id="D30-the-scalar-still-applies"),
        pytest.param({"atr_baseline": 9.0}, 187.5, 375.0, id="D30-half-before-the-cap"),
        pytest.param({"atr": 2.0}, 62.5, 125.0, id="D30-in-a-wild-market"),
    ],
)
def test_size_factor_halves_the_risk(changes: dict[str, Any], quantity: float, risk: float) -> None:
    decision = decide(book=make_book(size_factor=0.5), **changes)
    assert (decision.quantity, decision.risk_quote) == (pytest.approx(quantity), pytest.approx(risk))
    assert decision.risk_quote == pytest.approx(0.5 * min(decide(**changes).risk_quote, 750.0))


def test_size_factor_halves_a_configured_risk_too() -> None:
    decision = decide(book=make_book(size_factor=0.5), config=RiskConfig(risk_frac=0.005))
    assert decision.risk_quote == pytest.approx(125.0)


@pytest.mark.parametrize(("side", "event"), [(1, "SIGNAL_LONG"), (-1, "SIGNAL_SHORT")])
def test_signal_has_the_name_of_the_specification(side: int, event: str) -> None:
    assert make_signal(side=side).event == event
