import math

import numpy as np
import pytest

from research import metrics

NAN, INF = math.nan, math.inf


def same(left: float, right: float) -> bool:
    return (math.isnan(left) and math.isnan(right)) or left == pytest.approx(right, rel=1e-9)


@pytest.mark.parametrize(
    ("returns", "annual_days", "risk_free", "expected"),
    [
        # mean 0.02, deviation sqrt(2 * 0.01^2 / 1) = 0.0141421
        pytest.param([0.01, 0.03], 365, 0.0, 0.02 / 0.014142135623730951 * math.sqrt(365), id="3.4-365"),
        pytest.param([0.01, 0.03], 252, 0.0, 0.02 / 0.014142135623730951 * math.sqrt(252), id="3.4-252"),
        pytest.param(
            [0.01, 0.03], 252, 1.01**252 - 1, 0.01 / 0.014142135623730951 * math.sqrt(252), id="3.4-risk-free-1%-a-day"
        ),
        pytest.param([], 365, 0.0, NAN, id="no-days"),
        pytest.param([0.01], 365, 0.0, NAN, id="one-day"),
        pytest.param([0.0, 0.0, 0.0], 365, 0.0, NAN, id="no-movement"),
        pytest.param([0.1, 0.1, 0.1], 365, 0.0, NAN, id="no-variance-but-rounding"),
        pytest.param([0.1, NAN, 0.2], 365, 0.0, NAN, id="a-day-without-return"),
    ],
)
def test_sharpe_literals(returns: list[float], annual_days: int, risk_free: float, expected: float) -> None:
    assert same(metrics.sharpe(np.array(returns), annual_days, risk_free), expected)


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        # mean 0.005; downside sqrt(0.01^2 / 2) = 0.00707107, over both days
        pytest.param([0.02, -0.01], 0.005 / 0.007071067811865475 * math.sqrt(365), id="3.4"),
        pytest.param([0.02, 0.01], INF, id="no-loss"),
        pytest.param([0.0, 0.0], NAN, id="nothing"),
        pytest.param([-0.01, -0.01], -math.sqrt(365), id="only-losses"),
        pytest.param([0.02], NAN, id="one-day"),
    ],
)
def test_sortino_literals(returns: list[float], expected: float) -> None:
    assert same(metrics.sortino(np.array(returns), 365), expected)


def test_sortino_with_risk_free_rate_counts_days_below_the_rate_as_loss() -> None:
    yearly = 1.01**365 - 1
    assert same(metrics.sortino(np.array([0.02, 0.0]), 365, yearly), 0.0)


@pytest.mark.parametrize(
    ("start", "end", "days", "expected"),
    [
        pytest.param(100.0, 121.0, 730, 0.1, id="two-years"),
        pytest.param(100.0, 0.0, 10, -1.0, id="nothing-left"),
        pytest.param(100.0, -5.0, 10, -1.0, id="less-than-nothing"),
        pytest.param(100.0, 1e6, 1, INF, id="overflow"),
        pytest.param(100.0, 110.0, 0, NAN, id="no-days"),
        pytest.param(0.0, 110.0, 10, NAN, id="no-start"),
        pytest.param(100.0, NAN, 10, NAN, id="no-end"),
    ],
)
def test_annual_return_literals(start: float, end: float, days: int, expected: float) -> None:
    assert same(metrics.annual_return_frac(start, end, days, 365), expected)


@pytest.mark.parametrize(
    ("gain", "risk", "expected"),
    [(0.3, 0.15, 2.0), (-0.3, 0.15, -2.0), (0.3, 0.0, INF), (0.0, 0.0, NAN), (-0.1, 0.0, NAN), (0.1, NAN, NAN)],
)
def test_ratio_calmar_and_recovery_share_one_rule(gain: float, risk: float, expected: float) -> None:
    assert same(metrics.ratio(gain, risk), expected)
    assert same(metrics.calmar(gain, risk), expected)
    assert same(metrics.recovery_factor(gain, risk), expected)


def test_volatility_and_total_return_literals() -> None:
    assert same(metrics.annual_volatility_frac(np.array([0.01, 0.03]), 365), 0.014142135623730951 * math.sqrt(365))
    assert math.isnan(metrics.annual_volatility_frac(np.array([0.01]), 365))
    assert same(metrics.total_return_frac(200.0, 150.0), -0.25)
    assert math.isnan(metrics.total_return_frac(0.0, 150.0))
