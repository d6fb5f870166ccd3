"""Position size worked by hand (Spec 2.5, 5.3, 7.4, 11.3; D17, D18)."""

import math

import pytest
from risk_values import AAPL, BTC, ES, EURUSD, decide, make_book, make_candidate

from risk.config import RiskConfig
from risk.limits.leverage import max_quantity
from risk.limits.liquidity import max_quantity_24h, max_quantity_adv
from risk.sizing import atr_scalar, risk_budget, round_down


@pytest.mark.parametrize(
    ("baseline", "atr", "expected"),
    [
        pytest.param(1.0, 2.0, 0.5, id="5.3-wild-market-halves"),
        pytest.param(1.0, 1.0, 1.0, id="5.3-at-baseline"),
        pytest.param(2.98, 2.0, 1.49, id="5.3-just-under-the-cap"),
        pytest.param(3.0, 2.0, 1.5, id="5.3-at-the-cap"),
        pytest.param(3.02, 2.0, 1.5, id="5.3-over-the-cap"),
        pytest.param(400.0, 2.0, 1.5, id="5.3-far-over-the-cap"),
    ],
)
def test_atr_scalar_is_the_ratio_up_to_the_ceiling(baseline: float, atr: float, expected: float) -> None:
    assert atr_scalar(baseline, atr, 1.5) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("frac", "scalar", "cap", "expected"),
    [
        pytest.param(0.01, 1.0, 0.015, 500.0, id="2.5-one-percent"),
        pytest.param(0.01, 1.5, 0.015, 750.0, id="5.6-at-30-percent-of-heat"),
        pytest.param(0.01, 1.5, 0.0149, 745.0, id="5.6-cap-under-the-scaled-risk"),
        pytest.param(0.0075, 1.5, 0.015, 562.5, id="11.3-second-tier-scaled"),
        pytest.param(0.01, 0.1, 0.015, 50.0, id="5.3-wild"),
    ],
)
def test_risk_budget_is_the_smaller_of_scaled_risk_and_cap(
    frac: float, scalar: float, cap: float, expected: float
) -> None:
    assert risk_budget(50_000.0, frac, scalar, cap) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("quantity", "lot", "expected"),
    [
        pytest.param(0.0019999, 0.001, 0.001, id="7.4-never-up"),
        pytest.param(0.002, 0.001, 0.002, id="7.4-exact"),
        pytest.param(0.3, 0.1, 0.3, id="7.4-binary-fraction-is-the-lot-it-means"),
        pytest.param(0.9999, 1.0, 0.0, id="7.4-under-one-lot-is-nothing"),
        pytest.param(2.0 - 1e-7, 1.0, 1.0, id="7.4-more-than-a-hair-below"),
        pytest.param(2.0 - 1e-10, 1.0, 2.0, id="7.4-a-hair-below"),
        pytest.param(123_456.7, 1000.0, 123_000.0, id="7.4-lot-of-a-thousand"),
    ],
)
def test_round_down_gives_whole_lots(quantity: float, lot: float, expected: float) -> None:
    assert round_down(quantity, lot) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("market", "entry", "rate", "expected"),
    [
        pytest.param(BTC, 100.0, 1.0, 1500.0, id="2.5-crypto-3x"),
        pytest.param(EURUSD, 1.25, 1.0, 400_000.0, id="2.5-forex-10x"),
        pytest.param(AAPL, 100.0, 1.0, 500.0, id="2.5-equities-1x"),
        pytest.param(ES, 5000.0, 1.0, 2.0, id="D18-futures-10x-with-multiplier-50"),
        pytest.param(EURUSD, 150.0, 1.0 / 150.0, 500_000.0, id="2.5-forex-quoted-in-yen"),
    ],
)
def test_leverage_caps_notional_at_equity_times_factor(market, entry, rate, expected: float) -> None:
    candidate = make_candidate(market, rate, entry=entry, stop=entry * 0.99)
    assert max_quantity(candidate, make_book(), RiskConfig()) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("market", "day", "adv", "expected_24h", "expected_adv"),
    [
        pytest.param(BTC, 3000.0, 5000.0, 30.0, 50.0, id="7.4-and-11.3-crypto"),
        pytest.param(AAPL, 7.0, 5000.0, 50.0, 50.0, id="7.4-sessions-use-the-average-day-for-24h"),
        pytest.param(EURUSD, 3000.0, 5000.0, math.inf, math.inf, id="11.3-tick-counts-limit-nothing"),
    ],
)
def test_liquidity_caps_quantity_at_one_percent(market, day, adv, expected_24h: float, expected_adv: float) -> None:
    candidate = make_candidate(market, volume_24h=day, average_daily_volume=adv)
    config = RiskConfig()
    assert max_quantity_24h(candidate, config) == expected_24h
    assert max_quantity_adv(candidate, config) == expected_adv


# entry 100, stop 98, equity 50 000: 1 % is 500, so 250 units; 3x leverage allows 1500
SIZES = [
    pytest.param({}, 250.0, "risk", id="2.5-fixed-fraction"),
    pytest.param({"stop": 102.0, "side": -1}, 250.0, "risk", id="2.5-short-is-the-mirror"),
    pytest.param({"stop": 97.0}, 166.666, "risk", id="2.5-rounded-down-to-the-lot"),
    pytest.param({"atr": 2.0}, 125.0, "risk", id="5.3-double-atr-halves"),
    pytest.param({"atr_baseline": 1.4}, 350.0, "risk", id="5.3-scalar-1.4"),
    pytest.param({"atr_baseline": 1.5}, 375.0, "risk", id="5.3-scalar-at-the-cap"),
    pytest.param({"atr_baseline": 9.0}, 375.0, "risk", id="5.3-scalar-over-the-cap-is-1.5-percent"),
    pytest.param({"stop": 99.66}, 1470.588, "risk", id="2.5-just-under-the-leverage"),
    pytest.param({"stop": 99.67}, 1500.0, "leverage", id="2.5-leverage-binds"),
    pytest.param({"volume_24h": 25_001.0}, 250.0, "risk", id="7.4-just-enough-volume"),
    pytest.param({"volume_24h": 24_990.0}, 249.9, "volume_24h", id="7.4-one-percent-of-24h-binds"),
    pytest.param({"average_daily_volume": 25_001.0}, 250.0, "risk", id="11.3-just-enough-adv"),
    pytest.param({"average_daily_volume": 24_990.0}, 249.9, "average_daily_volume", id="11.3-one-percent-of-adv-binds"),
]


@pytest.mark.parametrize(("changes", "quantity", "sized_by"), SIZES)
def test_review_sizes_by_the_smallest_cap(changes: dict, quantity: float, sized_by: str) -> None:
    decision = decide(**changes)
    assert decision.approved
    assert decision.quantity == pytest.approx(quantity, rel=1e-12)
    assert decision.sized_by == sized_by


@pytest.mark.parametrize(
    ("equity", "risk"),
    [
        pytest.param(99_999.0, 999.99, id="11.3-one-percent"),
        pytest.param(100_000.0, 750.0, id="11.3-three-quarters"),
        pytest.param(500_000.0, 2500.0, id="11.3-half"),
        pytest.param(2_000_000.0, 5000.0, id="11.3-quarter"),
    ],
)
def test_review_risks_the_share_of_the_tier(equity: float, risk: float) -> None:
    decision = decide(book=make_book(equity=equity))
    assert decision.risk_quote == pytest.approx(risk, abs=0.002)  # one lot is 0.002 of risk
    assert decision.risk_quote <= risk + 1e-9


@pytest.mark.parametrize(
    ("market", "changes", "rate", "quantity", "risk"),
    [
        pytest.param(EURUSD, {"entry": 1.25, "stop": 1.245}, 1.0, 100_000.0, 500.0, id="2.5-fx-500-over-half-a-cent"),
        pytest.param(
            EURUSD, {"entry": 150.0, "stop": 149.0}, 1.0 / 150.0, 75_000.0, 500.0, id="2.5-fx-in-yen-uses-the-rate"
        ),
        pytest.param(ES, {"entry": 5000.0, "stop": 4995.0}, 1.0, 2.0, 500.0, id="D18-future-multiplier-in-the-risk"),
        pytest.param(ES, {"entry": 5000.0, "stop": 4994.75}, 1.0, 1.0, 262.5, id="D18-future-rounds-down"),
    ],
)
def test_review_sizes_in_account_money(market, changes: dict, rate: float, quantity: float, risk: float) -> None:
    decision = decide(market, rate=rate, **changes)
    assert decision.approved
    assert decision.quantity == pytest.approx(quantity, rel=1e-9)
    assert decision.risk_quote == pytest.approx(risk, rel=1e-9)


@pytest.mark.parametrize(
    ("stop", "distance"),
    [
        pytest.param(98.0, 2.0, id="on-a-tick"),
        pytest.param(97.999, 2.01, id="rounded-out-to-the-tick"),
        pytest.param(97.99, 2.01, id="next-tick"),
        pytest.param(102.001, 2.01, id="short-rounded-out"),
    ],
)
def test_candidate_distance_is_rounded_up_to_the_tick(stop: float, distance: float) -> None:
    assert make_candidate(stop=stop).distance == pytest.approx(distance, rel=1e-12)


@pytest.mark.parametrize(
    ("overrides", "quantity"),
    [
        pytest.param({"risk_frac": 0.005}, 125.0, id="2.6-configured-risk-replaces-the-tier"),
        pytest.param({"max_heat_frac": 0.02}, 150.0, id="5.6-30-percent-of-a-smaller-heat"),
        pytest.param({"max_share_of_heat_frac": 0.1}, 125.0, id="5.6-a-smaller-share"),
    ],
)
def test_review_obeys_configured_limits(overrides: dict, quantity: float) -> None:
    assert decide(config=RiskConfig(**overrides)).quantity == pytest.approx(quantity, rel=1e-12)


def test_review_obeys_configured_scalar() -> None:
    assert decide(config=RiskConfig(max_atr_scalar=1.2), atr_baseline=9.0).quantity == pytest.approx(300.0)
