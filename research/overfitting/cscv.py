"""Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey et al. 2015)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MAX_BLOCKS = 16
MIN_BLOCKS = 6
MIN_BLOCK_DAYS = 10
MIN_DAYS = MIN_BLOCKS * MIN_BLOCK_DAYS

_CHUNK = 1_000  # splits at a time: bounds the memory
_FLAT = 1e-24  # a variance this small beside the mean square of the trial is rounding: the trial stood still
_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What choosing the best in one half of history did in the other half, over all splits."""

    blocks: int
    logits: (
        Floats  # (splits,): of the chosen trial's relative rank outside; at or below 0 it is no better than the median
    )
    overfitting_probability: float  # share of logits at or below 0
    degradation_slope: float  # Sharpe outside per unit of Sharpe inside; NaN when the inside ones are all equal
    loss_probability: float  # share of splits in which the chosen trial lost outside


def block_count(days: int) -> int:
    """Return how many blocks a history is cut into: even, at most 16, at least 10 days each; 0 when under 60 days.

    >>> [block_count(days) for days in (2500, 160, 159, 60, 59)]
    [16, 16, 14, 6, 0]
    """
    blocks = min(MAX_BLOCKS, days // MIN_BLOCK_DAYS) // 2 * 2
    return blocks if blocks >= MIN_BLOCKS else 0


def backtest_overfitting(trial_returns: Floats) -> Overfitting | None:
    """Return how the best trial of one half of the blocks does in the other half, over all ways to halve them.

    Parameters
    ----------
    trial_returns : float64 array of shape (days, trials)
        Daily returns as fractions, oldest first, finite.

    Returns
    -------
    Overfitting or None
        None with fewer than 60 days or fewer than two trials: there is nothing to judge.

    Notes
    -----
    Source: Bailey, Borwein, Lopez de Prado & Zhu (2015), The Probability of Backtest Overfitting, section 2.
    S blocks of equal length (to a day), C(S, S/2) splits. Performance is the Sharpe ratio; a half in which a trial
    stands still counts as 0, like cash. Relative rank ``w = rank / (N + 1)``, ties at their middle, logit
    ``ln(w / (1 - w))``. PBO is the share of logits <= 0, so trials that are all alike are no pass.
    A union's ratio comes from the blocks' sums and sums of squares, so a split costs S additions per trial.
    """
    returns = np.asarray(trial_returns, dtype=np.float64)
    days, trials = returns.shape
    blocks = block_count(days)
    if blocks == 0 or trials < 2:
        return None
    chunks = [_judge_splits(inside, *_block_sums(returns, blocks)) for inside in _splits(blocks)]
    inside, outside, ranks = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    logits = np.log(ranks / (trials + 1.0 - ranks))
    return Overfitting(
        blocks, logits, float((logits <= 0.0).mean()), _slope(inside, outside), float((outside < 0.0).mean())
    )


def _splits(blocks: int) -> Iterator[Floats]:
    """Yield the ways to choose half of the blocks, as rows of 0 and 1."""
    chosen = combinations(range(blocks), blocks // 2)
    while chunk := list(islice(chosen, _CHUNK)):
        rows = np.zeros((len(chunk), blocks))
        np.put_along_axis(rows, np.array(chunk), 1.0, axis=1)
        yield rows


def _block_sums(returns: Floats, blocks: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return per block: days (S,), sums and sums of squares (S, N) of returns less their mean; and that mean (N,)."""
    mean = returns.mean(axis=0)
    starts = np.arange(blocks) * len(returns) // blocks
    centred = returns - mean  # so that squares do not drown in each other
    days = np.diff(np.append(starts, len(returns))).astype(np.float64)
    return days, np.add.reduceat(centred, starts), np.add.reduceat(centred**2, starts), mean


def _judge_splits(
    inside: Floats, days: Floats, sums: Floats, squares: Floats, mean: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return for each split the chosen trial's Sharpe inside and outside (per day), and its rank outside from 1."""
    first, second = (_union_sharpe(half, days, sums, squares, mean) for half in (inside, 1.0 - inside))
    rows = np.arange(len(inside))
    best = first.argmax(axis=1)
    reached = second[rows, best][:, None]
    below, equal = (second < reached - _TIE).sum(axis=1), (np.abs(second - reached) <= _TIE).sum(axis=1)
    return first[rows, best], second[rows, best], below + (equal + 1.0) / 2.0


def _union_sharpe(half: Floats, days: Floats, sums: Floats, squares: Floats, mean: Floats) -> Floats:
    count = (half @ days)[:, None]
    shift = half @ sums / count
    variance = half @ squares / count - shift**2
    total = mean + shift
    moving = variance > _FLAT * (mean**2 + squares.sum(axis=0) / days.sum())
    spread = np.sqrt(np.where(moving, variance * count / (count - 1.0), 1.0))
    return np.where(moving, total / spread, 0.0)


def _slope(inside: Floats, outside: Floats) -> float:
    x = inside - inside.mean()
    spread = float(x @ x)
    return float(x @ outside) / spread if spread > _TIE * len(x) * float(np.abs(inside).max()) ** 2 else float("nan")
