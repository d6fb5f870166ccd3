"""The command line of ``scripts/watchdog.py``."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from errors import BotError

STOPPED, BAD_INPUT, INTERRUPTED = 0, 2, 130
EPILOG = """When the node's sign of life is lost for 60 s, or a position has no sufficient resting stop for 10 s, it
cancels entries, keeps stops, closes at market (reduce-only), verifies that the account is flat, and says so. A second
watchdog on the same folder stands by. Its key may read and trade; it must not withdraw, and is not the node's.
A node that is stopped on purpose is silent too: stop the watchdog first, or its positions are closed a minute later.

example: python scripts/watchdog.py configs/live/watchdog.toml --set state_dir=state/live

exit codes: 0 told to stop (SIGTERM), 2 bad input, 130 Ctrl-C
"""


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="watchdog.py",
        description="The dead man's switch of a live system, in a process of its own.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("config", type=Path, metavar="CONFIG", help="TOML file of a watchdog")
    found.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help="set one value"
    )
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return _go(options)
    except BotError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED


def _go(options: argparse.Namespace) -> int:
    from configs.load import load  # noqa: PLC0415 - heavy: --help must not wait for it
    from configs.watchdog import WatchdogConfig  # noqa: PLC0415
    from operations.watchdog.start import check_access, client_of, watch  # noqa: PLC0415

    config = load(WatchdogConfig, options.config, options.overrides)
    client = client_of(config)
    check_access(client)
    stopping, code = threading.Event(), [STOPPED]
    _stop_on_signals(stopping, code)
    watch(config, client, stopping)
    return code[0]


def _stop_on_signals(stopping: threading.Event, code: list[int]) -> None:
    def handle(number: int, _frame: object) -> None:
        code[0] = INTERRUPTED if number == signal.SIGINT else STOPPED
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
