"""One bar as four prices in sequence, shown to every trade that one of them can reach."""

from compiled import Record, compiled_bare
from execution.schedule import NS
from research.sweep.fills import quote
from research.sweep.records import (
    Data,
    Ints,
    World,
)
from research.sweep.timers import is_any_due, run_timers


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
def show(q: Record, row: int, price: float, now_ns: int) -> None:
    """Note a price that filled nothing."""
    q.row, q.last_px, q.told_px, q.last_ns = row, price, price, now_ns


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
def reached(t: Record, price: float) -> bool:
    """Return whether a price reaches an order of a trade."""
    if t.active == 0:
        return False
    if t.filled == 0.0 or t.runt == 1 or t.closing == 1:
        return bool(t.runt == 1 or (t.working == 1 and t.side * (t.limit_px - price) > 0.0))
    target = t.tp1_px if t.tp1_left > 0.0 else t.tp2_px
    return bool(t.side * (price - t.trigger) <= 0.0 or t.side * (price - target) > 0.0)


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
