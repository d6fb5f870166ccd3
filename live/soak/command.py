"""The command line of ``scripts/soak.py``; growth within the first minutes is start-up: judge ten or more."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from research.process_edge import FAILED, run_to_exit_code

MOST = 50


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="soak.py",
        description="Let a node trade for long on a simulated venue with made-up markets: is its memory flat, was "
        "every bar seen, how soon did an order follow its candle. Prints one JSON document; exit code 1 when memory "
        "grows, a bar was missed or a callback failed.",
        epilog="example: python scripts/soak.py --minutes 240 --instruments 50 --speed 20",
    )
    found.add_argument("--minutes", type=float, default=10.0, metavar="N", help="of real time (default: 10)")
    found.add_argument("--instruments", type=int, default=10, metavar="N", help=f"1 to {MOST} (default: 10)")
    found.add_argument("--speed", type=float, default=30.0, metavar="N", help="market seconds per second (default: 30)")
    found.add_argument("--seed", type=int, default=7, metavar="N", help="of the markets (default: 7)")
    found.add_argument("--record", action="store_true", help="with the recorder at work")
    found.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides",
                       help="set one value of the node's configuration")  # fmt: skip
    found.add_argument("--state", type=Path, metavar="DIR", help="keep journal, logs and samples here")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    if not 1 <= options.instruments <= MOST or options.minutes <= 0.0 or options.speed <= 0.0:
        parser().error(f"--instruments must be 1 to {MOST}, --minutes and --speed above 0")
    return run_to_exit_code(lambda: _go(options))


def _go(options: argparse.Namespace) -> int:
    import msgspec  # noqa: PLC0415 - heavy: --help must not wait for it

    from live.soak.run import soak  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="tidebreak-soak-") as temporary:
        folder = options.state or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = soak(
            folder,
            minutes=options.minutes,
            instruments=options.instruments,
            speed=options.speed,
            seed=options.seed,
            record=options.record,
            overrides=options.overrides,
        )
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0 if found.is_good else FAILED
