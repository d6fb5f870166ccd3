"""The watchdog's loop goes on: after a fault of its own, with a full disk, without its folder."""

import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from monitoring.journal import Journal
from monitoring.watchdog.action import Action, Tell
from monitoring.watchdog.limits import Limits
from monitoring.watchdog.observation import Answer, Observation
from monitoring.watchdog.state import Phase, State
from operations.watchdog.diary import Diary
from operations.watchdog.disk import StateFile
from operations.watchdog.guard import Guard


class Eyes:
    """See a flat account and no node; fail in an unforeseen way at the first look."""

    def __init__(self, stopping: threading.Event, looks: int, fails: int = 0) -> None:
        self._stopping = stopping
        self._left = looks
        self._fails = fails
        self.now_ns = 1_700_000_000_000_000_000

    def look(self, _state: State, _answers: Sequence[Answer]) -> Observation:
        self._left -= 1
        if not self._left:
            self._stopping.set()
        if self._fails:
            self._fails -= 1
            raise RuntimeError("a bug of ours")
        self.now_ns += 30_000_000_000
        return Observation(now_ns=self.now_ns, positions=(), entries=())


class Voice:
    """Say what is told; nothing else is asked for here."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    def carry_out(self, actions: tuple[Action, ...]) -> list[Answer]:
        for action in actions:
            assert isinstance(action, Tell)
            self._diary.tell(action)
        return []


def run(folder: Path, journal: Path, *, looks: int = 12, fails: int = 0) -> Guard:
    stopping = threading.Event()
    with Journal(journal, each_line=True) as lines:
        diary = Diary(lines)
        guard = Guard(
            state=State(),
            sight=Eyes(stopping, looks, fails),
            hands=Voice(diary),
            disk=StateFile(folder),
            diary=diary,
            limits=Limits(),
            poll_secs=0.0,
        )
        guard.run(stopping)
    return guard


def phase_on_disk(folder: Path) -> Phase:
    return msgspec.json.decode((folder / "state.json").read_bytes(), type=State).phase


def test_fault_of_its_own_is_told_and_the_next_look_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, tmp_path / "journal.jsonl", fails=2)
    said = capsys.readouterr().err
    assert said.count("WATCHDOG_FAULT") == 2
    assert "a bug of ours" in said
    assert "WATCHDOG_FLAT" in said
    assert phase_on_disk(tmp_path) is Phase.GUARDING


def test_full_disk_silences_the_journal_and_not_the_watchdog(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, Path("/dev/full"))
    said = capsys.readouterr().err
    assert "WATCHDOG_JOURNAL: cannot be written" in said
    assert "WATCHDOG_FLAT" in said


def test_state_that_cannot_be_written_holds_nothing_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path / "gone", tmp_path / "journal.jsonl")
    said = capsys.readouterr().err
    assert "WATCHDOG_DISK: state cannot be written" in said
    assert "WATCHDOG_FLAT" in said


def test_quiet_state_is_written_now_and_then_only(tmp_path: Path) -> None:
    disk = StateFile(tmp_path)
    disk.write(State(ticked_ns=10**9, beat_ns=1))
    disk.write(State(ticked_ns=2 * 10**9, beat_ns=2))
    assert disk.read()[0].beat_ns == 1
    disk.write(State(ticked_ns=2 * 10**9, beat_ns=2, phase=Phase.CLEARING))
    assert disk.read()[0].phase is Phase.CLEARING
    disk.write(State(ticked_ns=7 * 10**9, beat_ns=7, phase=Phase.CLEARING))
    assert disk.read()[0].beat_ns == 7
    disk.write(State(ticked_ns=6 * 10**9, beat_ns=8, phase=Phase.CLEARING))  # the clock was set back
    assert disk.read()[0].beat_ns == 8
