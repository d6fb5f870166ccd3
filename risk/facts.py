"""What a reader of the memory must know of the system that wrote it: its limits, its markets, its money."""

from collections.abc import Mapping

import msgspec

from errors import StateError
from memory.memory import Memory
from risk.config import RiskConfig
from risk.config_ledger import SharedLedgerConfig
from risk.messages import AssetClass, Market

KIND, KEY = "facts", "risk"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in force, and which markets they are for."""

    name: str
    currency: str
    config: RiskConfig
    ledger: SharedLedgerConfig
    asset_classes: dict[str, AssetClass]
    every_day: bool


def keep_facts(
    memory: Memory,
    config: RiskConfig,
    markets: Mapping[str, Market],
    *,
    ledger: SharedLedgerConfig,
    currency: str,
    name: str,
) -> None:
    """Write what is in force now."""
    facts = Facts(
        name=name,
        currency=currency,
        config=config,
        ledger=ledger,
        asset_classes={instrument_id: market.asset_class for instrument_id, market in markets.items()},
        every_day=trades_every_day(markets),
    )
    with memory.unit():
        memory.put(KIND, KEY, facts)


def load_facts(memory: Memory) -> Facts:
    """Return what was in force when the system ran last.

    Raises
    ------
    StateError
        Nothing is kept, or it cannot be read.
    """
    body = memory.get(KIND, KEY)
    if body is None:
        raise StateError("memory: no system has been started on it yet")
    try:
        return msgspec.json.decode(body, type=Facts)
    except msgspec.DecodeError as error:
        raise StateError(f"memory: the limits in force cannot be read ({error})") from error


def trades_every_day(markets: Mapping[str, Market]) -> bool:
    """Return whether the portfolio trades on every calendar day: one market that never closes is enough."""
    return any(market.continuous for market in markets.values())
