"""Where the orders of an open trade rest and how much they cover (Spec 5.1, 5.2; D13 - D15b): compiled numbers.

The lifecycle of a live trade and the sweep call these; ``side`` is +1 for a long and -1 for a short.
"""

import math

from compiled import compiled
from execution.exits import breakeven_stop, round_outward, split_targets, trailing_stop


@compiled
def open_quantity(filled: float, exited: float, lot: float) -> float:
    """Return what is still open; less than half a lot is rounding noise."""
    left = filled - exited
    return left if left > 0.5 * lot else 0.0


@compiled
def anchored_stop(entry_px: float, side: int, distance: float, tick: float) -> float:
    """Return the stop of a trade that was entered at an average price, at the tick at or beyond it (D12)."""
    return round_outward(entry_px - side * distance, tick, side)


@compiled
def target_price(entry_px: float, side: int, distance: float, tick: float) -> float:
    """Return the price of a target, at the tick at or beyond it (D13)."""
    return round_outward(entry_px + side * distance, tick, -side)


@compiled
def first_target_left(
    filled: float,
    exited: float,
    tp1_filled: float,
    entry_px: float,
    first_frac: float,
    lot: float,
    min_quantity: float,
    min_notional: float,
    multiplier: float,
) -> float:
    """Return what the first target still has to close (D15b)."""
    minimum = max(min_quantity, min_notional / (entry_px * multiplier))
    left = split_targets(filled, lot, first_frac, minimum) - tp1_filled
    return min(left, open_quantity(filled, exited, lot)) if left > 0.5 * lot else 0.0


@compiled
def is_runt(
    quantity: float, entry_px: float, lot: float, min_quantity: float, min_notional: float, multiplier: float
) -> bool:
    """Return whether a position is too small for the venue's orders: its stop could not rest (D15b)."""
    return bool(quantity * entry_px * multiplier < min_notional or quantity < min_quantity - 0.5 * lot)


@compiled
def stop_after_target(stop: float, entry_px: float, side: int, buffer_frac: float, tick: float) -> float:
    """Return the stop once the first target is done: entry plus the fee buffer, never back (Spec 5.2, D14)."""
    lifted = round_outward(breakeven_stop(entry_px, side, buffer_frac), tick, -side)
    return lifted if side * (lifted - stop) > 0.0 else stop


@compiled
def best_close(best: float, close: float, side: int) -> float:
    """Return the best close of a trade so far; ``best`` is NaN before the first."""
    return close if math.isnan(best) else side * max(side * close, side * best)


@compiled
def stop_after_close(stop: float, best: float, atr: float, side: int, trail_atr: float, tick: float) -> float:
    """Return the stop after a bar close of a trade whose first target is done: trailed, never back (D14)."""
    trail = round_outward(trailing_stop(stop, best, atr, side, trail_atr), tick, side)
    return trail if side * (trail - stop) > 0.0 else stop
