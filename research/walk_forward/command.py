"""The command line of ``scripts/walk_forward.py``."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ConfigError
from research.process_edge import run_to_exit_code

if TYPE_CHECKING:
    from research.walk_forward.plan import Plan
    from research.walk_forward.study import Study


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="walk_forward.py",
        description="Choose parameters on the past and try them on what came after, window by window: rolling samples "
        "of 36 months, tried on the next 6, every 3 months, and anchored ones beside them. A killed search goes on "
        "where it was when the same command is given again. Exit code 0: written, whatever the verdict; 2: bad input.",
        epilog="example: python scripts/walk_forward.py configs/backtest/crypto_intraday_1h.toml "
        "--space configs/search/breakout_small.toml",
    )
    found.add_argument("config", metavar="CONFIG", type=Path, help="TOML file of a back-test")
    found.add_argument("--space", metavar="FILE", type=Path, required=True, help="TOML file of the values to search")
    found.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides",
                       help="set one value of the configuration, for example costs.taker_frac=0.0005")  # fmt: skip
    found.add_argument("--out", metavar="DIR", type=Path, default=Path("runs"), help="folder for runs (default: runs)")
    found.add_argument("--jobs", metavar="N", type=int, help="threads, or local Ray workers (default: all cores)")
    found.add_argument("--backend", choices=("local", "ray"), default="local",
                       help="this machine, or the Ray cluster of RAY_ADDRESS (default: local)")  # fmt: skip
    found.add_argument("--restart", action="store_true", help="throw away what an earlier, unfinished call has done")
    _add_search(found.add_argument_group("search"))
    _add_windows(found.add_argument_group("windows"))
    return found


def _add_search(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--sampler", choices=("grid", "random", "tpe"), default="grid",
                       help="all sets, some at random, or Optuna's TPE (default: grid)")  # fmt: skip
    group.add_argument("--trials", metavar="N", type=int, help="sets to draw at random or by TPE (default: 1000)")
    group.add_argument("--seed", metavar="N", type=int, default=1, help="where chance begins (default: 1)")
    group.add_argument("--objective", choices=("sharpe", "sortino", "calmar", "net", "expectancy_r"), default="sharpe",
                       help="what is maximised in the sample (default: sharpe)")  # fmt: skip
    group.add_argument("--choice", choices=("plateau", "best"), default="plateau",
                       help="judge a set with its neighbours, or alone (default: plateau)")  # fmt: skip
    group.add_argument("--min-trades", metavar="N", type=int, default=30,
                       help="trades in the sample below which a set cannot be chosen (default: 30)")  # fmt: skip


def _add_windows(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--in-months", metavar="N", type=int, default=36, help="length of a sample (default: 36)")
    group.add_argument("--out-months", metavar="N", type=int, default=6, help="length after it (default: 6)")
    group.add_argument("--step-months", metavar="N", type=int, default=3, help="between windows (default: 3)")
    group.add_argument("--allow-short", action="store_true",
                       help="shrink the windows to the candles there are; the result is marked short")  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(
        lambda: _run(options), interrupted="interrupted: what is finished is kept; the same command goes on from there"
    )


def _run(options: argparse.Namespace) -> int:
    from configs.load import load_run  # noqa: PLC0415 - heavy: --help must not wait for it
    from research.walk_forward.space_file import load_space  # noqa: PLC0415

    jobs = (os.process_cpu_count() or 1) if options.jobs is None else options.jobs
    if jobs < 1:
        raise ConfigError(f"--jobs must be at least 1, was {options.jobs}")
    plan = _plan(options)
    config = load_run(options.config, options.overrides)
    space = load_space(options.space)
    from research.walk_forward.certificate import require_certificate  # noqa: PLC0415

    require_certificate(config)  # before anything that takes time
    from research.walk_forward.progress import SearchProgress  # noqa: PLC0415
    from research.walk_forward.study import WalkForward  # noqa: PLC0415
    from research.walk_forward.write import write_study  # noqa: PLC0415

    search = WalkForward(config, space, plan)
    certificate = require_certificate(config, search.history.fingerprints)
    with SearchProgress() as bar:
        study = search.run(
            options.out, certificate, jobs=jobs, backend=options.backend, restart=options.restart, bar=bar
        )
    _tell(study, write_study(study))
    return 0


def _plan(options: argparse.Namespace) -> "Plan":
    from research.walk_forward.plan import make_plan  # noqa: PLC0415

    lengths = {name: getattr(options, name) for name in ("in_months", "out_months", "step_months")}
    names = ("sampler", "trials", "seed", "objective", "choice", "min_trades", "allow_short")
    return make_plan(lengths=lengths, **{name: getattr(options, name) for name in names})


def _tell(study: "Study", page: Path) -> None:
    from rich.console import Console  # noqa: PLC0415

    from research.walk_forward.console import console_table  # noqa: PLC0415

    console, result = Console(highlight=False), study.result
    if study.resumed:
        console.print(f"{study.resumed:,} pieces of work were finished before and not repeated")
    console.print(console_table(result))
    console.print(result.verdict, style="bold", markup=False)
    for warning in result.warnings:
        console.print(f"warning: {warning}", markup=False)
    if result.search is not None:
        console.print(f"luck:    {result.search.summary}", markup=False)
    console.print(f"page:    {page}", soft_wrap=True, markup=False)
    if study.config is not None:
        step = f"python scripts/backtest.py {study.folder / 'config.toml'}"
        console.print(f"next:    {step}", soft_wrap=True, markup=False)
