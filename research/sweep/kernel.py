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
    Signals,
    World,
)
from research.sweep.ride import close_bar, ride
from research.sweep.signals import first_signal, list_signals
from research.sweep.timers import is_any_due, run_timers


@compiled_bare
def simulate(  # noqa: PLR0912 - the order in which one moment's events happen, whole
    d: Data,
    w: World,
    signals: Signals,
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
    signals : Signals
        Of the set's thresholds.
    breakouts, opinions, atr
        Of its window lengths.
    daily : float64, shape (days,)
        Receives the last equity of each UTC day of ``Data.days``; NaN stays where nothing changed since the day before.
    queue : int64, shape (4 n,)
        Room to work in.
    """
    size = w.markets.size
    step = first_step - 1
    n, signal_count = first_signal(signals, first_step), signals.steps.size
    looked = 0
    while True:
        if w.account[0].active == 0:
            step = min(end_step, signals.steps[n] if n < signal_count else end_step)
            looked = look_at_ends(d, w, looked, step)
            if step >= end_step:
                return
            refresh(d, w, step)
        else:
            step += 1
            if step >= end_step:
                return
            until = min(end_step, signals.steps[n] if n < signal_count else end_step)
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
        asked = list_signals(signals, n, step, queue)
        n += asked
        if was_active:
            close_bars(w, d.rows[step], atr, now_ns)
            if is_any_due(w.trades, now_ns + 1):
                run_timers(w, now_ns + 1)
        falls = observe(w, now_ns) if was_active or asked > 0 else False
        if asked > 0:
            answer(d, w, breakouts, opinions, asked, queue)
        daily[d.days[step]] = equity(w)
        if asked > 0 and was_active and settle_entries(w, now_ns + 1):
            daily[d.days[min(step + 1, end_step - 1)]] = equity(w)
        if falls:
            shut_down(w, now_ns + 1)  # the account was looked at before: what is left shows at the next bar
            daily[d.days[min(step + 1, end_step - 1)]] = equity(w)
        if looked < w.looks.size and w.looks[looked] == step:
            looked += 1
            end_data(d, w, step, now_ns)
            daily[d.days[step]] = equity(w)


@compiled_bare
def close_bars(w: World, rows: Ints, atr: Floats, now_ns: int) -> None:
    """Give every open trade its closed bar."""
    for i in range(rows.size):
        if rows[i] >= 0 and w.trades[i].active == 1:
            close_bar(w, i, rows[i], atr[rows[i]], now_ns)


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
