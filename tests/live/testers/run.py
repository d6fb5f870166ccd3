"""A tester's run as a test sees it: start it, wait for its log or for the venue, stop it, read its report."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from tests.live.venue import ROOT, SimulatedVenue

BID, ASK = 50_000.0, 50_000.1


class TesterRun:
    """Run a tester's node against a venue; leaving the block stops it, and ``report`` is what the engine held."""

    __test__ = False  # a name that pytest would collect

    def __init__(
        self,
        venue: SimulatedVenue,
        log: Path,
        kind: str,
        config: dict[str, Any],
        client: dict[str, Any] | None = None,
    ) -> None:
        self.venue = venue
        self.report: dict[str, Any] = {}
        self._log = log
        what = {"facts": venue.facts, "kind": kind, "config": config, "client": client or {}}
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("node.py")), json.dumps(what)],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(log.parent)},
            )

    def __enter__(self) -> Self:
        return self

    def ask_stop(self) -> None:
        """Tell the node to stop; it winds up for a second more."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"stop\n")
        self._process.stdin.flush()

    def __exit__(self, *raised: object) -> None:
        try:
            self._process.communicate(b"stop\n", timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        told = self.log(r"^REPORT (.*)$")
        if raised[0] is None:
            assert told, self.text()[-4000:]
        if told:
            self.report = json.loads(told[-1])

    def text(self) -> str:
        return self._log.read_text(errors="replace")

    def log(self, pattern: str) -> list[Any]:
        """Return what matches in the log so far: the groups, or the whole match."""
        return re.findall(pattern, self.text(), re.MULTILINE)

    def until_logged(self, pattern: str, times: int = 1, seconds: float = 15.0) -> None:
        end = time.monotonic() + seconds
        while len(self.log(pattern)) < times:
            assert self._process.poll() is None, self.text()[-4000:]
            assert time.monotonic() < end, f"not {times} times within {seconds} s: {pattern}\n{self.text()[-6000:]}"
            time.sleep(0.02)

    def until_quoted(self) -> None:
        """Wait until quotes reach the tester; the venue sends none before something changes, so change the size."""
        end = time.monotonic() + 15
        sizes = 10
        while not self.log(r"QuoteTick \{"):
            assert self._process.poll() is None, self.text()[-4000:]
            assert time.monotonic() < end, self.text()[-6000:]
            sizes = 21 - sizes
            self.venue.quote(BID, ASK, sizes)
            time.sleep(0.1)
