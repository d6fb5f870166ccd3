"""How fast and how small a back-test is: one JSON line. See benchmarks/README.md."""

import argparse
import importlib.metadata
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.candle_data import INSTRUMENT, Data, open_data
from benchmarks.engine_runs import Timing, time_feed, time_full, time_no_op
from benchmarks.peer import run_peer
from configs.load import load_run
from research.inputs import Inputs, load_inputs

CONFIG = Path(__file__).with_name("backtest.toml")
PACKAGES = ("nautilus_trader", "numpy", "numba", "pyarrow", "msgspec")
MEMORY_SECS = 1800


def load(data: Data, bars: int | None) -> Inputs:
    """Return the inputs of the run: the last ``bars`` one-minute bars, or all."""
    fixed: dict[str, Any] = {"catalog": str(data.catalog), "instruments": [INSTRUMENT]}
    inputs = load_inputs(load_run(CONFIG, (), fixed))
    fill = inputs.series[0].fill
    if bars is None or bars >= len(fill):
        return inputs
    start_ns = int(fill.ts_open_ns[-bars])
    return load_inputs(load_run(CONFIG, (), fixed | {"start": _iso(start_ns), "data.warmup": "none"}))


def _iso(ts_ns: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ts_ns // 10**9))


def measure(inputs: Inputs, repeat: int) -> tuple[list[Timing], list[Timing]]:
    """Return timings of our run and of the no-op, taken in turns so that a busy machine slows both alike."""
    full, no_op = [], []
    for _ in range(repeat):
        no_op.append(time_no_op(inputs))
        full.append(time_full(inputs))
    return full, no_op


def memory_of_full_run(options: argparse.Namespace) -> dict[str, Any]:
    """Return the peak of a process of its own that loads the candles and runs once."""
    command = [sys.executable, __file__, "--memory", *_data_options(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=MEMORY_SECS)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _data_options(options: argparse.Namespace) -> list[str]:
    generated = ["--generated"] if options.generated else []
    return generated if options.bars is None else [*generated, "--bars", str(options.bars)]


def peak_rss_mb() -> float:
    """Return the most memory this process has held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1)


def report(options: argparse.Namespace, cache: Path) -> dict[str, Any]:
    """Measure everything; return the line."""
    began = time.perf_counter()
    data = open_data(cache, options.bars, generated=options.generated)
    opened = time.perf_counter()
    inputs = load(data, options.bars)
    loaded = time.perf_counter()
    time_full(inputs)  # compiled rules are read from disk once
    full, no_op = measure(inputs, options.repeat)
    series = inputs.series[0]
    bars = len(series.fill)
    ours, engine = (statistics.median(one.wall_secs for one in runs) for runs in (full, no_op))
    ratio_cpu = statistics.median(idle.cpu_secs / one.cpu_secs for one, idle in zip(full, no_op, strict=True))
    ratios = [idle.wall_secs / one.wall_secs for one, idle in zip(full, no_op, strict=True)]
    peer = {"peer": None, "peer_note": "not asked for (--no-peer)"}
    if not options.no_peer:
        peer = run_peer(series.fill, series.signal, series.signal_ns, cache, options.repeat)
    detail = {
        "data": data.origin,
        "bars": bars,
        "signal_bars": len(series.signal),
        "signals": full[0].signals,
        "trades": full[0].trades,
        "repeat": options.repeat,
        "ratio_of_each_pair": [round(ratio, 3) for ratio in ratios],
        "ratio_cpu": round(ratio_cpu, 3),
        "target_ratio": 0.6,
        "seconds": {
            "open_catalog": round(opened - began, 3),
            "load_inputs": round(loaded - opened, 3),
            "feed": round(time_feed(inputs), 3),
            "no_op": round(engine, 3),
            "full": round(ours, 3),
            "full_cpu": round(statistics.median(one.cpu_secs for one in full), 3),
        },
        **memory_of_full_run(options),
        **peer,
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES} | {"python": sys.version.split()[0]},
    }
    return {
        "benchmark": "backtest",
        "value": round(bars / ours),
        "unit": "1m bars/s",
        "reference": round(bars / engine),
        "ratio": round(engine / ours, 3),
        "detail": detail,
    }


def cache_dir() -> Path:
    """Return where candles and the peer's environment are kept between runs."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "tidebreak-benchmarks"


def main(arguments: list[str]) -> int:
    """Print the line."""
    parser = argparse.ArgumentParser(prog="benchmarks/backtest.py", description=__doc__)
    parser.add_argument("--bars", type=int, help="use only the newest N one-minute bars")
    parser.add_argument("--no-peer", action="store_true", help="leave the other library out")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each kind; the median counts")
    parser.add_argument("--generated", action="store_true", help="a seeded walk, even where real candles are")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory:
        inputs = load(open_data(cache_dir(), options.bars, generated=options.generated), options.bars)
        time_full(inputs)
        line = {"peak_rss_mb": peak_rss_mb(), "peak_rss_limit_mb": 1500}
    else:
        line = report(options, cache_dir())
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
