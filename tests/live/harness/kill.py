"""Kill the node while it trades, start it again on the same state, and compare the books."""

import random
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.live.harness.books import Bare, bare_time, differences, settle
from tests.live.harness.case import Row, Scene, end_trade, how_it_ended
from tests.live.harness.drive import Drive
from tests.live.harness.nursery import Nursery
from tests.live.harness.waiting import wait_for

STEPS = (  # what the journal says last before the kill, and how the market gets there
    "SIGNAL",
    "RISK_APPROVED",
    "ENTRY_WORKING",
    "ENTRY_FILLED",
    "ENTRY_ENDED",
    "TP1_FILLED",
    "EXIT_ENDED",
    "BAR_CLOSED",
    "STOP_FILLED",
    "TRADE_CLOSED",
)
MEANWHILE: dict[str, Callable[[Drive], None]] = {  # what the market does while nobody looks
    "nothing": lambda _drive: None,
    "entry": Drive.fill_entry,
    "part": Drive.fill_part,
    "first_target": Drive.hit_first,
    "stop": Drive.hit_stop,
}
WHOLE_SECS = 0.6  # a trade that is driven as fast as it goes


def run_kill(moment: Callable[[Scene], None], name: str, side: int, folder: Path, nursery: Nursery) -> Row:
    """Run one case: ``moment`` drives the trade and kills the node somewhere."""
    begin = time.monotonic()
    scene = Scene(folder, nursery, side)
    broken: list[str] = []
    bare, ended = Bare(0, 0), "?"
    try:
        scene.node.start()
        moment(scene)
        scene.node.kill()
        scene.node.start()
        broken += [f"after the restart: {one}" for one in settle(scene.drive, differences)]
        broken += end_trade(scene.drive)
        bare = bare_time(scene.venue.ledger())
        ended = how_it_ended(scene.node)
    except Exception as error:  # noqa: BLE001 - a row of the table, not the end of it
        broken.append(f"{type(error).__name__}: {error}")
        (folder / "traceback.txt").write_text(traceback.format_exc())
    finally:
        with suppress(AssertionError):
            scene.close()
    return Row("killed", name, side, tuple(broken), ended, bare, time.monotonic() - begin)


def at_step(step: str) -> Callable[[Scene], None]:
    """Return a moment: as soon as the journal has a line of this kind."""

    def moment(scene: Scene) -> None:
        drive = scene.drive

        def written() -> bool:
            return any(step in one["event_type"] for one in scene.node.journal())

        for act in (drive.signal, drive.fill_entry, drive.hit_first, drive.close_a_bar, drive.hit_stop):
            if written():
                break
            act()
            with suppress(AssertionError):
                wait_for(step, partial(_written_or_on, written, drive, act), 1.5)
        scene.node.kill()

    return moment


def _written_or_on(written: Callable[[], bool], drive: Drive, act: Callable[[], None]) -> bool:
    return written() or _went_on(drive, act)


def _went_on(drive: Drive, act: Callable[[], None]) -> bool:
    """Return whether the next act may follow."""
    if act == drive.signal:
        return drive.order("EN") is not None
    return drive.is_covered() and not (act == drive.fill_entry and drive.order("T1") is None)


def at_random(seed: int) -> Callable[[Scene], None]:
    """Return a moment: so many milliseconds after the signal's bar, while the market runs through a whole trade."""

    def moment(scene: Scene) -> None:
        draw, drive = random.Random(seed), scene.drive
        drive.venue.pass_minutes()
        until = time.monotonic() + draw.uniform(0.0, WHOLE_SECS)
        drive.venue.close_bar()
        acts = [drive.fill_part, drive.fill_entry, drive.hit_first, drive.close_a_bar, drive.hit_stop]
        for act in acts:
            while time.monotonic() < until and not (drive.order("EN") or drive.is_covered()):
                time.sleep(0.005)
            if time.monotonic() >= until:
                break
            act()
            time.sleep(max(0.0, min(draw.uniform(0.0, 0.2), until - time.monotonic())))
        scene.node.kill()
        MEANWHILE[draw.choice(list(MEANWHILE))](drive)

    return moment


def while_away(stage: Callable[[Drive], None], act: Callable[[Drive], None]) -> Callable[[Scene], None]:
    """Return a moment: killed at a stage, and the market goes on before the restart."""

    def moment(scene: Scene) -> None:
        stage(scene.drive)
        scene.node.kill()
        act(scene.drive)

    return moment


def _fill_and_pass(drive: Drive) -> None:
    """Let the rest of the entry fill and the market pass the stop, which covers only a part."""
    drive.fill_entry()
    drive.hit_stop()


KILLS: dict[str, Callable[[Scene], None]] = {
    **{f"at {step}": at_step(step) for step in STEPS},
    "the entry fills": while_away(Drive.to_entry, Drive.fill_entry),
    "a part fills": while_away(Drive.to_entry, Drive.fill_part),
    "the rest fills": while_away(Drive.to_part, Drive.fill_entry),
    "the stop is passed": while_away(Drive.to_part, _fill_and_pass),
    "the target fills": while_away(Drive.to_protected, Drive.hit_first),
    "the stop fills": while_away(Drive.to_protected, Drive.hit_stop),
    "break-even fills": while_away(Drive.to_first, Drive.hit_stop),
    "the trail fills": while_away(Drive.to_trail, Drive.hit_stop),
    "the stop is jumped": while_away(Drive.to_protected, Drive.jump_stop),
}
