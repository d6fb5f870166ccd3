"""Where a trade stands when a fault strikes, and what the market does next."""

from collections.abc import Callable
from typing import NamedTuple

from tests.live.harness.drive import Drive


class Stage(NamedTuple):
    """``reach`` brings a trade there without faults; ``act`` is what happens while the fault is armed."""

    name: str
    reach: Callable[[Drive], None]
    act: Callable[[Drive], None]


def _nothing(_drive: Drive) -> None:
    """Let nothing happen."""


STAGES = {
    stage.name: stage
    for stage in (
        Stage("entry_working", _nothing, Drive.signal),
        Stage("entry_part_filled", Drive.to_entry, Drive.fill_part),
        Stage("protecting", Drive.to_entry, Drive.fill_entry),
        Stage("protected", Drive.to_protected, _nothing),
        Stage("first_target", Drive.to_protected, Drive.hit_first),
        Stage("trailing", Drive.to_first, Drive.close_a_bar),
        Stage("exiting", Drive.to_first, Drive.hit_stop),
    )
}
