"""The file that a venue keeps its state in, and what every venue keeps of its markets."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import msgspec

from simvenue.book import Level
from simvenue.market import Market
from simvenue.replay import Replay


class SavedMarket(msgspec.Struct, kw_only=True):
    """Hold what one market showed, and how far a test had moved it."""

    bids: list[Level]
    asks: list[Level]
    last_price: Decimal
    last_quantity: Decimal
    shift: Decimal | None = None


def saved_markets(markets: Mapping[str, Market], replay: Replay) -> dict[str, SavedMarket]:
    """Return what the markets show now."""
    return {
        symbol: SavedMarket(
            bids=market.book.bids,
            asks=market.book.asks,
            last_price=market.last_price,
            last_quantity=market.last_quantity,
            shift=replay.shift.get(symbol),
        )
        for symbol, market in markets.items()
    }


def restore_markets(saved: Mapping[str, SavedMarket], markets: Mapping[str, Market], replay: Replay) -> None:
    """Show again what the markets showed.

    Raises
    ------
    ValueError
        When the state holds an instrument that this venue does not trade.
    """
    missing = sorted(saved.keys() - markets.keys())
    if missing:
        raise ValueError(f"the saved state holds {', '.join(missing)}: give --instrument for each")
    for symbol, was in saved.items():
        market = markets[symbol]
        market.quote(was.bids, was.asks)
        market.last_price, market.last_quantity = was.last_price, was.last_quantity
        if was.shift is not None:
            replay.shift[symbol] = was.shift


def write_state(path: Path, saved: msgspec.Struct) -> None:
    """Replace the file whole."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.json.encode(saved))
    os.replace(part, path)


def read_state[S: msgspec.Struct](path: Path, kind: type[S], venue: str) -> S | None:
    """Return a saved state, None when there is none; raise ``ValueError`` when it cannot be read."""
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: is no saved state{venue}: {error}") from error
