"""How long the gate takes at one bar close with 50 candidates and 20 open positions: one JSON line."""

import argparse
import importlib.metadata
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.gate_setup import BAR_NS, START_NS, build_officer, close_all, make_signals, push_closes, unruled
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store
from monitoring.journal import Journal

OPEN, CANDIDATES, WARM = 20, 50, 20
TARGET_MS = 5.0
PACKAGES = ("numpy", "numba", "msgspec", "sqlalchemy")


def time_closes(
    closes: int,
    answer: Callable[[list[Any], int], None],
    before: Callable[[int], None] = lambda _ts_ns: None,
    after: Callable[[], None] = lambda: None,
) -> list[float]:
    """Return the milliseconds from the first signal of a bar close to the last answer, after some to warm up."""
    found = []
    for number in range(closes + WARM):
        ts_ns = START_NS + number * BAR_NS
        signals = make_signals(CANDIDATES, ts_ns)
        before(ts_ns)
        began = time.perf_counter()
        answer(signals, ts_ns)
        found.append((time.perf_counter() - began) * 1e3)
        after()
    return found[WARM:]


def measure(closes: int, memory: Memory, folder: Path) -> tuple[list[float], int]:
    """Return the times of the whole gate, journal on disk included, and how many it approved at each close."""
    with Journal(folder / "journal.jsonl") as journal:
        setup = build_officer(OPEN, CANDIDATES, journal, memory)

        def answer(signals: list[Any], ts_ns: int) -> None:
            for signal in signals:
                setup.officer.on_signal(signal)
            setup.officer.on_bar_close(ts_ns)

        draw = np.random.default_rng(11)
        times = time_closes(closes, answer, lambda ts_ns: push_closes(setup, ts_ns, draw), lambda: close_all(setup))
    return times, setup.approved_last


def percentiles(times: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and the worst."""
    p50, p99 = np.percentile(times, [50, 99])
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3), "max_ms": round(max(times), 3)}


def report(closes: int) -> dict[str, Any]:
    """Measure; return the line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times, approved = measure(closes, Memory(), folder)
        with Journal(folder / "unruled.jsonl") as journal:
            plain = time_closes(closes, unruled(journal))
        memory = Memory(open_store(MemoryConfig(backend="sqlite", path=str(folder / "risk.sqlite"))))
        durable, _ = measure(max(closes // 4, 20), memory, folder)
        memory.close()
    ours, theirs = percentiles(times), percentiles(plain)
    return {
        "benchmark": "gate",
        "value": ours["p99_ms"],
        "unit": "ms p99, 50 candidates at one bar close",
        "reference": theirs["p99_ms"],
        "ratio": round(ours["p50_ms"] / theirs["p50_ms"], 2),
        "detail": {
            "target_ms": TARGET_MS,
            "open_positions": OPEN,
            "candidates": CANDIDATES,
            "approved_at_each_close": approved,
            "closes": closes,
            "gate": ours,
            "reference_is": "the same messages made and journalled, no rule asked",
            "without_rules": theirs,
            "with_sqlite_on_disk_first": percentiles(durable),
            "versions": {name: importlib.metadata.version(name) for name in PACKAGES}
            | {"python": sys.version.split()[0]},
        },
    }


def main(arguments: list[str]) -> int:
    """Print the line."""
    parser = argparse.ArgumentParser(prog="benchmarks/gate.py", description=__doc__)
    parser.add_argument("--closes", type=int, default=1000, help="bar closes to time")
    options = parser.parse_args(arguments)
    if options.closes < 1:
        parser.error(f"--closes must be at least 1, was {options.closes}")
    print(json.dumps(report(options.closes)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
