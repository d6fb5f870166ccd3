"""Where to look next: the exact commands that dig deeper."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from research.why.day import DayStory
from research.why.overview import Overview
from research.why.story import SignalStory
from research.why.texts import clock

MOST = 5


def next_commands(story: Overview | SignalStory | DayStory, run: Path) -> list[str]:
    """Return the commands that explain what a story names.

    Parameters
    ----------
    run : Path
        Folder or journal as it was given.
    """
    match story:
        case Overview():
            asked = [f"--signal {one.signal_id}" for one in reversed(story.newest)]
            asked += [_day(one.instrument_id, one.ts_ns) for one in story.newest[-1:]]
            if not asked and story.instruments:
                asked = [_day(story.instruments[0], story.end_ns)]
        case SignalStory():
            others = [one.signal_id for one in story.held] + [story.better, *story.opened_today]
            asked = [f"--signal {name}" for name in _distinct(others)]
            asked += [_day(story.signal.instrument_id, story.signal.ts_ns)]
        case DayStory():
            known = [one.signal_id for one in story.signals] + [one.signal_id for one in story.positions]
            asked = [f"--signal {name}" for name in _distinct(known)]
    program = f"python scripts/why.py {shlex.quote(str(run))}"
    return [f"{program} {options}" for options in asked[: MOST + 1]]


def _day(instrument_id: str, ts_ns: int) -> str:
    return f"--instrument {instrument_id} --day {clock(ts_ns)[:10]}"


def _distinct(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name]
