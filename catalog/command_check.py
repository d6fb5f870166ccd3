"""The ``check`` command."""

import argparse


def add_arguments(parser: argparse.ArgumentParser, command: str) -> None:
    """Add nothing: the catalog is the only option."""


def run(args: argparse.Namespace) -> int:
    """Verify every series; return 1 when something is wrong."""
    from catalog.check import find_faults  # noqa: PLC0415  (pyarrow: not for --help)
    from catalog.store import Store  # noqa: PLC0415

    store = Store(args.catalog)
    faults = find_faults(store)
    for fault in faults:
        print(fault)
    series = sum(len(store.intervals(name)) for name in store.instrument_ids()) if not faults else 0
    print(f"{store.path}: {len(faults)} faults" if faults else f"{store.path}: {series} series, all well")
    return 1 if faults else 0
