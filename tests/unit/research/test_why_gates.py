import math

import pytest
from msgspec.structs import replace
from why_journal import CONFIG, make_near, make_signal

from configs.run import RunConfig
from research.why.gates import StrategyRule, refusing, rules_of
from research.why.texts import failed_text, needs_text, seen_text
from strategies.breakout.config import BreakoutConfig

NAMES = ["breakout", "trend", "volume", "atr_band", "rsi_band", "score"]


def configured(**changes) -> RunConfig:
    return replace(CONFIG, strategy=BreakoutConfig(**changes))


def by_name(rules: tuple[StrategyRule, ...]) -> dict[str, StrategyRule]:
    return {one.rule: one for one in rules}


@pytest.mark.parametrize("side", [1, -1])
def test_rules_of_a_signal_all_pass(side: int) -> None:
    rules = rules_of(make_signal(side=side), CONFIG)
    assert [one.rule for one in rules] == NAMES
    assert all(one.passed is True for one in rules)
    assert refusing(make_signal(side=side), CONFIG) == ()


@pytest.mark.parametrize(
    ("side", "seen", "failed"),
    [
        pytest.param(1, {"htf_trend": -1}, ("trend",), id="2.3.1 long"),
        pytest.param(-1, {"htf_trend": 1}, ("trend",), id="2.3.1 short"),
        pytest.param(1, {"volume": 150.0}, ("volume",), id="2.3.3 at the limit"),
        pytest.param(1, {"volume": math.nextafter(150.0, 200.0)}, (), id="2.3.3 above"),
        pytest.param(1, {"atr_ratio": 0.003}, (), id="D7 low end"),
        pytest.param(1, {"atr_ratio": math.nextafter(0.003, 0.0)}, ("atr_band",), id="D7 below"),
        pytest.param(1, {"atr_ratio": 0.04}, (), id="D7 high end"),
        pytest.param(1, {"atr_ratio": math.nextafter(0.04, 1.0)}, ("atr_band",), id="D7 above"),
        pytest.param(1, {"score": 3}, ("score",), id="3.2 score"),
        pytest.param(1, {"score": 4}, (), id="3.2 score at its limit"),
        pytest.param(1, {"close": 99.0}, ("breakout",), id="D5 long, at the channel"),
        pytest.param(-1, {"close": 90.0}, ("breakout",), id="D5 short, at the channel"),
        pytest.param(1, {"rsi": 80.0}, (), id="3.2 RSI adds to the score only"),
        pytest.param(1, {"htf_trend": -1, "volume": 1.0, "score": 3}, ("trend", "volume", "score"), id="several"),
    ],
)
def test_refusing_names_what_made_no_signal(side: int, seen: dict, failed: tuple[str, ...]) -> None:
    near = make_near(side=side, **seen)
    assert refusing(near, CONFIG) == failed
    assert tuple(one.rule for one in rules_of(near, CONFIG) if one.refuses) == failed


@pytest.mark.parametrize(
    ("side", "rsi", "band"),
    [(1, 50.0, (50.0, 75.0)), (1, 75.0, (50.0, 75.0)), (-1, 25.0, (25.0, 50.0)), (-1, 50.0, (25.0, 50.0))],
)
def test_rsi_band_is_mirrored_for_shorts_and_not_required(side: int, rsi: float, band: tuple[float, float]) -> None:
    rule = by_name(rules_of(make_near(side=side, rsi=rsi), CONFIG))["rsi_band"]
    assert ((rule.at_least, rule.at_most), rule.passed, rule.required, rule.refuses) == (band, True, False, False)


@pytest.mark.parametrize(("side", "rsi"), [(1, 49.9), (1, 75.1), (-1, 24.9), (-1, 50.1)])
def test_rsi_outside_its_band_fails_without_refusing(side: int, rsi: float) -> None:
    rule = by_name(rules_of(make_near(side=side, rsi=rsi), CONFIG))["rsi_band"]
    assert (rule.passed, rule.refuses) == (False, False)


def test_volume_that_is_not_required_refuses_nothing() -> None:
    near, config = make_near(volume=1.0), configured(require_volume=False)
    rule = by_name(rules_of(near, config))["volume"]
    assert (rule.passed, rule.required) == (False, False)
    assert refusing(near, config) == ()
    assert refusing(near, configured(require_volume=True)) == ("volume",)


def test_limits_are_those_of_the_configuration() -> None:
    config = configured(volume_multiple=2.5, min_score=5, atr_ratio_max_frac=0.009, rsi_long_min=55.0)
    rules = by_name(rules_of(make_near(score=4), config))
    assert (rules["volume"].at_least, rules["volume"].mean, rules["volume"].strict) == (250.0, 100.0, True)
    assert (rules["score"].at_least, rules["atr_band"].at_most, rules["rsi_band"].at_least) == (5.0, 0.009, 55.0)
    assert refusing(make_near(score=4), config) == ("volume", "atr_band", "score")


@pytest.mark.parametrize(
    ("config", "strategy"),
    [pytest.param(None, "breakout", id="no configuration"), pytest.param(CONFIG, "grid", id="other")],
)
def test_rules_without_limits_only_say_what_was_seen(config: RunConfig | None, strategy: str) -> None:
    near = make_near(strategy=strategy, score=3)
    rules = rules_of(near, config)
    assert [(one.rule, one.passed, one.required) for one in rules] == [(name, None, None) for name in NAMES]
    assert [one.observed for one in rules] == [100.0, 1.0, 200.0, 0.01, 60.0, 3.0]
    assert refusing(near, config) == ()
    assert [needs_text(one) for one in rules] == ["above 99.00, the channel", "", "", "", "", ""]


def test_rules_of_numbers_that_are_not_known_do_not_pass() -> None:
    nothing = dict.fromkeys(("volume", "volume_ma", "atr_ratio", "rsi", "htf_trend", "score", "close"), math.nan)
    near = make_near(**nothing)
    assert refusing(near, CONFIG) == ("breakout", "trend", "volume", "atr_band", "score")
    texts = [seen_text(one) for one in rules_of(near, CONFIG)]
    assert texts == ["n/a", "unknown", "n/a = n/a × its mean", "n/a of price", "n/a", "0"]


@pytest.mark.parametrize(
    ("side", "seen", "text"),
    [
        (1, {"htf_trend": -1}, "trend down, needs up"),
        (-1, {"htf_trend": 1}, "trend up, needs down"),
        (1, {"volume": 75.0}, "volume 75 = 0.75 × its mean, needs above 150, 1.50 × its mean"),
        (1, {"atr_ratio": 0.00228}, "atr_band 0.23 % of price, needs 0.30 % to 4.00 %"),
        (1, {"atr_ratio": 0.0029996}, "atr_band 0.29996 % of price, needs 0.30 % to 4.00 %"),
        (1, {"atr_ratio": 0.04000001}, "atr_band 4.000001 % of price, needs 0.30 % to 4.00 %"),
        (1, {"volume": 149.999}, "volume 149.999 = 1.49999 × its mean, needs above 150, 1.50 × its mean"),
        (1, {"volume": 150.0}, "volume 150 = 1.50 × its mean, needs above 150, 1.50 × its mean"),
        (1, {"score": 3}, "score 3, needs at least 4"),
        (1, {"close": 98.5}, "breakout 98.50, needs above 99.00, the channel"),
        (-1, {"close": 90.5}, "breakout 90.50, needs below 90.00, the channel"),
    ],
)
def test_failed_text_says_what_was_seen_and_needed(side: int, seen: dict, text: str) -> None:
    failed = [one for one in rules_of(make_near(side=side, **seen), CONFIG) if one.refuses]
    assert [failed_text(one) for one in failed] == [text]


@pytest.mark.parametrize(("side", "text"), [(1, "50 to 75"), (-1, "25 to 50")])
def test_needs_text_of_the_rsi_band(side: int, text: str) -> None:
    rule = by_name(rules_of(make_near(side=side), CONFIG))["rsi_band"]
    assert (needs_text(rule), seen_text(rule)) == (text, "60.0" if side > 0 else "40.0")
