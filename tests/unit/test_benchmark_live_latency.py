"""What the benchmark of the live node counts."""

from typing import Any

from benchmarks.live_latency import from_fill_to_stop, line


def entry(kind: str, leg: str, time_ms: int) -> dict[str, Any]:
    return {"kind": kind, "client_id": f"x-aHRE4BCj-RBTCUSDTP5ilzseki00-{leg}1", "time_ms": time_ms}


def test_each_fill_is_timed_to_the_next_stop_order_and_no_other() -> None:
    ledger = [
        entry("fill", "EN", 100),
        entry("order_received", "BS", 103),
        entry("order_received", "SL", 107),
        entry("order_received", "SL", 150),  # of a target that filled
        entry("fill", "EN", 200),
        entry("fill", "EN", 201),  # before its stop: the first one counts
        entry("order_received", "SL", 209),
        entry("fill", "T1", 300),
        entry("order_received", "SL", 310),
    ]
    assert from_fill_to_stop(ledger) == [7.0, 9.0]


def test_line_compares_the_99th_percentile_with_the_target() -> None:
    found = line("fill_to_stop", "ms", [1.0] * 99 + [101.0], 20.0)
    assert found["value"] == 2.0
    assert found["ratio"] == 0.1
    assert found["detail"]["max_ms"] == 101.0
