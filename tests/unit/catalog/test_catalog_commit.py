"""A load that is killed at any step leaves the catalog as it was, or complete."""

import os
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

KILLER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
import numpy as np
from catalog.candles import Candles
from catalog.load import load_candles
from catalog.store import Store

steps = {step}
calls = 0

def count(event, args):
    global calls
    if event in ("os.rename", "os.mkdir", "os.remove", "shutil.rmtree") or (event == "open" and {where!r} in str(args[0])):
        calls += 1
        if calls == steps:
            os.kill(os.getpid(), signal.SIGKILL)

number = np.arange(5, 30)
close = 40_000.0 + number
candles = Candles({start} + number * {quarter}, close, close + 5, close - 5, close, np.full(25, 2.0))
store = Store(Path({where!r}))
sys.addaudithook(count)
load_candles(store, {id!r}, "15m", candles, source="second", sha256="second")
print("steps", calls)
"""


def candles(first: int, count: int) -> Candles:
    number = np.arange(first, first + count)
    close = 40_000.0 + number
    stamps = START + number * INTERVAL_NS["15m"]
    return Candles(stamps, close, close + 5, close - 5, close, np.full(count, 2.0))


def run_and_kill(where: Path, step: int) -> subprocess.CompletedProcess[str]:
    code = KILLER.format(root=str(ROOT), step=step, where=str(where), start=START, quarter=INTERVAL_NS["15m"], id=ID)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_load_killed_at_any_step_leaves_all_or_nothing(tmp_path):
    whole = Store(tmp_path / "whole", create=True)
    load_candles(whole, ID, "15m", candles(0, 10), source="first", sha256="first")
    done = run_and_kill(whole.path, 0)
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout.split()[-1])
    assert len(whole.candles(ID, "15m")) == 30
    outcomes = set()
    for step in sorted({*range(1, steps + 1, max(1, steps // 7)), steps - 2, steps - 1, steps}):
        store = Store(tmp_path / f"killed{step}", create=True)
        load_candles(store, ID, "15m", candles(0, 10), source="first", sha256="first")
        killed = run_and_kill(store.path, step)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        again = Store(store.path)
        rows = len(again.candles(ID, "15m"))
        outcomes.add(rows)
        assert rows in (10, 30)
        assert find_faults(again) == []
        load_candles(again, ID, "15m", candles(5, 25), source="second", sha256="second")
        assert again.fingerprint(ID, "15m") == whole.fingerprint(ID, "15m")
        assert not list(store.path.glob(f"{STAGING}*"))
    assert outcomes == {10, 30}


def test_open_finishes_what_was_published(tmp_path):
    store = Store(tmp_path, create=True)
    staging = tmp_path / f"{STAGING}x"
    (staging / "data").mkdir(parents=True)
    (staging / "data" / "moved.txt").write_text("new")
    (tmp_path / "old.txt").write_text("old")
    manifest = '{"staging": "%s", "moves": ["data/moved.txt"], "deletes": ["old.txt"]}' % staging.name
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


def test_two_loads_at_once_both_count(tmp_path):
    Store(tmp_path, create=True)
    code = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
import numpy as np
from catalog.candles import Candles
from catalog.load import load_candles
from catalog.store import Store
number = np.arange({first}, {first} + 20)
close = 40_000.0 + number
candles = Candles({start} + number * {quarter}, close, close + 5, close - 5, close, np.full(20, 2.0))
load_candles(Store(Path({where!r})), {id!r}, "15m", candles, source="s{first}", sha256="s{first}")
"""
    values = {"root": str(ROOT), "start": START, "quarter": INTERVAL_NS["15m"], "where": str(tmp_path), "id": ID}
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    running = [
        subprocess.Popen([sys.executable, "-c", code.format(first=first, **values)], env=environment)
        for first in (0, 20)
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    store = Store(tmp_path)
    assert len(store.candles(ID, "15m")) == 40
    assert store.gaps_ns(ID, "15m") == []
