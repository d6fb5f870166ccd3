"""The ``list`` command."""

import argparse


def add_arguments(parser: argparse.ArgumentParser, command: str) -> None:
    """Add nothing: the catalog is the only option."""


def run(args: argparse.Namespace) -> int:
    """Print what the catalog holds."""
    from catalog.store import Store  # noqa: PLC0415  (pyarrow: not for --help)
    from catalog.tables import print_list  # noqa: PLC0415

    print_list(Store(args.catalog))
    return 0
