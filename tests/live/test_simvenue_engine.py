"""Honesty: the engine's native Binance client trades against the simulated exchange as against the real one."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.live.venue import ROOT, SimulatedVenue

STEPS = [
    "instrument",
    "history",
    "trade",
    "bar",
    "mark",
    "quote",
    "limit rests, is modified, is cancelled",
    "post-only refused",
    "market fill",
    "partial fill, then the rest",
    "stop, backstop and targets rest",
    "first target filled",
    "stop triggered and filled",
    "reduce-only target expired with the position",
    "backstop cancelled",
    "short closed at its target",
    "done",
]


def run_session(venue: SimulatedVenue, way: str) -> dict[str, Any]:
    script = Path(__file__).with_name("engine_session.py")
    ran = subprocess.run(
        [sys.executable, str(script), json.dumps(venue.facts), way],
        capture_output=True,
        text=True,
        timeout=90,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/tmp"},
        check=False,
    )
    lines = [line for line in ran.stdout.splitlines() if line.startswith("SESSION ")]
    assert lines, ran.stdout[-4000:] + ran.stderr[-2000:]
    found: dict[str, Any] = json.loads(lines[-1].removeprefix("SESSION "))
    return found


@pytest.mark.parametrize("way", ["ws", pytest.param("rest", marks=pytest.mark.long)])
def test_native_client_passes_the_session_and_its_books_equal_the_ledger(way: str) -> None:
    with SimulatedVenue("--prices", "seed:3", "--speed", "0", "--balance", "50000") as venue:
        session = run_session(venue, way)
        assert session["reached"] == STEPS
        totals, requests = venue.totals(), venue.get("/requests")
        assert venue.position() == 0
        assert (totals["open_orders"], totals["waiting_algos"]) == (0, 0)
        booked = [
            (
                str(entry["details"]["trade_id"]),
                *(Decimal(entry["details"][name]) for name in ("price", "quantity", "fee")),
            )
            for entry in venue.get("/ledger?kind=fill")
        ]
        assert [(fill[0], *map(Decimal, fill[1:])) for fill in session["fills"]] == booked
        assert Decimal(session["balance"]) == totals["wallet"]
        assert totals["wallet"] == 50_000 + totals["realised"] - totals["fees"]
        assert set(venue.get("/received").values()) == {1}
        assert ("WS order.place" in requests) is (way == "ws")
