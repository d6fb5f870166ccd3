"""Trades that never happened: seeded, with what their signals knew, ready for the search for conditions."""

import numpy as np
import pandas as pd

DAY_NS = 86_400_000_000_000
MONDAY_NS = 1_546_819_200_000_000_000  # 2019-01-07


def skewed_r(rng: np.random.Generator, count: int, mean: float = 0.0) -> np.ndarray:
    """A breakout's results: one win of about 2.2 R against two losses of about 1 R, with the mean asked for."""
    wins = rng.random(count) < 1.0 / 3.2
    return np.where(wins, 2.2, -1.0) + 0.1 * rng.standard_normal(count) + mean


def make_traits(r: np.ndarray, seed: int = 1, days: int = 700) -> pd.DataFrame:
    """Rows of `traits_of` with these results at random hours of ``days`` days, oldest first."""
    rng = np.random.default_rng(seed)
    count = len(r)
    signal = MONDAY_NS + np.sort(rng.integers(0, days * 24, count)) * (DAY_NS // 24)
    return pd.DataFrame(
        {
            "signal_ts": pd.to_datetime(signal, utc=True),
            "entry_ts": pd.to_datetime(signal + 10**9, utc=True),
            "exit_ts": pd.to_datetime(signal + DAY_NS // 8, utc=True),
            "instrument_id": rng.choice(["BTC.X", "ETH.X", "SOL.X"], count),
            "side": rng.choice(["LONG", "SHORT"], count),
            "score": rng.integers(4, 6, count).astype(float),
            "regime": rng.choice(["calm", "normal", "wild"], count),
            "atr_ratio": rng.uniform(0.003, 0.04, count),
            "rsi_with_side": rng.uniform(50.0, 75.0, count),
            "volume_ratio": rng.uniform(1.5, 6.0, count),
            "trend_atr": rng.uniform(0.0, 5.0, count),
            "net_pnl": 100.0 * r,
            "r_multiple": r,
        }
    )
