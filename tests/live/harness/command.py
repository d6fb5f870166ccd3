"""The command lines of ``scripts/fault_table.py`` and ``scripts/fault_seeds.py``."""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.live.harness.case import Row, run_case
from tests.live.harness.faults import FAULTS
from tests.live.harness.kill import KILLS, run_kill
from tests.live.harness.nursery import Nursery
from tests.live.harness.seeds import draw_moves, run_seed, tell_moves
from tests.live.harness.stages import STAGES

type Job = Callable[[Path, Nursery], Row]


def table(arguments: Sequence[str]) -> int:
    """Run the table; return 1 when a row failed."""
    parser = argparse.ArgumentParser(prog="fault_table.py", description="Every fault at every stage of a trade.")
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this one; repeat for more")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="only this one; repeat for more")
    parser.add_argument("--kills", action="store_true", help="the node killed at every step instead")
    _add_common(parser)
    options = parser.parse_args(arguments)
    if options.kills:
        return _run([_kill_job(name, number) for number, name in enumerate(KILLS)], options)
    pairs = [(stage, fault) for fault in options.fault or FAULTS for stage in options.stage or STAGES]
    return _run([_case_job(*pair, number) for number, pair in enumerate(pairs)], options)


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
    return _run([_seed_job(seed) for seed in chosen], options)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at once (default: 1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep journals and ledgers here")


def _case_job(stage: str, fault: str, number: int) -> Job:
    side = 1 if number % 2 else -1
    return lambda folder, nursery: run_case(STAGES[stage], FAULTS[fault], side, folder / f"{fault}-{stage}", nursery)


def _kill_job(name: str, number: int) -> Job:
    side = 1 if number % 2 else -1
    return lambda folder, nursery: run_kill(KILLS[name], name, side, folder / f"kill-{name}", nursery)


def _seed_job(seed: int) -> Job:
    return lambda folder, nursery: run_seed(seed, folder / f"seed-{seed}", nursery)


def run_jobs(jobs: Sequence[Job], folder: Path, at_once: int) -> Iterator[Row]:
    """Yield the rows of jobs in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    nursery = Nursery(folder / "nursery.log")
    try:
        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(lambda job: job(folder, nursery), jobs)
    finally:
        nursery.close()


def _run(jobs: Sequence[Job], options: argparse.Namespace) -> int:
    failed = 0
    with _folder(options.keep) as folder:
        for row in run_jobs(jobs, folder, max(1, options.jobs)):
            failed += bool(row.broken)
            print(row.line, flush=True)
    print(f"{len(jobs)} cases, {failed} failed")
    return 1 if failed else 0


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="tidebreak-faults-") as name:
        yield Path(name)
