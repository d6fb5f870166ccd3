"""What the market around a signal allows: reward, spread, age, likeness; both sides (Spec 2.6, 5.6, 7.2; D16, D33)."""

import math
from typing import Any

import msgspec
import pytest
from risk_values import decide, make_book, make_candidate, nan_equal

from risk.config import RiskConfig
from risk.limits.entry import Correlation, Spread
from risk.messages import Check, Decision
from risk.review import review


def weigh(config: RiskConfig | None = None, **seen: Any) -> Decision:
    """Return the decision on a good signal in a market that looks like this."""
    candidate = msgspec.structs.replace(make_candidate(), **seen)
    return review(candidate, make_book(), config or RiskConfig())


def check_of(decision: Decision, rule: str) -> Check:
    (found,) = [check for check in decision.checks if check.rule == rule]
    return found


# Entry 100, stop 98 (or 102 for a short): twice the risk is 4.
@pytest.mark.parametrize(
    ("changes", "ratio", "approved"),
    [
        pytest.param({"tp1": 104.0}, 2.0, True, id="2.6-exactly-2-to-1"),
        pytest.param({"tp1": 103.99}, 1.995, False, id="2.6-a-cent-less"),
        pytest.param({"tp1": 110.0}, 5.0, True, id="2.6-more"),
        pytest.param({"tp1": 100.0}, 0.0, False, id="2.6-nothing-to-gain"),
        pytest.param({"tp1": 96.0}, -2.0, False, id="2.6-target-on-the-wrong-side"),
        pytest.param({"stop": 102.0, "tp1": 104.0}, -2.0, False, id="2.6-stop-on-the-wrong-side"),
        pytest.param({"stop": 102.0, "tp1": 96.0}, 2.0, True, id="2.6-both-wrong-for-a-long-is-a-short"),
        pytest.param({"side": -1, "stop": 102.0, "tp1": 96.0}, 2.0, True, id="2.6-short-exactly-2-to-1"),
        pytest.param({"side": -1, "stop": 102.0, "tp1": 96.01}, 1.995, False, id="2.6-short-a-cent-less"),
        pytest.param({"side": -1, "stop": 98.0, "tp1": 96.0}, -2.0, False, id="2.6-short-stop-on-the-wrong-side"),
        pytest.param({"tp1": math.nan}, math.nan, False, id="D32-unknown-target"),
    ],
)
def test_reward_to_risk_is_at_least_two(changes: dict, ratio: float, approved: bool) -> None:
    decision = decide(**changes)
    assert decision.approved is approved
    assert decision.rule == ("" if approved else "reward_to_risk")
    check = check_of(decision, "reward_to_risk")
    assert (check.passed, check.limit) == (approved, 2.0)
    assert check.observed == pytest.approx(ratio, nan_ok=True)


def test_reward_to_risk_can_be_asked_higher() -> None:
    config = RiskConfig(min_reward_to_risk=3.0)
    assert decide(config=config, tp1=106.0).approved
    assert decide(config=config, tp1=105.99).rule == "reward_to_risk"


@pytest.mark.parametrize(
    ("spread", "rule", "multiple"),
    [
        pytest.param(Spread(0.0020, 0.0010), "", 2.0, id="D33-exactly-twice"),
        pytest.param(Spread(0.0021, 0.0010), "spread", 2.1, id="D33-more-than-twice"),
        pytest.param(Spread(0.0005, 0.0010), "", 0.5, id="D33-narrow"),
        pytest.param(Spread(0.0, 0.0), "", 0.0, id="D33-none-at-all"),
        pytest.param(Spread(1e-9, 0.0), "spread", math.inf, id="D33-any-where-there-was-none"),
        pytest.param(Spread(math.nan, 0.001), "unknown_spread", math.nan, id="D32-unknown-now"),
        pytest.param(Spread(0.001, math.nan), "unknown_spread", math.nan, id="D32-unknown-mean"),
        pytest.param(Spread(math.inf, 0.001), "unknown_spread", math.nan, id="D32-infinite-now"),
        pytest.param(Spread(0.001, math.inf), "unknown_spread", math.nan, id="D32-infinite-mean"),
        pytest.param(None, "", math.nan, id="D33-candles-have-none"),
    ],
)
def test_spread_refuses_more_than_twice_its_mean(spread: Spread | None, rule: str, multiple: float) -> None:
    decision = weigh(spread=spread)
    assert decision.rule == rule
    check = check_of(decision, rule or "spread")
    assert (check.passed, check.limit) == (rule == "", 2.0)
    assert check.observed == pytest.approx(multiple, nan_ok=True)


def test_spread_says_when_there_are_no_quotes() -> None:
    assert check_of(weigh(spread=None), "spread").note == "no quotes in candles"


def test_spread_multiple_can_be_tighter() -> None:
    config = RiskConfig(max_spread_multiple=1.5)
    assert weigh(config, spread=Spread(0.0015, 0.0010)).approved
    assert weigh(config, spread=Spread(0.0016, 0.0010)).rule == "spread"


@pytest.mark.parametrize(
    ("age", "approved"),
    [
        pytest.param(0.0, True, id="4.2.1-fresh"),
        pytest.param(30.0, True, id="4.2.1-exactly-30-s"),
        pytest.param(30.001, False, id="4.2.1-a-millisecond-over"),
        pytest.param(math.inf, False, id="D32-never-seen"),
        pytest.param(math.nan, False, id="D32-unknown"),
    ],
)
def test_stale_data_refuses_prices_older_than_thirty_seconds(age: float, approved: bool) -> None:
    decision = weigh(data_age_secs=age)
    assert decision.approved is approved
    assert decision.rule == ("" if approved else "stale_data")
    check = check_of(decision, "stale_data")
    assert (check.passed, check.limit) == (approved, 30.0)
    assert nan_equal(check.observed, age)


def test_stale_data_age_can_be_tighter() -> None:
    config = RiskConfig(max_data_age_secs=5.0)
    assert weigh(config, data_age_secs=5.0).approved
    assert weigh(config, data_age_secs=5.1).rule == "stale_data"


@pytest.mark.parametrize(
    ("pair", "rule", "limit", "observed"),
    [
        pytest.param(Correlation(), "", 0.75, 0.0, id="D16-nothing-to-compare-with"),
        pytest.param(Correlation("ETH.X", 0.75, 720), "", 0.75, 0.75, id="5.6-exactly-0.75"),
        pytest.param(Correlation("ETH.X", 0.7501, 720), "correlation", 0.75, 0.7501, id="5.6-over-0.75"),
        pytest.param(Correlation("ETH.X", -1.0, 720), "", 0.75, -1.0, id="5.6-opposite"),
        pytest.param(Correlation("ETH.X", 0.1, 200), "", 0.75, 0.1, id="D16-exactly-200-hours"),
        pytest.param(Correlation("ETH.X", 0.1, 199), "unknown_correlation", 200.0, 199.0, id="D16-199-hours"),
        pytest.param(Correlation("ETH.X", math.nan, 720), "unknown_correlation", 200.0, 720.0, id="D16-no-number"),
        pytest.param(Correlation("ETH.X", math.nan, 0), "unknown_correlation", 200.0, 0.0, id="D16-nothing-known"),
    ],
)
def test_correlation_refuses_a_market_that_moves_alike(
    pair: Correlation, rule: str, limit: float, observed: float
) -> None:
    decision = weigh(correlation=pair)
    assert decision.rule == rule
    check = check_of(decision, rule or "correlation")
    assert check == Check(rule or "correlation", rule == "", limit, observed, pair.other)


def test_correlation_can_be_tighter() -> None:
    config = RiskConfig(max_correlation=0.5, min_common_hours=300)
    assert weigh(config, correlation=Correlation("ETH.X", 0.5, 300)).approved
    assert weigh(config, correlation=Correlation("ETH.X", 0.51, 300)).rule == "correlation"
    assert weigh(config, correlation=Correlation("ETH.X", 0.5, 299)).rule == "unknown_correlation"
