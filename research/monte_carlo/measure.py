"""What one path of trade returns does to equity: a single walk along it, equity 1 at the start."""

import math

import numpy as np
import numpy.typing as npt

from compiled import Record, compiled, record_dtype

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROUNDING = 1e-12  # equity this close under a level, relative to it, is at the level

PATH = record_dtype(
    [
        ("end", "f8"),  # equity behind the last trade, as a multiple of the start
        ("lowest", "f8"),
        ("highest", "f8"),
        ("max_drawdown_frac", "f8"),
        ("recovery_trades", "i8"),  # longest time from a peak until it is reached again, or until the path ends
        ("recovered", "i8"),  # 1 when the path ends at its peak
        ("mean_frac", "f8"),  # of the trade returns
        ("spread_frac", "f8"),  # their standard deviation, ddof=1; NaN for a single trade
        ("largest_frac", "f8"),  # the largest of their magnitudes
    ]
)


@compiled
def measure(fracs: Floats, path: Record) -> None:
    """Write into a ``PATH`` record what a sequence of trade returns does.

    Parameters
    ----------
    fracs : float64 array of shape (trades,)
        Trade returns as fractions of equity, >= -1, oldest first. Each compounds on all before it.
    path : record of ``PATH``
        Receives the answers. Drawdown and recovery have the rules of `research.equity_curve`: the start is a peak,
        and a peak that is not reached again counts to the end. Equity is seen at the close of each trade only.
    """
    equity, peak, lowest, kept_frac = 1.0, 1.0, 1.0, 1.0
    peak_at, longest, total, largest = 0, 0, 0.0, 0.0
    under = False
    for row in range(len(fracs)):
        total += fracs[row]
        largest = max(largest, abs(fracs[row]))
        equity *= 1.0 + fracs[row]
        risen = equity >= peak * (1.0 - ROUNDING)
        if under or not risen:
            longest = max(longest, row + 1 - peak_at)
        if risen:
            peak = max(peak, equity)
            peak_at = row + 1
        else:
            lowest = min(lowest, equity)
            kept_frac = min(kept_frac, equity / peak)
        under = not risen
    mean = total / len(fracs)
    path.end, path.lowest, path.highest = equity, lowest, peak
    path.max_drawdown_frac = 1.0 - kept_frac
    path.recovery_trades = longest
    path.recovered = 0 if under else 1
    path.mean_frac, path.spread_frac, path.largest_frac = mean, spread(fracs, mean), largest


@compiled
def spread(values: Floats, mean: float) -> float:
    """Return the standard deviation (ddof=1) around a known mean; NaN for fewer than two values."""
    if len(values) < 2:
        return math.nan
    total = 0.0
    for row in range(len(values)):
        total += (values[row] - mean) ** 2
    return math.sqrt(total / (len(values) - 1))


@compiled
def trace(fracs: Floats, grid: Ints, out: Floats) -> None:
    """Write equity after ``grid[i]`` trades, as a multiple of the start, to ``out[i]``; ``grid`` rises from 0."""
    equity, done = 1.0, 0
    for point in range(len(grid)):
        while done < grid[point]:
            equity *= 1.0 + fracs[done]
            done += 1
        out[point] = equity
