import math

import numpy as np
import pytest

from research import equity_curve

DAY = equity_curve.DAY_NS


def days(*stamps: float) -> np.ndarray:
    return np.array([round(stamp * DAY) for stamp in stamps], dtype=np.int64)


@pytest.mark.parametrize(
    ("stamps", "equity", "every_day", "expected"),
    [
        pytest.param([0.1, 0.9, 1.5], [90.0, 110.0, 121.0], True, [0.1, 0.1], id="last-of-the-day"),
        pytest.param([0.5, 3.5], [110.0, 121.0], True, [0.1, 0.0, 0.0, 0.1], id="24/7-carries-forward"),
        pytest.param([0.5, 3.5], [110.0, 121.0], False, [0.1, 0.1], id="equities-skip"),
        pytest.param([0.5, 1.0], [110.0, 121.0], True, [0.1, 0.1], id="midnight-belongs-to-the-new-day"),
        pytest.param([0.5, 0.5], [90.0, 110.0], True, [0.1], id="same-stamp-last-wins"),
        pytest.param([], [], True, [], id="no-rows"),
        pytest.param([], [], False, [], id="no-rows-equities"),
    ],
)
def test_daily_returns_literals(
    stamps: list[float], equity: list[float], every_day: bool, expected: list[float]
) -> None:
    returns = equity_curve.daily_returns(days(*stamps), np.array(equity), 100.0, every_day)
    assert returns.tolist() == pytest.approx(expected)


def test_daily_returns_after_ruin_are_not_defined() -> None:
    returns = equity_curve.daily_returns(days(0, 1, 2), np.array([50.0, 0.0, 10.0]), 100.0, True)
    assert returns[:2].tolist() == [-0.5, -1.0]
    assert math.isnan(returns[2])


@pytest.mark.parametrize(
    ("equity", "frac", "quote"),
    [
        pytest.param([100.0, 120.0, 90.0, 130.0], 0.25, 30.0, id="3.4"),
        pytest.param([100.0, 50.0, 1000.0, 900.0], 0.5, 100.0, id="worst-fraction-is-not-worst-money"),
        pytest.param([100.0, 101.0], 0.0, 0.0, id="never-falls"),
        pytest.param([100.0, -20.0], 1.2, 120.0, id="below-zero"),
        pytest.param([], math.nan, math.nan, id="empty"),
    ],
)
def test_max_drawdown_literals(equity: list[float], frac: float, quote: float) -> None:
    assert equity_curve.max_drawdown_frac(np.array(equity)) == pytest.approx(frac, nan_ok=True)
    assert equity_curve.max_drawdown_quote(np.array(equity)) == pytest.approx(quote, nan_ok=True)


@pytest.mark.parametrize(
    ("stamps", "equity", "expected"),
    [
        pytest.param([0, 1, 2, 5], [100.0, 90.0, 100.0, 101.0], 2.0, id="until-the-peak-is-reached"),
        pytest.param([0, 1, 2, 5], [100.0, 110.0, 100.0, 109.0], 4.0, id="still-under-at-the-end"),
        pytest.param([0, 1, 4, 5, 6], [100.0, 90.0, 110.0, 105.0, 110.0], 4.0, id="the-longer-of-two"),
        pytest.param([0, 1, 9], [100.0, 110.0, 110.0], 0.0, id="flat-is-not-under"),
        pytest.param([0], [100.0], 0.0, id="one-row"),
        pytest.param([], [], math.nan, id="empty"),
    ],
)
def test_longest_drawdown_literals(stamps: list[float], equity: list[float], expected: float) -> None:
    found = equity_curve.longest_drawdown_days(days(*stamps), np.array(equity))
    assert found == pytest.approx(expected, nan_ok=True)
