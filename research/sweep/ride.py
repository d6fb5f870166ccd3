"""Bar closes of open trades; and steps at which no order can fill, taken at a fraction of the work."""

from compiled import Record, compiled_bare
from execution.protection import (
    best_close,
    stop_after_close,
)
from research.sweep.bars import is_quiet, show
from research.sweep.fills import (
    close_at_market,
)
from research.sweep.looks import after_look, shut_down
from research.sweep.money import engine_float, equity, unrealized
from research.sweep.records import (
    TRAIL,
    Data,
    Floats,
    Ints,
    World,
)
from research.sweep.trade import left_of, set_stop
from risk.breakers.account import observe_equity


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
                other = max(m.rate_of, 0)
                source, source_px = w.markets[other], w.quotes[other].told_px
                total += unrealized(t, m, w.quotes[i].last_px, source, source_px, s.account_scale)
        total = engine_float(total, s.account_scale)
        was_down = state.drawdown
        observe_equity(w.state, w.limits, now_ns, total)
        shut = state.drawdown + state.weekly_loss + state.suspension + state.slippage
        daily[d.days[step]] = total
        if shut > 0 and after_look(w, now_ns, was_down):
            shut_down(w, now_ns + 1)  # the account was looked at before: what is left shows at the next bar
            daily[d.days[step + 1]] = equity(w)
    return step
