"""The simulated venue as a process, and its control port."""

import datetime as dt
import http.client
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.live.harness.market import BAR_MINUTES, MINUTE_MS, Market
from tests.live.harness.nursery import Nursery, is_alive
from tests.live.harness.waiting import wait_for

SYMBOL = "BTCUSDT"
STOP_SECS = 10.0


class Venue:
    """One simulated venue; ``stop`` keeps its state, ``start`` goes on from it on the same ports."""

    def __init__(self, folder: Path, market: Market, *, nursery: Nursery) -> None:
        self._folder = folder
        self._nursery = nursery
        self.market = market
        self.ports = (0, 0)
        self.lives = 0
        self._skews: list[tuple[int, int]] = []
        self.start()

    def start(self) -> None:
        """Start the process and wait until it listens."""
        self.lives += 1
        start = dt.datetime.fromtimestamp(self.market.start_ms / 1000, dt.UTC).replace(tzinfo=None).isoformat()
        arguments = ["--instrument", SYMBOL, "--speed", "1", "--prices", str(self.market.path), "--from", start]
        arguments += ["--steps", "4", "--state", str(self._folder / "venue.json")]
        arguments += ["--port", str(self.ports[0]), "--control-port", str(self.ports[1])]
        log = self._folder / f"venue-{self.lives}.log"
        self._pid = self._nursery.start("simvenue", arguments, log, self._folder / f"venue-exit-{self.lives}")
        wait_for(f"the venue listens: see {log}", lambda: log.is_file() and b"\n" in log.read_bytes(), 20.0)
        self.places: dict[str, Any] = json.loads(log.read_text().partition("\n")[0])
        self.ports = self.places["port"], self.places["control_port"]

    def stop(self) -> None:
        """End the process in order; its state is on disk."""
        os.kill(self._pid, signal.SIGTERM)
        wait_for("the venue ends", lambda: not is_alive(self._pid), STOP_SECS)

    # --- asking -------------------------------------------------------------------------------------------------------

    def get(self, path: str, /, **query: str) -> Any:
        """Return what the control port shows."""
        return self._ask("GET", path + ("?" + urlencode(query) if query else ""), None)

    def post(self, path: str, /, **body: Any) -> Any:
        """Tell the control port to do something."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[1], timeout=10.0)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            found = json.loads(answer.read())
            assert answer.status == 200, f"{method} {path} {body}: {found}"
            return found
        finally:
            connection.close()

    @property
    def position(self) -> float:
        """Return the signed quantity that is open."""
        found = [float(one["quantity"]) for one in self.get("/positions") if one["symbol"] == SYMBOL]
        return found[0] if found else 0.0

    def orders(self) -> list[dict[str, Any]]:
        """Return the plain orders that rest."""
        return list(self.get("/orders", open="true"))

    def algos(self) -> list[dict[str, Any]]:
        """Return the conditional orders that wait."""
        return list(self.get("/algos", open="true"))

    def ledger(self) -> list[dict[str, Any]]:
        """Return everything that happened, oldest first; times are those of this machine whatever the venue's clock."""
        found: list[dict[str, Any]] = self.get("/ledger")
        for one in found:
            one["time_ms"] -= next((ms for after, ms in reversed(self._skews) if one["sequence"] > after), 0)
        return found

    def skew(self, millis: int) -> None:
        """Put the venue's clock ahead of this machine's."""
        entries = self.get("/ledger")
        self._skews.append((entries[-1]["sequence"] if entries else 0, millis))
        self.post("/clock", skew_ms=millis)

    # --- driving ------------------------------------------------------------------------------------------------------

    def arm(self, kind: str, **how: Any) -> None:
        """Arm a fault."""
        self.post("/faults", kind=kind, **how)

    def disarm(self) -> None:
        """Take every armed fault away."""
        self._ask("DELETE", "/faults", None)

    def price(self, price: float, quantity: float = 0.001, aggressor: str | None = None) -> None:
        """Let the market trade at a price and stay there."""
        body: dict[str, Any] = {"symbol": SYMBOL, "price": f"{price:.1f}", "quantity": f"{quantity:.3f}", "hold": True}
        self.post("/price", **(body | ({"aggressor": aggressor} if aggressor else {})))

    def pass_minutes(self) -> None:
        """Let market time pass up to the last minute of the running bar, a minute at a time: each gives a quote."""
        while (left_ms := self.left_ms()) > 15_000:
            self.post("/step", ms=min(MINUTE_MS, left_ms - 10_000))

    def close_bar(self) -> None:
        """Let the running bar close."""
        self.post("/step", ms=self.left_ms() + 5)

    def left_ms(self) -> int:
        """Return the market time up to the close of the running bar."""
        bar_ms = BAR_MINUTES * MINUTE_MS
        return int(bar_ms - self.get("/clock")["market_ms"] % bar_ms)
