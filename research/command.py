"""The command line of ``scripts/backtest.py``."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.process_edge import FAILED, INTERRUPTED, run_to_exit_code

if TYPE_CHECKING:
    from configs.run import RunConfig
    from research.backtest import Outcome

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "configs" / "backtest" / "sample.toml"


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="backtest.py",
        description="Run a back-test on candles of a catalog and write tables and a report page.",
        epilog="example: python scripts/backtest.py configs/backtest/crypto_intraday.toml --set exits.stop_atr=2.0",
    )
    found.add_argument("config", nargs="?", type=Path, default=SAMPLE, help="TOML file (default: the bundled sample)")
    found.add_argument("--catalog", metavar="DIR", help="folder of the catalog, or 'sample'")
    found.add_argument("--out", metavar="DIR", type=Path, help="folder for runs (default: runs)")
    found.add_argument("--start", metavar="DATE", help="first day, UTC, for example 2024-01-01")
    found.add_argument("--end", metavar="DATE", help="day after the last one, UTC")
    found.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides",
                       help="set one value, for example strategy.donchian_bars=30 or instruments=A.X,B.X")  # fmt: skip
    found.add_argument("--check-lookahead", action="store_true", help="re-run on truncated data and compare signals")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code: 0 only for a complete run."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(
        lambda: _go(options),
        interrupted="interrupted: nothing was written",
        failed="error: the run stopped at the failure above; nothing was written",
    )


def _go(options: argparse.Namespace) -> int:
    config = _load(options)
    return _check_lookahead(config) if options.check_lookahead else _run(config, options)


def _load(options: argparse.Namespace) -> "RunConfig":
    from configs.load import load_run  # noqa: PLC0415 - heavy: --help must not wait for it

    fixed = {key: getattr(options, key) for key in ("catalog", "start", "end") if getattr(options, key) is not None}
    return load_run(options.config, options.overrides, fixed)


def _run(config: "RunConfig", options: argparse.Namespace) -> int:
    from research.backtest import run_backtest  # noqa: PLC0415
    from research.progress import Bar  # noqa: PLC0415

    with Bar() as bar:
        outcome = run_backtest(config, options.out or Path("runs"), link=options.out is not None, progress=bar.update)
    _tell(outcome, config, options)
    return 0 if outcome.complete else INTERRUPTED


def _tell(outcome: "Outcome", config: "RunConfig", options: argparse.Namespace) -> None:
    from rich.console import Console  # noqa: PLC0415

    from research.report import console_table  # noqa: PLC0415

    console = Console()
    metrics = outcome.metrics
    console.print(console_table(metrics))
    console.print(_summary(metrics), highlight=False)
    if not outcome.complete:
        console.print("[bold red]interrupted: this run is partial and marked as such[/]")
    for warning in metrics["warnings"]:
        console.print(f"warning: {warning}", highlight=False)
    console.print(f"report: {outcome.path / 'report.html'}", highlight=False, soft_wrap=True)
    console.print(f"next:   {_next_step(config, options)}", highlight=False, soft_wrap=True)


def _summary(metrics: dict[str, Any]) -> str:
    counts, other = metrics["counts"], metrics["other"]
    refused = ", ".join(f"{rule} {count}" for rule, count in counts["refused"].items()) or "none"
    return (
        f"{counts['signals']} signals, {counts['approved']} approved, {counts['missed_entries']} entries missed, "
        f"{counts['trades']} trades; net {other['net_profit_quote']:+,.2f} {metrics['currency']}\n"
        f"refused: {refused}\n"
        f"breakers: {', '.join(f'{name} {count}' for name, count in counts['trips'].items()) or 'none tripped'}"
    )


def _next_step(config: "RunConfig", options: argparse.Namespace) -> str:
    name = options.config if options.config != SAMPLE else ""
    if config.catalog == "sample":
        return "open the report; then load candles of your own: python scripts/load_catalog.py --help"
    return f"python scripts/backtest.py {name} --check-lookahead"


def _check_lookahead(config: "RunConfig") -> int:
    from research.lookahead import check_lookahead  # noqa: PLC0415

    report = check_lookahead(config)
    print(report.text())
    return 0 if report.clean else FAILED
