"""One case: a trade brought to a stage, a fault, recovery, the end of the trade, and the books compared."""

import shutil
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.live.harness.books import Bare, bare_time, book_errors, differences, left_behind, results, settle
from tests.live.harness.drive import Drive
from tests.live.harness.faults import FAULTS, FaultCase
from tests.live.harness.market import write_market
from tests.live.harness.node import Node
from tests.live.harness.nursery import Nursery
from tests.live.harness.stages import STAGES, Stage
from tests.live.harness.venue import Venue

BARE_MS = 5_000  # half of the time after which a watchdog acts (Spec 9.1)
END_SECS = 25.0


class Row(NamedTuple):
    """How a case ended; ``broken`` is empty when every invariant held."""

    stage: str
    fault: str
    side: int
    broken: tuple[str, ...]
    ended: str
    bare: Bare
    secs: float

    @property
    def line(self) -> str:
        """Return the row as text."""
        verdict = "ok  " if not self.broken else "FAIL"
        side = "long " if self.side > 0 else "short"
        text = f"{self.stage:<18}{self.fault:<20} {side} {verdict} {self.ended:<10}"
        text += f"{self.bare.without_any:>6} {self.bare.without_stop:>6} ms {self.secs:5.1f} s"
        return text + ("  " + "; ".join(self.broken) if self.broken else "")


class Scene:
    """A venue, a node on it, and the hand that moves the market."""

    def __init__(self, folder: Path, nursery: Nursery, side: int, sets: tuple[str, ...] = ()) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.venue = Venue(folder, write_market(folder / "market.parquet", side), nursery=nursery)
        self.node = Node(folder, self.venue, nursery=nursery, sets=sets)
        self.drive = Drive(self.venue, self.node)

    def close(self) -> None:
        """End both processes."""
        self.node.kill()
        self.venue.stop()


def run_case(stage: Stage, fault: FaultCase, side: int, folder: Path, nursery: Nursery) -> Row:
    """Run one case; what goes wrong with the case itself is in the row too."""
    begin = time.monotonic()
    scene = Scene(folder, nursery, side, fault.sets)
    broken: list[str] = []
    bare, ended = Bare(0, 0), "?"
    try:
        scene.node.start()
        broken += _play(scene.drive, stage, fault)
        broken += end_trade(scene.drive)
        bare = bare_time(scene.venue.ledger())
        broken += [f"no stop for {millis} ms" for millis in bare if millis > BARE_MS]
        ended = how_it_ended(scene.node)
    except Exception as error:  # noqa: BLE001 - a row of the table, not the end of it
        broken.append(f"{type(error).__name__}: {error}")
        (folder / "traceback.txt").write_text(traceback.format_exc())
    finally:
        with suppress(AssertionError):
            scene.close()
    return Row(stage.name, fault.name, side, tuple(broken), ended, bare, time.monotonic() - begin)


def _play(drive: Drive, stage: Stage, fault: FaultCase) -> list[str]:
    stage.reach(drive)
    fault.strike(drive)
    stage.act(drive)
    fault.after(drive)
    time.sleep(fault.secs)
    fault.heal(drive)
    return [f"{stage.name}: {one}" for one in settle(drive, differences)]


def end_trade(drive: Drive) -> list[str]:
    """Bring whatever is left to its end; return what does not hold then."""
    if not drive.open_quantity:
        drive.fill_entry()
    broken = [f"before the end: {one}" for one in settle(drive, differences)]
    drive.hit_stop()
    broken += [f"at the end: {one}" for one in settle(drive, left_behind, END_SECS)]
    return broken + book_errors(drive)


def how_it_ended(node: Node) -> str:
    """Return the reasons of the results."""
    found = [str(one["reason"]) for one in results(node.journal())]
    return "+".join(found) or "MISSED"


def find(stage: str, fault: str) -> tuple[Stage, FaultCase]:
    """Return a case by its names."""
    return STAGES[stage], FAULTS[fault]
