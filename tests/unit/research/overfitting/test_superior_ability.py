"""Against arch, where it computes the same thing, and against a slow reading of Hansen's paper."""

import math

import numpy as np
import pytest
from arch.bootstrap import SPA, StationaryBootstrap
from scipy import stats

from research.overfitting.stationary_bootstrap import count_draws, draw_indices
from research.overfitting.superior_ability import SearchTest, standard_errors, superior_ability


def noise(seed: int, days: int = 250, trials: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (days, trials))


def arch_test(returns: np.ndarray, block: float, draws: int) -> SPA:
    test = SPA(np.zeros(len(returns)), -returns, block_size=block, reps=draws, seed=2)  # type: ignore[arg-type]
    test.compute()
    return test


def plain_spa(returns: np.ndarray, block: float, draws: int, seed: int) -> float:
    """Hansen (2005) with arch's resamples, one by one."""
    days = len(returns)
    mean = returns.mean(axis=0)
    means = [data[0][0].mean(axis=0) for data in StationaryBootstrap(block, returns, seed=seed).bootstrap(draws)]
    risk = np.sqrt(arch_test(returns, block, 1)._loss_diff_var)
    statistic = max(0.0, (math.sqrt(days) * mean / risk).max())
    near = mean >= -risk * math.sqrt(2 * math.log(math.log(days)) / days)
    drawn = [max(0.0, (math.sqrt(days) * (one - mean * near) / risk).max()) for one in means]
    return float(np.mean(np.array(drawn) >= statistic))


@pytest.mark.parametrize(("seed", "drift"), [(0, 0.0), (1, 0.0), (2, 0.0008), (3, 0.0015), (4, -0.001)])
def test_both_p_values_agree_with_slow_ones(seed: int, drift: float) -> None:
    returns = noise(seed)
    returns[:, :2] += drift
    returns[:, 5:10] -= 0.004  # hopeless ones
    returns[:, 12:] *= 3.0
    found = superior_ability(returns, 5.0, draws=3_000, seed=1)
    assert found.reality_check_p == pytest.approx(arch_test(returns, 5.0, 3_000).pvalues["upper"], abs=0.035)
    assert found.spa_p == pytest.approx(plain_spa(returns, 5, 2_000, 3), abs=0.04)


@pytest.mark.parametrize("block", [1.0, 4.5, 40.0])
def test_standard_errors_are_arch_s_and_those_of_many_resamples(block: float) -> None:
    shocks = noise(6, days=201)
    returns = shocks + np.roll(shocks, 1, axis=0) * 0.7
    found = standard_errors(returns, block)
    assert found == pytest.approx(np.sqrt(arch_test(returns, block, 1)._loss_diff_var / 201))
    drawn = count_draws(draw_indices(201, block, 4_000, seed=1), 201) @ returns / 201
    assert found == pytest.approx(drawn.std(axis=0), rel=0.06)


def test_p_values_of_noise_are_spread_evenly() -> None:
    found = [superior_ability(noise(seed), 1.5, draws=300, seed=seed) for seed in range(300)]
    for p_values in ([one.spa_p for one in found], [one.reality_check_p for one in found]):
        assert np.mean(np.array(p_values) <= 0.05) < 0.09
        assert stats.kstest(p_values, "uniform").statistic < 0.12


def test_a_true_winner_is_found_among_many() -> None:
    returns = noise(7, days=500, trials=300)
    returns[:, 250] += 0.003
    found = superior_ability(returns, 3.0, draws=500, seed=1)
    assert found == SearchTest(1 / 501, 1 / 501)


def test_a_steady_winner_does_not_hide_behind_wild_losers() -> None:
    returns = noise(8, days=500, trials=50)
    returns[:, 1:] *= 10.0
    returns[:, 1:] -= returns[:, 1:].mean(axis=0) + 0.001
    returns[:, 0] += 0.003
    found = superior_ability(returns, 3.0, draws=500, seed=1)
    assert found.spa_p < 0.01
    assert found.reality_check_p > 0.3


def test_hopeless_trials_do_not_weigh_on_hansen() -> None:
    returns = noise(9, days=400, trials=4)
    returns[:, 0] += 0.0012
    crowd = noise(10, days=400, trials=400) - 0.01
    alone = superior_ability(returns, 2.0, draws=1_000, seed=1).spa_p
    among = superior_ability(np.hstack((returns, crowd)), 2.0, draws=1_000, seed=1).spa_p
    assert among == pytest.approx(alone, abs=0.02)


def test_no_winner_at_all_has_p_of_one() -> None:
    assert superior_ability(noise(11) - 0.02, 2.0, draws=200, seed=1).spa_p == 1.0


def test_the_answer_does_not_depend_on_how_trials_are_cut_into_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = noise(12, trials=30)
    whole = superior_ability(returns, 2.0, draws=200, seed=1)
    monkeypatch.setattr("research.overfitting.superior_ability._COLUMNS", 7)
    assert superior_ability(returns, 2.0, draws=200, seed=1) == whole
