"""What a run must leave so that it can be replayed and measured: candles, markets, configuration, orders sent."""

from pathlib import Path
from typing import Any

from nautilus_trader.model import Bar

from catalog.candles import Candles
from configs.dump import to_toml
from live.clock import MarketClock
from live.config import LiveConfig
from monitoring.journal import Journal
from risk.messages import Market

MODULE = "live"


class Chronicle:
    """Write to the journal what back-test and soak compare a run with.

    Parameters
    ----------
    journal : Journal
    clock : MarketClock
    """

    def __init__(self, journal: Journal, clock: MarketClock) -> None:
        self._journal = journal
        self._clock = clock

    def on_warm(self, name: str, past: Candles, signal_ns: int, market: Market) -> None:
        """Note which candles the rules were warmed up with, and what the gate knows of the market."""
        first_ns = int(past.ts_open_ns[0]) if len(past) else 0
        close_ns = int(past.ts_open_ns[-1]) + signal_ns if len(past) else 0
        details = {"first_open_ns": first_ns, "close_ns": close_ns, "bars": len(past), "market": market}
        self._write("WARMED_UP", name, details)

    def on_taken(self, name: str, close_ns: int, bar: Bar) -> None:
        """Note a bar that the rules are about to be given; ``received_ns`` is real time."""
        details = {
            "close_ns": close_ns,
            "high": float(bar.high),
            "low": float(bar.low),
            "close": float(bar.close),
            "volume": float(bar.volume),
            "received_ns": bar.ts_init,
        }
        self._write("BAR_TAKEN", name, details)

    def on_sent(self, event: Any) -> None:
        """Note an order that has left; ``sent_ns`` is real time."""
        details = {"order_id": str(event.client_order_id), "sent_ns": event.ts_init}
        self._write("ORDER_SENT", str(event.instrument_id), details)

    def _write(self, event_type: str, asset: str, details: Any) -> None:
        self._journal.write(self._clock.timestamp_ns(), MODULE, event_type, asset, details)


def config_path(folder: Path, config_hash: str) -> Path:
    """Return where a run keeps a configuration that it traded with."""
    return folder / f"config-{config_hash}.toml"


def keep_config(folder: Path, config: LiveConfig) -> None:
    """Keep a configuration beside the journal that names its hash."""
    target = config_path(folder, config.hash)
    part = target.with_suffix(".part")
    part.write_text(to_toml(config), encoding="utf-8")
    part.replace(target)
