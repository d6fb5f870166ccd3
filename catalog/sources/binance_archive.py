"""Load the public archive of Binance: klines of spot and USD-M perpetuals, funding rates.

Source: https://github.com/binance/binance-public-data (layout, checksums, microseconds in spot files since 2025).
"""

import argparse
import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from catalog.candles import Candles, concat
from catalog.sources.archive_collect import Collection, collect
from catalog.sources.archive_layout import MARKETS, Series
from catalog.sources.binance_csv import Funding, read_funding, read_klines
from catalog.sources.download import Downloader, Verified, locked
from catalog.sources.options import add_server_arguments, add_span_arguments, parse_count, parse_intervals, parse_list
from catalog.sources.protocol import Loader
from catalog.sources.retry import Backoff
from catalog.sources.span import DAY, Span, parse_span, today_utc
from errors import ConfigError

BASE_URL = "https://data.binance.vision"
DEFAULT_CACHE = Path.home() / ".cache" / "tidebreak" / "binance-archive"
BATCH_ROWS = 600_000  # a year of minutes: few commits, 30 MB


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this source to ``parser``."""
    parser.add_argument("--symbols", required=True, metavar="NAMES", help="as the venue spells them: BTCUSDT,ETHUSDT")
    parser.add_argument(
        "--market", choices=sorted(MARKETS), default="spot", help="um: USD-M perpetuals (default: spot)"
    )
    parser.add_argument(
        "--intervals", metavar="NAMES", help="of 1m to 1d, for example 15m,1h; none with --funding alone"
    )
    add_span_arguments(parser, "yesterday")
    parser.add_argument("--funding", action="store_true", help="also the funding rates (um only)")
    parser.add_argument("--jobs", type=int, default=4, help="downloads at a time (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, metavar="DIR", help="where verified files stay")
    add_server_arguments(parser, BASE_URL)


def run(args: argparse.Namespace, loader: Loader) -> None:
    """Download, verify and hand over what ``args`` asks for; say on stderr what the archive lacks.

    Raises
    ------
    BotError
        With one line that says what to do: see `archive_collect.collect` and `binance_csv.read_klines`.
    """
    span = parse_span(args.start, args.end, newest=today_utc() - DAY)
    jobs = parse_count("--jobs", args.jobs, 1, 32)
    backoff = Backoff(retries=parse_count("--retries", args.retries, 0, 20))
    console = Console(stderr=True)
    described: set[str] = set()
    for series in _plan_series(args):
        downloader = Downloader(args.base_url, args.cache, backoff)
        with locked(args.cache / "locks" / f"{series.name}.lock"):
            found = collect(series, span, downloader, jobs, console)
            if series.instrument_id not in described:
                loader.instrument_metadata(series.instrument_id, None)
                described.add(series.instrument_id)
            _hand_over(series, found.files, span, loader)
        console.print(_say(series, found), highlight=False, soft_wrap=True)


def _plan_series(args: argparse.Namespace) -> list[Series]:
    symbols = [_parse_symbol(name) for name in parse_list("--symbols", args.symbols)]
    if args.funding and args.market != "um":
        raise ConfigError(f"--funding must go with --market um, was --market {args.market}: spot has no funding")
    if not args.intervals and not args.funding:
        raise ConfigError("--intervals must be given, for example 15m,1h (only --funding does without)")
    wanted: list[str | None] = [*parse_intervals(args.intervals)] if args.intervals else []
    wanted += [None] if args.funding else []
    return [Series(args.market, symbol, interval) for symbol in symbols for interval in wanted]


def _parse_symbol(name: str) -> str:
    if not name.isalnum():
        plain = "".join(filter(str.isalnum, name)).upper()
        raise ConfigError(
            f"--symbols must be letters and digits as in BTCUSDT (no dated futures), was '{name}'; '{plain}'?"
        )
    return name.upper()


def _hand_over(series: Series, files: Sequence[Verified], span: Span, loader: Loader) -> None:
    if series.interval is None:
        rates = _within(span, [read_funding(file.path) for file in files])
        source, sha256 = _provenance(files)
        loader.funding(series.instrument_id, rates.ts_ns, rates.rate_frac, source=source, sha256=sha256)
        return
    for batch, candles in _batches(files):
        source, sha256 = _provenance(batch)
        loader.candles(series.instrument_id, series.interval, candles, source=source, sha256=sha256)


def _batches(files: Sequence[Verified]) -> Iterator[tuple[list[Verified], Candles]]:
    batch: list[Verified] = []
    parts: list[Candles] = []
    for file in files:
        batch.append(file)
        parts.append(read_klines(file.path))
        if sum(map(len, parts)) >= BATCH_ROWS:
            yield batch, concat(parts)
            batch, parts = [], []
    if batch:
        yield batch, concat(parts)


def _within(span: Span, parts: Sequence[Funding]) -> Funding:
    ts_ns = np.concatenate([part.ts_ns for part in parts])
    keep = (ts_ns >= span.start_ns) & (ts_ns < span.end_ns)
    return Funding(
        ts_ns=ts_ns[keep],
        rate_frac=np.concatenate([part.rate_frac for part in parts])[keep],
        interval_hours=np.concatenate([part.interval_hours for part in parts])[keep],
    )


def _provenance(files: Sequence[Verified]) -> tuple[str, str]:
    if len(files) == 1:
        return files[0].url, files[0].sha256
    listing = "".join(f"{file.sha256}  {file.path.name}\n" for file in files)
    source = f"{files[0].url} to {files[-1].path.name} ({len(files)} files)"
    return source, hashlib.sha256(listing.encode()).hexdigest()


def _say(series: Series, found: Collection) -> str:
    cached = sum(file.from_cache for file in found.files)
    parts = [
        f"{series.instrument_id} {series.interval or 'funding'}: {len(found.files)} files, {cached} of them cached"
    ]
    if found.unlisted_days:
        parts.append(f"{found.unlisted_days} days before the first file")
    if found.hole_days:
        parts.append(f"missing in between: {_say_days(found.hole_days)}")
    if found.unpublished_days:
        parts.append(f"{found.unpublished_days} days not published yet")
    return "; ".join(parts)


def _say_days(days: Sequence[dt.date]) -> str:
    shown = ", ".join(str(day) for day in days[:5])
    return f"{shown} and {len(days) - 5} more" if len(days) > 5 else shown
