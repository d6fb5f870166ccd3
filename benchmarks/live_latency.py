"""How fast the live node answers, against the simulated venue: two JSON lines.

From the venue's fill to the arrival of the stop order there, and from the close of a candle to the arrival of the entry
order; both clocks are the venue's, so the way there and back over loopback is in it.
"""

import argparse
import importlib.metadata
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from tests.live.harness.case import Scene
from tests.live.harness.drive import leg_of
from tests.live.harness.nursery import Nursery

PARTS, SHARE = 14, 0.05
FILL_TARGET_MS, CANDLE_TARGET_MS = 20.0, 25.0
PACKAGES = ("nautilus_trader", "numpy", "numba", "msgspec")


def measure(trades: int, folder: Path) -> tuple[list[float], list[float]]:
    """Return the milliseconds from fills to stop orders, and from candle closes to entry orders."""
    stops: list[float] = []
    entries: list[float] = []
    nursery = Nursery(folder / "nursery.log")
    for number in range(trades):
        scene = Scene(folder / str(number), nursery, 1 if number % 2 else -1)
        scene.node.start()
        scene.venue.pass_minutes()
        time.sleep(0.3)
        left_ms = scene.venue.left_ms()
        began_ms = time.time() * 1e3
        scene.venue.post("/step", ms=left_ms + 5)
        scene.drive.until("the entry rests", lambda scene=scene: scene.drive.order("EN") is not None)  # type: ignore[misc]
        for _ in range(PARTS):
            scene.drive.fill_part(SHARE)
            scene.drive.until("the part is protected", scene.drive.is_covered)
        ledger = scene.venue.ledger()
        entries += [
            one["time_ms"] - began_ms
            for one in ledger
            if one["kind"] == "order_received" and leg_of(one["client_id"]) == "EN"
        ]
        stops += from_fill_to_stop(ledger)
        scene.close()
    nursery.close()
    return stops, entries


def from_fill_to_stop(ledger: list[dict[str, Any]]) -> list[float]:
    """Return the time from each fill of an entry to the next stop order that the venue received."""
    found: list[float] = []
    filled_ms: int | None = None
    for one in ledger:
        leg = leg_of(one["client_id"])
        if one["kind"] == "fill" and leg == "EN" and filled_ms is None:
            filled_ms = one["time_ms"]
        elif one["kind"] == "order_received" and leg == "SL" and filled_ms is not None:
            found.append(float(one["time_ms"] - filled_ms))
            filled_ms = None
    return found


def line(name: str, unit: str, times: list[float], target_ms: float) -> dict[str, Any]:
    """Return one line."""
    p50, p99 = np.percentile(times, [50, 99])
    return {
        "benchmark": name,
        "value": round(float(p99), 1),
        "unit": unit,
        "reference": target_ms,
        "ratio": round(float(p99) / target_ms, 2),
        "detail": {
            "reference_is": "the target, ms",
            "samples": len(times),
            "p50_ms": round(float(p50), 1),
            "max_ms": round(max(times), 1),
            "first_ms": round(times[0], 1),
            "versions": {package: importlib.metadata.version(package) for package in PACKAGES}
            | {"python": sys.version.split()[0]},
        },
    }


def main(arguments: list[str]) -> int:
    """Print the lines."""
    parser = argparse.ArgumentParser(prog="benchmarks/live_latency.py", description=__doc__)
    parser.add_argument("--trades", type=int, default=12, help="processes and trades to time (default: 12)")
    options = parser.parse_args(arguments)
    if options.trades < 1:
        parser.error(f"--trades must be at least 1, was {options.trades}")
    with tempfile.TemporaryDirectory(prefix="tidebreak-latency-") as name:
        stops, entries = measure(options.trades, Path(name))
    print(json.dumps(line("fill_to_stop", "ms p99, fill at the venue to its stop order there", stops, FILL_TARGET_MS)))
    print(json.dumps(line("candle_to_order", "ms p99, candle close to entry order", entries, CANDLE_TARGET_MS)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
