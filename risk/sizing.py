"""Position size (Spec 2.5, 5.3, 11.3; D17, D18): pure numbers, shared by gate and sweep."""

import math

from compiled import compiled


@compiled
def atr_scalar(atr_baseline: float, atr: float, ceiling: float) -> float:
    """Return ``min(ATR baseline / ATR, ceiling)``: less risk in wild markets, a little more in calm ones (Spec 5.3).

    >>> atr_scalar(1.0, 2.0, 1.5), atr_scalar(4.0, 2.0, 1.5)
    (0.5, 1.5)
    """
    return min(atr_baseline / atr, ceiling)


@compiled
def risk_budget(equity: float, risk_frac: float, scalar: float, cap_frac: float) -> float:
    """Return the money one trade may lose at its stop, in account currency (D17; cap: 30 % of the heat budget, D21).

    >>> risk_budget(50_000.0, 0.01, 1.0, 0.015), risk_budget(50_000.0, 0.01, 1.5, 0.01)
    (500.0, 500.0)
    """
    return equity * min(risk_frac * scalar, cap_frac)


@compiled
def round_down(quantity: float, lot: float) -> float:
    """Return the largest multiple of ``lot`` that is at most ``quantity``; a hair (1e-9 lots) under a lot is that lot.

    >>> round_down(0.0016, 0.001), round_down(3.0, 1.0)
    (0.001, 3.0)
    """
    return math.floor(quantity / lot + 1e-9) * lot


@compiled
def ticked_distance(entry: float, stop: float, tick: float) -> float:
    """Return the distance from entry to stop rounded up to the tick, as the stop order will be; NaN when unknown."""
    ticks = abs(entry - stop) / tick if tick > 0.0 else math.nan
    return math.ceil(ticks - 1e-6) * tick if math.isfinite(ticks) else math.nan


@compiled
def risk_quantity(budget: float, distance: float, unit_value: float) -> float:
    """Return the quantity that loses the budget at its stop."""
    return budget / (distance * unit_value)


@compiled
def leverage_quantity(equity: float, max_leverage: float, entry: float, unit_value: float) -> float:
    """Return the quantity whose value is equity times the leverage (Spec 2.5, D18)."""
    return equity * max_leverage / (entry * unit_value)


@compiled
def position_risk(side: int, entry: float, stop: float, quantity: float, multiplier: float) -> float:
    """Return ``max(0, (entry - stop) * quantity)`` for a long, its mirror for a short, in quote units (D19).

    An unknown price makes it NaN, and heat with it: every entry is then refused (D32).
    """
    loss = side * (entry - stop) * quantity * multiplier
    return 0.0 if loss <= 0.0 else loss
