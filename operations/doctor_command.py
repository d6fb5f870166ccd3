"""The command line of ``scripts/doctor.py``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import BotError, ConfigError

if TYPE_CHECKING:
    from adapters.binance.usdm import BinanceUsdm
    from memory.config import MemoryConfig

CLEAN, FINDINGS, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
EPILOG = """examples:
  python scripts/doctor.py configs/live/demo.toml
  python scripts/doctor.py state/live                       # keys in TIDEBREAK_VENUE_KEY and TIDEBREAK_VENUE_SECRET
  python scripts/doctor.py state/demo --url http://127.0.0.1:8750 --json

exit codes: 0 nothing is wrong, 1 something is, 2 bad input or no answer of the venue
"""


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="doctor.py",
        description="Compare a venue account with what the live system keeps: say what is wrong and what would be "
        "done. Changes nothing: a key that may only read is enough.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("place", metavar="CONFIG|STATE_DIR", type=Path, help="a live configuration, or a state folder")
    found.add_argument("--url", default="", help="of the venue's API (default: that of CONFIG, else the real one)")
    found.add_argument("--account", default="default", help="in the memory of a STATE_DIR (default: default)")
    found.add_argument("--key-secret", default="", metavar="NAME", help="environment variable of the key")
    found.add_argument("--secret-secret", default="", metavar="NAME", help="environment variable of its secret")
    found.add_argument("--again", type=float, default=2.0, metavar="SECS", help="look again at findings after so long "
                       "(default: 2; 0: do not)")  # fmt: skip
    found.add_argument("--json", action="store_true", help="as JSON")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return _go(options)
    except BotError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _go(options: argparse.Namespace) -> int:
    import msgspec  # noqa: PLC0415 - heavy: --help must not wait for it
    from rich.console import Console  # noqa: PLC0415

    from operations.doctor import examine  # noqa: PLC0415
    from operations.doctor_show import show  # noqa: PLC0415

    if not 0.0 <= options.again <= 60.0:
        raise ConfigError(f"--again must be in [0, 60] seconds, was {options.again}")
    client, folder, memory = _of_folder(options) if options.place.is_dir() else _of_config(options)
    report = examine(client, folder, memory, again_secs=options.again)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        show(report, Console())
    return FINDINGS if report.findings else CLEAN


def _of_config(options: argparse.Namespace) -> tuple["BinanceUsdm", Path, "MemoryConfig"]:
    from msgspec.structs import replace  # noqa: PLC0415

    from configs.load import load  # noqa: PLC0415
    from live.command import secrets_of  # noqa: PLC0415
    from live.config import LiveConfig  # noqa: PLC0415
    from live.start import client_of  # noqa: PLC0415

    fixed = {
        key: value
        for key, value in (
            ("live.http_url", options.url),
            ("live.key_secret", options.key_secret),
            ("live.secret_secret", options.secret_secret),
        )
        if value
    }
    config = load(LiveConfig, options.place, (), fixed)
    memory = config.memory
    if memory.backend == "sqlite":
        memory = replace(memory, path=str(config.state_path / "risk.sqlite"))
    return client_of(config, *secrets_of(config)), config.state_path, memory


def _of_folder(options: argparse.Namespace) -> tuple["BinanceUsdm", Path, "MemoryConfig"]:
    from adapters.binance.usdm import LIVE_URL, BinanceUsdm  # noqa: PLC0415
    from memory.config import MemoryConfig  # noqa: PLC0415
    from operations.secrets import secret_of  # noqa: PLC0415

    key = secret_of(options.key_secret or "TIDEBREAK_VENUE_KEY")
    secret = secret_of(options.secret_secret or "TIDEBREAK_VENUE_SECRET")
    memory = MemoryConfig(backend="sqlite", path=str(options.place / "risk.sqlite"), account=options.account)
    return BinanceUsdm(options.url or LIVE_URL, key, secret), options.place, memory
