"""Load candles from any exchange that ccxt speaks, page by page; a later start continues where this one stopped."""

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
from rich.console import Console

from catalog.candles import COLUMNS, Candles
from catalog.sources.ccxt_market import find_market, instrument_id, metadata, open_exchange
from catalog.sources.ccxt_pages import Feed, Row, call, finished_pages
from catalog.sources.meter import Meter
from catalog.sources.options import (
    add_server_arguments,
    add_span_arguments,
    parse_count,
    parse_intervals,
    parse_list,
    show_ns,
)
from catalog.sources.protocol import Loader
from catalog.sources.retry import Backoff
from catalog.sources.span import Span, parse_span, today_utc
from errors import BotError, DataError

BATCH_ROWS = 20_000
_MS_NS = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this source to ``parser``."""
    parser.add_argument("--exchange", required=True, metavar="ID", help="as ccxt names it: kraken, binanceusdm, okx")
    parser.add_argument("--symbols", required=True, metavar="NAMES", help="as ccxt spells them: BTC/USD,BTC/USDT:USDT")
    parser.add_argument("--intervals", required=True, metavar="NAMES", help="of 1m to 1d, for example 15m,1h")
    add_span_arguments(parser, "now")
    parser.add_argument(
        "--refetch", action="store_true", help="from --start, not from the newest candle in the catalog"
    )
    add_server_arguments(parser, None)


def run(args: argparse.Namespace, loader: Loader) -> None:
    """Fetch and hand over what ``args`` asks for, in batches; say on stderr what came.

    Raises
    ------
    BotError
        With one line that says what to do. What was fetched until then has been handed over.
    """
    span = parse_span(args.start, args.end, newest=today_utc())
    backoff = Backoff(retries=parse_count("--retries", args.retries, 0, 20))
    symbols = parse_list("--symbols", args.symbols)
    exchange = open_exchange(args.exchange, args.base_url)
    console = Console(stderr=True)
    with closing(exchange.session):
        intervals = parse_intervals(args.intervals, exchange.timeframes)
        call(exchange, "markets", exchange.load_markets, backoff)
        markets = [find_market(exchange, symbol) for symbol in symbols]
        for market in markets:
            loader.instrument_metadata(instrument_id(exchange, market), metadata(exchange, market))
            for interval in intervals:
                feed = Feed(exchange, market["symbol"], interval, backoff)
                said = _load(feed, instrument_id(exchange, market), span, loader, console, refetch=args.refetch)
                console.print(said, highlight=False, soft_wrap=True)


def _load(feed: Feed, instrument: str, span: Span, loader: Loader, console: Console, *, refetch: bool) -> str:
    stored_ns = None if refetch else loader.last_close_ns(instrument, feed.interval)
    start_ns = max(span.start_ns, stored_ns or 0)
    rows, first_ns = 0, None
    for candles, sha256 in _batches(feed, start_ns, span.end_ns, console):
        source = f"ccxt {feed.exchange.id} {feed.symbol} {feed.interval}"
        loader.candles(instrument, feed.interval, candles, source=source, sha256=sha256)
        rows += len(candles)
        first_ns = first_ns or int(candles.ts_open_ns[0])
    name = f"{instrument} {feed.interval}"
    if first_ns is None:
        return _say_nothing(name, span, stored_ns)
    return f"{name}: {rows:,} candles from {show_ns(first_ns)}{_say_start(feed, start_ns, first_ns, stored_ns)}"


def _batches(feed: Feed, start_ns: int, end_ns: int, console: Console) -> Iterator[tuple[Candles, str]]:
    start_ms, end_ms = start_ns // _MS_NS, end_ns // _MS_NS
    total = max(0, min(end_ms, feed.exchange.milliseconds()) - start_ms) // feed.step_ms
    rows: list[Row] = []
    with Meter(f"{feed.symbol} {feed.interval}", total, "candles", console) as meter:
        try:
            for page, seen_ms in finished_pages(feed, start_ms, end_ms):
                rows.extend(page)
                meter.advance((seen_ms - start_ms) / feed.step_ms)
                start_ms = seen_ms
                if len(rows) >= BATCH_ROWS:
                    yield _candles(rows)
                    rows = []
        except BotError:
            if rows:
                yield _candles(rows)
            raise
    if rows:
        yield _candles(rows)


def _candles(rows: list[Row]) -> tuple[Candles, str]:
    numbers: Any = np.array([row[1:6] for row in rows], dtype=np.float64)
    ts_open_ns = np.array([row[0] for row in rows], dtype=np.int64) * _MS_NS
    candles = Candles(ts_open_ns, *(np.ascontiguousarray(column) for column in numbers.T))
    digest = hashlib.sha256()
    for name in COLUMNS:
        digest.update(getattr(candles, name).tobytes())
    return candles, digest.hexdigest()


def _say_nothing(name: str, span: Span, stored_ns: int | None) -> str:
    if stored_ns is None:
        raise DataError(
            f"{name}: the exchange gave no candle from {span.first} to {span.last}; check --start and --end"
        )
    return f"{name}: nothing new, the catalog has it up to {show_ns(stored_ns)}"


def _say_start(feed: Feed, start_ns: int, first_ns: int, stored_ns: int | None) -> str:
    if stored_ns is not None and stored_ns == start_ns:
        return " on, after what the catalog had (--refetch asks for older ones)"
    if first_ns - start_ns > feed.step_ms * _MS_NS:
        return f", later than --start: listed then, or {feed.exchange.id} keeps no older ones"
    return ""
