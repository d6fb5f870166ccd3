"""Calm, normal or wild: a signal's ATR ratio among the earlier signals of its instrument, never the later ones."""

import bisect
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CALM, NORMAL, WILD, UNKNOWN = "calm", "normal", "wild", "not yet known"
MIN_EARLIER = 30


def regimes(
    instruments: Sequence[str], atr_ratio: npt.NDArray[np.float64], min_earlier: int = MIN_EARLIER
) -> list[str]:
    """Return the volatility regime of each signal as it was known then.

    Parameters
    ----------
    instruments : sequence of str, length n
        Instrument of each signal, oldest first.
    atr_ratio : float64 array of shape (n,)
        ATR over close, fractions, in the same order; NaN is unknown and teaches nothing.
    min_earlier : int
        Earlier signals of the same instrument without which the answer is "not yet known".

    Returns
    -------
    list of str
        ``calm`` below the lower tercile of the **earlier** signals of the instrument, ``wild`` above the upper one.

    Notes
    -----
    Terciles of the whole run would use the future: what counts as wild in 2020 would depend on 2024. Here a later
    signal changes no earlier answer (property test).

    >>> regimes(["X"] * 4, np.array([0.01, 0.02, 0.03, 0.04]), min_earlier=3)
    ['not yet known', 'not yet known', 'not yet known', 'wild']
    """
    earlier: dict[str, list[float]] = {}
    found = []
    for name, value in zip(instruments, atr_ratio.tolist(), strict=True):
        before = earlier.setdefault(name, [])
        found.append(_regime(before, value, min_earlier))
        if np.isfinite(value):
            bisect.insort(before, value)
    return found


def _regime(before: list[float], value: float, min_earlier: int) -> str:
    if len(before) < min_earlier or not np.isfinite(value):
        return UNKNOWN
    lower = bisect.bisect_left(before, value) / len(before)
    upper = bisect.bisect_right(before, value) / len(before)
    rank = (lower + upper) / 2.0
    return CALM if rank < 1.0 / 3.0 else WILD if rank > 2.0 / 3.0 else NORMAL
