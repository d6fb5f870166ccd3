"""What a reload needs of a live system."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from adapters.binance.usdm import BinanceUsdm
from live.config import LiveConfig
from live.strategy import LiveStrategy
from memory.memory import Memory
from monitoring.journal import Journal
from risk.gate import RiskGate
from risk.messages import Market


class Host(Protocol):
    """A live system, as far as a reload is concerned."""

    config: LiveConfig
    folder: Path
    memory: Memory
    journal: Journal
    markets: Mapping[str, Market]
    strategy: LiveStrategy
    gate: RiskGate

    def market_client(self) -> BinanceUsdm:
        """Return a client of the venue's market data, for a thread of its own."""
