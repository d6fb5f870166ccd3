"""Every case by name, and those that the ordinary suite runs."""

from pathlib import Path

from tests.live.harness.case import Row, run_case
from tests.live.harness.faults import FAULTS
from tests.live.harness.kill import KILLS, at_random, run_kill
from tests.live.harness.nursery import Nursery
from tests.live.harness.seeds import run_seed
from tests.live.harness.stages import STAGES

RANDOM_KILLS, SEEDS = 200, 200
SAMPLE = (
    "none at trailing",
    "commit_503_html at entry_working",
    "fail_503_json at protecting",
    "fail_close at first_target",
    "fail_400 at trailing",
    "limit_429 at exiting",
    "drop_event at protecting",
    "reorder_event at entry_part_filled",
    "duplicate_event at first_target",
    "close_all at protecting",
    "half_open_user at exiting",
    "fill_on_cancel at entry_working",
    "stop_unfilled at protected",
    "kill at ENTRY_WORKING",
    "kill at TP1_FILLED",
    "kill, then the entry fills",
    "kill, then the stop fills",
    "kill, then the stop is passed",
    "kill at random 2",
    "seed 1",
    "seed 2",
    "seed 3",
)


def all_names() -> list[str]:
    """Return the names of all cases."""
    faults = [f"{fault} at {stage}" for fault in FAULTS for stage in STAGES]
    kills = [f"kill {name}" if name.startswith("at ") else f"kill, then {name}" for name in KILLS]
    random = [f"kill at random {seed}" for seed in range(1, RANDOM_KILLS + 1)]
    return [*faults, *kills, *random, *(f"seed {seed}" for seed in range(1, SEEDS + 1))]


def run(name: str, folder: Path, nursery: Nursery) -> Row:
    """Run one case by its name, long and short in turn."""
    side = 1 if sum(name.encode()) % 2 else -1
    place = folder / "".join(letter if letter.isalnum() else "_" for letter in name)
    first, _, second = name.partition(" at ")
    if name.startswith("seed "):
        return run_seed(int(name.removeprefix("seed ")), place, nursery)
    if first == "kill" and second.startswith("random "):
        return run_kill(at_random(int(second.removeprefix("random "))), second, side, place, nursery)
    if first == "kill":
        return run_kill(KILLS[f"at {second}"], second, side, place, nursery)
    if name.startswith("kill, then "):
        then = name.removeprefix("kill, then ")
        return run_kill(KILLS[then], then, side, place, nursery)
    return run_case(STAGES[second], FAULTS[first], side, place, nursery)
