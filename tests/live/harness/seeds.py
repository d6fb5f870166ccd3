"""A trade through faults that a seed draws: the same seed, the same schedule."""

import random
import time
import traceback
from contextlib import suppress
from pathlib import Path

from tests.live.harness.books import Bare, bare_time, differences, settle
from tests.live.harness.case import Row, Scene, end_trade, how_it_ended
from tests.live.harness.drive import Drive
from tests.live.harness.faults import FAULTS
from tests.live.harness.nursery import Nursery

NAMES = tuple(name for name, fault in FAULTS.items() if name not in ("none", "restart") and not fault.sets)
FAULT_CHANCE, KILL_CHANCE, SECOND_CHANCE = 0.6, 0.12, 0.3
ACTS = {
    "signal": Drive.signal,
    "part": Drive.fill_part,
    "fill": Drive.fill_entry,
    "first": Drive.hit_first,
    "bar": Drive.close_a_bar,
}


class Move(tuple[str, tuple[str, ...], float, bool]):
    """What the market does, the faults meanwhile, how long they last, whether the node is killed after them."""

    __slots__ = ()


def draw_moves(seed: int) -> tuple[int, list[Move]]:
    """Return side and moves of a seed."""
    draw = random.Random(seed)
    side = draw.choice((1, -1))
    names = ["signal", *(["part"] if draw.random() < 0.5 else []), "fill"]
    names += ["first"] if draw.random() < 0.7 else []
    names += ["bar"] * draw.randrange(3)
    moves = []
    for name in names:
        chosen: tuple[str, ...] = ()
        if draw.random() < FAULT_CHANCE:
            chosen = (draw.choice(NAMES), *([draw.choice(NAMES)] if draw.random() < SECOND_CHANCE else []))
        moves.append(Move((name, chosen, draw.uniform(0.1, 1.5), draw.random() < KILL_CHANCE)))
    return side, moves


def tell_moves(moves: list[Move]) -> str:
    """Return a schedule as text."""
    return " > ".join(
        name + (f"[{'+'.join(faults)} {secs:.1f}s]" if faults else "") + (" KILL" if kill else "")
        for name, faults, secs, kill in moves
    )


def run_seed(seed: int, folder: Path, nursery: Nursery) -> Row:
    """Run one schedule."""
    begin = time.monotonic()
    side, moves = draw_moves(seed)
    scene = Scene(folder, nursery, side)
    broken: list[str] = []
    bare, ended = Bare(0, 0), "?"
    try:
        scene.node.start()
        for move in moves:
            broken += _move(scene, move)
        broken += end_trade(scene.drive)
        bare = bare_time(scene.venue.ledger())
        ended = how_it_ended(scene.node)
    except Exception as error:  # noqa: BLE001 - a row of the table, not the end of it
        broken.append(f"{type(error).__name__}: {error}")
        (folder / "traceback.txt").write_text(traceback.format_exc())
    finally:
        with suppress(AssertionError):
            scene.close()
    return Row(f"seed {seed}", f"{len(moves)} moves", side, tuple(broken), ended, bare, time.monotonic() - begin)


def _move(scene: Scene, move: Move) -> list[str]:
    name, faults, secs, kill = move
    drive = scene.drive
    chosen = [FAULTS[one] for one in faults]
    for fault in chosen:
        fault.strike(drive)
    ACTS[name](drive)
    for fault in chosen:
        fault.after(drive)
    time.sleep(secs if chosen else 0.0)
    if kill:
        scene.node.kill()
    for fault in chosen:
        fault.heal(drive)
    if kill:
        scene.node.start()
    return [f"{name}: {one}" for one in settle(drive, differences)]
