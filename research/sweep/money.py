"""The simulated account's money, rounded where the engine rounds it."""

import math

from compiled import Record, compiled_bare
from research.sweep.records import World


@compiled_bare
def to_decimals(value: float, scale: float) -> float:
    """Return ``value`` at the decimals of a price, size or result; halves away from zero, as the engine makes them."""
    return math.copysign(math.floor(abs(value) * scale + 0.5), value) / scale


@compiled_bare
def to_even(value: float, scale: float) -> float:
    """Return ``value`` at the decimals of a currency; halves to the even neighbour, as the engine rounds decimals."""
    scaled = value * scale
    down = math.floor(scaled)
    part = scaled - down
    if abs(part - 0.5) < 1e-7:
        return (down if down % 2.0 == 0.0 else down + 1.0) / scale
    return (down if part < 0.5 else down + 1.0) / scale


@compiled_bare
def rate_of(w: World, i: int) -> float:
    """Return account units per quote unit of an instrument now."""
    other = w.markets[i].rate_of
    if other < 0:
        return 1.0
    price = w.quotes[other].told_px
    return float(1.0 / price if w.markets[i].rate_inverse == 1 else price)


@compiled_bare
def commission(w: World, i: int, quantity: float, price: float, fee_frac: float) -> float:
    """Return the fee of a fill, quote units."""
    m = w.markets[i]
    notional = to_even(quantity * m.multiplier * price, m.quote_scale)
    return to_even(notional * fee_frac, m.quote_scale)


@compiled_bare
def book(w: World, i: int, amount: float) -> None:
    """Add an amount of an instrument's quote currency to the balance."""
    scale = w.setup[0].account_scale
    if w.markets[i].rate_of >= 0:
        amount = to_even(amount * rate_of(w, i), scale)
    w.account[0].cash = to_even(w.account[0].cash + amount, scale)


@compiled_bare
def unrealized(t: Record, m: Record, price: float, rate: float, account_scale: float) -> float:
    """Return the unrealized result of an open trade, account currency; its entry filled once, at ``fill_px``."""
    left = t.filled - t.exited
    if left <= 0.5 * m.lot:
        return 0.0
    result = to_decimals(left * m.multiplier * (t.side * (price - t.fill_px)), m.quote_scale)
    return result if m.rate_of < 0 else to_even(result * rate, account_scale)


@compiled_bare
def equity(w: World) -> float:
    """Return cash plus unrealized result, account currency (D22)."""
    total = w.account[0].cash
    for i in range(w.markets.size):
        t, m = w.trades[i], w.markets[i]
        if t.active == 1:
            rate = 1.0 if m.rate_of < 0 else rate_of(w, i)
            total += unrealized(t, m, w.quotes[i].last_px, rate, w.setup[0].account_scale)
    return float(total)
