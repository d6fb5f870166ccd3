"""The command lines of ``scripts/fault_table.py`` and ``scripts/fault_seeds.py``."""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.live.harness.case import Row
from tests.live.harness.faults import FAULTS
from tests.live.harness.jobs import RANDOM_KILLS, all_names, run
from tests.live.harness.nursery import Nursery
from tests.live.harness.seeds import draw_moves, tell_moves
from tests.live.harness.stages import STAGES

HEAD = (
    "stage             fault               side  held ended      no stop, only the wide one, whole case\n"
    "----------------- ------------------- ----- ---- ---------- --------------------------------------"
)


def table(arguments: Sequence[str]) -> int:
    """Run the table; return 1 when a row failed."""
    parser = argparse.ArgumentParser(prog="fault_table.py", description="Every fault at every stage of a trade.")
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this one; repeat for more")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="only this one; repeat for more")
    parser.add_argument("--kills", action="store_true", help="the node killed at every step instead")
    parser.add_argument("--random-kills", type=int, default=0, metavar="N", help="... and at so many random moments")
    _add_common(parser)
    options = parser.parse_args(arguments)
    if options.kills or options.random_kills:
        names = [name for name in all_names() if name.startswith("kill") and "random" not in name]
        names = names if options.kills else []
        names += [f"kill at random {seed}" for seed in range(1, min(options.random_kills, RANDOM_KILLS) + 1)]
    else:
        names = [f"{fault} at {stage}" for fault in options.fault or FAULTS for stage in options.stage or STAGES]
    return _run(names, options)


def seeds(arguments: Sequence[str]) -> int:
    """Run schedules of seeds; return 1 when one failed."""
    parser = argparse.ArgumentParser(prog="fault_seeds.py", description="Faults that seeds draw.")
    parser.add_argument("--seed", type=int, action="append", metavar="N", help="this one; repeat for more")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="of a row of seeds (default: 1)")
    parser.add_argument("--count", type=int, default=20, metavar="N", help="how many (default: 20)")
    _add_common(parser)
    options = parser.parse_args(arguments)
    chosen = options.seed or list(range(options.first, options.first + options.count))
    if options.seed:
        for seed in chosen:
            print(f"seed {seed}: {tell_moves(draw_moves(seed)[1])}")
    return _run([f"seed {seed}" for seed in chosen], options)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at once (default: 1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep journals and ledgers here")


def run_all(names: Sequence[str], folder: Path, at_once: int) -> Iterator[Row]:
    """Yield the rows of cases in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    nursery = Nursery(folder / "nursery.log")
    try:
        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(lambda name: run(name, folder, nursery), names)
    finally:
        nursery.close()


def _run(names: Sequence[str], options: argparse.Namespace) -> int:
    failed = 0
    print(HEAD)
    with _folder(options.keep) as folder:
        for row in run_all(names, folder, max(1, options.jobs)):
            failed += bool(row.broken)
            print(row.line, flush=True)
    print(f"{len(names)} cases, {failed} failed")
    return 1 if failed else 0


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="tidebreak-faults-") as name:
        yield Path(name)
