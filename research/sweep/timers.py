"""What falls due between prices: reprice, time-out, hold, funding and rollover (Spec 7.4; D11, D15c, D34)."""

from compiled import Records, compiled_bare
from research.sweep.fills import (
    close_runt,
    close_when_open,
    row_at,
    work,
)
from research.sweep.money import book, engine_float, rate_of, to_decimals, to_even
from research.sweep.records import (
    FOREVER,
    MAX_HOLD,
    World,
)
from research.sweep.trade import (
    end_entry,
    left_of,
    set_due,
)


@compiled_bare
def carry(w: World, i: int, number: int) -> None:
    """Settle funding (in the instrument's money) or rollover (in the account's) of an open position (D34)."""
    t, m = w.trades[i], w.markets[i]
    at = w.markets[i].first_carry + number
    frac = w.carries[at].long_frac if t.side > 0 else w.carries[at].short_frac
    if left_of(w, i) == 0.0:
        return
    price = engine_float(w.quotes[i].last_px, m.price_scale)
    if w.carries[at].kind == 0:
        value = to_decimals(engine_float(t.held, m.size_scale) * price * m.multiplier, m.quote_scale)
        amount = -to_even(value * frac, m.quote_scale)
        t.received += amount
        book(w, i, amount)
        return
    paid = t.held * (price * m.multiplier * rate_of(w, i)) * frac
    if paid > 0.0:
        paid = to_decimals(paid, w.setup[0].account_scale)
        t.rolled += paid
        w.account[0].cash = to_even(w.account[0].cash - paid, w.setup[0].account_scale)


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


@compiled_bare
def is_any_due(trades: Records, until_ns: int) -> bool:
    """Return whether a timer or a settlement of any trade is due before a moment."""
    for i in range(trades.size):  # noqa: SIM110 - numba takes no generator
        if trades[i].active == 1 and trades[i].due_ns < until_ns:
            return True
    return False
