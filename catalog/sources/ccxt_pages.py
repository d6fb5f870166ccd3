"""Page through the candles of a ccxt exchange: forward only, finished candles only, to an end."""

import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalog.candles import INTERVAL_NS
from catalog.sources.retry import Backoff, TryLaterError, parse_retry_after, retrying
from errors import FatalError

type Row = list[float | None]

_DAY_MS = 86_400_000
_SETTLE_MS = 5_000  # our clock may be ahead: a candle counts as finished this long after its end
_UNKNOWN_PAGE_ROWS = 100  # small, because a page's span is skipped when it comes back empty


@dataclass(frozen=True, slots=True)
class Feed:
    """Name the candles of one symbol and interval of an exchange whose markets are loaded."""

    exchange: Any
    symbol: str
    interval: str
    backoff: Backoff

    @property
    def step_ms(self) -> int:
        """Return the interval in milliseconds."""
        return INTERVAL_NS[self.interval] // 1_000_000

    @property
    def page_rows(self) -> int:
        """Return how many candles the exchange gives at a time."""
        known = self.exchange.feature_value(self.symbol, "fetchOHLCV", "limit")
        return int(known) if known else _UNKNOWN_PAGE_ROWS

    def fetch(self, interval: str, since_ms: int) -> list[Row]:
        """Return one page from ``since_ms`` on: rows of open time in ms, open, high, low, close, volume."""
        page = call(
            self.exchange, f"candles of {self.symbol} {interval}", lambda: self._page(interval, since_ms), self.backoff
        )
        return [row for row in page if _open_ms(row) >= since_ms]

    def _page(self, interval: str, since_ms: int) -> list[Row]:
        page: list[Row] = self.exchange.fetch_ohlcv(self.symbol, interval, since_ms, self.page_rows)
        answer = str(self.exchange.last_http_response or "").lstrip()
        if not page and not answer.startswith(
            ("[", "{")
        ):  # ccxt takes a maintenance page for no candles: a silent hole
            raise TryLaterError(f"{self.exchange.id}: answered '{answer[:40]!r}' instead of JSON")
        return page


def finished_pages(feed: Feed, start_ms: int, end_ms: int) -> Iterator[tuple[list[Row], int]]:
    """Yield pages of finished candles with the time up to which all has been seen, oldest first.

    Parameters
    ----------
    feed : Feed
        What to ask for.
    start_ms, end_ms : int
        First open time, and latest close time, of a candle that is wanted; epoch milliseconds.

    Notes
    -----
    Every request starts later than the one before, so an exchange that ignores ``since``, repeats a page or has
    nothing cannot keep this going. A page may be empty: before a listing, or in an outage.
    """
    since_ms = start_ms
    while True:
        due_ms = min(end_ms, feed.exchange.milliseconds() - _SETTLE_MS)
        if since_ms + feed.step_ms > due_ms:
            return
        rows = feed.fetch(feed.interval, since_ms)
        finished = [row for row in rows if _open_ms(row) + feed.step_ms <= due_ms]
        since_ms = max(map(_open_ms, finished)) + feed.step_ms if finished else _next_data_ms(feed, since_ms, due_ms)
        yield finished, min(since_ms, due_ms)
        if len(finished) < len(rows):
            return


def call[T](exchange: Any, what: str, action: Callable[[], T], backoff: Backoff) -> T:
    """Return what a ccxt call returns, repeated while the network or the exchange's rate limit is in the way.

    Raises
    ------
    RetryableError
        It stayed in the way.
    FatalError
        The exchange refused, or answered something that ccxt does not understand.
    """
    ccxt = importlib.import_module("ccxt")
    where = f"{exchange.id}: {what}"

    def attempt() -> T:
        exchange.last_response_headers = None
        try:
            return action()
        except ccxt.NetworkError as error:
            asked = parse_retry_after((exchange.last_response_headers or {}).get("Retry-After"))
            raise TryLaterError(f"{where}: {_one_line(error)}", asked) from error
        except ccxt.BaseError as error:
            raise FatalError(f"{where}: {_one_line(error)}") from error
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise FatalError(f"{where}: answer not understood ({_one_line(error)})") from error

    return retrying(attempt, backoff, time.sleep)


def _next_data_ms(feed: Feed, since_ms: int, end_ms: int) -> int:
    """Return where to ask next after an empty page: daily candles show a later listing in a few requests."""
    skip_ms = since_ms + feed.page_rows * feed.step_ms
    if feed.interval == "1d" or "1d" not in feed.exchange.timeframes:
        return skip_ms
    for probe_ms in range(since_ms - _DAY_MS + 1, end_ms, feed.page_rows * _DAY_MS):
        days = feed.fetch("1d", probe_ms)
        if days:
            first_ms = min(map(_open_ms, days))
            return first_ms if first_ms > since_ms else skip_ms
    return end_ms


def _open_ms(row: Row) -> int:
    return int(row[0] or 0)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
