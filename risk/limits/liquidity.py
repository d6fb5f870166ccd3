"""Largest share of what the market trades (Spec 7.4, 11.3; D18)."""

import math

from risk.config import RiskConfig
from risk.limits.entry import Candidate


def max_quantity_24h(candidate: Candidate, config: RiskConfig) -> float:
    """Return 1 % of the volume of the last 24 h; of the mean session where the market closes overnight."""
    if not candidate.market.real_volume:
        return math.inf  # tick counts say nothing about size
    signal = candidate.signal
    volume = signal.volume_24h if candidate.market.continuous else signal.average_daily_volume
    return config.max_volume_24h_frac * volume


def max_quantity_adv(candidate: Candidate, config: RiskConfig) -> float:
    """Return 1 % of the average daily volume."""
    if not candidate.market.real_volume:
        return math.inf
    return config.max_adv_frac * candidate.signal.average_daily_volume
