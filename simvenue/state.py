"""What a restart must know: orders, positions, wallet, ledger and the market's time, in one JSON file."""

import os
from decimal import Decimal
from pathlib import Path

import msgspec

from simvenue.account import Account
from simvenue.algo import Algo
from simvenue.book import Level
from simvenue.ledger import Entry
from simvenue.orders import Fill, Order
from simvenue.perpetuals import Perpetuals
from simvenue.replay import Replay


class SavedMarket(msgspec.Struct, kw_only=True):
    """Hold what one market showed, and how far a test had moved it."""

    bids: list[Level]
    asks: list[Level]
    last_price: Decimal
    last_quantity: Decimal
    shift: Decimal | None = None


class Saved(msgspec.Struct, kw_only=True):
    """Hold a whole exchange."""

    market_ms: int
    account: Account
    orders: list[Order]
    algos: list[Algo]
    fills: list[Fill]
    entries: list[Entry]
    last_order_id: int
    last_algo_id: int
    last_trade_id: int
    mark_shift: dict[str, Decimal] = {}
    markets: dict[str, SavedMarket] = {}


def save(path: Path, exchange: Perpetuals, replay: Replay) -> None:
    """Write the state; a reader sees the old file or the new one, never half of one."""
    saved = Saved(
        market_ms=exchange.recorder.market_ms(),
        account=exchange.account,
        orders=list(exchange.orders.values()),
        algos=list(exchange.conditional.algos.values()),
        fills=exchange.settlement.fills,
        entries=exchange.recorder.ledger.entries,
        last_order_id=exchange.last_order_id,
        last_algo_id=exchange.conditional.last_algo_id,
        last_trade_id=exchange.settlement.last_trade_id,
        mark_shift=exchange.mark_shift,
        markets={
            symbol: SavedMarket(
                bids=market.book.bids,
                asks=market.book.asks,
                last_price=market.last_price,
                last_quantity=market.last_quantity,
                shift=replay.shift.get(symbol),
            )
            for symbol, market in exchange.markets.items()
        },
    )
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.json.encode(saved))
    os.replace(part, path)


def load(path: Path) -> Saved | None:
    """Return a saved state, None when there is none; raise ``ValueError`` when it cannot be read."""
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Saved)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: is no saved state: {error}") from error


def restore(saved: Saved, exchange: Perpetuals, replay: Replay) -> None:
    """Put a saved state into an exchange that was built with its account: the markets first, then what rests in them.

    Raises
    ------
    ValueError
        When the state holds an instrument that this venue does not trade.
    """
    missing = sorted(saved.markets.keys() - exchange.markets.keys())
    if missing:
        raise ValueError(f"the saved state holds {', '.join(missing)}: give --instrument for each")
    for symbol, was in saved.markets.items():
        market = exchange.markets[symbol]
        market.quote(was.bids, was.asks)
        market.last_price, market.last_quantity = was.last_price, was.last_quantity
        if was.shift is not None:
            replay.shift[symbol] = was.shift
    for order in saved.orders:
        exchange.adopt(order)
    exchange.conditional.algos = {algo.algo_id: algo for algo in saved.algos}
    exchange.settlement.fills = saved.fills
    exchange.recorder.ledger.restore(saved.entries)
    exchange.recorder.resume(saved.account.wallet)
    exchange.last_order_id = saved.last_order_id
    exchange.conditional.last_algo_id = saved.last_algo_id
    exchange.settlement.last_trade_id = saved.last_trade_id
    exchange.mark_shift = saved.mark_shift
