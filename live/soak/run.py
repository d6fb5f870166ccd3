"""A soak: a simulated venue with made-up markets, a node that trades on them, their memory sampled."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from live.clock import pace_of
from live.parity.journal import read_events
from live.soak.journal import Bars, Delays, alerts_of, bars_of, order_delays
from live.soak.memory import Growth, growth_of, resident_mb
from live.stage import ROOT, Place, simulated_venue

CONFIG = ROOT / "configs" / "live" / "demo.toml"
SAMPLE_SECS = 5.0
END_SECS = 60.0
STEP_NS = 900_000_000_000
LIVELY = {
    "strategy.donchian_bars": "4",
    "strategy.min_score": "2",
    "strategy.require_volume": "false",
    "strategy.atr_ratio_min_frac": "0.0",
    "strategy.rsi_long_max": "95",
    "strategy.rsi_long_min": "30",
    "exits.max_hold_secs": "1200",
    "risk.breakers": "false",
    "risk.max_positions": "100",
    "risk.crypto.max_positions": "100",
    "risk.max_correlation": "0.75",
}  # a signal every few bars, and room for it: what is measured is work, not a strategy
NAMES = """
BTC ETH BNB SOL LTC XRP ADA DOGE LINK DOT AVAX TRX ATOM UNI ETC XLM FIL NEAR APT ARB OP INJ SUI SEI TIA
AAVE ALGO AXS BCH CHZ CRV DASH EGLD EOS FTM GALA GRT ICP KAVA MANA MKR NEO QTUM RUNE SAND SNX THETA VET XTZ ZEC
"""
COINS = tuple(NAMES.split())


class Soaked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    instruments: int
    speed: float
    real_minutes: float
    market_hours: float
    node_exit: int
    node_memory: Growth
    venue_memory: Growth
    bars: Bars
    bar_to_order: Delays
    close_to_order: Delays
    signals: int
    trades_closed: int
    alerts: dict[str, int]
    recorder: dict[str, float] | None

    @property
    def is_good(self) -> bool:
        """Return whether nothing was missed, nothing failed and memory is flat."""
        failed = self.alerts.get("CALLBACK_FAILED", 0) or self.alerts.get("RECORDER_LOST_DATA", 0)
        return not (self.node_exit or failed or self.bars.missed) and self.node_memory.is_flat and self.bars.taken > 0


def soak(
    folder: Path, *, minutes: float, instruments: int, speed: float, seed: int, record: bool, overrides: Sequence[str]
) -> Soaked:
    """Run it; the state and every sample of memory (``memory.csv``) stay in ``folder``.

    Raises
    ------
    StateError
        The venue did not start.
    """
    symbols = [f"{coin}USDT" for coin in COINS[:instruments]]
    named = [part for symbol in symbols for part in ("--instrument", symbol)]
    market = ["--prices", f"seed:{seed}", "--from", "2024-06-04T17:35", "--speed", f"{speed:g}", "--steps", "12"]
    with simulated_venue(folder, [*named, *market]) as place:
        pace = pace_of(f"{place.control}/clock")
        command = _command(place, folder, symbols, minutes, overrides, record=record)
        with (folder / "node.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as node:
            began = time.monotonic()
            samples = _sample(node, place, minutes * 60.0 + END_SECS)
            took_secs = time.monotonic() - began
        code = node.returncode
    rows = [f"{secs:.1f},{ours:.1f},{theirs:.1f}\n" for secs, ours, theirs in samples]
    (folder / "memory.csv").write_text("seconds,node_mb,venue_mb\n" + "".join(rows))
    events = list(read_events(folder / "state" / "journal.jsonl"))
    bar_to_order, close_to_order = order_delays(events, pace)
    at, ours, theirs = zip(*samples, strict=True)
    kinds = [one.event_type for one in events]
    recorded = [one.details for one in events if one.event_type == "RECORDER_FIGURES"]
    return Soaked(
        instruments=instruments,
        speed=speed,
        real_minutes=round(took_secs / 60.0, 2),
        market_hours=round(took_secs * speed / 3600.0, 1),
        node_exit=code,
        node_memory=growth_of(at, ours),
        venue_memory=growth_of(at, theirs),
        bars=bars_of(events, [f"{symbol}-PERP.BINANCE" for symbol in symbols], STEP_NS),
        bar_to_order=bar_to_order,
        close_to_order=close_to_order,
        signals=sum(kind in ("SIGNAL_LONG", "SIGNAL_SHORT") for kind in kinds),
        trades_closed=kinds.count("TRADE_CLOSED"),
        alerts=alerts_of(events),
        recorder=recorded[-1] if recorded else None,
    )


def _command(
    place: Place, folder: Path, symbols: list[str], minutes: float, overrides: Sequence[str], *, record: bool
) -> list[str]:
    values = {
        **place.addresses(),
        **LIVELY,
        "live.state_dir": str(folder / "state"),
        "live.record": "true" if record else "false",
        "live.record_catalog": str(folder / "recorded"),
        "instruments": ",".join(f"{symbol}-PERP.BINANCE" for symbol in symbols),
    }
    settings = [f"{key}={value}" for key, value in values.items()] + list(overrides)
    return [
        sys.executable,
        str(ROOT / "scripts" / "live.py"),
        str(CONFIG),
        *(part for setting in settings for part in ("--set", setting)),
        "--seconds",
        f"{minutes * 60.0:g}",
    ]


def _sample(node: subprocess.Popen[bytes], place: Place, longest_secs: float) -> list[tuple[float, float, float]]:
    """Return seconds and memory of node and venue until the node ends; one that does not is ended."""
    began = time.monotonic()
    samples = []
    while True:
        samples.append((time.monotonic() - began, resident_mb(node.pid), resident_mb(place.pid)))
        try:
            node.wait(SAMPLE_SECS)
        except subprocess.TimeoutExpired:
            if time.monotonic() - began > longest_secs:
                node.kill()
            continue
        return samples
