import math

import numpy as np
import pytest

from research import benchmark

HOURS = np.arange(1, 5, dtype=np.int64) * 3_600_000_000_000


def test_hold_equity_two_instruments_one_of_them_late() -> None:
    early = (HOURS, np.array([10.0, 20.0, 20.0, 5.0]))
    late = (HOURS[2:3], np.array([4.0]))  # cash before, its last close after
    assert benchmark.hold_equity(HOURS, [early, late], 100.0).tolist() == [100.0, 150.0, 150.0, 75.0]


def test_hold_equity_between_closes_knows_only_the_last_one() -> None:
    series = (HOURS[1:3], np.array([10.0, 30.0]))
    assert benchmark.hold_equity(HOURS[:3] - 1, [series], 100.0).tolist() == [100.0, 100.0, 100.0]


def test_hold_equity_without_prices_is_the_start() -> None:
    assert benchmark.hold_equity(HOURS, [(HOURS[:0], np.zeros(0))], 100.0).tolist() == [100.0] * 4


def test_buy_and_hold_gives_the_figures_of_the_series() -> None:
    day = 24 * HOURS
    figures = benchmark.buy_and_hold(day, np.array([110.0, 99.0, 99.0, 120.0]), 100.0, 365)
    assert figures["total_return_frac"] == pytest.approx(0.2)
    assert figures["max_drawdown_frac"] == pytest.approx(0.1)
    assert figures["recovery_factor"] == pytest.approx(20 / 11)
    assert figures["exposure_frac"] is None


def test_alpha_beta_and_information_ratio_literals() -> None:
    market = np.array([0.01, -0.02, 0.03])
    alpha, beta = benchmark.alpha_beta(0.001 + 0.5 * market, market, 252)
    assert (alpha, beta) == (pytest.approx(0.252), pytest.approx(0.5))
    assert all(math.isnan(x) for x in benchmark.alpha_beta(market, np.zeros(3), 252))
    assert all(math.isnan(x) for x in benchmark.alpha_beta(market[:1], market[:1], 252))
    excess = np.array([0.01, 0.03, 0.02])  # mean 0.02, deviation 0.01
    assert benchmark.information_ratio(market + excess, market, 252) == pytest.approx(2 * math.sqrt(252))
