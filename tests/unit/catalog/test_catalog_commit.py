"""A load that is killed at any step leaves the catalog as it was, or complete."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from catalog.candles import INTERVAL_NS, Candles
from catalog.check import find_faults
from catalog.commit import MANIFEST, STAGING
from catalog.load import load_candles
from catalog.store import Store
from errors import StateError

ROOT = Path(__file__).resolve().parents[3]
START = 1_704_067_200_000_000_000
ID = "BTCUSDT-PERP.BINANCE"

ZYGOTE = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
import numpy as np
import nautilus_trader.persistence
import catalog.instruments
from catalog.candles import Candles
from catalog.load import load_candles
from catalog.store import Store

WATCHED = ("os.rename", "os.mkdir", "os.remove", "shutil.rmtree", "open")

def watch(step, where):
    calls = [0]
    def count(event, args):
        if event in WATCHED and where in str(args[0]):
            calls[0] += 1
            if calls[0] == step:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    return calls

def load(where, step, first, rows):
    number = np.arange(first, first + rows)
    close = 40_000.0 + number
    candles = Candles({start} + number * {quarter}, close, close + 5, close - 5, close, np.full(rows, 2.0))
    store = Store(Path(where))
    calls = watch(step, where)
    load_candles(store, {id!r}, "15m", candles, source=f"from {{first}}", sha256=str(first))
    Path(where + ".steps").write_text(str(calls[0]))

def start(job):
    pid = os.fork()
    if pid == 0:
        load(*job)
        os._exit(0)
    return pid

for line in sys.stdin:  # one list of jobs per line: they run at the same time
    pids = [start(job) for job in json.loads(line)]
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]), flush=True)
"""


def candles(first: int, count: int) -> Candles:
    number = np.arange(first, first + count)
    close = 40_000.0 + number
    stamps = START + number * INTERVAL_NS["15m"]
    return Candles(stamps, close, close + 5, close - 5, close, np.full(count, 2.0))


@pytest.fixture(scope="module")
def run_jobs():
    """Return a function that loads in processes of their own and returns their exit codes."""
    code = ZYGOTE.format(root=str(ROOT), start=START, quarter=INTERVAL_NS["15m"], id=ID)
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def run(*jobs: tuple[str, int, int, int]) -> list[int]:
            process.stdin.write(json.dumps(jobs) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def seeded(path: Path) -> Store:
    store = Store(path, create=True)
    load_candles(store, ID, "15m", candles(0, 10), source="first", sha256="first")
    return store


def test_load_killed_at_any_step_leaves_all_or_nothing(tmp_path, run_jobs):
    whole = seeded(tmp_path / "whole")
    assert run_jobs((str(whole.path), 0, 5, 25)) == [0]
    steps = int((tmp_path / "whole.steps").read_text())
    assert len(whole.candles(ID, "15m")) == 30
    outcomes = set()
    for step in sorted({*range(1, steps, 6), *range(steps - 12, steps + 1, 3)}):
        store = seeded(tmp_path / f"killed{step}")
        assert run_jobs((str(store.path), step, 5, 25)) == [-signal.SIGKILL]
        again = Store(store.path)
        rows = len(again.candles(ID, "15m"))
        outcomes.add(rows)
        assert rows in (10, 30)
        assert find_faults(again) == []
        load_candles(again, ID, "15m", candles(5, 25), source="second", sha256="second")
        assert again.fingerprint(ID, "15m") == whole.fingerprint(ID, "15m")
        assert not list(store.path.glob(f"{STAGING}*"))
    assert outcomes == {10, 30}
    assert steps > 10


def test_two_loads_at_once_both_count(tmp_path, run_jobs):
    store = Store(tmp_path / "shared", create=True)
    assert run_jobs((str(store.path), 0, 0, 20), (str(store.path), 0, 20, 20)) == [0, 0]
    assert len(store.candles(ID, "15m")) == 40
    assert store.gaps_ns(ID, "15m") == []
    assert find_faults(store) == []


def test_open_finishes_what_was_published(tmp_path):
    store = Store(tmp_path, create=True)
    staging = tmp_path / f"{STAGING}x"
    (staging / "data").mkdir(parents=True)
    (staging / "data" / "moved.txt").write_text("new")
    (tmp_path / "old.txt").write_text("old")
    manifest = json.dumps({"staging": staging.name, "moves": ["data/moved.txt"], "deletes": ["old.txt"]})
    (tmp_path / MANIFEST).write_text(manifest)
    Store(store.path)
    assert (tmp_path / "data" / "moved.txt").read_text() == "new"
    assert not (tmp_path / "old.txt").exists()
    assert not (tmp_path / MANIFEST).exists()
    assert not staging.exists()


def test_open_reports_a_published_file_that_is_nowhere(tmp_path):
    Store(tmp_path, create=True)
    (tmp_path / MANIFEST).write_text('{"staging": ".staging-gone", "moves": ["data/lost.txt"], "deletes": []}')
    with pytest.raises(StateError, match=r"lost.txt: published by a load but neither staged nor in place"):
        Store(tmp_path)
