"""Watchdogs that are killed at random while the venue loses answers: the account ends flat, nothing is sent twice.

One seed again: ``pytest --long tests/live/test_watchdog_chaos.py -k "[17]"``.
"""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.binance.names import venue_name_of
from tests.live.test_watchdog import SYMBOLS, Node, Watchdog, closes_of, eventually
from tests.live.usdm_account import Account
from tests.live.venue import SimulatedVenue

pytestmark = pytest.mark.long
KINDS = ("fail_before", "fail_after", "close_before", "close_after", "hang_before", "hang_after", "delay_after")
REQUESTS = (
    ("POST", "/fapi/v1/order"),
    ("GET", "/fapi/v1/order"),
    ("DELETE", "/fapi/v1/order"),
    ("GET", "/fapi/v3/positionRisk"),
    ("GET", "/fapi/v1/openOrders"),
    ("GET", "/fapi/v1/openAlgoOrders"),
    ("GET", "/fapi/v1/time"),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Account]:
    options = [word for symbol in SYMBOLS for word in ("--instrument", symbol)]
    with SimulatedVenue("--prices", "seed:1", "--speed", "0", *options) as venue:
        yield Account(venue)


def arm(account: Account, chance: random.Random) -> None:
    """Let some requests go wrong, one of them perhaps for a while."""
    for _ in range(chance.randint(1, 6)):
        method, path = chance.choice(REQUESTS)
        fault: dict[str, Any] = {
            "kind": chance.choice(KINDS), "nth": chance.randint(1, 3), "count": chance.randint(1, 3),
            "http_status": chance.choice([500, 502, 503]), "body": chance.choice(["json", "html"]),
            "code": chance.choice([-1000, -1007]), "hang_ms": 1500, "delay_ms": 200,
        }  # fmt: skip
        account.venue.post("/faults", method=method, path=path, **fault)


def furnish(account: Account, chance: random.Random) -> list[str]:
    """Open positions and orders; return the stops that must be there at the end."""
    stops = []
    for symbol in SYMBOLS:
        side = chance.choice(["BUY", "SELL"])
        away = "SELL" if side == "BUY" else "BUY"
        account.enter(chance.randint(2, 5), symbol, side)
        account.protect(f"{symbol}-SL1", 5.0, symbol, away)
        stops.append(venue_name_of(f"{symbol}-SL1"))
        if chance.random() < 0.5:
            price = 90.0 if side == "BUY" else 110.0
            account.limit(f"{symbol}-EN1", side, 2.0, price, symbol)
    return sorted(stops)


def phase(folder: Path) -> str:
    file = folder / "watchdog" / "state.json"
    return str(json.loads(file.read_bytes())["phase"]) if file.exists() else ""


@pytest.mark.parametrize("seed", range(20))
def test_account_ends_flat_whatever_dies(shared: Account, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    shared.new_minute()
    shared.empty(*SYMBOLS)
    stops = furnish(shared, chance)
    node = Node(tmp_path)
    with closes_of(shared) as closes:
        watchdog = Watchdog(tmp_path, shared.venue, "--set=poll_secs=0.1")
        watchdog.until("WATCHDOG_STARTED")
        arm(shared, chance)
        node.silence()
        for _ in range(chance.randint(0, 3)):
            time.sleep(chance.uniform(0.2, 2.0))
            watchdog.kill()
            watchdog = Watchdog(tmp_path, shared.venue, "--set=poll_secs=0.1")
        time.sleep(chance.uniform(0.0, 2.0))
        shared.venue.delete("/faults")
        with watchdog:
            eventually(lambda: phase(tmp_path) == "GUARDING", "verified flat", 30.0)
    assert [shared.held(symbol) for symbol in SYMBOLS] == [0, 0]
    assert shared.orders() == []
    assert sorted(shared.stops()) == stops
    assert all(count == 1 for count in closes.values()), closes
    assert len(closes) >= len(SYMBOLS)
