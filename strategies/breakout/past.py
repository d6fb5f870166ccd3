"""What the last days were like at one bar: ATR baseline (D17) and volumes for the liquidity caps (7.4, D18)."""

import numpy as np
import numpy.typing as npt

from compiled import Records, compiled_bare
from strategies.higher_timeframe import DAY_NS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@compiled_bare
def look_back(
    parameters: Records, states: Records, past_ns: IntArray, past_atr: FloatArray, past_volume: FloatArray
) -> tuple[float, float, float]:
    """Return ATR baseline, volume of the last 24 hours, and mean volume per UTC day that traded.

    Parameters
    ----------
    parameters, states : arrays of one ``PARAMETERS`` and one ``STATE`` record
    past_ns, past_atr, past_volume : int64, float64, float64, all of one shape
        Ring buffers of bar close time, ATR and volume, the current bar included.

    Notes
    -----
    Source: D17, the mean ATR of the bars in the last ``baseline_days`` times 24 hours; Spec 7.4, 11.3, D18, the mean
    over those of the last ``baseline_days`` UTC days that traded, today included. One pass: a sweep asks this at
    every breakout, and each sum alone takes as long as all three together.
    """
    p, state = parameters[0], states[0]
    now_ns = state.last_ns
    baseline_ns = now_ns - p.baseline_days * DAY_NS
    day_ns = now_ns - DAY_NS
    first_midnight_ns = ((now_ns - 1) // DAY_NS - p.baseline_days + 1) * DAY_NS
    atr, volume_24h, volume = 0.0, 0.0, 0.0
    bars, days = 0, 0
    first_ns, midnight_ns = 0, 0  # the UTC midnights that begin the first day that traded, and the newest seen
    for i in range(state.filled):
        ns, traded = past_ns[i], past_volume[i]
        if ns > baseline_ns:
            atr += past_atr[i]
            bars += 1
        if ns > day_ns:
            volume_24h += traded
        if ns > first_midnight_ns and traded > 0.0:
            volume += traded
            if days == 0 or not midnight_ns < ns <= midnight_ns + DAY_NS:
                midnight_ns = (ns - 1) // DAY_NS * DAY_NS
                first_ns = midnight_ns if days == 0 else first_ns
                days += 1
    if days > 1 and midnight_ns == first_ns:
        days -= 1  # a ring begins anywhere: the day that it begins in ends it too
    return atr / bars, volume_24h, volume / days if days > 0 else 0.0
