"""The Ray backend on this machine: two workers, one killed in the middle, the same bytes as without Ray."""

import importlib.util
import os
import signal
from pathlib import Path

import pytest
from sample_search import CERTIFICATE, make, run

from research.walk_forward import ray_backend
from research.walk_forward.progress import SearchProgress
from research.walk_forward.space import Dimension, Space
from research.walk_forward.write import result_json

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason='Ray is not installed (extra "ray")'),
    pytest.mark.filterwarnings("ignore"),  # Ray's own: sockets and processes that it leaves to its end
]

SPACE = Space(
    dimensions=(
        Dimension(key="strategy.donchian_bars", values=(10, 15, 20, 25), ordered=True),
        Dimension(key="exits.stop_atr", values=(1.5, 2.0, 2.5, 3.0), ordered=True),
    )
)


def workers() -> list[int]:
    """Return the processes of our own Ray that are at work on jobs: children of the raylet that we started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            title = (entry / "cmdline").read_bytes()
            parents = [parent_of(int(entry.name))]
            while parents[-1] > 1:
                parents.append(parent_of(parents[-1]))
        except OSError:
            continue
        if b"ray::do_jobs" in title and os.getpid() in parents:
            found.append(int(entry.name))
    return found


def parent_of(process: int) -> int:
    status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    return int(status.rpartition(")")[2].split()[1])


class Killer(SearchProgress):
    """Kill one worker when the first result is there."""

    def __init__(self) -> None:
        super().__init__(shown=False)
        self.killed: list[int] = []

    def step(self, pieces: int = 1) -> None:
        super().step(pieces)
        if not self.killed:
            for process in workers()[:1]:
                os.kill(process, signal.SIGKILL)
                self.killed.append(process)


def test_a_killed_worker_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_backend, "TASK_JOBS", 1)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    local = run(tmp_path / "local", make(space=SPACE))
    killer = Killer()
    found = make(space=SPACE).run(tmp_path / "ray", CERTIFICATE, jobs=2, backend="ray", bar=killer)
    assert killer.killed
    assert result_json(found.result) == result_json(local.result)
