"""How fast 10,000 Monte Carlo paths of 2,000 trades are on one core: one JSON line."""

import argparse
import importlib.metadata
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import numpy.typing as npt

from research.monte_carlo.paths import CHUNK, FAN_LEVELS, Method, grid_of, make_paths

Floats = npt.NDArray[np.float64]

TARGET_SECS = 1.0
BLOCK_TRADES = 8.0
PACKAGES = ("numpy", "numba")


def made_up(trades: int) -> Floats:
    """Return seeded trade returns: risk 1 %, two in five win."""
    chance = np.random.default_rng(5)
    wins = chance.random(trades) < 0.4
    return np.where(wins, chance.gamma(2.0, 0.009, trades), -0.01 * chance.uniform(0.5, 1.1, trades))


def resample_with_numpy(fracs: Floats, paths: int) -> tuple[Floats, Floats]:
    """Return the same answers from whole arrays, as one would write it: the reference. In chunks, as ours."""
    chance, count = np.random.default_rng(1), len(fracs)
    grid, steps = grid_of(count), np.arange(count + 1)
    rows, curves = [], np.empty((paths, len(grid)))
    for first in range(0, paths, CHUNK):
        size = min(CHUNK, paths - first)
        drawn = fracs[chance.integers(0, count, (size, count))]
        equity = np.concatenate((np.ones((size, 1)), np.cumprod(1.0 + drawn, axis=1)), axis=1)
        peak = np.maximum.accumulate(equity, axis=1)
        since = steps - np.maximum.accumulate(np.where(equity >= peak, steps, 0), axis=1)
        figures = (equity[:, -1], equity.min(axis=1), peak[:, -1], (1.0 - equity / peak).max(axis=1), since.max(axis=1))
        rows.append(np.column_stack((*figures, drawn.mean(axis=1), drawn.std(axis=1, ddof=1))))
        curves[first : first + size] = equity[:, grid]
    return np.concatenate(rows), np.quantile(curves, FAN_LEVELS, axis=0)


def report(paths: int, trades: int, repeat: int) -> dict[str, Any]:
    """Measure in turns; return the line. ``value`` is the slowest method, the best of its repetitions."""
    fracs = made_up(trades)
    for method in Method:
        make_paths(fracs, method, paths=CHUNK, seed=1, block_trades=BLOCK_TRADES)  # compiles
    ours: dict[str, list[float]] = {method.name.lower(): [] for method in Method}
    theirs: list[float] = []
    for _ in range(repeat):
        for method in Method:
            began = time.process_time()
            make_paths(fracs, method, paths=paths, seed=1, block_trades=BLOCK_TRADES)
            ours[method.name.lower()].append(time.process_time() - began)
        began = time.process_time()
        resample_with_numpy(fracs, paths)
        theirs.append(time.process_time() - began)
    best = {name: round(min(times), 4) for name, times in ours.items()}
    return {
        "benchmark": "monte_carlo",
        "value": max(best.values()),
        "unit": f"seconds of one core, {paths:,} paths of {trades:,} trades, slowest method",
        "reference": round(min(theirs), 4),
        "ratio": round(min(theirs) / max(best.values()), 2),
        "detail": {
            "target_secs": TARGET_SECS,
            "paths": paths,
            "trades": trades,
            "repeat": repeat,
            "methods": best,
            "reference_is": "resampling in whole numpy arrays: the same figures and the same fan, without blocks",
            "versions": {name: importlib.metadata.version(name) for name in PACKAGES}
            | {"python": sys.version.split()[0]},
        },
    }


def main(arguments: list[str]) -> int:
    """Print the line."""
    parser = argparse.ArgumentParser(prog="benchmarks/monte_carlo.py", description=__doc__)
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--trades", type=int, default=2_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args(arguments)
    for name in ("paths", "trades", "repeat"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1, was {getattr(options, name)}")
    print(json.dumps(report(options.paths, options.trades, options.repeat)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
