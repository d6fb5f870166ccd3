"""Candles of any span, fetched page by page."""

from collections.abc import Callable

import numpy as np

from adapters.binance.parsing import parse
from catalog.candles import INTERVAL_NS, Candles
from errors import ConfigError

type Row = list[int | str]
NS_PER_MS = 1_000_000


def fetch_rows(fetch: Callable[[int, int], list[Row]], interval: str, start_ms: int, end_ms: int) -> list[Row]:
    """Return the candles that open at ``start_ms`` or later and are complete by ``end_ms``, oldest first.

    Parameters
    ----------
    fetch : callable
        Given first and last open time in ms, both included, returns one page: the oldest first.

    Raises
    ------
    ConfigError
        There is no such interval.
    """
    if interval not in INTERVAL_NS:
        raise ConfigError(f"interval must be one of {', '.join(INTERVAL_NS)}, was {interval!r}")
    step_ms = INTERVAL_NS[interval] // NS_PER_MS
    last_ms = end_ms - step_ms
    rows: list[Row] = []
    while start_ms <= last_ms:
        page = fetch(start_ms, last_ms)
        rows += page
        if not page:
            break
        start_ms = int(page[-1][0]) + step_ms
    return rows


def weight_of(limit: int) -> int:
    """Return the rate weight of one page.

    >>> [weight_of(limit) for limit in (99, 100, 500, 1000, 1001)]
    [1, 2, 5, 5, 10]
    """
    if limit < 100:
        return 1
    if limit < 500:
        return 2
    return 5 if limit <= 1000 else 10


def parse_rows(request: str, body: bytes) -> list[Row]:
    """Return one page as the venue sends it: open time, open, high, low, close, volume ..."""
    return parse(request, body, list[list[int | str]])


def candles_of(rows: list[Row]) -> Candles:
    """Return rows as columns."""
    columns = [np.array([float(row[index]) for row in rows], dtype=np.float64) for index in range(1, 6)]
    return Candles(np.array([int(row[0]) for row in rows], dtype=np.int64) * NS_PER_MS, *columns)
