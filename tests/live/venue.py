"""The simulated exchange as a process of its own: started, asked and stopped by a test."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


class SimulatedVenue:
    """Run ``scripts/simvenue.py`` with options; ``facts`` is the line that it prints when it listens."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "simvenue.py"), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.facts: dict[str, Any] = json.loads(line)
        self.http = str(self.facts["http"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """End it as a service manager does; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        _, errors = self.process.communicate(timeout=10)
        assert "Traceback" not in errors, errors
        return self.process.returncode

    def get(self, path: str) -> Any:
        return self._control(path, None, "GET")

    def post(self, path: str, /, **body: Any) -> Any:
        return self._control(path, json.dumps(body, default=str).encode(), "POST")

    def delete(self, path: str) -> Any:
        return self._control(path, None, "DELETE")

    def quote(self, bid: float, ask: float, quantity: float = 10, symbol: str = "BTCUSDT") -> None:
        """Put a book of one level on each side in place."""
        self.post("/book", symbol=symbol, bids=[[str(bid), str(quantity)]], asks=[[str(ask), str(quantity)]])

    def totals(self) -> dict[str, Decimal]:
        return {name: Decimal(str(value)) for name, value in self.get("/totals").items()}

    def position(self, symbol: str = "BTCUSDT") -> Decimal:
        return Decimal(next(row["quantity"] for row in self.get("/positions") if row["symbol"] == symbol))

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
        """Wait for a condition that another process brings about."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds} s: {what}"
            time.sleep(0.02)

    def _control(self, path: str, body: bytes | None, method: str) -> Any:
        request = urllib.request.Request(f"{self.facts['control']}{path}", data=body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error
