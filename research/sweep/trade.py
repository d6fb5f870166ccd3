"""One trade in the simulated venue: fills, exits and their orders, as lifecycle and fill model make them.

Every formula is that of ``execution``; what is here is the order in which things happen, which ``scripts/parity.py``
compares with the engine's.
"""

import math

import numpy as np

from compiled import compiled_bare
from execution.costs import expected_fill_slippage, level_price, stop_base_price, whole_lots
from execution.fills import DEPTH_STEPS
from execution.protection import (
    anchored_stop,
    first_target_left,
    is_runt,
    open_quantity,
    stop_after_target,
    target_price,
)
from execution.schedule import NS
from research.sweep.money import book, commission, rate_of, to_decimals, to_even
from research.sweep.records import (
    BREAKEVEN,
    FOREVER,
    MANUAL,
    MAX_HOLD,
    STOP,
    TP2,
    World,
)
from risk.breakers.loss_streak import count_trade, judge_result
from risk.breakers.slippage import judge_slippage

LEG_STOP, LEG_TP1, LEG_TP2, LEG_MARKET = range(4)


@compiled_bare
def left_of(w: World, i: int) -> float:
    """Return the open quantity of an instrument's trade."""
    t = w.trades[i]
    return open_quantity(t.filled, t.exited, w.markets[i].lot)


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
def protect(w: World, i: int) -> None:
    """Work out what the targets cover; the stop covers all that is open."""
    t, m = w.trades[i], w.markets[i]
    entry = t.entry_value / t.filled
    t.tp1_left = first_target_left(
        t.filled,
        t.exited,
        t.tp1_filled,
        entry,
        w.setup[0].tp1_quantity_frac,
        m.lot,
        m.min_quantity,
        m.min_notional,
        m.multiplier,
    )
    rest = max(0.0, left_of(w, i) - t.tp1_left)
    t.tp2_left = rest if rest > 0.5 * m.lot else 0.0
    t.tp1_px = to_even(target_price(entry, t.side, t.tp1_distance, m.tick), m.order_scale)
    t.tp2_px = to_even(target_price(entry, t.side, t.tp2_distance, m.tick), m.order_scale)


@compiled_bare
def charge(w: World, i: int, quantity: float, price: float, fee_frac: float) -> None:
    """Pay the fee of a fill."""
    t = w.trades[i]
    fee = commission(w, i, quantity, price, fee_frac)
    t.rate = rate_of(w, i)
    t.fees += fee * t.rate
    book(w, i, -fee)


@compiled_bare
def set_stop(w: World, i: int, stop: float) -> None:
    """Move the stop, and the price at which its order triggers."""
    t = w.trades[i]
    t.stop = stop
    t.trigger = to_even(stop, w.markets[i].order_scale)


@compiled_bare
def enter(w: World, i: int, quantity: float, now_ns: int) -> None:
    """Take the fill of an entry: the trade is open and protected (D11, D12)."""
    t, m = w.trades[i], w.markets[i]
    charge(w, i, quantity, t.limit_px, w.setup[0].taker_frac if t.taker == 1 else w.setup[0].maker_frac)
    t.filled = quantity
    t.fill_px = t.limit_px
    t.entry_value = quantity * t.limit_px
    t.entry_ns = now_ns
    set_stop(w, i, anchored_stop(t.entry_value / t.filled, t.side, t.distance, m.tick))
    t.stop_initial = t.stop
    t.stop_reason = STOP
    t.stop_set_ns = now_ns
    t.hold_ns = now_ns + w.setup[0].max_hold_ns + 1
    t.carry = first_after(w, i, now_ns - 1)  # what falls due at this very moment comes after the fill
    set_due(w, i)
    count_trade(w.state, now_ns)
    protect(w, i)
    if t.quantity - t.filled <= 0.5 * m.lot:
        end_entry(w, i)


@compiled_bare
def end_entry(w: World, i: int) -> None:
    """Take the end of the entry order."""
    t, m = w.trades[i], w.markets[i]
    t.working = 0
    t.reserved = 0.0
    if t.filled == 0.0:
        t.active = 0
        w.account[0].active -= 1
        w.decided[int(w.quotes[i].decision)].missed = 1
        return
    left = left_of(w, i)
    if left == 0.0:
        finish(w, i)
    elif t.closing == 0:
        t.runt = int(is_runt(left, t.entry_value / t.filled, m.lot, m.min_quantity, m.min_notional, m.multiplier))


@compiled_bare
def finish(w: World, i: int) -> None:
    """Note a trade that is over, and what it earned."""
    t, m = w.trades[i], w.markets[i]
    t.active = 0
    w.account[0].active -= 1
    rate = rate_of(w, i)
    funding = t.rolled - t.received * rate
    entry = t.entry_value / t.filled
    risk = abs(entry - t.stop_initial) * t.filled * m.multiplier * t.rate
    net = t.gross - t.fees - funding
    c = w.closed[w.account[0].closed % w.closed.size]
    w.account[0].closed += 1
    c.instrument = i
    c.side = t.side
    c.signal_ns = t.signal_ns
    c.entry_ns = t.entry_ns
    c.exit_ns = t.exit_ns
    c.exit_reason = t.exit_reason
    c.entry_px = entry
    c.quantity = t.filled
    c.stop_initial = t.stop_initial
    c.tp1 = entry + t.side * t.tp1_distance
    c.tp2 = entry + t.side * t.tp2_distance
    c.exit_px = t.exit_value / t.exited
    c.gross_pnl = t.gross
    c.fees = t.fees
    c.funding = funding
    c.slippage = t.slippage
    c.net_pnl = net
    c.r_multiple = net / risk if risk > 0.0 else np.nan
    judge_result(w.state, w.limits, net)


@compiled_bare
def leave(w: World, i: int, leg: int, quantity: float, price: float, hoped_px: float, now_ns: int) -> None:
    """Take a fill of one of the exit orders."""
    t, m = w.trades[i], w.markets[i]
    s = w.setup[0]
    entry = t.entry_value / t.filled
    rests = (leg == LEG_TP1 and t.tp1_taker == 0) or (leg == LEG_TP2 and t.tp2_taker == 0)
    charge(w, i, quantity, price, s.maker_frac if rests else s.taker_frac)
    unit = quantity * m.multiplier
    book(w, i, to_decimals(unit * (t.side * (price - t.fill_px)), m.quote_scale))
    t.gross += t.side * (price - entry) * unit * t.rate
    t.slippage += -t.side * (price - hoped_px) * unit * t.rate
    t.exited += quantity
    t.exit_value += quantity * price
    t.exit_ns = now_ns
    if leg == LEG_TP1:
        t.tp1_filled += quantity
    if left_of(w, i) == 0.0:
        if t.closing == 0:
            t.exit_reason = t.stop_reason if leg == LEG_STOP else TP2
        if t.working == 1:
            end_entry(w, i)
        else:
            finish(w, i)
        return
    if t.closing == 1:
        return
    protect(w, i)
    amend_targets(w, i, leg)
    if leg == LEG_TP1 and t.tp1_left == 0.0:
        lifted = stop_after_target(t.stop, entry, t.side, s.breakeven_frac, m.tick)
        if lifted != t.stop:
            set_stop(w, i, lifted)
            t.stop_reason = BREAKEVEN
    t.stop_set_ns = now_ns
    if t.working == 1:
        end_entry(w, i)


@compiled_bare
def amend_targets(w: World, i: int, leg: int) -> None:
    """Follow what the engine makes of the targets' orders after a partial exit.

    It lets a reduce-only order grow to the whole position when another one fills; the desk sees that at the next fill
    and puts it right. A limit that is put right while the market is through it takes instead of making, from then on.
    """
    t, price = w.trades[i], w.quotes[i].last_px
    if t.tp1_left > 0.0:
        if t.tp1_off == 1:
            t.tp1_off = 0
            t.tp1_taker = max(t.tp1_taker, int(t.side * (price - t.tp1_px) >= 0.0))
        elif leg != LEG_TP1:
            t.tp1_off = 1
    if t.tp2_left > 0.0:
        if t.tp2_off == 1:
            t.tp2_off = 0
            t.tp2_taker = max(t.tp2_taker, int(t.side * (price - t.tp2_px) >= 0.0))
        elif leg != LEG_TP2:
            t.tp2_off = 1


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
def halt_entries(w: World) -> None:
    """Cancel every entry that still works: a breaker has closed."""
    for j in range(w.markets.size):
        if w.trades[j].active == 1 and w.trades[j].working == 1:
            end_entry(w, j)


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
def quote(w: World, i: int, row: int, now_ns: int, price: float) -> None:
    """Show a trade one price: what rests may fill."""
    t = w.trades[i]
    w.quotes[i].last_px = price
    w.quotes[i].last_ns = now_ns
    if t.active == 0:
        return
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


@compiled_bare
def carry(w: World, i: int, number: int) -> None:
    """Settle funding (in the instrument's money) or rollover (in the account's) of an open position (D34)."""
    t, m = w.trades[i], w.markets[i]
    at = w.markets[i].first_carry + number
    left = left_of(w, i)
    frac = w.carries[at].long_frac if t.side > 0 else w.carries[at].short_frac
    if left == 0.0:
        return
    if w.carries[at].kind == 0:
        amount = -settled(left * m.multiplier * w.quotes[i].last_px, frac, m.quote_scale)
        t.received += amount
        book(w, i, amount)
        return
    paid = left * (w.quotes[i].last_px * m.multiplier * rate_of(w, i)) * frac
    if paid > 0.0:
        paid = to_decimals(paid, w.setup[0].account_scale)
        t.rolled += paid
        w.account[0].cash -= paid


@compiled_bare
def settled(notional: float, frac: float, scale: float) -> float:
    """Return what a settlement takes of a position's value, both at the decimals of their currency."""
    value = math.floor(notional * scale + 0.5) / scale
    return to_decimals(value * frac, scale)


@compiled_bare
def first_after(w: World, i: int, now_ns: int) -> int:
    """Return the number of the first settlement of an instrument after a moment."""
    low, high = w.markets[i].first_carry, w.markets[i].end_carry
    while low < high:
        middle = (low + high) // 2
        if w.carries[middle].ns > now_ns:
            high = middle
        else:
            low = middle + 1
    return int(low - w.markets[i].first_carry)


@compiled_bare
def set_due(w: World, i: int) -> None:
    """Work out when the next timer or settlement of a trade is due."""
    t = w.trades[i]
    due = min(t.reprice_due_ns, t.timeout_ns, t.hold_ns)
    at = w.markets[i].first_carry + t.carry
    if t.filled > 0.0 and at < w.markets[i].end_carry:
        due = min(due, w.carries[at].ns)
    t.due_ns = due


@compiled_bare
def run_timers(w: World, until_ns: int) -> None:
    """Do what is due before a moment, in order; at one moment by the instruments' names, as the engine's clock does."""
    while True:
        first, due_ns = -1, until_ns
        for i in range(w.markets.size):
            if w.trades[i].active == 0:
                continue
            due = w.trades[i].due_ns
            sooner = due < due_ns or (due == due_ns and first >= 0 and w.markets[i].place < w.markets[first].place)
            if due < until_ns and sooner:
                first, due_ns = i, due
        if first < 0:
            return
        run_timer(w, first, due_ns)


@compiled_bare
def run_timer(w: World, i: int, now_ns: int) -> None:
    """Do what is due for one trade at a moment."""
    t = w.trades[i]
    if now_ns == t.hold_ns:
        t.hold_ns = FOREVER
        close_when_open(w, i, MAX_HOLD, now_ns)
    elif now_ns == t.reprice_due_ns:
        t.reprice_due_ns = FOREVER
        reprice(w, i, now_ns)
    elif now_ns == t.timeout_ns:
        t.timeout_ns = FOREVER
        if t.working == 1:
            end_entry(w, i)
            close_runt(w, i, now_ns)
    else:
        t.carry += 1
        carry(w, i, t.carry - 1)
    set_due(w, i)


@compiled_bare
def reprice(w: World, i: int, now_ns: int) -> None:
    """Move a working entry to the newest price, once (D11)."""
    t, price = w.trades[i], w.quotes[i].last_px
    if t.working == 0 or t.repriced == 1 or t.closing == 1 or t.exited > 0.0 or price == t.limit_px:
        return
    t.repriced = 1
    t.limit_px = to_even(price, w.markets[i].order_scale)
    t.taker = int(t.side * (t.limit_px - price) >= 0.0)  # to the engine it stays one however long it rests
    work(w, i, row_at(w, i, now_ns), now_ns, price)  # rounded to the tick it may cross the market
