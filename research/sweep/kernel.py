"""One parameter set through a whole history: account, breakers, gate and trades in lockstep over all instruments."""

from compiled import Record, Records, compiled_bare
from execution.protection import best_close, stop_after_close
from execution.schedule import NS
from research.operator import REVIEW_DAYS
from research.sweep.gate import decide
from research.sweep.money import equity, rate_of, unrealized
from research.sweep.records import FOREVER, SHUTDOWN, TRAIL, Data, Floats, Ints, World
from research.sweep.trade import (
    close_at_market,
    close_when_open,
    left_of,
    quote,
    run_timers,
    set_stop,
)
from risk.breakers.account import observe_equity
from risk.breakers.hands import approve_week, end_slippage, end_suspension, restart
from risk.breakers.state import DAY_NS
from strategies.breakout.rules import gates, is_confirmed, score_of


@compiled_bare
def judge(parameters: Records, breakouts: Records, opinions: Records, b: int) -> int:
    """Return the score of a breakout that is a signal with these thresholds, 0 of one that is none."""
    p = parameters[0]
    trend_ok, volume_ok, atr_ok, rsi_ok = gates(parameters, breakouts[b].side, opinions[b : b + 1])
    score = score_of(trend_ok, volume_ok, rsi_ok)
    return score if is_confirmed(trend_ok, volume_ok or not p.require_volume, atr_ok) and score >= p.min_score else 0


@compiled_bare
def is_quiet(t: Record, bar: Record) -> bool:
    """Return whether nothing can happen to a trade inside a bar: no order is reached, no timer is due."""
    if t.working == 1 or t.closing == 1 or t.filled == 0.0 or t.runt == 1 or t.due_ns < bar.close_ns:
        return False
    target = t.tp1_px if t.tp1_left > 0.0 else t.tp2_px
    if t.side > 0:
        return bool(bar.low > t.trigger and bar.high <= target)
    return bool(bar.high < t.trigger and bar.low >= target)


@compiled_bare
def path_price(bar: Record, phase: int) -> float:
    """Return the price of a bar at one of its four moments, as ``research.feed.walk`` gives them."""
    if phase == 0:
        return float(bar.open)
    if phase == 3:
        return float(bar.close)
    high_first = bar.high - bar.open < bar.open - bar.low
    return float(bar.high if high_first == (phase == 1) else bar.low)


@compiled_bare
def path_ns(bar_ns: int, start_ns: int, phase: int) -> int:
    """Return when that is, for a bar that opens at ``start_ns``."""
    if phase == 0:
        return start_ns + NS
    return start_ns + phase * bar_ns // 3 if phase < 3 else start_ns + bar_ns - 1


@compiled_bare
def walk_bars(d: Data, w: World, step: int, busy: Ints) -> None:  # noqa: PLR0912 - one bar, in the engine's order
    """Take every instrument through its bar that closes at this step; quiet trades need no steps in between."""
    count = 0
    start_ns = d.times[step] - d.bar_ns
    for i in range(w.markets.size):
        row = d.rows[step, i]
        if w.trades[i].active == 1 and (row < 0 or not is_quiet(w.trades[i], w.bars[row])):
            count += 1
    if count > 0 and is_any_due(w.trades, start_ns):
        run_timers(w, start_ns)
    listed = 0
    for i in range(w.markets.size):
        row = d.rows[step, i]
        if row < 0:
            continue
        if count > 0 and (w.trades[i].active == 1 or w.markets[i].is_source == 1):
            busy[listed] = i
            listed += 1
        w.quotes[i].row = row
    for phase in range(4 if count > 0 else 0):
        now_ns = path_ns(d.bar_ns, start_ns, phase)
        if is_any_due(w.trades, now_ns):
            run_timers(w, now_ns)
        for n in range(listed):
            i = busy[n]
            row = d.rows[step, i]
            price = path_price(w.bars[row], phase)
            if reached(w.trades[i], price):
                quote(w, i, row, now_ns, price)
            show(w.quotes[i], row, price, now_ns)
    for i in range(w.markets.size):
        row = d.rows[step, i]
        if row >= 0:
            show(w.quotes[i], row, w.bars[row].close, w.bars[row].close_ns - 1)
    if count > 0 and is_any_due(w.trades, d.times[step]):
        run_timers(w, d.times[step])


@compiled_bare
def trailed(t: Record, close: float, atr: float, trail_atr: float, tick: float) -> float:
    """Return the stop of an open trade after a bar close (D14)."""
    if t.tp1_filled == 0.0 or t.tp1_left > 0.0:
        return float(t.stop)
    return stop_after_close(t.stop, best_close(t.best_close, close, t.side), atr, t.side, trail_atr, tick)


@compiled_bare
def close_bar(w: World, i: int, row: int, atr: float, now_ns: int) -> None:
    """Take a closed bar: end what waited for the market to open, trail the stop."""
    t, close = w.trades[i], w.bars[row].close
    if t.waiting != 0:
        reason, t.waiting = t.waiting, 0
        close_at_market(w, i, reason, now_ns)
    if t.active == 0 or t.closing == 1 or left_of(w, i) == 0.0:
        return
    stop = trailed(t, close, atr, w.setup[0].trail_atr, w.markets[i].tick)
    t.best_close = best_close(t.best_close, close, t.side)
    if stop == t.stop:
        return
    set_stop(w, i, stop)
    t.stop_reason = TRAIL
    if t.side * (close - stop) <= 0.0:
        close_at_market(w, i, TRAIL, now_ns)
    else:
        t.stop_set_ns = now_ns


@compiled_bare
def passes(t: Record, bar: Record, atr: float, trail_atr: float, tick: float) -> bool:
    """Return whether a trade takes a bar and its close without an order being filled."""
    if not is_quiet(t, bar) or t.waiting != 0 or t.due_ns <= bar.close_ns:
        return False
    return bool(t.side * (bar.close - trailed(t, bar.close, atr, trail_atr, tick)) > 0.0)


@compiled_bare
def all_pass(w: World, rows: Ints, now_ns: int, atr: Floats) -> bool:
    """Return whether every open trade takes a step so."""
    for i in range(rows.size):
        t, row = w.trades[i], rows[i]
        if t.active == 0:
            continue
        if row < 0:
            if t.due_ns <= now_ns or t.working == 1:
                return False
        elif not passes(t, w.bars[row], atr[row], w.setup[0].trail_atr, w.markets[i].tick):
            return False
    return True


@compiled_bare
def reached(t: Record, price: float) -> bool:
    """Return whether a price reaches an order of a trade."""
    if t.active == 0:
        return False
    if t.filled == 0.0 or t.runt == 1 or t.closing == 1:
        return bool(t.runt == 1 or (t.working == 1 and t.side * (t.limit_px - price) > 0.0))
    target = t.tp1_px if t.tp1_left > 0.0 else t.tp2_px
    return bool(t.side * (price - t.trigger) <= 0.0 or t.side * (price - target) > 0.0)


@compiled_bare
def is_any_due(trades: Records, until_ns: int) -> bool:
    """Return whether a timer or a settlement of any trade is due before a moment."""
    for i in range(trades.size):  # noqa: SIM110 - numba takes no generator
        if trades[i].active == 1 and trades[i].due_ns < until_ns:
            return True
    return False


@compiled_bare
def show(q: Record, row: int, price: float, now_ns: int) -> None:
    """Note a price that filled nothing."""
    q.row, q.last_px, q.told_px, q.last_ns = row, price, price, now_ns


@compiled_bare
def ride(d: Data, w: World, step: int, until: int, atr: Floats, daily: Floats) -> int:
    """Let steps pass at which no order can fill, up to ``until``; return the last one taken.

    What happens at such a step is what ``simulate`` does: stops are trailed and the account is looked at.
    """
    s, account, state = w.setup[0], w.account[0], w.state[0]
    while step + 1 < until and account.active > 0:
        rows, now_ns = d.rows[step + 1], d.times[step + 1]
        if not all_pass(w, rows, now_ns, atr):
            break
        step += 1
        for i in range(rows.size):
            t, m, row = w.trades[i], w.markets[i], rows[i]
            if row < 0 or (t.active == 0 and m.is_source == 0):
                continue
            bar = w.bars[row]
            show(w.quotes[i], row, bar.close, bar.close_ns - 1)
            if t.active == 1 and t.filled > 0.0:
                stop = trailed(t, bar.close, atr[row], s.trail_atr, m.tick)
                t.best_close = best_close(t.best_close, bar.close, t.side)
                if stop != t.stop:
                    set_stop(w, i, stop)
                    t.stop_reason, t.stop_set_ns = TRAIL, now_ns
        total = account.cash
        for i in range(rows.size):
            t, m = w.trades[i], w.markets[i]
            if t.active == 1:
                rate = 1.0 if m.rate_of < 0 else rate_of(w, i)
                total += unrealized(t, m, w.quotes[i].last_px, rate, s.account_scale)
        was_down = state.drawdown
        observe_equity(w.state, w.limits, now_ns, total)
        shut = state.drawdown + state.weekly_loss + state.suspension + state.slippage
        daily[d.days[step]] = total
        if shut > 0 and after_look(w, now_ns, was_down):
            shut_down(w, now_ns + 1)  # the account was looked at before: what is left shows at the next bar
            daily[d.days[step + 1]] = equity(w)
    return step


@compiled_bare
def observe(w: World, now_ns: int) -> bool:
    """Look at the account; return whether it has fallen so far that everything must be closed (D22, D29)."""
    was_down = w.state[0].drawdown
    observe_equity(w.state, w.limits, now_ns, equity(w))
    return after_look(w, now_ns, was_down)


@compiled_bare
def after_look(w: World, now_ns: int, was_down: int) -> bool:
    """Let the simulated operator act; return whether the account has just fallen too far."""
    falls = w.setup[0].breakers == 1 and was_down == 0 and w.state[0].drawdown == 1
    if w.setup[0].operator == 1 and w.setup[0].breakers == 1:
        operate(w, now_ns)
    return bool(falls)


@compiled_bare
def shut_down(w: World, now_ns: int) -> None:
    """Close everything at market, oldest first: what a bar close leads to leaves after its signals are answered."""
    seen = -1
    while True:
        first = -1
        for i in range(w.markets.size):
            t = w.trades[i]
            older = first < 0 or t.number < w.trades[first].number
            if t.active == 1 and t.number > seen and older:
                first = i
        if first < 0:
            return
        seen = w.trades[first].number
        close_when_open(w, first, SHUTDOWN, now_ns)


@compiled_bare
def operate(w: World, now_ns: int) -> None:
    """Do what ``research.operator.SimulatedOperator`` does: reset what waits for a hand when it is due."""
    a, s = w.account[0], w.state[0]
    next_day = (now_ns // DAY_NS + 1) * DAY_NS
    later = (now_ns // DAY_NS + REVIEW_DAYS) * DAY_NS
    a.suspension_due_ns = due_of(a.suspension_due_ns, s.suspension, next_day)
    a.slippage_due_ns = due_of(a.slippage_due_ns, s.slippage, next_day)
    a.drawdown_due_ns = due_of(a.drawdown_due_ns, s.drawdown, later)
    if now_ns >= a.suspension_due_ns:
        end_suspension(w.state)
    if now_ns >= a.slippage_due_ns:
        end_slippage(w.state)
    if s.weekly_loss == 1 and now_ns >= s.weekly_until_ns and s.weekly_approved_ns == 0:
        approve_week(w.state, now_ns)
    if now_ns >= a.drawdown_due_ns:
        restart(w.state, s.equity)


@compiled_bare
def due_of(due_ns: int, closed: int, first_ns: int) -> int:
    """Return when a closed breaker is reset: the first look sets it; never while it is open."""
    if closed == 0:
        return FOREVER
    return first_ns if due_ns == FOREVER else due_ns


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


@compiled_bare
def simulate(  # noqa: PLR0912, PLR0915 - the order in which one moment's events happen, whole
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
        signals = 0
        while b < breakouts.size and breakouts[b].step == step:
            score = judge(parameters, breakouts, opinions, b)
            if score > 0:
                queue[signals], queue[3 * size + signals] = b, score
                signals += 1
            b += 1
        if was_active:
            for i in range(size):
                row = d.rows[step, i]
                if row >= 0 and w.trades[i].active == 1:
                    close_bar(w, i, row, atr[row], now_ns)
            if is_any_due(w.trades, now_ns + 1):
                run_timers(w, now_ns + 1)
        falls = observe(w, now_ns) if was_active or signals > 0 else False
        if signals > 0:
            answer(d, w, breakouts, opinions, signals, queue)
        daily[d.days[step]] = equity(w)
        if falls:
            shut_down(w, now_ns + 1)  # the account was looked at before: what is left shows at the next bar
            daily[d.days[min(step + 1, end_step - 1)]] = equity(w)
        if looked < w.looks.size and w.looks[looked] == step:
            looked += 1
            end_data(d, w, step, now_ns)
            daily[d.days[step]] = equity(w)


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
    """Close what is open where its data ends, then look once more."""
    for i in range(w.markets.size):
        if (d.ends[step, i] or step == w.quotes[i].last_step) and w.trades[i].active == 1:
            close_at_market(w, i, SHUTDOWN, now_ns + 2)
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
