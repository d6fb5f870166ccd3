"""What the recorder loses, a person hears of: once for every second in which more was lost."""

from types import SimpleNamespace
from typing import Any

from live.recorder.actor import NOTE_SECS, RecorderActor
from live.recorder.writer import Figures
from monitoring.guard import Fault


def figures(dropped: int = 0, failed: int = 0) -> Figures:
    return Figures(written=9, dropped=dropped, failed=failed, waiting=0, p50_ms=1.0, p99_ms=1.0, max_ms=1.0)


def watched() -> tuple[RecorderActor, Any, list[tuple[str, str]], list[Figures]]:
    recording = SimpleNamespace(now=figures(), fault="", put=lambda _row: None)
    recording.figures = lambda: recording.now
    told: list[tuple[str, str]] = []
    noted: list[Figures] = []
    actor, fault = RecorderActor(), Fault()
    actor.attach(
        recording=recording,  # type: ignore[arg-type]
        instrument_ids=(),
        alert=lambda name, details: told.append((name, details)),
        note=noted.append,
        fault=fault,
    )
    return actor, recording, told, noted


def test_rows_that_were_lost_are_told_once_until_more_are():
    actor, recording, told, _ = watched()
    actor._look()
    assert told == []
    for now, expected in ((figures(3), 1), (figures(3), 1), (figures(3, 2), 2), (figures(3, 2), 2)):
        recording.now = now
        actor._look()
        assert len(told) == expected
    assert told[1] == ("RECORDER_LOST_DATA", "5 rows so far (3 dropped by a full queue)")


def test_fault_of_the_roller_is_told_once():
    actor, recording, told, _ = watched()
    recording.fault = "the roller has ended"
    actor._look()
    actor._look()
    assert told == [("RECORDER_FAULT", "the roller has ended")]


def test_figures_are_noted_once_a_minute():
    actor, _, _, noted = watched()
    for _ in range(2 * NOTE_SECS):
        actor._look()
    assert len(noted) == 2
