"""One parameter set through a whole history: account, breakers, gate and trades in lockstep over all instruments."""

from compiled import Records, compiled_bare
from research.sweep.answers import answer
from research.sweep.bars import walk_bars
from research.sweep.fills import close_at_market, settle, settle_entries
from research.sweep.looks import observe, shut_down
from research.sweep.money import equity
from research.sweep.records import (
    SHUTDOWN,
    Data,
    Floats,
    Ints,
    World,
)
from research.sweep.ride import close_bar, ride
from research.sweep.timers import is_any_due, run_timers
from strategies.breakout.rules import gates, is_confirmed, score_of


@compiled_bare
def judge(parameters: Records, breakouts: Records, opinions: Records, b: int) -> int:
    """Return the score of a breakout that is a signal with these thresholds, 0 of one that is none."""
    p = parameters[0]
    trend_ok, volume_ok, atr_ok, rsi_ok = gates(parameters, breakouts[b].side, opinions[b : b + 1])
    score = score_of(trend_ok, volume_ok, rsi_ok)
    return score if is_confirmed(trend_ok, volume_ok or not p.require_volume, atr_ok) and score >= p.min_score else 0


@compiled_bare
def simulate(  # noqa: PLR0912 - the order in which one moment's events happen, whole
    d: Data,
    w: World,
    parameters: Records,
    breakouts: Records,
    opinions: Records,
    atr: Floats,
    first_step: int,
    end_step: int,
    daily: Floats,
    queue: Ints,
) -> None:
    """Trade one parameter set from ``first_step`` up to ``end_step``.

    Parameters
    ----------
    breakouts, opinions, atr
        Of the set's window lengths.
    daily : float64, shape (days,)
        Receives the last equity of each UTC day of ``Data.days``; NaN stays where nothing changed since the day before.
    queue : int64, shape (4 n,)
        Room to work in.
    """
    size = w.markets.size
    step = first_step - 1
    b = first_breakout(breakouts, first_step)
    looked = 0
    while True:
        if w.account[0].active == 0:
            b, step = next_signal(parameters, breakouts, opinions, b, end_step)
            looked = look_at_ends(d, w, looked, step)
            if step >= end_step:
                return
            refresh(d, w, step)
        else:
            step += 1
            if step >= end_step:
                return
            while b < breakouts.size and breakouts[b].step < step:
                b += 1
            until = min(end_step, breakouts[b].step if b < breakouts.size else end_step)
            if looked < w.looks.size:
                until = min(until, w.looks[looked])
            if step < until:
                step = ride(d, w, step - 1, until, atr, daily)
                if w.account[0].active == 0 or step + 1 >= end_step:
                    continue
                step += 1
        now_ns = d.times[step]
        walk_bars(d, w, step, queue[size : 2 * size])
        was_active = w.account[0].active > 0
        b, signals = list_signals(parameters, breakouts, opinions, b, step, queue)
        if was_active:
            close_bars(w, d.rows[step], atr, now_ns)
            if is_any_due(w.trades, now_ns + 1):
                run_timers(w, now_ns + 1)
        falls = observe(w, now_ns) if was_active or signals > 0 else False
        if signals > 0:
            answer(d, w, breakouts, opinions, signals, queue)
        daily[d.days[step]] = equity(w)
        if signals > 0 and was_active and settle_entries(w, now_ns + 1):
            daily[d.days[min(step + 1, end_step - 1)]] = equity(w)
        if falls:
            shut_down(w, now_ns + 1)  # the account was looked at before: what is left shows at the next bar
            daily[d.days[min(step + 1, end_step - 1)]] = equity(w)
        if looked < w.looks.size and w.looks[looked] == step:
            looked += 1
            end_data(d, w, step, now_ns)
            daily[d.days[step]] = equity(w)


@compiled_bare
def list_signals(
    parameters: Records, breakouts: Records, opinions: Records, b: int, step: int, queue: Ints
) -> tuple[int, int]:
    """Write a step's signals and scores into the first and last quarter of ``queue``; return what follows, how many."""
    count, scores = 0, queue[3 * queue.size // 4 :]
    while b < breakouts.size and breakouts[b].step == step:
        score = judge(parameters, breakouts, opinions, b)
        if score > 0:
            queue[count], scores[count] = b, score
            count += 1
        b += 1
    return b, count


@compiled_bare
def close_bars(w: World, rows: Ints, atr: Floats, now_ns: int) -> None:
    """Give every open trade its closed bar."""
    for i in range(rows.size):
        if rows[i] >= 0 and w.trades[i].active == 1:
            close_bar(w, i, rows[i], atr[rows[i]], now_ns)


@compiled_bare
def first_breakout(breakouts: Records, step: int) -> int:
    """Return the number of the first breakout at a step or after it."""
    low, high = 0, breakouts.size
    while low < high:
        middle = (low + high) // 2
        if breakouts[middle].step < step:
            low = middle + 1
        else:
            high = middle
    return low


@compiled_bare
def next_signal(parameters: Records, breakouts: Records, opinions: Records, b: int, end_step: int) -> tuple[int, int]:
    """Return the first breakout from ``b`` on of a moment with a signal, and that moment."""
    while b < breakouts.size and breakouts[b].step < end_step:
        if judge(parameters, breakouts, opinions, b) > 0:
            step = breakouts[b].step
            while b > 0 and breakouts[b - 1].step == step:
                b -= 1
            return b, step
        b += 1
    return b, end_step


@compiled_bare
def look_at_ends(d: Data, w: World, looked: int, step: int) -> int:
    """Look at the idle account where data of an instrument ended before a step; return how many ends are behind."""
    while looked < w.looks.size and w.looks[looked] < step:
        observe(w, d.times[w.looks[looked]])
        looked += 1
    return looked


@compiled_bare
def end_data(d: Data, w: World, step: int, now_ns: int) -> None:
    """Close what is open where its data ends, by the instruments' names; then look once more."""
    for place in range(w.markets.size):
        for i in range(w.markets.size):
            ended = w.markets[i].place == place and (d.ends[step, i] or step == w.quotes[i].last_step)
            if ended and w.trades[i].active == 1:
                close_at_market(w, i, SHUTDOWN, now_ns + 2)
                settle(w, w.markets[i].venue, now_ns + 2)
    observe(w, now_ns)


@compiled_bare
def refresh(d: Data, w: World, step: int) -> None:
    """Bring prices up to the bars before a step: nothing was traded in between."""
    for i in range(w.markets.size):
        row = d.latest[step - 1, i] if step > 0 else -1
        if row >= 0:
            w.quotes[i].row = row
            w.quotes[i].last_px = w.quotes[i].told_px = w.bars[row].close
            w.quotes[i].last_ns = w.bars[row].close_ns - 1
