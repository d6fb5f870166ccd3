"""The live node as a process: started, killed, started again on the same state."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.live.harness.nursery import ROOT, Nursery, is_alive
from tests.live.harness.venue import Venue
from tests.live.harness.waiting import wait_for

SHORT_PAST = ("strategy.baseline_days=9", "risk.correlation_days=9")
FAST = ("live.watch_millis=100", "live.sweep_secs=1", "live.unanswered_secs=1", "exits.stop_unfilled_secs=2")
ENTRY = ("entry.reprice_secs=4", "entry.cancel_secs=8")
STARTED_SECS = 40.0


class Node:
    """One live system on a venue, over as many lives as a test gives it."""

    def __init__(
        self, folder: Path, venue: Venue, *, nursery: Nursery | None = None, sets: tuple[str, ...] = ()
    ) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.venue = venue
        self._nursery = nursery
        self._sets = sets
        self.lives = 0
        self._pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        """Begin a life; wait until it may enter."""
        self.lives += 1
        self._exit = self.folder / f"exit-{self.lives}"
        log = self.folder / "node.log"
        (self.state / "heartbeat.json").unlink(missing_ok=True)
        if self._nursery is not None:
            self._pid = self._nursery.start("live", self._arguments(), log, self._exit)
        else:
            with log.open("ab") as out:
                command = [sys.executable, str(ROOT / "scripts" / "live.py"), *self._arguments()]
                self._process = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT)
            self._pid = self._process.pid
        if wait:
            wait_for(f"the node runs: {self.said()}", self._is_ready, STARTED_SECS)

    def _arguments(self) -> list[str]:
        places = self.venue.places
        fixed = (
            f"live.http_url={places['http']}",
            f"live.ws_url={places['ws']}",
            f"live.clock_url={places['control']}/clock",
            f"live.state_dir={self.state}",
        )
        sets = (*SHORT_PAST, *FAST, *ENTRY, *fixed, *self._sets)
        return [str(ROOT / "configs" / "live" / "demo.toml"), *(part for one in sets for part in ("--set", one))]

    def _is_ready(self) -> bool:
        if not self.is_alive:
            raise AssertionError(f"the node ended: {self.said()}")
        if self.heartbeat().get("state") != "running":
            return False
        engine = (self.state / "engine.log").read_text()
        return engine.rpartition("Event loop starting")[2].count("quotes\n") > 0  # "Subscribed ... quotes"

    def heartbeat(self) -> dict[str, Any]:
        """Return its last sign of life."""
        with suppress(FileNotFoundError):
            return dict(json.loads((self.state / "heartbeat.json").read_text()))
        return {}

    def journal(self) -> list[dict[str, Any]]:
        """Return what it has written, over all lives; a torn last line is left out."""
        path = self.state / "journal.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
        return [json.loads(line) for line in lines]

    def said(self) -> str:
        """Return the end of its standard output."""
        path = self.folder / "node.log"
        return path.read_text()[-1500:] if path.is_file() else ""

    @property
    def is_alive(self) -> bool:
        """Return whether the process runs."""
        if self._process is not None:
            return self._process.poll() is None
        return is_alive(self._pid)

    def kill(self) -> None:
        """End it as a power cut does."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._gone()

    def stop(self) -> int:
        """Stop it in order; return its exit code."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)
        self._gone()
        if self._process is not None:
            return int(self._process.returncode)
        return int(self._exit.read_text()) if self._exit.is_file() else -1

    def _gone(self) -> None:
        wait_for("the node ends", lambda: not self.is_alive, 20.0)
