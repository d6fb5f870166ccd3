"""The command lines of ``scripts/fault_table.py`` and ``scripts/fault_seeds.py``."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.live.harness.case import run_case
from tests.live.harness.faults import FAULTS
from tests.live.harness.nursery import Nursery
from tests.live.harness.stages import STAGES


def table(arguments: Sequence[str]) -> int:
    """Run the table; return 1 when a row failed."""
    parser = argparse.ArgumentParser(prog="fault_table.py", description="Every fault at every stage of a trade.")
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this one; repeat for more")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="only this one; repeat for more")
    parser.add_argument("--side", choices=("long", "short"), help="default: in turn")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep journals and ledgers here")
    options = parser.parse_args(arguments)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tidebreak-faults-") as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        nursery = Nursery(folder / "nursery.log")
        number = 0
        for fault in options.fault or FAULTS:
            for stage in options.stage or STAGES:
                number += 1
                side = {"long": 1, "short": -1}.get(options.side, 1 if number % 2 else -1)
                row = run_case(STAGES[stage], FAULTS[fault], side, folder / f"{fault}-{stage}", nursery)
                failed += bool(row.broken)
                print(row.line, flush=True)
        nursery.close()
    print(f"{number} cases, {failed} failed")
    return 1 if failed else 0
