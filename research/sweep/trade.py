"""One trade's entry, protection and exits, as the lifecycle makes them; every formula is that of ``execution``.

What is here is the order in which things happen, which ``scripts/parity.py`` compares with the engine's.
"""

import numpy as np

from compiled import compiled_bare
from execution.protection import (
    anchored_stop,
    first_target_left,
    is_runt,
    open_quantity,
    stop_after_target,
    target_price,
)
from research.sweep.money import book, commission, engine_float, rate_of, to_decimals, to_even
from research.sweep.records import (
    BREAKEVEN,
    STOP,
    TP2,
    World,
)
from risk.breakers.loss_streak import count_trade, judge_result

LEG_STOP, LEG_TP1, LEG_TP2, LEG_MARKET = range(4)


@compiled_bare
def left_of(w: World, i: int) -> float:
    """Return the open quantity of an instrument's trade."""
    t = w.trades[i]
    return open_quantity(t.filled, t.exited, w.markets[i].lot)


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
def enter(w: World, i: int, quantity: float, now_ns: int) -> None:
    """Take the fill of an entry: the trade is open and protected (D11, D12)."""
    t, m = w.trades[i], w.markets[i]
    charge(w, i, quantity, t.limit_px, w.setup[0].taker_frac if t.taker == 1 else w.setup[0].maker_frac)
    t.filled = t.held = engine_float(quantity, m.size_scale)
    t.fill_px = engine_float(t.limit_px, m.price_scale)
    t.entry_value = t.filled * t.fill_px
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
    t.tp1_total, t.tp2_total = t.tp1_left, t.tp2_left
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
    quantity, price = engine_float(quantity, m.size_scale), engine_float(price, m.price_scale)
    unit = quantity * m.multiplier
    book(w, i, to_decimals(min(quantity, t.held) * m.multiplier * (t.side * (price - t.fill_px)), m.quote_scale))
    t.held -= quantity
    t.gross += t.side * (price - entry) * unit * t.rate
    t.slippage += -t.side * (price - hoped_px) * unit * t.rate
    t.exited += quantity
    t.exit_value += quantity * price
    t.exit_ns = now_ns
    if leg == LEG_TP1:
        t.tp1_filled += quantity
    elif leg == LEG_TP2:
        t.tp2_filled += quantity
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
    """Follow what becomes of the targets' orders after a partial exit; each wants what it filled and has left.

    The engine sets every other reduce-only order to the whole position, whatever it was for; the desk, which looks
    before that, sees it at the next fill. A limit that it puts right while the market is through it takes instead of
    making, from then on.
    """
    t, price, half = w.trades[i], w.quotes[i].last_px, 0.5 * w.markets[i].lot
    left = left_of(w, i)
    if t.tp1_left > 0.0:
        wanted, stood = t.tp1_filled + t.tp1_left, t.tp1_total
        if leg != LEG_TP1:
            t.tp1_total = left
        if abs(stood - wanted) > half:
            t.tp1_total = wanted
            t.tp1_taker = max(t.tp1_taker, int(t.side * (price - t.tp1_px) >= 0.0))
    if t.tp2_left > 0.0:
        wanted, stood = t.tp2_filled + t.tp2_left, t.tp2_total
        if leg != LEG_TP2:
            t.tp2_total = left
        if abs(stood - wanted) > half:
            t.tp2_total = wanted
            t.tp2_taker = max(t.tp2_taker, int(t.side * (price - t.tp2_px) >= 0.0))


@compiled_bare
def halt_entries(w: World) -> None:
    """Cancel every entry that still works: a breaker has closed."""
    for j in range(w.markets.size):
        if w.trades[j].active == 1 and w.trades[j].working == 1:
            end_entry(w, j)
