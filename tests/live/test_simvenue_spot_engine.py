"""Honesty, spot: the engine's native Binance client, in SBE, trades against the simulated exchange."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.live.venue import ROOT, SimulatedVenue

STEPS = [
    "instrument",
    "history",
    "trade",
    "bar",
    "quote",
    "limit rests, is cancelled",
    "post-only refused",
    "market fill",
    "partial fill, then the rest",
    "two lists rest",
    "first target filled, its stop expired",
    "second stop triggered and filled, its target expired",
    "done",
]


def run_session(venue: SimulatedVenue) -> dict[str, Any]:
    script = Path(__file__).with_name("engine_spot_session.py")
    ran = subprocess.run(
        [sys.executable, str(script), json.dumps(venue.facts)],
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


def test_native_spot_client_passes_the_session_and_its_books_equal_the_ledger() -> None:
    with SimulatedVenue("--market", "spot", "--prices", "seed:3", "--speed", "0", "--balance", "50000") as venue:
        session = run_session(venue)
        assert session["reached"] == STEPS
        totals, ledger = venue.totals(), venue.get("/ledger?kind=fill")
        booked = [
            (str(entry["details"]["trade_id"]), *(Decimal(entry["details"][n]) for n in ("price", "quantity", "fee")))
            for entry in ledger
        ]
        assert [(fill[0], *map(Decimal, fill[1:])) for fill in session["fills"]] == booked
        for asset in ("USDT", "BTC"):
            assert Decimal(session["balances"][asset]) == totals[f"total_{asset}"]
            assert totals[f"locked_{asset}"] == 0
        assert totals["total_USDT"] == 50_000 + sum(Decimal(entry["details"]["quote_change"]) for entry in ledger)
        assert totals["total_BTC"] == sum(Decimal(entry["details"]["base_change"]) for entry in ledger) == 0
        assert (totals["open_orders"], totals["open_lists"]) == (0, 0)
        assert set(venue.get("/received").values()) == {1}
