"""Signals of one moment, answered the best first (D16)."""

from compiled import Records, compiled_bare
from research.sweep.gate import decide
from research.sweep.records import (
    Data,
    Ints,
    World,
)


@compiled_bare
def answer(d: Data, w: World, breakouts: Records, opinions: Records, signals: int, queue: Ints) -> None:
    """Answer the signals of one moment, which ``queue`` begins with, the best first (D16)."""
    size = w.markets.size
    scores = queue[3 * size : 4 * size]
    for a in range(1, signals):
        b = a
        while b > 0 and comes_before(w, breakouts, opinions, queue, scores, b):
            queue[b], queue[b - 1] = queue[b - 1], queue[b]
            scores[b], scores[b - 1] = scores[b - 1], scores[b]
            b -= 1
    peers = queue[2 * size : 3 * size]
    count = add_held(w, peers, 0)
    for a in range(signals):
        b = queue[a]
        if decide(d, w, breakouts, opinions, b, scores[a], peers, count, d.times[breakouts[b].step]):
            count = add_held(w, peers, count)
        count = add_peer(peers, count, breakouts[b].instrument)


@compiled_bare
def comes_before(w: World, breakouts: Records, opinions: Records, queue: Ints, scores: Ints, n: int) -> bool:
    """Return whether a signal in the queue is to be answered before the one ahead of it: score, quote volume, name."""
    if scores[n] != scores[n - 1]:
        return bool(scores[n] > scores[n - 1])
    mine, other = breakouts[queue[n]], breakouts[queue[n - 1]]
    value, other_value = mine.volume_24h * opinions[queue[n]].close, other.volume_24h * opinions[queue[n - 1]].close
    if value != other_value:
        return bool(value > other_value)
    return bool(w.markets[mine.instrument].place < w.markets[other.instrument].place)


@compiled_bare
def add_peer(peers: Ints, count: int, i: int) -> int:
    """Add an instrument once; return how many there are."""
    for n in range(count):
        if peers[n] == i:
            return count
    peers[count] = i
    return count + 1


@compiled_bare
def add_held(w: World, peers: Ints, count: int) -> int:
    """Add every instrument that is held or has a working entry, in the order of their names."""
    for place in range(w.markets.size):
        for i in range(w.markets.size):
            if w.markets[i].place == place and w.trades[i].active == 1:
                count = add_peer(peers, count, i)
    return count
