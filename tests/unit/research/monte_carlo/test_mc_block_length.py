"""The automatic block length against arch 8.0 (`optimal_block_length`, column stationary)."""

import numpy as np
import pytest

from research.monte_carlo.block_length import choose_block_trades, politis_white


def autoregressive(count: int, phi: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(count)
    values = noise.copy()
    for row in range(1, count):
        values[row] += phi * values[row - 1]
    return values


ARCH = (
    8.32013899610003,
    3.1897088592453056,
    21.893051232954377,
    40.97533908658694,
    0.679492841517506,
    0.9065608088104283,
)
CASES = [(500, 0.5, 1), (500, 0.0, 1), (200, -0.4, 2), (2000, 0.9, 3), (40, 0.3, 4), (31, 0.0, 5)]


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, ARCH, strict=True)))
def test_length_is_that_of_arch(case: tuple[int, float, int], expected: float) -> None:
    assert politis_white(autoregressive(*case)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_length_is_that_of_arch_where_it_is_installed(case: tuple[int, float, int]) -> None:
    bootstrap = pytest.importorskip("arch.bootstrap", reason="arch is an optional extra (research)")
    values = autoregressive(*case)
    assert politis_white(values) == pytest.approx(float(bootstrap.optimal_block_length(values)["stationary"].iloc[0]))


def test_length_grows_where_large_results_cluster_though_their_signs_do_not() -> None:
    rng = np.random.default_rng(1)
    size = np.repeat([0.002, 0.02], 30)
    fracs = np.tile(size, 10) * rng.choice([-1.0, 1.0], 600)
    assert politis_white(fracs) < 5.0
    assert choose_block_trades(fracs) == politis_white(np.abs(fracs)) > 10.0


def test_length_of_few_trades_follows_the_cube_root() -> None:
    assert choose_block_trades(np.array([0.01])) == 1.0
    assert choose_block_trades(np.linspace(-0.01, 0.02, 27)) == pytest.approx(3.0)


def test_length_of_trades_that_are_all_the_same_is_one() -> None:
    assert choose_block_trades(np.full(100, 0.01)) == 1.0
