"""Which breakouts are signals with one set of thresholds: what exits and risk do with them does not matter here."""

import numpy as np

from compiled import Records, compiled_bare
from research.sweep.records import Breakouts, Ints, Signals
from strategies.breakout.breakout import parameter_record
from strategies.breakout.config import BreakoutConfig
from strategies.breakout.rules import gates, is_confirmed, score_of


def find_signals(found: Breakouts, config: BreakoutConfig) -> Signals:
    """Return the breakouts that a configuration confirms, by time."""
    scores = np.empty(len(found.breakouts), np.int64)
    judge_all(parameter_record(config, htf_ns=0, max_gap_ns=0), found.breakouts, found.opinions, scores)
    numbers = np.flatnonzero(scores).astype(np.int64)
    return Signals(found.breakouts["step"][numbers], numbers, scores[numbers])


@compiled_bare
def judge_all(parameters: Records, breakouts: Records, opinions: Records, scores: Ints) -> None:
    """Write the score of each breakout, 0 where it is no signal."""
    for b in range(breakouts.size):
        scores[b] = judge(parameters, breakouts, opinions, b)


@compiled_bare
def judge(parameters: Records, breakouts: Records, opinions: Records, b: int) -> int:
    """Return the score of a breakout that is a signal with these thresholds, 0 of one that is none."""
    p = parameters[0]
    trend_ok, volume_ok, atr_ok, rsi_ok = gates(parameters, breakouts[b].side, opinions[b : b + 1])
    score = score_of(trend_ok, volume_ok, rsi_ok)
    return score if is_confirmed(trend_ok, volume_ok or not p.require_volume, atr_ok) and score >= p.min_score else 0


@compiled_bare
def first_signal(signals: Signals, step: int) -> int:
    """Return the number of the first signal at a step or after it."""
    low, high = 0, signals.steps.size
    while low < high:
        middle = (low + high) // 2
        if signals.steps[middle] < step:
            low = middle + 1
        else:
            high = middle
    return low


@compiled_bare
def list_signals(signals: Signals, n: int, step: int, queue: Ints) -> int:
    """Write a step's breakouts and scores into the first and last quarter of ``queue``; return how many there are."""
    count, scores = 0, queue[3 * queue.size // 4 :]
    while n + count < signals.steps.size and signals.steps[n + count] == step:
        queue[count], scores[count] = signals.breakouts[n + count], signals.scores[n + count]
        count += 1
    return count
