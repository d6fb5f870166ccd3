"""Recorder and node put together: ``[live] record = true``."""

from pathlib import Path
from typing import TYPE_CHECKING

from live.recorder.actor import RecorderActor, figures_of
from live.recorder.recording import Recording
from live.recorder.writer import Figures

if TYPE_CHECKING:
    from live.system import LiveSystem


def attach_recorder(system: "LiveSystem") -> Recording | None:
    """Add the recorder to a node; None when nothing is to be recorded.

    Raises
    ------
    StateError
        Its folders cannot be written.
    """
    section = system.config.live
    if not section.record:
        return None
    recording = Recording(
        system.folder,
        Path(section.record_catalog),
        limit_rows=section.record_queue_rows,
        roll_secs=section.record_roll_secs,
    )

    def note(figures: Figures) -> None:
        details = figures_of(figures, recording.segments())
        system.journal.write(system.clock.timestamp_ns(), "recorder", "RECORDER_FIGURES", "", details)

    actor = RecorderActor()
    actor.attach(
        recording=recording,
        instrument_ids=system.config.instruments,
        alert=lambda name, details: system.alert(name, "WARNING", details),
        note=note,
        fault=system.fault,
    )
    system.node.add_actor(actor)
    return recording
