"""How soon the recorder hands trades and quotes to the operating system, and what it costs the node: one JSON line."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import pyarrow.parquet as pq
from nautilus_trader.model import AggressorSide, InstrumentId, Price, Quantity, QuoteTick, TradeId, TradeTick

from live.recorder.actor import RecorderActor
from live.recorder.recording import Recording
from monitoring.guard import Fault

INSTRUMENTS = 50
TARGET_MS = 10.0
BURSTS_PER_SEC = 20


def make_actor(recording: Recording, fault: Fault) -> RecorderActor:
    """Return the node's own actor; its callbacks are called as the engine would."""
    actor = RecorderActor()
    actor.attach(
        recording=recording,
        instrument_ids=(),
        alert=lambda _name, _details: None,
        note=lambda _figures: None,
        fault=fault,
    )
    return actor


def make_ticks(count: int) -> list[tuple[Any, Any]]:
    """Return what the ticks of a burst are made of: a quote and a trade of one instrument after the other."""
    ids = [InstrumentId.from_str(f"COIN{n}USDT-PERP.BINANCE") for n in range(INSTRUMENTS)]
    return [(ids[n // 2 % INSTRUMENTS], n % 2) for n in range(count)]


def tick(instrument_id: Any, kind: int, number: int) -> Any:
    """Return a tick that is received now."""
    now_ns = time.time_ns()
    price, size = Price(100.0 + number % 97 * 0.01, 2), Quantity(1.5, 3)
    if kind:
        return TradeTick(instrument_id, price, size, AggressorSide.BUY, TradeId(str(number)), now_ns, now_ns)
    return QuoteTick(instrument_id, price, Price(101.0, 2), size, size, now_ns, now_ns)


def feed(actor: RecorderActor, rows_per_sec: int, secs: float) -> tuple[int, list[float]]:
    """Give ticks in bursts; return how many, and what each callback took, microseconds."""
    burst = make_ticks(rows_per_sec // BURSTS_PER_SEC)
    given, took = 0, []
    for _ in range(int(secs * BURSTS_PER_SEC)):
        due = time.perf_counter() + 1.0 / BURSTS_PER_SEC
        for instrument_id, kind in burst:
            one = tick(instrument_id, kind, given)
            began = time.perf_counter_ns()
            if kind:
                actor.on_trade(one)
            else:
                actor.on_quote(one)
            took.append((time.perf_counter_ns() - began) / 1e3)
            given += 1
        time.sleep(max(0.0, due - time.perf_counter()))
    return given, took


def report(rows_per_sec: int, secs: float) -> dict[str, Any]:
    """Measure; return the line."""
    fault = Fault()
    with tempfile.TemporaryDirectory() as name:
        folder, catalog = Path(name) / "state", Path(name) / "catalog"
        recording = Recording(folder, catalog, limit_rows=200_000, roll_secs=secs / 4)
        given, took = feed(make_actor(recording, fault), rows_per_sec, secs)
        done = recording.close(60.0)
        figures = recording.figures()
        rows = sum(pq.read_metadata(path).num_rows for path in catalog.rglob("*.parquet"))
    p50, p99 = np.percentile(took, [50, 99])
    whole = done and fault.error is None and rows == given
    return {
        "benchmark": "recorder",
        "value": figures.p99_ms,
        "unit": f"ms p99 from receipt to handed to the system, {rows_per_sec} rows/s",
        "reference": TARGET_MS,
        "ratio": round(figures.p99_ms / TARGET_MS, 3),
        "detail": {
            "reference_is": "the specification's limit",
            "met": bool(whole and figures.p99_ms < TARGET_MS),
            "rows": given,
            "instruments": INSTRUMENTS,
            "p50_ms": figures.p50_ms,
            "max_ms": figures.max_ms,
            "callback_p50_us": round(float(p50), 2),
            "callback_p99_us": round(float(p99), 2),
            "dropped": figures.dropped,
            "failed": figures.failed,
            "rows_in_parquet": rows,
            "python": sys.version.split()[0],
        },
    }


def main(arguments: list[str]) -> int:
    """Print the line; return 1 when a row is missing (a busy machine may miss the limit: the line says so)."""
    parser = argparse.ArgumentParser(prog="benchmarks/recorder.py", description=__doc__)
    parser.add_argument("--rows-per-sec", type=int, default=5_000, help="trades and quotes (default: 5000)")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long (default: 20)")
    options = parser.parse_args(arguments)
    if options.rows_per_sec < BURSTS_PER_SEC or options.seconds <= 0.0:
        parser.error(f"--rows-per-sec must be at least {BURSTS_PER_SEC}, --seconds above 0")
    found = report(options.rows_per_sec, options.seconds)
    print(json.dumps(found))
    return 0 if found["detail"]["rows_in_parquet"] == found["detail"]["rows"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
