"""What a restart must know: orders, positions, wallet, ledger and the market's time, in one JSON file."""

from decimal import Decimal
from pathlib import Path

import msgspec

from simvenue.account import Account
from simvenue.algo import Algo
from simvenue.ledger import Entry
from simvenue.orders import Fill, Order
from simvenue.perpetuals import Perpetuals
from simvenue.replay import Replay
from simvenue.state_file import SavedMarket, read_state, restore_markets, saved_markets, write_state


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
        markets=saved_markets(exchange.markets, replay),
    )
    write_state(path, saved)


def load(path: Path) -> Saved | None:
    """Return a saved state, None when there is none; raise ``ValueError`` when it cannot be read."""
    return read_state(path, Saved, "")


def restore(saved: Saved, exchange: Perpetuals, replay: Replay) -> None:
    """Put a saved state into an exchange that was built with its account: the markets first, then what rests in them.

    Raises
    ------
    ValueError
        When the state holds an instrument that this venue does not trade.
    """
    restore_markets(saved.markets, exchange.markets, replay)
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
