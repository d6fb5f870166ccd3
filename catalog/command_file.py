"""The ``file`` command: candles or funding rates from files."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ConfigError, DataError

if TYPE_CHECKING:
    from catalog.equities import Factors
    from catalog.load import Part
    from catalog.sources.file import FileRows
    from catalog.sources.meter import Meter
    from catalog.store import Store


def add_arguments(parser: argparse.ArgumentParser, command: str) -> None:  # noqa: ARG001  (one signature for all)
    """Add the options of the command."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="files, folders or patterns of one instrument")
    add(
        "--instrument",
        required=True,
        metavar="ID",
        help="SYMBOL.VENUE, for example SOLUSDT-PERP.BINANCE, EURUSD.FX, AAPL.US",
    )
    add("--interval", metavar="NAME", help="1m to 1d (default: told from the spacing of the candles)")
    add("--funding", action="store_true", help="the files hold funding rates: columns ts, funding_rate")
    add(
        "--factors",
        type=Path,
        metavar="FILE",
        help="Lean factor file: adjust raw equity prices for splits and dividends",
    )
    add("--calendar", metavar="NAME", help="24/7, FX, XNYS, CMES ... (default: that of the asset class)")
    add(
        "--timezone", metavar="NAME", help="zone of stamps that carry none, for example America/New_York (default: UTC)"
    )
    add("--replace", action="store_true", help="new rows win over different ones in the catalog")


def run(args: argparse.Namespace) -> int:
    """Load files into the catalog and say what was cleaned."""
    from catalog.sources.file import expand  # noqa: PLC0415  (pandas and pyarrow: not for --help)
    from catalog.sources.stamps import check_timezone  # noqa: PLC0415
    from catalog.store import Store  # noqa: PLC0415

    check_timezone(args.timezone)
    if args.funding and args.factors:
        raise ConfigError("--factors must go with candles, not with --funding")
    paths = expand(args.paths)
    store = Store(args.catalog, create=True)
    if args.funding:
        _load_funding(args, paths, store)
    else:
        _load_candles(args, paths, store)
    return 0


def _load_funding(args: argparse.Namespace, paths: list[Path], store: "Store") -> None:
    from catalog.funding import load_funding  # noqa: PLC0415
    from catalog.load import Terms  # noqa: PLC0415
    from catalog.sources.file import read_funding, sha256_of  # noqa: PLC0415
    from catalog.tables import print_funding  # noqa: PLC0415

    for path in paths:
        ts_ns, rate = read_funding(path, args.timezone)
        report = load_funding(
            store,
            args.instrument,
            ts_ns,
            rate,
            source=path.name,
            sha256=sha256_of(path),
            terms=Terms(replace=args.replace),
        )
        if report.warning:
            print(f"warning: {report.warning}", file=sys.stderr)
        print(f"{path.name}: {report.rows_in} rates, {report.rows_new} new, {report.conflicts} differ from the catalog")
        print_funding(args.instrument, report.rows_out, store.path)


def _load_candles(args: argparse.Namespace, paths: list[Path], store: "Store") -> None:
    from rich.console import Console  # noqa: PLC0415

    from catalog.equities import ADJUSTMENT, read_factors  # noqa: PLC0415
    from catalog.load import Terms, check_interval, load_parts  # noqa: PLC0415
    from catalog.resolve import UNADJUSTED  # noqa: PLC0415
    from catalog.schedule import check_calendar  # noqa: PLC0415
    from catalog.sources.meter import Meter  # noqa: PLC0415
    from catalog.tables import print_loads  # noqa: PLC0415

    if args.calendar:
        check_calendar(args.calendar)
    factors = None if args.factors is None else read_factors(args.factors)
    if factors is not None:
        _check_equity(store, args.instrument)
    if args.interval:
        check_interval(args.interval)
    first = _read(paths[0], args)
    args.interval = args.interval or _infer_interval(first, paths[0])
    terms = Terms(
        calendar=args.calendar, adjustment=UNADJUSTED if factors is None else ADJUSTMENT, replace=args.replace
    )
    rows = len(first.candles) * len(paths)  # a guess until all are read; nearly right for monthly files
    with Meter(args.instrument, rows, "rows", Console(stderr=True)) as meter:
        parts = _parts(paths, first, args, factors, meter)
        reports = load_parts(store, args.instrument, args.interval, parts, terms)
    print_loads(reports, store.path, sys.stdout)


def _infer_interval(rows: "FileRows", path: Path) -> str:
    from catalog.sources.file import infer_interval  # noqa: PLC0415

    interval = infer_interval(rows.candles, path)
    print(f"interval: {interval}, told from the spacing of the candles in {path.name}")
    return interval


def _read(path: Path, args: argparse.Namespace) -> "FileRows":
    from catalog.sources.file import read_candles  # noqa: PLC0415

    rows = read_candles(path, args.timezone)
    if len(rows.candles) == 0:
        raise DataError(
            f"{path}: no usable candle among {rows.unparsable} rows (no stamp could be read)"
            if rows.unparsable
            else f"{path}: holds no row"
        )
    return rows


def _check_equity(store: "Store", instrument_id: str) -> None:
    """Raise ConfigError unless the instrument is a share: nothing else splits."""
    from catalog.infer import classify, split_id  # noqa: PLC0415
    from catalog.resolve import known_definition  # noqa: PLC0415

    known = known_definition(store.path, instrument_id, None)
    kind = known.kind if known is not None else classify(*split_id(instrument_id))[0]
    if kind != "equity":
        raise ConfigError(f"--factors: must go with equities, {instrument_id} is of kind {kind}")


def _parts(
    paths: list[Path], first: "FileRows", args: argparse.Namespace, factors: "Factors | None", meter: "Meter"
) -> Iterator["Part"]:
    from catalog.equities import adjust  # noqa: PLC0415
    from catalog.load import Part  # noqa: PLC0415
    from catalog.sources.file import check_spacing, sha256_of  # noqa: PLC0415

    rows = first
    for number, path in enumerate(paths):
        if number:
            rows = _read(path, args)
        check_spacing(rows.candles, args.interval, path)
        candles = rows.candles if factors is None else adjust(rows.candles, factors, args.interval)
        yield Part(candles, path.name, sha256_of(path), rows.unparsable, tuple(rows.notes))
        meter.advance(len(candles))
