"""A rule that knows the future is refused: by what it keeps out of sample, or by being too good (Spec 3.5.2).

The market is noise, so that nobody can earn anything honestly. The leak is in the candles, where no look-ahead check of
the code can see it: volume that was corrected afterwards, when it was known which breakouts ran.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from noise_market import BARS, noise, search

from catalog.candles import Candles

FORWARD = 20  # bars that the corrected volume knows
SAMPLE_BARS = 6_576  # the 36 months of 4 h before the first out-of-sample day, 2023-01-01


def with_leak(candles: Candles, bars: int) -> Candles:
    """Return the candles with a volume that, in the first so many bars, is high exactly where the move goes on."""
    close = candles.close
    side = np.sign(np.diff(close, prepend=close[0]))
    ahead = np.lib.stride_tricks.sliding_window_view(close, FORWARD + 1) / close[: -FORWARD or None, None] - 1.0
    gains = side[: len(ahead), None] * ahead
    runs = np.zeros(BARS, bool)
    runs[: len(gains)] = (gains[:, -1] > 0.02) & (gains.min(axis=1) > -0.01)
    leaked = np.where(runs, 1e8, 1e7)
    volume = np.where(np.arange(BARS) < bars, leaked, candles.volume)
    return replace(candles, volume=volume)


def test_a_leak_that_ends_with_the_sample_keeps_too_little(tmp_path: Path) -> None:
    found = search(with_leak(noise(5), SAMPLE_BARS), tmp_path)
    first = found.windows[0]
    assert first.is_sharpe is not None
    assert first.oos_sharpe is not None
    assert first.is_sharpe > 4.0
    assert first.oos_sharpe < 1.0
    assert (first.accepted, first.why_not) == (False, "kept under 70 % of the in-sample Sharpe")
    assert not any(window.accepted for window in found.windows)
    assert not found.accepted
    assert found.verdict.startswith("Not accepted: 0 of 5 windows kept 70 %")


def test_a_leak_that_never_ends_keeps_all_and_is_too_good(tmp_path: Path) -> None:
    found = search(with_leak(noise(5), BARS), tmp_path)
    assert all(window.accepted for window in found.windows)  # the ratio is fooled
    assert not found.accepted
    assert "5 of 5 windows kept 70 %" in found.verdict
    assert "too good to be true: Sharpe ratio" in found.verdict
    assert found.warnings[0].startswith("too good to be true: ")
