"""Read the options that the remote sources share, with messages that name the option."""

import argparse
import datetime as dt
from collections.abc import Iterable

from catalog.candles import INTERVAL_NS
from catalog.sources.retry import Backoff
from errors import ConfigError, close_match


def add_span_arguments(parser: argparse.ArgumentParser, newest: str) -> None:
    """Add ``--start`` and ``--end``."""
    parser.add_argument("--start", required=True, metavar="DATE", help="first day (2024-01-31) or month (2024-01), UTC")
    parser.add_argument("--end", metavar="DATE", help=f"last day or month, inclusive (default: {newest})")


def add_server_arguments(parser: argparse.ArgumentParser, default_url: str | None) -> None:
    """Add ``--base-url`` and ``--retries``."""
    shown = default_url or "the exchange's own"
    parser.add_argument("--base-url", metavar="URL", default=default_url, help=f"another server (default: {shown})")
    parser.add_argument(
        "--retries", type=int, default=Backoff().retries, help="attempts after a failure (default: %(default)s)"
    )


def parse_list(key: str, text: str) -> list[str]:
    """Return the names of a comma-separated option, without doubles, in the order given."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ConfigError(f"{key} must be one or more names separated by commas, was '{text}'")
    return names


def parse_intervals(text: str, allowed: Iterable[str] = tuple(INTERVAL_NS)) -> list[str]:
    """Return the intervals of ``--intervals``, each of ``allowed``."""
    known = [name for name in INTERVAL_NS if name in set(allowed)]
    names = parse_list("--intervals", text)
    for name in names:
        if name not in known:
            raise ConfigError(f"--intervals must be of {', '.join(known)}, was '{name}'{close_match(name, known)}")
    return names


def parse_count(key: str, value: int, smallest: int, largest: int) -> int:
    """Return ``value`` when it lies from ``smallest`` to ``largest``."""
    if not smallest <= value <= largest:
        raise ConfigError(f"{key} must be from {smallest} to {largest}, was {value}")
    return value


def show_ns(ts_ns: int) -> str:
    """Return a time as messages show it.

    >>> show_ns(1704067200000000000)
    '2024-01-01T00:00Z'
    """
    return f"{dt.datetime.fromtimestamp(ts_ns // 1_000_000_000, dt.UTC):%Y-%m-%dT%H:%MZ}"
