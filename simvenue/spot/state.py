"""What a restart of a spot venue must know, in one JSON file."""

from pathlib import Path

import msgspec

from simvenue.ledger import Entry
from simvenue.orders import Fill
from simvenue.pairs.balances import Balances
from simvenue.pairs.exchange import PairExchange
from simvenue.pairs.lists import OrderList
from simvenue.pairs.orders import PairOrder
from simvenue.replay import Replay
from simvenue.state_file import SavedMarket, read_state, restore_markets, saved_markets, write_state


class SavedPairs(msgspec.Struct, kw_only=True):
    """Hold a whole exchange of pairs."""

    market_ms: int
    balances: Balances
    orders: list[PairOrder]
    lists: list[OrderList]
    fills: list[Fill]
    entries: list[Entry]
    last_order_id: int
    last_list_id: int
    last_trade_id: int
    markets: dict[str, SavedMarket] = {}


def save(path: Path, exchange: PairExchange, replay: Replay) -> None:
    """Write the state; a reader sees the old file or the new one, never half of one."""
    saved = SavedPairs(
        market_ms=exchange.recorder.market_ms(),
        balances=exchange.balances,
        orders=list(exchange.orders.values()),
        lists=list(exchange.lists.lists.values()),
        fills=exchange.settlement.fills,
        entries=exchange.recorder.ledger.entries,
        last_order_id=exchange.last_order_id,
        last_list_id=exchange.lists.last_list_id,
        last_trade_id=exchange.settlement.last_trade_id,
        markets=saved_markets(exchange.markets, replay),
    )
    write_state(path, saved)


def load(path: Path) -> SavedPairs | None:
    """Return a saved state, None when there is none; raise ``ValueError`` when it cannot be read."""
    return read_state(path, SavedPairs, " of a spot venue")


def restore(saved: SavedPairs, exchange: PairExchange, replay: Replay) -> None:
    """Put a saved state into an exchange that was built with its balances; the markets first.

    Raises
    ------
    ValueError
        When the state holds a pair that this venue does not trade.
    """
    restore_markets(saved.markets, exchange.markets, replay)
    for order in saved.orders:
        exchange.adopt(order)
    exchange.lists.lists = {found.list_id: found for found in saved.lists}
    exchange.settlement.fills = saved.fills
    exchange.recorder.ledger.restore(saved.entries)
    exchange.recorder.resume(saved.balances.total("USDT"))
    exchange.last_order_id = saved.last_order_id
    exchange.lists.last_list_id = saved.last_list_id
    exchange.settlement.last_trade_id = saved.last_trade_id
