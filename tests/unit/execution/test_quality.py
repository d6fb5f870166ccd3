"""How an order that takes what it gets was filled, against what was to be expected (Spec 7.2, D28)."""

import math
from types import SimpleNamespace

import pytest
from trades import ENTRY, MARKET, STOP, TP1, opened

from execution.quality import QualityMeter
from execution.trade import Leg
from risk.messages import Market

X = Market(
    instrument_id="X.SIM", asset_class="crypto", tick=0.25, lot=1.0, min_quantity=0.0, min_notional=0.0, multiplier=1.0,
    allow_short=True, real_volume=True, continuous=True, impact=0.1,
)  # fmt: skip


def order(price: float, quantity: float = 4.0, kind: str = "MARKET") -> SimpleNamespace:
    """Return what the meter looks at of an engine order that is filled whole."""
    return SimpleNamespace(
        client_order_id="o1", filled_qty=quantity, avg_px=price, order_type=SimpleNamespace(name=kind)
    )


def measure(price: float, *, side: int = 1, leg: Leg = STOP, spread: float = 0.01, met: float = math.nan,
            hoped: float = 100.0, adv: float = 400.0, market: Market = X, kind: str = "MARKET"):  # fmt: skip
    meter = QualityMeter({"X.SIM": market}, spread_frac=lambda _name: spread, met_price=lambda _order: met)
    return meter.measure(opened(side, average_daily_volume=adv), leg, order(price, kind=kind), hoped, 7)


def test_expected_is_half_the_spread_and_the_share_of_a_day_times_the_impact() -> None:
    assert measure(99.0).expected_frac == pytest.approx(0.005 + 4.0 / 400.0 * 0.1)


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        pytest.param(0.0001, 0.25 / 100.0, id="D28-never-less-than-a-tick"),
        pytest.param(0.1, 0.05 + 0.001, id="D28-more-than-a-tick"),
        pytest.param(math.nan, 0.25 / 100.0, id="D32-unknown-spread-expects-nothing-more"),
    ],
)
def test_expected_has_a_floor_of_one_tick(spread: float, expected: float) -> None:
    assert measure(99.0, spread=spread).expected_frac == pytest.approx(expected)


@pytest.mark.parametrize("adv", [math.nan, 0.0, -1.0], ids=["nan", "zero", "negative"])
def test_unknown_volume_adds_no_impact(adv: float) -> None:
    assert measure(99.0, adv=adv).expected_frac == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("side", "leg", "price", "actual"),
    [
        pytest.param(1, STOP, 99.0, 0.01, id="sold-lower"),
        pytest.param(1, STOP, 101.0, -0.01, id="sold-higher"),
        pytest.param(-1, MARKET, 101.0, 0.01, id="bought-back-higher"),
        pytest.param(1, ENTRY, 101.0, 0.01, id="bought-higher"),
        pytest.param(-1, ENTRY, 101.0, -0.01, id="sold-short-higher"),
    ],
)
def test_actual_is_positive_when_it_is_worse(side: int, leg: Leg, price: float, actual: float) -> None:
    assert measure(price, side=side, leg=leg).actual_frac == pytest.approx(actual)


def test_price_that_the_order_met_comes_before_the_one_hoped_for() -> None:
    assert measure(94.0, met=95.0, hoped=100.0).actual_frac == pytest.approx(1.0 / 95.0)  # the jump is no slippage


@pytest.mark.parametrize(
    ("leg", "kind"),
    [pytest.param(TP1, "LIMIT", id="target"), pytest.param(ENTRY, "LIMIT", id="limit-entry")],
)
def test_limit_that_rests_cannot_slip(leg: Leg, kind: str) -> None:
    assert measure(99.0, leg=leg, kind=kind) is None


def test_without_any_price_to_compare_with_nothing_is_said() -> None:
    assert measure(99.0, met=math.nan, hoped=math.nan) is None


def test_quality_names_order_instrument_and_time() -> None:
    found = measure(99.0)
    assert (found.order_id, found.instrument_id, found.ts_ns) == ("o1", "X.SIM", 7)
