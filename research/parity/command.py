"""The command line of ``scripts/parity.py``."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from research.process_edge import FAILED, run_to_exit_code

if TYPE_CHECKING:
    from research.parity.compare import Parity


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="parity.py",
        description="Run engine and sweep on the same bars and compare them signal by signal and trade by trade, as "
        "configured and with every parameter turned that a search may touch; leave a certificate.",
        epilog="example: python scripts/parity.py configs/backtest/crypto_intraday.toml",
    )
    found.add_argument("config", metavar="CONFIG", type=Path, help="TOML file of a back-test")
    found.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides",
                       help="set one value, for example start=2024-01-01")  # fmt: skip
    found.add_argument("--quick", action="store_true", help="only as configured; no certificate")
    found.add_argument("--out", metavar="DIR", type=Path, help="folder for certificates (default: certificates)")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code: 0 only when nothing differs."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _run(options), interrupted="interrupted: no certificate was written")


def _run(options: argparse.Namespace) -> int:
    import msgspec  # noqa: PLC0415 - heavy: --help must not wait for it

    from configs.load import load_run  # noqa: PLC0415
    from research.inputs import load_inputs  # noqa: PLC0415
    from research.parity.certificate import FOLDER, issue, path_of  # noqa: PLC0415
    from research.parity.compare import compare  # noqa: PLC0415
    from research.parity.turned import variations  # noqa: PLC0415
    from research.sweep.sweep import Sweep  # noqa: PLC0415

    config = load_run(options.config, options.overrides)
    inputs = load_inputs(config)
    sweep = Sweep(inputs)
    signals, trades, names = 0, 0, []
    for name, turned in variations(config):
        found = compare(msgspec.structs.replace(inputs, config=turned), sweep)
        print(_line(name, found), flush=True)
        if found.difference is not None:
            _tell(found)
            return FAILED
        signals, trades = signals + found.signals, trades + found.trades
        names.append(name)
        if options.quick:
            return 0
    folder = options.out or FOLDER
    issue(inputs, signals=signals, trades=trades, variations=tuple(names), folder=folder)
    print(f"identical: {signals:,} signals, {trades:,} trades; certificate: {path_of(config, folder)}")
    print(f"next:      python scripts/walk_forward.py {options.config} --space configs/search/breakout.toml")
    return 0


def _line(name: str, found: "Parity") -> str:
    word = "identical" if found.difference is None else "DIFFERENT"
    counts = f"{found.signals:,} signals, {found.approved:,} approved, {found.trades:,} trades, {found.missed} missed"
    return f"{name:<20} {word}: {counts}, equity at the end {found.end_equity:,.2f}"


def _tell(found: "Parity") -> None:
    difference = found.difference
    if difference is None:
        return
    for line in difference.before:
        print(f"  both had: {line}")
    print(f"  first difference: {difference.what}")
    for name, (engine, sweep) in difference.fields.items():
        print(f"    {name}: engine {engine}, sweep {sweep}")
