"""The command line of ``scripts/monte_carlo.py``."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from research.process_edge import run_to_exit_code

if TYPE_CHECKING:
    from research.monte_carlo.study import Study


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="monte_carlo.py",
        description="Reorder and resample the trades of a finished run: how bad a drawdown to plan for, how likely "
        "ruin is (equity under half of the start), what capital an income needs. Exit code 0: written, whatever the "
        "verdict; 2: bad input.",
        epilog="example: python scripts/monte_carlo.py runs/d8d8bc6d2034-20000301 --target-income 1000/month",
    )
    found.add_argument("run", metavar="RUN", type=Path, help="folder of a finished back-test")
    found.add_argument("--paths", metavar="N", type=int, default=10_000, help="paths of each method (default: 10000)")
    found.add_argument("--seed", metavar="N", type=int, default=1, help="where chance begins (default: 1)")
    found.add_argument("--block-trades", metavar="N", type=float,
                       help="mean block length in trades (default: chosen by Politis & White 2004)")  # fmt: skip
    found.add_argument("--milestones", metavar="A,B", help="total returns as fractions (default: 0.1,0.25,0.5,1.0)")
    found.add_argument("--target-income", metavar="AMOUNT/PERIOD", nargs="+", action="extend", default=[],
                       help="incomes to find the capital for, in account currency, for example 1000/month")  # fmt: skip
    found.add_argument("--out", metavar="FOLDER", type=Path, help="where to write (default: RUN/monte_carlo)")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _run(options), interrupted="interrupted: nothing was written")


def _run(options: argparse.Namespace) -> int:
    from research.monte_carlo.plan import Plan  # noqa: PLC0415 - heavy: --help must not wait for it

    plan = Plan.parse(
        paths=options.paths,
        seed=options.seed,
        block_trades=options.block_trades,
        milestones=options.milestones,
        incomes=options.target_income,
    )
    from research.monte_carlo.read import read_run  # noqa: PLC0415
    from research.monte_carlo.study import run_study  # noqa: PLC0415
    from research.monte_carlo.write import write_study  # noqa: PLC0415

    outcome = run_study(read_run(options.run), plan)
    page = write_study(outcome, options.out or options.run / "monte_carlo")
    _tell(outcome.study, page, options.run)
    return 0


def _tell(study: "Study", page: Path, run: Path) -> None:
    from rich.console import Console  # noqa: PLC0415

    from research.monte_carlo.console import console_table  # noqa: PLC0415

    console = Console(highlight=False)
    console.print(console_table(study))
    console.print(study.verdict.sentence, style="bold", markup=False)
    for warning in study.warnings:
        console.print(f"warning: {warning}", markup=False)
    for reason in study.verdict.reasons:
        console.print(f"not approved: {reason}", markup=False)
    console.print(f"page:   {page}", soft_wrap=True, markup=False)
    console.print(f"next:   {_next_step(study, run)}", soft_wrap=True, markup=False)


def _next_step(study: "Study", run: Path) -> str:
    if study.verdict.reasons and not (study.reliable and study.complete):
        return "a complete run with more trades: python scripts/backtest.py CONFIG --start EARLIER"
    if study.verdict.reasons:
        return f"risk less per trade or trade other rules; what happened to these: python scripts/why.py {run}"
    if not study.verdict.earns:
        return f"other rules before anything else: these lose; the trades are in {run / 'report.html'}"
    return "what else it takes to trade live: python scripts/approve.py --help"
