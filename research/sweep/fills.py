"""What the simulated venue fills of a trade's orders at a price, as ``execution.fills`` has it (D15, D34, D35)."""

import numpy as np

from compiled import compiled_bare
from execution.costs import expected_fill_slippage, level_price, stop_base_price, whole_lots
from execution.fills import DEPTH_STEPS
from execution.schedule import NS
from research.sweep.money import to_decimals
from research.sweep.records import (
    MANUAL,
    World,
)
from research.sweep.trade import LEG_MARKET, LEG_STOP, LEG_TP1, LEG_TP2, end_entry, enter, halt_entries, leave, left_of
from risk.breakers.slippage import judge_slippage


@compiled_bare
def share_of(w: World, i: int, row: int) -> float:
    """Return how much of a bar's volume may fill one of our orders (D34)."""
    return w.setup[0].participation_frac * w.bars[row].fill_volume if w.markets[i].real_volume == 1 else np.inf


@compiled_bare
def in_lots(w: World, i: int, quantity: float) -> float:
    """Return the quantity that a depth offers, in whole lots."""
    lot = w.markets[i].lot
    size = min(quantity, 1e12)
    return to_decimals(whole_lots(size, lot) * lot, w.markets[i].size_scale) if size >= lot else 0.0


@compiled_bare
def row_at(w: World, i: int, now_ns: int) -> int:
    """Return the bar that is under way at a moment; at its close still that bar, after the last one the last."""
    row = w.quotes[i].row
    return int(row if now_ns <= w.bars[row].close_ns else min(row + 1, w.quotes[i].last_row))


@compiled_bare
def depth(w: World, i: int, base: float, share: float, whole: float) -> int:
    """Write the levels that an exit can walk; return how many. One price is one level: a later step takes its place."""
    m, sizes, prices = w.markets[i], w.sizes, w.prices
    count = 0
    for step in range(1, DEPTH_STEPS + 1):
        price = level_price(base, -w.trades[i].side, w.setup[0].slippage_frac, step, m.tick)
        size = in_lots(w, i, share if step < DEPTH_STEPS else np.inf)
        if size > 0.0:
            price = to_decimals(price, m.price_scale)
            if count == 0 or prices[count - 1] != price:
                count += 1
            sizes[count - 1], prices[count - 1] = size, price
        if share >= whole:
            break
    return count


@compiled_bare
def take(w: World, i: int, leg: int, base: float, hoped_px: float, row: int, now_ns: int) -> None:
    """Fill a stop or a market exit: walk the depth, pay the slippage, tell the breaker how bad it was (D28, D34)."""
    t, m = w.trades[i], w.markets[i]
    s = w.setup[0]
    whole = left_of(w, i)
    side, adv = t.side, t.adv
    sizes, prices = w.sizes, w.prices
    levels = depth(w, i, base, share_of(w, i, row), whole)
    rest, value = whole, 0.0
    fills = 0
    for n in range(levels):
        sizes[n] = min(rest, sizes[n])
        value += sizes[n] * prices[n]
        rest = to_decimals(rest - sizes[n], m.size_scale)
        fills = n + 1
        if rest <= 0.5 * m.lot:
            break
    average = value / (whole - rest)
    for n in range(fills):
        if n == fills - 1:
            expected = expected_fill_slippage(
                2.0 * s.slippage_frac, whole, adv if m.real_volume == 1 else np.nan, m.impact, m.tick, base
            )
            was_shut = w.state[0].slippage
            judge_slippage(w.state, w.limits, expected, -side * (average - base) / base)
            if was_shut == 0 and w.state[0].slippage == 1 and s.breakers == 1:
                leave(w, i, leg, sizes[n], prices[n], hoped_px, now_ns)
                halt_entries(w)
                return
        leave(w, i, leg, sizes[n], prices[n], hoped_px, now_ns)


@compiled_bare
def close_at_market(w: World, i: int, reason: int, now_ns: int) -> None:
    """End a trade at the newest price."""
    t = w.trades[i]
    if t.closing == 1 or t.active == 0:
        return
    t.closing = 1
    t.exit_reason = reason
    if t.working == 1:
        end_entry(w, i)
    if t.active == 1 and left_of(w, i) > 0.0:
        price = w.quotes[i].last_px
        take(w, i, LEG_MARKET, price, price, row_at(w, i, now_ns), now_ns)


@compiled_bare
def close_when_open(w: World, i: int, reason: int, now_ns: int) -> None:
    """End a trade at market, or at the first bar after a closure when the newest price is from before it (D15c)."""
    if now_ns - w.quotes[i].last_ns > w.setup[0].stale_ns:
        w.trades[i].waiting = reason
    else:
        close_at_market(w, i, reason, now_ns)


@compiled_bare
def close_runt(w: World, i: int, now_ns: int) -> None:
    """End a position that is too small for the venue's orders (D15b)."""
    if w.trades[i].active == 1 and w.trades[i].runt == 1:
        w.trades[i].runt = 0
        close_at_market(w, i, MANUAL, now_ns)


@compiled_bare
def work(w: World, i: int, row: int, now_ns: int, price: float) -> None:
    """Fill the entry where the market trades through it, up to a share of the bar's volume (D35)."""
    t = w.trades[i]
    if t.working == 1 and t.filled == 0.0 and t.side * (t.limit_px - price) > 0.0:
        size = min(to_decimals(t.quantity, w.markets[i].size_scale), in_lots(w, i, share_of(w, i, row)))
        if size > 0.0:
            enter(w, i, size, now_ns)
            w.quotes[i].told_px = price  # what is sent now is filled after the engine has told the price
    close_runt(w, i, now_ns)


@compiled_bare
def quote(w: World, i: int, row: int, now_ns: int, price: float) -> None:
    """Show a trade one price: what rests may fill."""
    w.quotes[i].last_px = price
    w.quotes[i].last_ns = now_ns
    if w.trades[i].active == 1:
        fill_resting(w, i, row, now_ns, price)


@compiled_bare
def settle(w: World, venue: int, now_ns: int) -> None:
    """Fill what rests at a venue and is reached: it looks at all its orders whenever it has taken one.

    Between a bar's close and the next price that is what the next bar's volume has room for (D35).
    """
    for i in range(w.markets.size):
        if w.markets[i].venue == venue and w.trades[i].active == 1:
            fill_resting(w, i, row_at(w, i, now_ns), now_ns, w.quotes[i].last_px)


@compiled_bare
def settle_entries(w: World, now_ns: int) -> bool:
    """Settle the venues that took the entries of signals a nanosecond old; return whether money moved."""
    cash = w.account[0].cash
    for i in range(w.markets.size):
        t = w.trades[i]
        if t.active == 1 and t.filled == 0.0 and t.signal_ns == now_ns - 1:
            settle(w, w.markets[i].venue, now_ns)
    return bool(w.account[0].cash != cash)


@compiled_bare
def fill_resting(w: World, i: int, row: int, now_ns: int, price: float) -> None:
    """Fill the orders of a trade that a price reaches."""
    t = w.trades[i]
    work(w, i, row, now_ns, price)
    if t.active == 0 or t.filled == 0.0 or t.closing == 1:
        return
    if t.side * (price - t.trigger) <= 0.0:
        hit_stop(w, i, row, now_ns)
        return
    if t.tp1_left > 0.0 and t.side * (price - t.tp1_px) > 0.0:
        hit_target(w, i, LEG_TP1, row, now_ns)
    if t.active == 1 and t.tp2_left > 0.0 and t.side * (price - t.tp2_px) > 0.0:
        hit_target(w, i, LEG_TP2, row, now_ns)


@compiled_bare
def hit_stop(w: World, i: int, row: int, now_ns: int) -> None:
    """Fill a stop at its trigger; jumped, at the open of the bar that jumped it (D15)."""
    t = w.trades[i]
    base = t.trigger
    set_within = row > w.markets[i].first_row and w.bars[row - 1].close_ns + NS <= t.stop_set_ns < now_ns
    if not set_within:
        base = stop_base_price(t.trigger, w.bars[row].fill_open, -t.side)
    take(w, i, LEG_STOP, base, t.stop, row, now_ns)


@compiled_bare
def hit_target(w: World, i: int, leg: int, row: int, now_ns: int) -> None:
    """Fill a target at its price, up to what this order may still take of the bar (D35)."""
    t = w.trades[i]
    share = share_of(w, i, row)
    if leg == LEG_TP1:
        if t.tp1_row != row:
            t.tp1_row, t.tp1_in_bar = row, 0.0
        size = min(to_decimals(t.tp1_left, w.markets[i].size_scale), in_lots(w, i, share - t.tp1_in_bar))
        if size > 0.0:
            t.tp1_in_bar += size
            leave(w, i, leg, size, t.tp1_px, t.tp1_px, now_ns)
        return
    if t.tp2_row != row:
        t.tp2_row, t.tp2_in_bar = row, 0.0
    size = min(to_decimals(t.tp2_left, w.markets[i].size_scale), in_lots(w, i, share - t.tp2_in_bar))
    if size > 0.0:
        t.tp2_in_bar += size
        leave(w, i, leg, size, t.tp2_px, t.tp2_px, now_ns)
