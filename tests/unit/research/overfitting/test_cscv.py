import math
from itertools import combinations

import numpy as np
import pytest

from research.overfitting.cscv import backtest_overfitting, block_count


def noise(seed: int, days: int = 320, trials: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (days, trials))


def plain_cscv(returns: np.ndarray, blocks: int) -> tuple[list[float], list[float], list[float]]:
    """The paper's recipe word for word: join the blocks, take the ratios, rank."""
    parts = [returns[len(returns) * i // blocks : len(returns) * (i + 1) // blocks] for i in range(blocks)]
    logits, inside, outside = [], [], []
    for chosen in combinations(range(blocks), blocks // 2):
        first = np.concatenate([parts[i] for i in chosen])
        second = np.concatenate([parts[i] for i in range(blocks) if i not in chosen])
        seen, unseen = (half.mean(axis=0) / half.std(axis=0, ddof=1) for half in (first, second))
        best = int(np.argmax(seen))
        relative = (1 + int((unseen < unseen[best]).sum())) / (returns.shape[1] + 1)
        logits.append(math.log(relative / (1 - relative)))
        inside.append(float(seen[best]))
        outside.append(float(unseen[best]))
    return logits, inside, outside


@pytest.mark.parametrize("days", [120, 127])
def test_block_sums_give_what_joined_blocks_give(days: int) -> None:
    returns = noise(1, days, trials=9) + 0.0004
    found = backtest_overfitting(returns)
    assert found is not None
    logits, inside, outside = plain_cscv(returns, found.blocks)
    assert found.blocks == 12
    assert found.logits.tolist() == pytest.approx(logits)
    assert found.overfitting_probability == np.mean(np.array(logits) <= 0)
    assert found.loss_probability == np.mean(np.array(outside) < 0)
    assert found.degradation_slope == pytest.approx(np.polyfit(inside, outside, 1)[0])


def test_noise_is_overfitted_half_of_the_time() -> None:
    found = [backtest_overfitting(noise(seed)) for seed in range(40)]
    chance = np.array([one.overfitting_probability for one in found if one])
    assert chance.mean() == pytest.approx(0.5, abs=0.06)
    assert np.mean([one.loss_probability for one in found if one]) == pytest.approx(0.5, abs=0.06)


def test_a_true_winner_is_not_overfitted() -> None:
    returns = noise(3, days=640)
    returns[:, 7] += 0.004
    found = backtest_overfitting(returns)
    assert found is not None
    assert found.overfitting_probability < 0.01
    assert found.loss_probability < 0.01
    assert len(found.logits) == 12_870


def test_a_trial_that_shone_once_is_overfitted() -> None:
    returns = noise(4)
    half = np.arange(len(returns)) < len(returns) // 2
    returns[:, 1] += np.where(half, 0.02, -0.02)
    found = backtest_overfitting(returns)
    assert found is not None
    assert found.overfitting_probability > 0.6
    assert found.degradation_slope < -0.5


@pytest.mark.parametrize("trials", [2, 3, 10])
def test_trials_that_are_all_alike_are_no_pass(trials: int) -> None:
    found = backtest_overfitting(np.repeat(noise(5, trials=1), trials, axis=1))
    assert found is not None
    assert found.overfitting_probability == 1.0
    assert found.logits.tolist() == [0.0] * len(found.logits)


def test_a_trial_that_stands_still_in_a_half_counts_as_cash() -> None:
    returns = np.column_stack((np.r_[np.full(60, 0.0), noise(6, 60, 1)[:, 0] + 0.01], noise(7, 120, 1)[:, 0] - 0.01))
    found = backtest_overfitting(returns)
    assert found is not None
    assert np.isfinite(found.logits).all()
    assert found.overfitting_probability == 0.0  # cash beats the loser in every half


@pytest.mark.parametrize(("days", "blocks"), [(59, 0), (60, 6), (79, 6), (80, 8), (160, 16), (5_000, 16)])
def test_short_histories_have_fewer_blocks(days: int, blocks: int) -> None:
    assert block_count(days) == blocks


@pytest.mark.parametrize(("days", "trials"), [(59, 5), (500, 1), (0, 3)])
def test_nothing_to_judge_is_none(days: int, trials: int) -> None:
    assert backtest_overfitting(noise(8, days, trials)) is None


def test_days_that_do_not_divide_are_all_used() -> None:
    returns = noise(9, days=167)
    changed = returns.copy()
    for day in (0, 166):
        changed[day] += 0.5 * np.arange(returns.shape[1])
    before, after = backtest_overfitting(returns), backtest_overfitting(changed)
    assert before is not None
    assert after is not None
    assert before.logits.tolist() != after.logits.tolist()
