"""The ``binance-archive`` and ``ccxt`` commands: each source reads, one loader stores."""

import argparse
import importlib
import sys
from types import ModuleType

from errors import ConfigError

SOURCES = {"binance-archive": "catalog.sources.binance_archive", "ccxt": "catalog.sources.ccxt_rest"}


def add_arguments(parser: argparse.ArgumentParser, command: str) -> None:
    """Add the options of a source."""
    _source(command).add_arguments(parser)
    parser.add_argument("--replace", action="store_true", help="new rows win over different ones in the catalog")


def run(args: argparse.Namespace) -> int:
    """Load from a remote source and say what was loaded."""
    from catalog.loader import StoreLoader  # noqa: PLC0415  (the stores need pyarrow: not for --help)
    from catalog.store import Store  # noqa: PLC0415
    from catalog.tables import print_funding, print_loads  # noqa: PLC0415

    store = Store(args.catalog, create=True)
    loader = StoreLoader(store, replace=args.replace)
    try:
        _source(args.command).run(args, loader)
    finally:
        if loader.reports:
            print_loads(loader.reports, store.path, sys.stdout)
    for instrument_id, rows in loader.funding_rows.items():
        print_funding(instrument_id, rows, store.path)
    return 0


def _source(command: str) -> ModuleType:
    try:
        return importlib.import_module(SOURCES[command])
    except ModuleNotFoundError as error:
        if error.name != "ccxt":
            raise
        raise ConfigError("ccxt: the package is not installed; install it: uv pip install 'ccxt>=4.5'") from error
