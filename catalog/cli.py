"""The command line of ``scripts/load_catalog.py``: nothing heavy is imported before a command is known."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from errors import BotError

COMMANDS = {  # name: module with add_arguments(parser) and run(args), help
    "file": ("catalog.command_file", "load Parquet or CSV files (Binance kline CSV and zip too)"),
    "binance-archive": ("catalog.command_remote", "load the public archive of Binance"),
    "ccxt": ("catalog.command_remote", "load candles from any exchange that ccxt speaks"),
    "list": ("catalog.command_list", "show what the catalog holds"),
    "check": ("catalog.command_check", "verify the catalog; exit code 1 when something is wrong"),
}
DEFAULT_CATALOG = Path(__file__).resolve().parent.parent / "catalogs" / "default"
EXAMPLE = """\
examples:
  python scripts/load_catalog.py file data/SOLUSDT-15m.parquet --instrument SOLUSDT-PERP.BINANCE --interval 15m
  python scripts/load_catalog.py file data/*.zip --instrument BTCUSDT-PERP.BINANCE
  python scripts/load_catalog.py file funding.parquet --instrument BTCUSDT-PERP.BINANCE --funding
  python scripts/load_catalog.py list
"""


def main(argv: list[str]) -> int:
    """Run one command; return 0, 1 (check found something), 2 (an error, said in one line) or 130 (Ctrl-C)."""
    try:
        args = _parse(argv)
        code: int = importlib.import_module(COMMANDS[args.command][0]).run(args)
        sys.stdout.flush()
    except BotError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "stopped: the catalog holds every finished load and nothing of the one that was under way", file=sys.stderr
        )
        return 130
    except BrokenPipeError:  # `... list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="load_catalog.py",
        description="Bring market data into the catalog: read, clean (Spec 8.2), merge, commit at once.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in argv if word in COMMANDS), None)
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.add_argument(
            "--catalog",
            type=Path,
            default=DEFAULT_CATALOG,
            metavar="DIR",
            help="catalog folder (default: catalogs/default)",
        )
        if name == wanted:
            importlib.import_module(module).add_arguments(command, name)
    return parser.parse_args(argv)
