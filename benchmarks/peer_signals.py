"""Run vectorbt's nearest signal simulation, with the interpreter of the peer's environment; imports nothing of ours.

usage: peer_signals.py CANDLES.npz SETS - prints one JSON line {secs, bars, sets, trades, versions}.

Close beyond the channel with a volume filter, fixed stop and trail, one position at a time, fees and slippage: no trend
filter, targets, sizing by risk, limits, breakers or fills inside a bar.
"""

import importlib.metadata
import itertools
import json
import sys
import time

import numpy as np
import pandas as pd
import vectorbt as vbt  # type: ignore[import-not-found]


def main() -> None:
    """Measure and print."""
    path, count = sys.argv[1], int(sys.argv[2])
    with np.load(path) as file:
        frame = pd.DataFrame({key: file[key] for key in ("open", "high", "low", "close", "volume")})
    sets = list(itertools.islice(itertools.product((20, 30, 40, 55), (1.5, 2.0, 2.5), (0.005, 0.01, 0.02)), count))
    run(frame, sets[:1])  # compiled now
    began = time.perf_counter()
    trades = run(frame, sets)
    line = {"secs": time.perf_counter() - began, "bars": len(frame), "sets": len(sets), "trades": trades}
    print(json.dumps(line | {"versions": {"vectorbt": importlib.metadata.version("vectorbt")}}))


def run(frame: pd.DataFrame, sets: list[tuple[int, float, float]]) -> int:
    """Return how many trades all sets make."""
    volume_mean = frame.volume.rolling(20).mean()
    entries, exits = {}, {}
    for bars, multiple, stop in sets:
        high, low = frame.high.rolling(bars).max().shift(1), frame.low.rolling(bars).min().shift(1)
        entries[bars, multiple, stop] = (frame.close > high) & (frame.volume > multiple * volume_mean)
        exits[bars, multiple, stop] = frame.close < low
    stops = np.array([stop for _, _, stop in sets])
    found = vbt.Portfolio.from_signals(
        frame.close, pd.DataFrame(entries), pd.DataFrame(exits), open=frame.open, high=frame.high, low=frame.low,
        sl_stop=stops, sl_trail=True, fees=0.001, slippage=0.0005, freq="15min",
    )  # fmt: skip
    return int(found.trades.count().sum())


if __name__ == "__main__":
    main()
