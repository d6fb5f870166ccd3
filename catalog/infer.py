"""A definition for an instrument that nobody described, from its id and its candles (issue 2, outcome 11)."""

import math
from collections.abc import Iterable

import numpy as np

from catalog.candles import Candles
from catalog.definition import CLASS_OF_KIND, Definition, Kind, step
from catalog.precision import price_decimals
from catalog.vocabulary import (
    CRYPTO_BASES,
    CRYPTO_QUOTES,
    CRYPTO_VENUES,
    CURRENCIES,
    FUTURES_ROOTS,
    FUTURES_VENUES,
    LARGE_CAPS,
    MAJORS,
)
from errors import DataError

LOT_VALUE = 1.0  # quote units: one crypto lot is worth about this or less


def infer(instrument_id: str, candles: Candles, *, adjusted: bool = False) -> Definition:
    """Return a definition read from the id (kind, currencies) and the data (tick, lot).

    Parameters
    ----------
    instrument_id : str
        ``SYMBOL.VENUE``, for example ``SOLUSDT-PERP.BINANCE``.
    candles : Candles
        Clean candles; prices decide tick and lot.
    adjusted : bool
        Whether prices are split- and dividend-adjusted.

    Raises
    ------
    DataError
        The id is not ``SYMBOL.VENUE``.
    """
    symbol, venue = split_id(instrument_id)
    kind, base, quote = classify(symbol, venue)
    tick, multiplier = step(price_decimals(candles)), "1"
    if kind == "future":
        tick, multiplier = FUTURES_ROOTS.get(base, (tick, "1"))
    precision = price_decimals(candles)
    if kind == "equity":
        tick = "0.01"
    min_qty = "1000" if kind == "fx" else None
    return Definition(
        kind=kind, base=base, quote=quote, tick=tick, lot=_lot(kind, candles), price_precision=precision,
        min_qty=min_qty, multiplier=multiplier, impact=_impact(kind, base, quote), origin="inferred", adjusted=adjusted,
    )  # fmt: skip


def split_id(instrument_id: str) -> tuple[str, str]:
    """Return symbol and venue; raise DataError unless the id is ``SYMBOL.VENUE`` of letters, digits, ``-_.``."""
    symbol, dot, venue = instrument_id.rpartition(".")
    allowed = all(char.isascii() and (char.isalnum() or char in "-_.") for char in instrument_id)
    if not dot or not symbol or not venue or not allowed or not symbol[0].isalnum():
        raise DataError(
            f"--instrument: '{instrument_id}' is not SYMBOL.VENUE in letters, digits, '-' and '_', for example "
            f"SOLUSDT-PERP.BINANCE, EURUSD.FX, AAPL.US"
        )
    return symbol, venue


def classify(symbol: str, venue: str) -> tuple[Kind, str, str]:
    """Return kind, base and quote currency from an id.

    >>> classify("SOLUSDT-PERP", "BINANCE"), classify("EURUSD", "FX"), classify("AAPL", "US")
    (('perpetual', 'SOL', 'USDT'), ('fx', 'EUR', 'USD'), ('equity', 'AAPL', 'USD'))
    """
    name, place = symbol.upper(), venue.upper()
    if name.endswith("-PERP"):
        return "perpetual", *_crypto_pair(name.removesuffix("-PERP"))
    root = _futures_root(name)
    if place in FUTURES_VENUES or (root in FUTURES_ROOTS and place.startswith("X") and place not in ("XNYS", "XNAS")):
        return "future", root, "USD"
    if len(name) == 6 and name[:3] in CURRENCIES and name[3:] in CURRENCIES and place not in CRYPTO_VENUES:
        return "fx", name[:3], name[3:]
    bare = name.replace("-", "").replace("_", "")
    if place in CRYPTO_VENUES and bare.endswith("F") and _ends(bare[:-1], CRYPTO_QUOTES):
        return "perpetual", *_crypto_pair(bare[:-1])
    if place in CRYPTO_VENUES or _ends(bare, ("USDT", "USDC", "BUSD", "FDUSD")) or _known_coin(bare):
        return "spot", *_crypto_pair(bare)
    return "equity", name, "USD"


def describe(instrument_id: str, definition: Definition) -> str:
    """Return the warning that says what was inferred."""
    return (
        f"{instrument_id}: no metadata, inferred from its id and its data: {definition.kind} "
        f"({CLASS_OF_KIND[definition.kind]}), {definition.base} in {definition.quote}, tick {definition.tick}, lot "
        f"{definition.lot}, multiplier {definition.multiplier}. Write configs/instruments/*.toml to set them"
    )


def _ends(name: str, suffixes: Iterable[str]) -> bool:
    return any(name.endswith(suffix) and len(name) > len(suffix) for suffix in suffixes)


def _known_coin(name: str) -> bool:
    return any(name.startswith(coin) and name[len(coin) :] in CRYPTO_QUOTES for coin in CRYPTO_BASES)


def _crypto_pair(name: str) -> tuple[str, str]:
    bare = name.replace("-", "").replace("_", "")
    for quote in CRYPTO_QUOTES:
        if bare.endswith(quote) and len(bare) > len(quote):
            return bare.removesuffix(quote), quote
    return bare, "USDT"


def _futures_root(name: str) -> str:
    known = [
        root for root in FUTURES_ROOTS if name == root or (name.startswith(root) and not name[len(root)].isalpha())
    ]
    month_code = [root for root in FUTURES_ROOTS if name[: len(root)] == root and name[len(root) + 1 :].isdigit()]
    longest = sorted({*known, *month_code}, key=len)
    return longest[-1] if longest else name.split("-", maxsplit=1)[0].rstrip("0123456789!")


def _lot(kind: Kind, candles: Candles) -> str:
    if kind not in ("perpetual", "spot"):
        return "1"
    price = float(np.median(candles.close)) if len(candles) else 1.0
    by_value = max(0, math.ceil(math.log10(price / LOT_VALUE))) if price > 0 else 0
    return step(min(8, by_value))


def _impact(kind: Kind, base: str, quote: str) -> float:
    large = base in MAJORS and quote in MAJORS if kind == "fx" else base in LARGE_CAPS
    return 0.1 if large else 0.3
