"""The simulated account's money, rounded where the engine rounds it."""

import math

from compiled import Record, compiled_bare
from research.sweep.records import World

ENGINE_SCALE = 1e16  # the engine keeps prices, sizes and money as integers of 16 decimals
RATE_DECIMALS = 28  # what the engine keeps of one divided by a price; prices below 0.13 would have fewer


@compiled_bare
def to_decimals(value: float, scale: float) -> float:
    """Return ``value`` at the decimals of a price, size or result; halves away from zero, as the engine makes them."""
    return math.copysign(math.floor(abs(value) * scale + 0.5), value) / scale


@compiled_bare
def engine_float(value: float, scale: float) -> float:
    """Return a price or size as the float that the engine makes of it, for itself and for us.

    Its integer of 16 decimals is more than a float holds: 61745 comes out as 61744.99999999999, and a result of half a
    yen is no half then, to be rounded up.
    """
    return math.floor(value * scale + 0.5) * (ENGINE_SCALE / scale) / ENGINE_SCALE


@compiled_bare
def is_half(scaled: float) -> bool:
    """Return whether a number lies between two whole ones, within the noise of a few products."""
    part = abs(scaled) - math.floor(abs(scaled))
    return bool(abs(part - 0.5) < 1e-7 + 1e-15 * abs(scaled))


@compiled_bare
def to_even(value: float, scale: float) -> float:
    """Return ``value`` at the decimals of a currency; halves to the even neighbour, as the engine rounds decimals."""
    scaled = value * scale
    down = math.floor(scaled)
    if is_half(scaled):
        return (down if down % 2.0 == 0.0 else down + 1.0) / scale
    return (down if scaled - down < 0.5 else down + 1.0) / scale


@compiled_bare
def rate_of(w: World, i: int) -> float:
    """Return account units per quote unit of an instrument now."""
    other = w.markets[i].rate_of
    if other < 0:
        return 1.0
    price = w.quotes[other].told_px
    return float(1.0 / price if w.markets[i].rate_inverse == 1 else price)


@compiled_bare
def inverse_error(price: float, scale: float) -> int:
    """Return whether the engine's decimal of 1 / price is above (1), below (-1) or at (0) the true one."""
    units = math.floor(price * scale + 0.5)
    rest = int(scale) % units
    for _ in range(RATE_DECIMALS):
        rest = rest * 10 % units
    if rest == 0:
        return 0
    return 1 if 2 * rest >= units else -1


@compiled_bare
def convert(amount: float, m: Record, source: Record, source_px: float, account_scale: float) -> float:
    """Return an amount of a market's quote currency in the account's, at its decimals, by the price of a source.

    Half a cent is none to the engine when its rate is not exact: the rate's last decimal decides.
    """
    if m.rate_of < 0:
        return amount
    if m.rate_inverse == 0:
        return to_even(amount * source_px, account_scale)
    value = amount * (1.0 / source_px)
    if is_half(value * account_scale):
        error = inverse_error(source_px, source.price_scale)
        value += 0.25 * error / account_scale * math.copysign(1.0, value)
    return to_even(value, account_scale)


@compiled_bare
def commission(w: World, i: int, quantity: float, price: float, fee_frac: float) -> float:
    """Return the fee of a fill, quote units."""
    m = w.markets[i]
    notional = to_even(quantity * m.multiplier * price, m.quote_scale)
    return to_even(notional * fee_frac, m.quote_scale)


@compiled_bare
def book(w: World, i: int, amount: float) -> None:
    """Add an amount of an instrument's quote currency to the balance."""
    scale, other = w.setup[0].account_scale, max(w.markets[i].rate_of, 0)
    converted = convert(amount, w.markets[i], w.markets[other], w.quotes[other].told_px, scale)
    w.account[0].cash = to_even(w.account[0].cash + converted, scale)


@compiled_bare
def unrealized(t: Record, m: Record, price: float, source: Record, source_px: float, account_scale: float) -> float:
    """Return the unrealized result of an open trade, account currency; its entry filled once, at ``fill_px``."""
    if t.held <= 0.5 * m.lot:
        return 0.0
    points = t.side * (engine_float(price, m.price_scale) - t.fill_px)
    quantity = min(engine_float(t.held, m.size_scale), t.held)
    result = to_decimals(quantity * m.multiplier * points, m.quote_scale)
    return convert(result, m, source, source_px, account_scale)


@compiled_bare
def equity(w: World) -> float:
    """Return cash plus unrealized result, account currency (D22)."""
    total, scale = w.account[0].cash, w.setup[0].account_scale
    for i in range(w.markets.size):
        t, m = w.trades[i], w.markets[i]
        if t.active == 1:
            other = max(m.rate_of, 0)
            total += unrealized(t, m, w.quotes[i].last_px, w.markets[other], w.quotes[other].told_px, scale)
    return engine_float(total, scale)
