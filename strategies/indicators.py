"""The maths of Spec 3.1, one step per bar.

Each function is a pure step: previous value and new observation in, new value out. Windows are arrays whose order does
not matter (a ring buffer), so nothing is shifted and nothing is scanned that did not change.
"""

import math

import numpy as np
import numpy.typing as npt

from compiled import compiled_bare

FloatArray = npt.NDArray[np.float64]


@compiled_bare
def ema_step(previous: float, value: float, bars: int, seen: int) -> float:
    """Return the exponential moving average after one more value.

    Parameters
    ----------
    previous : float
        The average before this value; ignored when ``seen`` is 0.
    value : float
        The new observation.
    bars : int
        N of ``alpha = 2 / (N + 1)``.
    seen : int
        Values before this one. The first value seeds the average.

    Notes
    -----
    Source: Spec 3.1, D2. ``EMA(t) = alpha * x(t) + (1 - alpha) * EMA(t-1)``.

    >>> ema_step(10.0, 13.0, 2, 1)
    12.0
    """
    if seen == 0:
        return value
    alpha = 2.0 / (bars + 1.0)
    return alpha * value + (1.0 - alpha) * previous


@compiled_bare
def true_range(high: float, low: float, previous_close: float, seen: int) -> float:
    """Return the true range of a bar in quote units; the first bar has no previous close, so high - low (D3)."""
    if seen == 0:
        return high - low
    return max(high - low, abs(high - previous_close), abs(low - previous_close))


@compiled_bare
def wilder_step(average: float, value: float, bars: int, seen: int) -> float:
    """Return Wilder's average after one more value: a plain mean first, then ``(prev*(N-1) + x) / N`` (D4)."""
    if seen < bars:
        return average + (value - average) / (seen + 1.0)
    return (average * (bars - 1.0) + value) / bars


@compiled_bare
def rsi_value(average_gain: float, average_loss: float) -> float:
    """Return RSI on a scale of 0 to 100 from the two Wilder averages.

    Notes
    -----
    Source: Spec 3.1, D4. ``RSI = 100 - 100 / (1 + gain / loss)``; no losses give 100, no movement at all gives 50.

    >>> rsi_value(1.0, 1.0), rsi_value(2.0, 0.0), rsi_value(0.0, 0.0)
    (50.0, 100.0, 50.0)
    """
    if average_loss == 0.0:
        return 50.0 if average_gain == 0.0 else 100.0
    return 100.0 - 100.0 / (1.0 + average_gain / average_loss)


@compiled_bare
def window_mean(window: FloatArray) -> float:
    """Return the simple mean of a full window, summed afresh so that no drift builds up (Spec 3.1 volume MA, D6)."""
    total = 0.0
    for value in window:
        total += value
    return total / window.size


@compiled_bare
def window_std(window: FloatArray, mean: float) -> float:
    """Return the population standard deviation of a full window (Bollinger bands, D8)."""
    total = 0.0
    for value in window:
        total += (value - mean) * (value - mean)
    return float(np.sqrt(total / window.size))


@compiled_bare
def window_high(window: FloatArray, current: float, dropped: float, added: float) -> float:
    """Return the highest value of a window in which ``dropped`` has just been replaced by ``added``.

    The window is rescanned only when the dropped value was the highest (Spec 3.1 Donchian channel). A value that is not
    a number makes the rescan one.
    """
    if added >= current:
        return added
    if dropped < current:
        return current
    highest = -math.inf  # a loop: ``window.max()`` would bring reference counts into every rule around it
    for value in window:
        if value > highest or math.isnan(value):
            highest = value
    return highest


@compiled_bare
def window_low(window: FloatArray, current: float, dropped: float, added: float) -> float:
    """Return the lowest value of a window in which ``dropped`` has just been replaced by ``added`` (mirror)."""
    if added <= current:
        return added
    if dropped > current:
        return current
    lowest = math.inf
    for value in window:
        if value < lowest or math.isnan(value):
            lowest = value
    return lowest
