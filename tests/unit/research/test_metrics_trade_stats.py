import math

import numpy as np
import pytest

from research import trade_stats

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("pnl", "rate", "factor"),
    [
        pytest.param([30.0, -10.0, 10.0, -10.0], 0.5, 2.0, id="3.4"),
        pytest.param([30.0, -10.0, 0.0, 0.0], 0.25, 3.0, id="D30-break-even-is-neither"),
        pytest.param([30.0], 1.0, INF, id="no-loss"),
        pytest.param([-30.0], 0.0, 0.0, id="no-win"),
        pytest.param([0.0], 0.0, NAN, id="only-break-even"),
        pytest.param([], NAN, NAN, id="no-trades"),
        pytest.param([10.0, NAN, -10.0], 0.5, 1.0, id="nan-left-out"),
    ],
)
def test_win_rate_and_profit_factor_literals(pnl: list[float], rate: float, factor: float) -> None:
    assert trade_stats.win_rate(np.array(pnl)) == pytest.approx(rate, nan_ok=True)
    assert trade_stats.profit_factor(np.array(pnl)) == pytest.approx(factor, nan_ok=True)


@pytest.mark.parametrize(
    ("r", "expected"),
    [
        pytest.param([3.0] * 42 + [-1.0] * 58, 0.68, id="3.3.1-example"),
        pytest.param([2.0, -1.0, 0.0, 0.0], 0.25, id="break-even-counts-as-a-trade"),
        pytest.param([-1.0, -0.5], -0.75, id="only-losses"),
        pytest.param([1.0, 2.0], 1.5, id="only-wins"),
        pytest.param([2.0, NAN], 2.0, id="no-stop-no-r"),
        pytest.param([], NAN, id="no-trades"),
    ],
)
def test_expectancy_literals(r: list[float], expected: float) -> None:
    assert trade_stats.expectancy_r(np.array(r)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("fees", "gross", "expected"),
    [
        pytest.param([1.0, 2.0], [10.0, -4.0], 0.3, id="7.3"),
        pytest.param([1.0], [-4.0], INF, id="fees-and-no-profit"),
        pytest.param([], [], NAN, id="no-trades"),
    ],
)
def test_fee_to_pnl_literals(fees: list[float], gross: list[float], expected: float) -> None:
    assert trade_stats.fee_to_pnl_frac(np.array(fees), np.array(gross)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("pnl", "expected"),
    [([], 0), ([1.0], 0), ([-1.0], 1), ([-1.0, -1.0, 1.0, -1.0], 2), ([-1.0, 0.0, -1.0], 1), ([1.0, -1.0, -1.0], 2)],
)
def test_longest_losing_streak_literals(pnl: list[float], expected: int) -> None:
    assert trade_stats.longest_losing_streak(np.array(pnl)) == expected
