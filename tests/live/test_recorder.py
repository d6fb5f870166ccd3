"""The recorder: what it was given is in the catalog, also after SIGKILL; it never waits; what it loses it tells."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from errors import DataError
from live.recorder.recording import Recording
from live.recorder.roll import roll
from live.recorder.spool import DEFINITION, QUOTE, TRADE, Spool, read_segment, segments_in
from live.recorder.writer import TickWriter

ROOT = Path(__file__).resolve().parents[2]
ID = "BTCUSDT-PERP.BINANCE"
WHAT = (DEFINITION, 0, ID, 2, 3)
KILLED = """
import os, sys, time
from pathlib import Path
from live.recorder.recording import Recording
from live.recorder.spool import DEFINITION, TRADE
recording = Recording(Path(sys.argv[1]), Path(sys.argv[2]), limit_rows=100_000, roll_secs=0.7)
recording.put((DEFINITION, 0, "BTCUSDT-PERP.BINANCE", 2, 3))
print(recording.roller.pid, flush=True)
n = 0
while True:
    for _ in range(50):
        recording.put((TRADE, 0, 100.25, 0.5, 1, str(n), 1_000 + n, time.time_ns()))
        n += 1
    time.sleep(0.01)
    print(n, recording.figures().written, flush=True)
"""


def quote(n: int) -> tuple[Any, ...]:
    return QUOTE, 0, 100.25, 100.26, 1.5, 0.001, 1_000 + n, time.time_ns()


def trade(n: int) -> tuple[Any, ...]:
    return TRADE, 0, 100.25, 0.5, 1, str(n), 1_000 + n, time.time_ns()


def ids_in(catalog: Path) -> list[int]:
    """Return the ids of all trades of the catalog, in the order of files and rows."""
    files = sorted((catalog / "data" / "trades" / ID).glob("*.parquet"))
    return [int(name) for path in files for name in pq.read_table(path)["trade_id"].to_pylist()]


def until(condition: Any, secs: float = 20.0) -> None:
    deadline = time.monotonic() + secs
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def test_rows_are_in_the_catalog_once_the_recording_is_closed(tmp_path):
    recording = Recording(tmp_path / "state", tmp_path / "catalog", limit_rows=10_000, roll_secs=60.0)
    recording.put(WHAT)
    for n in range(1000):
        recording.put(trade(n))
        recording.put(quote(n))
    assert recording.close()
    assert ids_in(tmp_path / "catalog") == list(range(1000))
    (quotes,) = (tmp_path / "catalog" / "data" / "quotes" / ID).glob("*.parquet")
    assert pq.read_metadata(quotes).num_rows == 1000
    assert segments_in(tmp_path / "state" / "spool") == []
    figures = recording.figures()
    assert (figures.written, figures.dropped, figures.failed, figures.waiting) == (2000, 0, 0, 0)


def test_segments_are_rolled_while_the_node_goes_on(tmp_path):
    recording = Recording(tmp_path / "state", tmp_path / "catalog", limit_rows=10_000, roll_secs=0.2)
    recording.put(WHAT)
    recording.put(trade(0))
    until(lambda: ids_in(tmp_path / "catalog") == [0])
    recording.put(trade(1))
    assert recording.close()
    assert ids_in(tmp_path / "catalog") == [0, 1]


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "state"), str(tmp_path / "catalog")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        process.kill()


@pytest.mark.parametrize("roller_dies_too", [False, True], ids=["node", "node-and-roller"])
def test_what_was_written_survives_a_kill(tmp_path, killed, roller_dies_too):
    assert killed.stdout is not None
    roller = int(killed.stdout.readline())
    written = 0
    until(lambda: segments_in(tmp_path / "state" / "spool"))
    while written < 4000:
        written = int(killed.stdout.readline().split()[1])
    if roller_dies_too:
        os.kill(roller, signal.SIGKILL)
    killed.kill()
    killed.wait()
    if roller_dies_too:
        assert segments_in(tmp_path / "state" / "spool")
        assert Recording(tmp_path / "state", tmp_path / "catalog", limit_rows=1, roll_secs=60.0).close()
    until(lambda: not segments_in(tmp_path / "state" / "spool"))
    found = ids_in(tmp_path / "catalog")
    assert len(found) >= written
    assert found == list(range(len(found)))


def test_segment_that_was_torn_is_read_up_to_there(tmp_path):
    spool = Spool(tmp_path, "life")
    for n in range(10):
        spool.append([WHAT, trade(n)] if n == 0 else [trade(n)])
    path = spool.finish()
    assert path is not None
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    found = read_segment(path)
    assert [row[5] for row in found.rows if row[0] == TRADE] == [str(n) for n in range(9)]
    assert found.torn_bytes > 0
    assert roll(path, tmp_path / "catalog") == found.torn_bytes
    assert ids_in(tmp_path / "catalog") == list(range(9))


def test_flipped_byte_ends_the_reading(tmp_path):
    spool = Spool(tmp_path, "life")
    spool.append([WHAT, trade(0)])
    first = spool.size
    spool.append([trade(1)])
    path = spool.finish()
    assert path is not None
    body = bytearray(path.read_bytes())
    body[first + 20] ^= 1
    path.write_bytes(body)
    assert [row[5] for row in read_segment(path).rows if row[0] == TRADE] == ["0"]


def test_segment_that_was_rolled_and_not_deleted_is_not_doubled(tmp_path):
    spool = Spool(tmp_path, "life")
    spool.append([WHAT, trade(0), trade(1), quote(2)])
    path = spool.finish()
    assert path is not None
    body = path.read_bytes()
    for _ in range(2):
        roll(path, tmp_path / "catalog")
        path.write_bytes(body)
    assert ids_in(tmp_path / "catalog") == [0, 1]


def test_other_rows_of_the_very_same_span_are_not_lost(tmp_path):
    first, second = trade(0), (*trade(1)[:-1], 0)
    second = (*second[:-1], first[-1])
    spool = Spool(tmp_path, "life")
    spool.append([WHAT, first])
    path = spool.finish()
    assert path is not None
    roll(path, tmp_path / "catalog")
    spool.append([second, second])
    other = spool.finish()
    assert other is not None
    with pytest.raises(DataError, match="holds 1 rows, another segment of that span 2"):
        roll(other, tmp_path / "catalog")
    assert other.exists()


def test_every_segment_tells_what_its_rows_are_of(tmp_path):
    spool = Spool(tmp_path, "life")
    spool.append([WHAT, trade(0)])
    spool.finish()
    spool.append([trade(1)])
    path = spool.finish()
    assert path is not None
    assert list(WHAT) in read_segment(path).rows


def test_full_queue_drops_counts_and_never_waits(tmp_path):
    held = threading.Event()
    writer = TickWriter(tmp_path, limit_rows=100, roll_secs=0.0, on_segment=lambda _path: held.wait())
    writer.start()
    writer.put(WHAT)
    writer.put(trade(0))
    until(lambda: segments_in(tmp_path) and writer.figures().waiting == 0)
    longest = 0.0
    for n in range(1, 301):
        began = time.perf_counter()
        writer.put(trade(n))
        longest = max(longest, time.perf_counter() - began)
    assert longest < 0.1
    assert writer.figures().dropped == 200
    held.set()
    writer.close()
    rows = [row for path in segments_in(tmp_path) for row in read_segment(path).rows if row[0] == TRADE]
    assert [int(row[5]) for row in rows] == list(range(101))
    assert writer.figures().written == 101


def test_rows_that_the_disk_does_not_take_are_counted_and_later_ones_kept(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    writer = TickWriter(folder, limit_rows=100, roll_secs=60.0, on_segment=lambda _path: None)
    folder.rename(tmp_path / "gone")
    writer.start()
    writer.put(WHAT)
    writer.put(trade(0))
    until(lambda: writer.figures().failed == 1)
    assert writer.error
    (tmp_path / "gone").rename(folder)
    writer.put(trade(1))
    until(lambda: writer.figures().written == 1)
    writer.close()
    (path,) = segments_in(folder)
    assert [row[5] for row in read_segment(path).rows if row[0] == TRADE] == ["1"]
