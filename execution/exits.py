"""Stop, target and trail prices (Spec 2.4, 5.1, 5.2; D12 - D15): pure numbers, shared by simulator, sweep and live.

``side`` is +1 for a long and -1 for a short throughout.
"""

import math

from compiled import compiled


@compiled
def stop_distance(entry: float, atr: float, stop_atr: float, floor_frac: float) -> float:
    """Return the distance from entry to stop, in quote units per base unit (Spec 5.1, D12).

    >>> stop_distance(100.0, 2.0, 1.5, 0.005), stop_distance(100.0, 0.1, 1.5, 0.005)
    (3.0, 0.5)
    """
    return max(stop_atr * atr, floor_frac * entry)


@compiled
def target_distance(distance: float, atr: float, target_atr: float, target_r: float) -> float:
    """Return the distance from entry to a target: ``max(target_atr * ATR, target_r * stop distance)`` (D13).

    >>> target_distance(3.0, 2.0, 3.0, 2.0), target_distance(0.5, 0.1, 3.0, 2.0)
    (6.0, 1.0)
    """
    return max(target_atr * atr, target_r * distance)


@compiled
def breakeven_stop(entry: float, side: int, buffer_frac: float) -> float:
    """Return the stop after the first target: entry plus the fee buffer on the profitable side (Spec 5.2, D14)."""
    return entry * (1.0 + side * buffer_frac)


@compiled
def trailing_stop(stop: float, best_close: float, atr: float, side: int, trail_atr: float) -> float:
    """Return the stop after a bar close: ``best close - 2 ATR`` where that is tighter, else unchanged (D14).

    >>> trailing_stop(100.0, 110.0, 2.0, 1, 2.0), trailing_stop(107.0, 110.0, 2.0, 1, 2.0)
    (106.0, 107.0)
    """
    trail = best_close - side * trail_atr * atr
    return trail if side * (trail - stop) > 0.0 else stop


@compiled
def round_outward(price: float, tick: float, side: int) -> float:
    """Return the tick at or beyond ``price``, away from the market on the losing side of a trade (a stop).

    A price within 1e-6 of a tick is that tick, so that binary fractions do not move a stop.

    >>> round_outward(98.56, 0.1, 1), round_outward(101.44, 0.1, -1)
    (98.5, 101.5)
    """
    ticks = price / tick
    nearest = math.floor(ticks + 0.5)
    if abs(ticks - nearest) < 1e-6:
        return nearest * tick
    return math.floor(ticks) * tick if side > 0 else math.ceil(ticks) * tick


@compiled
def split_targets(quantity: float, lot: float, first_frac: float, minimum: float) -> float:
    """Return the quantity of the first target; the rest is the second's. The odd lot goes to the first (D15b).

    A half under ``minimum``, the smallest order the venue takes, cannot rest there: the first target then takes all.

    >>> split_targets(5.0, 1.0, 0.5, 1.0), split_targets(4.0, 1.0, 0.5, 1.0), split_targets(4.0, 1.0, 0.5, 3.0)
    (3.0, 2.0, 4.0)
    """
    lots = math.floor(quantity / lot + 0.5)
    first = math.ceil(lots * first_frac - 1e-9)
    if min(first, lots - first) * lot < minimum * (1.0 - 1e-9):
        return lots * lot
    return first * lot
