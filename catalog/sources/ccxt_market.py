"""Open a ccxt exchange and read what it says about a market."""

import importlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from errors import ConfigError, close_match

_VENUES = {"binanceusdm": "BINANCE"}
_KINDS = {"spot": "spot", "swap": "perpetual"}


def open_exchange(exchange_id: str, base_url: str | None, timeout_secs: float = 30.0) -> Any:
    """Return a rate-limited ccxt client, without keys.

    Parameters
    ----------
    exchange_id : str
        As ccxt names it: ``kraken``, ``binanceusdm``.
    base_url : str or None
        Replaces scheme and host of every address of the exchange; their paths stay.

    Raises
    ------
    ConfigError
        ccxt is not installed, or has no such exchange.
    """
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError:
        raise ConfigError("source ccxt needs the ccxt extra: uv pip install ccxt (or '.[ccxt]')") from None
    if exchange_id not in ccxt.exchanges:
        raise ConfigError(
            f"--exchange must be one of ccxt's {len(ccxt.exchanges)} exchanges, was '{exchange_id}'"
            f"{close_match(exchange_id, ccxt.exchanges)}"
        )
    exchange = getattr(ccxt, exchange_id)({"enableRateLimit": True, "timeout": int(timeout_secs * 1000)})
    if not exchange.has.get("fetchOHLCV"):
        raise ConfigError(f"--exchange {exchange_id} has no candles (fetchOHLCV) in ccxt; choose another")
    if base_url is not None:
        exchange.urls["api"] = _moved(exchange.urls["api"], base_url)
    return exchange


def find_market(exchange: Any, symbol: str) -> Mapping[str, Any]:
    """Return ccxt's market of ``symbol``; the markets must have been loaded.

    Raises
    ------
    ConfigError
        No such market, or one that is neither spot nor a linear perpetual.
    """
    market: Mapping[str, Any] | None = exchange.markets.get(symbol)
    if market is None:
        known = sorted(exchange.markets)
        example = known[0] if known else "BTC/USD"
        raise ConfigError(
            f"--symbols must be markets of {exchange.id} ({len(known)}, spelled like {example}), "
            f"was '{symbol}'{close_match(symbol, known)}"
        )
    if market["type"] not in _KINDS or market.get("inverse"):
        kind = "inverse perpetual" if market["type"] in _KINDS else market["type"]
        raise ConfigError(f"--symbols must be spot markets or linear perpetuals, '{symbol}' of {exchange.id} is {kind}")
    return market


def instrument_id(exchange: Any, market: Mapping[str, Any]) -> str:
    """Return the id in the catalog: ``BTCUSDT.BINANCE``, ``BTCUSDT-PERP.BINANCE``."""
    suffix = "-PERP" if market["type"] == "swap" else ""
    return f"{market['base']}{market['quote']}{suffix}.{_VENUES.get(exchange.id, exchange.id.upper())}"


def metadata(exchange: Any, market: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `protocol.Loader.instrument_metadata` takes; None where the venue states nothing."""
    limits, precision = market["limits"], market["precision"]
    return {
        "kind": _KINDS[market["type"]],
        "base": market["base"],
        "quote": market["quote"],
        "tick": _step(exchange, precision.get("price")),
        "lot": _step(exchange, precision.get("amount")),
        "min_quantity": limits.get("amount", {}).get("min"),
        "min_notional": limits.get("cost", {}).get("min"),
        "maker_fee": market.get("maker"),
        "taker_fee": market.get("taker"),
    }


def _step(exchange: Any, precision: float | None) -> float | None:
    ccxt = importlib.import_module("ccxt")
    if precision is None or exchange.precisionMode == ccxt.SIGNIFICANT_DIGITS:
        return None
    return float(precision) if exchange.precisionMode == ccxt.TICK_SIZE else float(f"1e-{int(precision)}")


def _moved(urls: Any, base_url: str) -> Any:
    if isinstance(urls, dict):
        return {name: _moved(url, base_url) for name, url in urls.items()}
    if not isinstance(urls, str):
        return urls
    here, there = urlsplit(urls), urlsplit(base_url)
    if there.scheme not in {"http", "https"} or not there.netloc:
        raise ConfigError(f"--base-url must start with http:// or https:// and name a host, was '{base_url}'")
    scheme = there.scheme.replace("http", "ws") if here.scheme.startswith("ws") else there.scheme
    return urlunsplit((scheme, there.netloc, there.path.rstrip("/") + here.path, here.query, ""))
