"""How many bars a second the sweep takes on one core, every rule asked: one JSON line.

Many parameter sets over one history, as a walk-forward runs them. What is made once for all sets (candles as arrays,
hourly correlations) is not counted; what is made once for window lengths (the strategy's pass over the history) or for
thresholds (which breakouts are signals) is.
"""

import argparse
import importlib.metadata
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
import numpy as np

from benchmarks.peer import run_peer_sweep
from catalog.candles import Candles
from catalog.definition import Definition
from catalog.load import Terms, load_candles
from catalog.store import Store
from configs.load import load_run
from configs.run import RunConfig
from research.inputs import load_inputs
from research.sweep.sweep import Sweep

BARS = 200_000
QUARTER_NS = 900_000_000_000
START_NS = 1_577_836_800_000_000_000
SPACE = {
    "donchian_bars": (20, 30, 40, 55),
    "volume_multiple": (1.5, 2.0, 2.5),
    "min_score": (4, 5),
    "rsi_long_max": (75.0, 85.0),
}
EXITS = {"stop_atr": (1.5, 2.0, 2.5, 3.0), "trail_atr": (2.0, 3.0)}
PEER_SETS = 24
TARGETS = {1: 50e6, 10: 10e6}


def walk(seed: int) -> Candles:
    """Return a market whose trends turn every few days, seeded."""
    draw = np.random.default_rng(seed)
    drift = np.repeat(draw.choice([-1.0, 1.0], BARS // 200 + 1) * 0.0002, 200)[:BARS]
    close = 100.0 * np.exp(np.cumsum(draw.normal(drift, 0.0025)))
    opens = np.r_[100.0, close[:-1]]
    high = np.maximum(opens, close) * (1.0 + np.abs(draw.normal(0.0, 0.001, BARS)))
    low = np.minimum(opens, close) * (1.0 - np.abs(draw.normal(0.0, 0.001, BARS)))
    volume = np.round(1e6 * np.exp(draw.normal(0.0, 0.6, BARS)), 0)
    ts_ns = START_NS + np.arange(BARS, dtype=np.int64) * QUARTER_NS
    prices = [np.round(values, 3) for values in (opens, high, low, close)]
    return Candles(ts_ns, prices[0], prices[1], prices[2], prices[3], volume)


def make_sweep(instruments: int, folder: Path) -> Sweep:
    """Return a sweep over so many seeded markets on one account."""
    store = Store(folder / f"catalog{instruments}", create=True)
    names = [f"S{n}USDT-PERP.BINANCE" for n in range(instruments)]
    for n, name in enumerate(names):
        definition = Definition(kind="perpetual", base=f"S{n}", quote="USDT", tick="0.001", lot="0.001")
        load_candles(store, name, "15m", walk(n), source="walk", sha256=str(n), terms=Terms(definition=definition))
    config = folder / f"{instruments}.toml"
    config.write_text(
        f"catalog = '{store.path}'\ninstruments = {names}\n[risk]\noperator = 'simulated'\n", encoding="utf-8"
    )
    return Sweep(load_inputs(load_run(config)))


def make_sets(config: RunConfig) -> list[RunConfig]:
    """Return every combination of the space."""
    found = []
    for values in itertools.product(*SPACE.values(), *EXITS.values()):
        turned = dict(zip((*SPACE, *EXITS), values, strict=True))
        strategy = {name: turned[name] for name in SPACE}
        exits = {name: turned[name] for name in EXITS}
        found.append(
            msgspec.structs.replace(
                config,
                strategy=msgspec.structs.replace(config.strategy, **strategy),
                exits=msgspec.structs.replace(config.exits, **exits),
            )
        )
    return found


def cache() -> Path:
    """Return where the peer's environment is kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tidebreak-benchmarks"


def measure(sweep: Sweep, sets: list[RunConfig], repeat: int) -> dict[str, Any]:
    """Return bars a second, the median of some repetitions, and what the sets did."""
    sweep.run(sets[0])  # compiled now, or read from disk
    seconds, trades = [], 0
    for _ in range(repeat):
        sweep.forget()
        began = time.perf_counter()
        trades = sum(len(sweep.run(one).trades) for one in sets)
        seconds.append(time.perf_counter() - began)
    bars = sweep.bars_in(sweep.whole)
    median = statistics.median(seconds)
    return {"bars": bars, "sets": len(sets), "trades_per_set": trades / len(sets), "seconds": median,
            "bars_per_second": bars * len(sets) / median}  # fmt: skip


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--no-peer", action="store_true", help="leave vectorbt out")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one, ten = (make_sweep(count, Path(folder)) for count in (1, 10))
        sets = make_sets(one.inputs.config)
        single = measure(one, sets, chosen.repeat)
        many = measure(ten, make_sets(ten.inputs.config)[::6], chosen.repeat)
    peer: dict[str, Any] = {"peer": None, "peer_note": "not asked for (--no-peer)"}
    if not chosen.no_peer:
        peer = run_peer_sweep(walk(0), cache(), PEER_SETS)
    value, reference = single["bars_per_second"], peer["peer"]
    line = {
        "benchmark": "sweep",
        "value": round(value),
        "unit": "bars/s, one instrument, one core",
        "reference": reference,
        "ratio": round(value / reference, 2) if reference else None,
        "detail": {
            "targets": {"one_instrument": TARGETS[1], "ten_instruments": TARGETS[10]},
            "one_instrument": single,
            "ten_instruments": many,
            **peer,
            "cpus": os.cpu_count(),
            "versions": {name: importlib.metadata.version(name) for name in ("numpy", "numba")},
        },
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
