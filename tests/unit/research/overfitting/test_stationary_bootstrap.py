import sys

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length

from errors import ConfigError
from research.overfitting.stationary_bootstrap import count_draws, draw_indices, mean_block_length


def autoregressive(seed: int, memory: float, days: int = 1_000) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=days)
    for day in range(1, days):
        shocks[day] += memory * shocks[day - 1]
    return shocks


def test_blocks_follow_each_other_for_their_mean_length() -> None:
    index = draw_indices(500, 8.0, 400, seed=1)
    follows = (index[:, 1:] - index[:, :-1]) % 500 == 1
    assert follows.mean() == pytest.approx(1 - 1 / 8 + 1 / 8 / 500, abs=0.005)
    assert index.min() == 0
    assert index.max() == 499


def test_every_position_is_as_likely() -> None:
    counts = count_draws(draw_indices(50, 5.0, 4_000, seed=2), 50)
    assert counts.sum(axis=1).tolist() == [50.0] * 4_000
    assert counts.mean(axis=0) == pytest.approx(np.ones(50), abs=0.1)


def test_blocks_of_one_day_are_resampling_with_replacement() -> None:
    index = draw_indices(40, 1.0, 5_000, seed=3)
    follows = ((index[:, 1:] - index[:, :-1]) % 40 == 1).mean()
    assert follows == pytest.approx(1 / 40, abs=0.002)


def test_counts_average_as_the_resamples_do() -> None:
    series = np.random.default_rng(4).normal(size=30)
    index = draw_indices(30, 4.0, 20, seed=4)
    assert (count_draws(index, 30) @ series / 30).tolist() == pytest.approx(series[index].mean(axis=1).tolist())


def test_same_seed_same_days_and_another_seed_others() -> None:
    one, same, other = (draw_indices(60, 3.0, 5, seed).tolist() for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize("memory", [0.5, 0.9])
def test_block_length_is_arch_s_and_grows_with_memory(memory: float) -> None:
    series = autoregressive(5, memory)
    assert mean_block_length(series) == optimal_block_length(series)["stationary"].iloc[0]
    assert mean_block_length(series) > 2 * mean_block_length(autoregressive(5, 0.0))


@pytest.mark.parametrize(
    ("series", "length"),
    [(np.zeros(1_000), 10.0), (np.arange(8.0), 2.0), (np.arange(3.0), 1.0), (np.zeros(0), 1.0)],
    ids=["flat", "eight", "three", "none"],
)
def test_block_length_without_an_answer_is_the_cube_root(series: np.ndarray, length: float) -> None:
    assert mean_block_length(series) == pytest.approx(length)


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arch.bootstrap", None)
    with pytest.raises(ConfigError, match=r"research extra: uv pip install arch"):
        mean_block_length(autoregressive(6, 0.3))
