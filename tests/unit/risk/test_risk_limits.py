"""Every limit on both sides of its inequality (Spec 2.5, 2.6, 5.6, 7.4, 11.3; D15d, D18 - D23, D32)."""

import math

import msgspec
import pytest
from risk_values import AAPL, BTC, BY_CLASS, ES, EURUSD, decide, make_book, nan_equal

from risk.config import RiskConfig
from risk.messages import APPROVED_TOPIC, REJECTED_TOPIC


def held(*classes: str) -> dict:
    return {f"{kind}{number}": kind for number, kind in enumerate(classes)}


def changed(market, **values):
    return msgspec.structs.replace(market, **values)


@pytest.mark.parametrize(
    ("market", "positions", "rule"),
    [
        pytest.param(BTC, held("crypto"), "", id="5.6-second-crypto"),
        pytest.param(BTC, held("crypto", "crypto"), "asset_class_positions", id="5.6-third-crypto"),
        pytest.param(EURUSD, held("fx"), "", id="5.6-second-forex"),
        pytest.param(EURUSD, held("fx", "fx"), "asset_class_positions", id="5.6-third-forex"),
        pytest.param(AAPL, held("crypto", "fx"), "", id="5.6-first-equity"),
        pytest.param(AAPL, held("equity"), "asset_class_positions", id="5.6-second-equity"),
        pytest.param(ES, held("future"), "", id="D20-second-future"),
        pytest.param(ES, held("future", "future"), "asset_class_positions", id="D20-third-future"),
        pytest.param(AAPL, held("crypto", "crypto", "fx", "fx"), "", id="2.6-fifth-position"),
        pytest.param(AAPL, held("crypto", "crypto", "fx", "fx", "future"), "max_positions", id="2.6-sixth-position"),
    ],
)
def test_counts_refuse_beyond_the_limit(market, positions: dict, rule: str) -> None:
    changes = {"entry": 100.0, "stop": 99.0} if market is ES else {}  # 500 / (1 * 50) = 10 contracts
    decision = decide(market, book=make_book(positions=positions), **changes)
    assert decision.rule == rule
    assert decision.approved == (rule == "")


@pytest.mark.parametrize(
    ("equity", "count", "approved"),
    [
        pytest.param(99_999.0, 5, False, id="11.3-five-under-100k"),
        pytest.param(100_000.0, 7, True, id="11.3-eighth-at-100k"),
        pytest.param(100_000.0, 8, False, id="11.3-ninth-at-100k"),
        pytest.param(500_000.0, 11, True, id="11.3-twelfth"),
        pytest.param(500_000.0, 12, False, id="11.3-thirteenth"),
        pytest.param(2_000_000.0, 19, True, id="11.3-twentieth"),
        pytest.param(10_000_000.0, 20, False, id="11.3-twenty-first"),
    ],
)
def test_position_count_follows_the_tier(equity: float, count: int, approved: bool) -> None:
    positions = held(*["fx"] * count)
    decision = decide(book=make_book(equity=equity, positions=positions))
    assert decision.approved is approved
    if not approved:
        assert (decision.rule, decision.limit, decision.observed) == ("max_positions", float(count), float(count))


def test_position_count_configured_replaces_the_tier() -> None:
    config = RiskConfig(max_positions=1)
    assert decide(config=config).approved
    assert decide(config=config, book=make_book(positions=held("fx"))).rule == "max_positions"


@pytest.mark.parametrize(
    ("positions", "rule"),
    [
        pytest.param({"ETH.X": "crypto"}, "", id="D15d-another-instrument"),
        pytest.param({"BTC.X": "crypto"}, "one_position", id="D15d-the-same-instrument"),
    ],
)
@pytest.mark.parametrize("side", [1, -1], ids=["same-side", "no-reversal"])
def test_one_per_instrument_refuses_the_second(positions: dict, rule: str, side: int) -> None:
    decision = decide(book=make_book(positions=positions), side=side, stop=100.0 - 2.0 * side)
    assert decision.rule == rule


@pytest.mark.parametrize(
    ("side", "allow_short", "rule"),
    [
        pytest.param(1, False, "", id="long-on-spot"),
        pytest.param(-1, False, "short_selling", id="short-on-spot"),
        pytest.param(-1, True, "", id="short-on-perpetual"),
    ],
)
def test_short_selling_is_refused_where_nobody_lends(side: int, allow_short: bool, rule: str) -> None:
    decision = decide(changed(BTC, allow_short=allow_short), side=side, stop=100.0 - 2.0 * side)
    assert decision.rule == rule


# The candidate's own risk is 500; 5 % of 50 000 is 2500.
@pytest.mark.parametrize(
    ("open_risk", "reserved", "approved"),
    [
        pytest.param(0.0, 0.0, True, id="2.6-empty"),
        pytest.param(2000.0, 0.0, True, id="2.6-open-risk-to-exactly-the-cap"),
        pytest.param(2000.01, 0.0, False, id="2.6-open-risk-one-cent-over"),
        pytest.param(0.0, 2000.0, True, id="D19-reserved-to-exactly-the-cap"),
        pytest.param(0.0, 2000.01, False, id="D19-reserved-one-cent-over"),
        pytest.param(1500.0, 500.0, True, id="D19-both-to-exactly-the-cap"),
        pytest.param(1500.0, 500.01, False, id="D19-both-one-cent-over"),
        pytest.param(math.nan, 0.0, False, id="D32-unknown-open-risk"),
        pytest.param(math.inf, 0.0, False, id="D32-infinite-open-risk"),
    ],
)
def test_portfolio_heat_counts_open_reserved_and_new_risk(open_risk: float, reserved: float, approved: bool) -> None:
    decision = decide(book=make_book(open_risk=open_risk, reserved_risk=reserved))
    assert decision.approved is approved
    assert nan_equal(decision.heat_before, open_risk + reserved)
    if approved:
        assert decision.heat_after == open_risk + reserved + 500.0
    else:
        assert (decision.rule, decision.limit) == ("portfolio_heat", 2500.0)
        assert nan_equal(decision.observed, open_risk + reserved + 500.0)
        assert nan_equal(decision.heat_after, decision.heat_before)


@pytest.mark.parametrize(
    ("market", "changes", "rule", "limit", "observed"),
    [
        pytest.param(changed(BTC, lot=250.0), {}, "", None, None, id="7.4-exactly-one-lot"),
        pytest.param(changed(BTC, lot=250.1), {}, "minimum_quantity", 250.1, 0.0, id="7.4-under-one-lot"),
        pytest.param(changed(BTC, min_quantity=250.0), {}, "", None, None, id="7.4-exactly-the-minimum"),
        pytest.param(
            changed(BTC, min_quantity=250.001), {}, "minimum_quantity", 250.001, 250.0, id="7.4-one-lot-under-minimum"
        ),
        pytest.param(changed(BTC, min_notional=25_000.0), {}, "", None, None, id="7.4-exactly-the-minimum-notional"),
        pytest.param(
            changed(BTC, min_notional=25_000.01),
            {},
            "minimum_notional",
            25_000.01,
            25_000.0,
            id="7.4-under-the-minimum-notional",
        ),
        pytest.param(
            changed(ES, lot=1.0),
            {"entry": 5000.0, "stop": 4989.75},
            "minimum_quantity",
            1.0,
            0.0,
            id="7.4-less-than-one-contract",
        ),
    ],
)
def test_venue_minimum_refuses_and_never_rounds_up(market, changes: dict, rule: str, limit, observed) -> None:
    decision = decide(market, **changes)
    assert decision.rule == rule
    if rule:
        assert decision.limit == limit
        assert decision.observed == pytest.approx(observed)
        assert decision.quantity == 0.0


def test_venue_minimum_notional_is_in_quote_money() -> None:
    # 75 000 units at 150 yen are 11.25 M yen: the minimum is a yen amount too, whatever a yen is worth
    yen = changed(EURUSD, min_notional=11_250_000.0)
    changes = {"entry": 150.0, "stop": 149.0}
    assert decide(yen, rate=1.0 / 150.0, **changes).approved
    refused = decide(changed(yen, min_notional=11_250_001.0), rate=1.0 / 150.0, **changes)
    assert refused.rule == "minimum_notional"


UNKNOWN = [math.nan, math.inf, 0.0, -1.0]
NAMES = ["nan", "inf", "zero", "negative"]


@pytest.mark.parametrize("value", UNKNOWN, ids=NAMES)
@pytest.mark.parametrize("name", ["atr", "atr_baseline", "entry", "volume_24h", "average_daily_volume"])
def test_unknown_signal_number_refuses(name: str, value: float) -> None:
    decision = decide(**{name: value})
    assert not decision.approved
    assert decision.rule == f"unknown_{name}"
    assert nan_equal(decision.observed, value)


@pytest.mark.parametrize("value", UNKNOWN, ids=NAMES)
def test_unknown_equity_refuses(value: float) -> None:
    assert decide(book=make_book(equity=value)).rule == "unknown_equity"


@pytest.mark.parametrize("value", UNKNOWN, ids=NAMES)
def test_unknown_rate_refuses(value: float) -> None:
    assert decide(rate=value).rule == "unknown_conversion_rate"


@pytest.mark.parametrize("stop", [math.nan, math.inf, 100.0], ids=["nan", "inf", "at-the-entry"])
def test_unknown_stop_refuses(stop: float) -> None:
    assert decide(stop=stop).rule == "unknown_stop_distance"


@pytest.mark.parametrize("tick", [0.0, math.nan, -0.01], ids=["zero", "nan", "negative"])
def test_unknown_tick_refuses(tick: float) -> None:
    assert decide(changed(BTC, tick=tick)).rule == "unknown_stop_distance"


def test_unknown_tick_volume_limits_nothing() -> None:
    nothing = {"volume_24h": math.nan, "average_daily_volume": 0.0}
    assert decide(EURUSD, entry=1.25, stop=1.245, **nothing).approved
    assert decide(AAPL, volume_24h=math.nan).approved  # a session market is measured by its average day


@pytest.mark.parametrize(
    ("equity", "rule"),
    [
        pytest.param(10_000_000.0, "", id="11.3-at-10M"),
        pytest.param(10_000_000.01, "review_required", id="11.3-over-10M"),
    ],
)
def test_review_required_over_ten_million(equity: float, rule: str) -> None:
    decision = decide(book=make_book(equity=equity))
    assert decision.rule == rule
    if rule:
        assert (decision.limit, decision.observed) == (10_000_000.0, equity)


def test_review_required_is_not_lifted_by_a_configured_risk() -> None:
    config = RiskConfig(risk_frac=0.001, max_positions=3)
    assert decide(book=make_book(equity=1.1e7), config=config).rule == "review_required"


def test_refusal_carries_rule_limit_observed_and_no_size() -> None:
    decision = decide(book=make_book(positions=held("crypto", "crypto")))
    assert (decision.event, decision.topic) == ("RISK_REJECTED", REJECTED_TOPIC)
    assert (decision.rule, decision.limit, decision.observed) == ("asset_class_positions", 2.0, 2.0)
    assert (decision.quantity, decision.risk_quote, decision.sized_by) == (0.0, 0.0, "")


def test_approval_carries_size_heat_and_equity() -> None:
    decision = decide(book=make_book(open_risk=100.0, reserved_risk=50.0))
    assert (decision.event, decision.topic) == ("RISK_APPROVED", APPROVED_TOPIC)
    assert (decision.rule, decision.equity, decision.ts_ns) == ("", 50_000.0, 1)
    assert math.isnan(decision.limit)
    assert math.isnan(decision.observed)
    assert (decision.quantity, decision.risk_quote) == (250.0, 500.0)
    assert (decision.heat_before, decision.heat_after) == (150.0, 650.0)


@pytest.mark.parametrize(
    ("market", "leverage", "positions"),
    [
        pytest.param("crypto", 3.0, 2, id="2.5-crypto"),
        pytest.param("fx", 10.0, 2, id="2.5-forex"),
        pytest.param("equity", 1.0, 1, id="2.5-equities"),
        pytest.param("future", 10.0, 2, id="D18-futures"),
    ],
)
def test_class_limits_default_to_the_specification(market: str, leverage: float, positions: int) -> None:
    limits = RiskConfig().of_class(BY_CLASS[market].asset_class)
    assert (limits.max_leverage, limits.max_positions) == (leverage, positions)
