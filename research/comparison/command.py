"""The command line of ``scripts/compare.py``."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from research.process_edge import run_to_exit_code


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="compare.py",
        description="Compare two to six runs: figures, equity, configuration, and which trades they share.",
        epilog="example: python scripts/compare.py runs/a31f031a884c-20230101 runs/d8d8bc6d2034-20000301",
    )
    found.add_argument("runs", metavar="RUN", type=Path, nargs="+", help="folders of runs; the first is the measure")
    page = Path("compare.html")
    found.add_argument("--out", metavar="FILE", type=Path, default=page, help=f"page to write (default: {page})")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415 - heavy: --help must not wait for it
    from rich.text import Text  # noqa: PLC0415

    from research.comparison.console import facts, figures_table  # noqa: PLC0415
    from research.comparison.page import write_comparison  # noqa: PLC0415
    from research.comparison.runs import cautions, load_runs  # noqa: PLC0415
    from research.comparison.verdict import verdict  # noqa: PLC0415

    runs = load_runs(options.runs)
    page = write_comparison(options.out, runs)
    console = Console(highlight=False)
    for one in runs:
        console.print(Text(f"{one.letter}  {one.run.name}  {one.folder}"), soft_wrap=True)
    console.print(Text(verdict(runs)), style="bold")
    console.print(figures_table(runs))
    for line in [*facts(runs), *(f"note: {text}" for text in cautions(runs)), f"page: {page}"]:
        console.print(Text(line), soft_wrap=True)
    return 0
