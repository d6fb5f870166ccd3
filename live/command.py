"""The command line of ``scripts/live.py``."""

import argparse
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ConfigError
from research.process_edge import run_to_exit_code

if TYPE_CHECKING:
    from live.config import LiveConfig


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="live.py",
        description="Trade one venue: simulated, on paper, or for real.",
        epilog="example: python scripts/live.py configs/live/demo.toml; "
        "'live.py reload CONFIG' changes the strategy of a running system (live.py reload --help)",
    )
    found.add_argument("config", type=Path, metavar="CONFIG", help="TOML file of a live system")
    found.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help="set one value"
    )
    found.add_argument("--seconds", type=float, metavar="N", help="stop after so many seconds")
    found.add_argument("--screen", action="store_true", help="show what happens on the terminal")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    if arguments[:1] == ["reload"]:
        from live.reload.command import main as reload  # noqa: PLC0415

        return reload(arguments[1:])
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _go(options), failed="error: the system stopped at the failure above")


def _go(options: argparse.Namespace) -> int:
    from configs.load import load  # noqa: PLC0415 - heavy: --help must not wait for it
    from live.config import LiveConfig  # noqa: PLC0415

    return run_live(load(LiveConfig, options.config, options.overrides), seconds=options.seconds, screen=options.screen)


def run_live(config: "LiveConfig", *, seconds: float | None = None, screen: bool = False) -> int:
    """Run a live system until it is told to stop; return 0 when nothing failed.

    Raises
    ------
    BotError
        It may not or cannot start; nothing was sent.
    """
    from live.permission import check_permission  # noqa: PLC0415
    from live.start import start  # noqa: PLC0415

    key, secret = secrets_of(config)
    check_permission(config, key, secret)
    with start(config, key, secret) as system:
        _stop_on_signals(system.stop)
        if screen or seconds:
            from live.attend import attend  # noqa: PLC0415

            system.draws = screen
            attend(picture=lambda: system.picture, stop=system.stop, seconds=seconds, screen=screen)
        system.run()
        return 1 if system.fault.error is not None else 0


def secrets_of(config: "LiveConfig") -> tuple[str, str]:
    """Return key and secret from the environment; a simulated venue takes any.

    Raises
    ------
    ConfigError
        A variable is missing.
    """
    section = config.live
    found = os.environ.get(section.key_secret, ""), os.environ.get(section.secret_secret, "")
    if section.environment == "simulated":
        return found[0] or "sim-key", found[1] or "sim-secret"
    for value, name in zip(found, (section.key_secret, section.secret_secret), strict=True):
        if not value:
            raise ConfigError(f"environment variable {name} is not set: the venue's key must be there, never in TOML")
    return found


def _stop_on_signals(stop: Callable[[], None]) -> None:
    """Let Ctrl-C and SIGTERM stop the node in order: positions keep their stops."""

    def handle(_number: int, _frame: object) -> None:
        stop()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
