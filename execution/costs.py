"""Cost formulas, used by the simulator and by checks before a trade (Spec 3.5.2, 7.2; D28, D34)."""

import math

import numpy as np

from compiled import compiled
from execution.exits import round_outward


@compiled
def slipped_price(price: float, side: int, slippage_frac: float, steps: int) -> float:
    """Return the price of a market fill: ``steps`` times the slippage against the taker (D34).

    ``side`` is +1 for a buy, -1 for a sell.

    >>> slipped_price(100.0, 1, 0.0005, 1), slipped_price(100.0, -1, 0.0005, 2)
    (100.05, 99.9)
    """
    return price * (1.0 + side * slippage_frac * steps)


@compiled
def stop_base_price(trigger: float, bar_open: float, side: int) -> float:
    """Return the first price at which a triggered stop could trade, before slippage.

    The market moves through a bar, so a stop inside it trades at its trigger; a bar that opens beyond the trigger has
    jumped it, and the open is the first price there is (D15). ``side`` is +1 for a buy stop, -1 for a sell stop.

    >>> stop_base_price(99.0, 100.5, -1), stop_base_price(99.0, 97.0, -1)
    (99.0, 97.0)
    """
    return max(trigger, bar_open) if side > 0 else min(trigger, bar_open)


@compiled
def expected_slippage_frac(spread_frac: float, quantity: float, average_daily_volume: float, impact: float) -> float:
    """Return ``spread/2 + quantity / ADV * impact`` as a fraction of price (Spec 7.2, D28).

    >>> expected_slippage_frac(0.0002, 10.0, 1000.0, 0.1)
    0.0011
    """
    return spread_frac / 2.0 + quantity / average_daily_volume * impact


@compiled
def slippage_floor_frac(tick: float, price: float) -> float:
    """Return the least slippage that may be expected: one tick, as a fraction of price (D28).

    >>> slippage_floor_frac(0.5, 100.0)
    0.005
    """
    return tick / price


@compiled
def level_price(base: float, side: int, slippage_frac: float, step: int, tick: float) -> float:
    """Return the price of one step of the depth that a taker walks: the tick against it, never under one tick (D34)."""
    return max(round_outward(slipped_price(base, side, slippage_frac, step), tick, -side), tick)


@compiled
def whole_lots(quantity: float, lot: float) -> float:
    """Return how many lots a depth offers; a hair under a lot is that lot.

    ``np.floor``, not ``math.floor``: compiled, that makes a 64-bit integer, which a deep market in fine lots exceeds.
    """
    return float(np.floor(quantity / lot + 1e-9))


@compiled
def expected_fill_slippage(
    spread_frac: float, quantity: float, average_daily_volume: float, impact: float, tick: float, price: float
) -> float:
    """Return the slippage that an order may be expected to pay, at least one tick (D28).

    A volume that is not known (NaN, or not above 0) says nothing of impact; an unknown spread counts as none.
    """
    known = math.isfinite(average_daily_volume) and average_daily_volume > 0.0
    spread = spread_frac if spread_frac > 0.0 else 0.0
    expected = expected_slippage_frac(
        spread, quantity, average_daily_volume if known else 1.0, impact if known else 0.0
    )
    return max(expected, slippage_floor_frac(tick, price))
