"""Open trades as they are kept for a restart: written before the orders they lead to."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from errors import StateError
from execution.trade import Trade
from execution.trade_log import Costs
from memory.memory import Memory

KIND = "trade"
NO_COUNTS: Mapping[str, int] = MappingProxyType({})


class KeptTrade(msgspec.Struct, frozen=True):
    """A trade that is not over, what it has cost so far, and how many order ids each leg has had before this step."""

    trade: Trade
    costs: Costs
    counts: dict[str, int] = {}


def keep(memory: Memory, trade: Trade, costs: Costs, counts: Mapping[str, int] = NO_COUNTS) -> None:
    """Note a trade as it is now; one that is over is dropped. MessagePack: JSON has no NaN and no infinity."""
    if not memory.is_kept:
        return
    if trade.is_over:
        memory.drop(KIND, trade.plan.trade_id)
    else:
        memory.put(KIND, trade.plan.trade_id, msgspec.msgpack.encode(KeptTrade(trade, costs, dict(counts))))


def load_trades(memory: Memory) -> dict[str, KeptTrade]:
    """Return the trades that are kept, by id.

    Raises
    ------
    StateError
        One cannot be read: nothing may be traded on a guess.
    """
    try:
        return {key: msgspec.msgpack.decode(body, type=KeptTrade) for key, body in memory.all(KIND).items()}
    except msgspec.DecodeError as error:
        raise StateError(f"memory: an open trade cannot be read ({error}); restore it or reconcile") from error
