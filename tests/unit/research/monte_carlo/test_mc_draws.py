"""How paths are drawn."""

from collections import Counter

import numpy as np
import pytest

from research.monte_carlo.draws import draw_blocks, reorder, resample

ROWS = np.arange(50.0)


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_reorder_every_order_is_equally_likely() -> None:
    draw, out, seen = chance(), np.empty(3), Counter[tuple[float, ...]]()
    for _ in range(6000):
        reorder(np.array([1.0, 2.0, 3.0]), draw, out)
        seen[tuple(out.tolist())] += 1
    assert len(seen) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 20.5  # chi-square, 5 degrees, p = 0.001


def test_resample_every_trade_is_equally_likely() -> None:
    out, counts, draw = np.empty(50), np.zeros(50), chance()
    for _ in range(2000):
        resample(ROWS, draw, out)
        counts += np.bincount(out.astype(int), minlength=50)
    assert ((counts - 2000) ** 2 / 2000).sum() < 85.4  # chi-square, 49 degrees, p = 0.001


def test_blocks_of_infinite_length_are_a_rotation_and_every_one_comes() -> None:
    draw, out, starts = chance(), np.empty(50), set()
    for _ in range(1000):
        draw_blocks(ROWS, 0.0, draw, out)
        starts.add(out[0])
        assert (out == np.roll(ROWS, -int(out[0]))).all()
    assert len(starts) == 50


@pytest.mark.parametrize("length", [1.0, 4.0, 20.0])
def test_blocks_have_the_mean_length_asked_for(length: float) -> None:
    draw, out, follows, steps = chance(), np.empty(50), 0, 0
    for _ in range(4000):
        draw_blocks(ROWS, 1.0 / length, draw, out)
        follows += int((np.diff(out) % 50 == 1).sum())
        steps += 49
    restart = 1.0 / length
    expected = 1.0 - restart + restart / 50.0  # a new block may begin at the next trade by chance
    assert abs(follows / steps - expected) < 5.0 * np.sqrt(expected * (1.0 - expected) / steps)


def test_blocks_choose_every_trade_equally_often() -> None:
    out, counts, draw = np.empty(50), np.zeros(50), chance()
    for _ in range(4000):
        draw_blocks(ROWS, 0.25, draw, out)
        counts += np.bincount(out.astype(int), minlength=50)
    assert np.abs(counts / counts.mean() - 1.0).max() < 0.12
