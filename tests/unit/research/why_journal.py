"""A journal made by hand: the bot's own messages, written by its own journal, for a run that never happened."""

import math
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from configs.run import RunConfig
from monitoring.journal import Journal
from research.why.asked import order
from research.why.history import History
from research.why.read import read_history
from risk.messages import Alert, BreakerEvent, Check, Decision, NearSignal, Signal, TradeEvent, TradeResult

SEC, MIN, HOUR = 1_000_000_000, 60_000_000_000, 3_600_000_000_000
DAY = 24 * HOUR
T0 = 1_704_844_800_000_000_000  # 2024-01-10 00:00
NOON = T0 + 12 * HOUR
BTC, ETH = "BTCUSDT-PERP.X", "ETHUSDT-PERP.X"
CONFIG = RunConfig(name="handmade", instruments=(BTC, ETH), start="2024-01-01", end="2024-02-01")

SEEN = {
    "score": 5, "close": 100.0, "atr": 1.0, "atr_ratio": 0.01, "rsi": 60.0, "volume": 200.0, "volume_ma": 100.0,
    "donchian_upper": 99.0, "donchian_lower": 90.0, "htf_trend": 1, "bb_lower": 95.0, "bb_mid": 98.0, "bb_upper": 101.0,
}  # fmt: skip
SHORT_SEEN = {"close": 89.0, "rsi": 40.0, "htf_trend": -1}


def make_signal(name: str = BTC, at: int = NOON, side: int = 1, **changes) -> Signal:
    """Return a signal with every gate on: entry 100, stop 98 for a long, mirrored for a short."""
    values = SEEN | (SHORT_SEEN if side < 0 else {}) | {
        "signal_id": f"breakout/{name}/{at}", "config_hash": CONFIG.hash, "ts_ns": at, "instrument_id": name,
        "strategy": "breakout", "timeframe": "15m", "side": side, "entry": 100.0, "stop": 100.0 - 2 * side,
        "tp1": 100.0 + 4 * side, "tp2": 100.0 + 8 * side, "atr_baseline": 0.5, "volume_24h": 1e6,
        "average_daily_volume": 1e6,
    }  # fmt: skip
    return Signal(**values | changes)


def make_near(name: str = BTC, at: int = NOON, side: int = 1, strategy: str = "breakout", **seen) -> NearSignal:
    """Return a breakout with every gate on but what is changed."""
    values = SEEN | (SHORT_SEEN if side < 0 else {}) | seen
    return NearSignal(ts_ns=at, instrument_id=name, strategy=strategy, side=side, seen=values)


def passed(until: str = "") -> tuple[Check, ...]:
    """Return the checks that pass before a rule, all of them for none."""
    names = order()[: order().index(until)] if until else order()
    return tuple(Check(name, True, 2.0, 1.0) for name in names)


class Handmade:
    """Write a journal, event by event."""

    def __init__(self, folder: Path, config: RunConfig | None = CONFIG) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "journal.jsonl"
        self._journal = Journal(self.path)
        if config is not None:
            self.write(T0 - 9 * DAY, "RUN_STARTED", {"config": config, "currency": "USDT"}, module="backtest")

    def write(self, at: int, event: str, details, asset: str = "", module: str = "risk_engine") -> None:
        """Write any line."""
        self._journal.write(at, module, event, asset, details)

    def signal(self, signal: Signal) -> Signal:
        """Write a signal and return it."""
        self.write(signal.ts_ns, signal.event, signal, signal.instrument_id, "signal_engine")
        return signal

    def near(self, near: NearSignal) -> None:
        """Write a breakout that was not confirmed."""
        self.write(near.ts_ns, "SIGNAL_UNCONFIRMED", near, near.instrument_id, "signal_engine")

    def approve(self, signal: Signal, **changes) -> Signal:
        """Write a signal and its approval: 10 units at a risk of 20."""
        values = {"quantity": 10.0, "risk_quote": 20.0, "sized_by": "risk", "checks": passed()}
        self._decide(signal, {"approved": True} | values | changes)
        return signal

    def refuse(self, signal: Signal, check: Check, before: tuple[Check, ...] | None = None, **changes) -> Signal:
        """Write a signal and its refusal by a check."""
        earlier = passed(check.rule if check.rule in order() else "") if before is None else before
        refusal = {"rule": check.rule, "limit": check.limit, "observed": check.observed}
        self._decide(signal, {"approved": False, "checks": (*earlier, check)} | refusal | changes)
        return signal

    def _decide(self, signal: Signal, changes: dict) -> None:
        self.signal(signal)
        values = {
            "ts_ns": signal.ts_ns, "signal": signal, "rule": "", "limit": math.nan, "observed": math.nan,
            "quantity": 0.0, "risk_quote": 0.0, "heat_before": 0.0, "heat_after": 0.0, "equity": 10_000.0,
        }  # fmt: skip
        decision = Decision(**values | changes)
        details = asdict(decision) | {"signal": signal.signal_id}
        self.write(signal.ts_ns, decision.event, details, signal.instrument_id)

    def event(self, signal: Signal, kind: str, after: int = 1, **changes) -> None:
        """Write what happened to a signal's trade, so long after the signal."""
        values = {
            "ts_ns": signal.ts_ns + after, "kind": kind, "trade_id": trade_id(signal), "signal_id": signal.signal_id,
            "instrument_id": signal.instrument_id, "side": signal.side, "entry": 0.0, "stop": 0.0, "quantity": 0.0,
            "working": True, "strategy": signal.strategy,
        }  # fmt: skip
        event = TradeEvent(**values | changes)
        self.write(event.ts_ns, kind, event, signal.instrument_id, "execution_engine")

    def fill(self, signal: Signal, after: int = SEC, quantity: float = 10.0, **changes) -> None:
        """Write that an entry filled whole and its order is gone."""
        values = {
            "entry": signal.entry, "stop": signal.stop, "quantity": quantity, "filled": quantity, "price": signal.entry
        }  # fmt: skip
        self.event(signal, "ENTRY_FILLED", after, **values | changes)
        self.event(signal, "ENTRY_ENDED", after, **values | {"working": False} | changes)

    def open(self, signal: Signal, **changes) -> Signal:
        """Write a trade that is approved, sent and filled."""
        self.approve(signal, **changes)
        self.event(signal, "ENTRY_WORKING")
        self.fill(signal)
        return signal

    def close(self, signal: Signal, after: int = HOUR, reason: str = "STOP", net: float = -22.0) -> None:
        """Write that a trade's stop filled and what it earned."""
        self.event(signal, "STOP_FILLED", after, quantity=0.0, working=False, price=signal.stop, filled=10.0)
        result = TradeResult(
            ts_ns=signal.ts_ns + after, trade_id=trade_id(signal), signal_id=signal.signal_id,
            instrument_id=signal.instrument_id, gross=net + 2.0, fees=1.5, funding=0.5, net=net, reason=reason,
        )  # fmt: skip
        self.write(result.ts_ns, "TRADE_CLOSED", result, signal.instrument_id, "execution_engine")

    def breaker(self, name: str, kind: str, at: int, observed: float = 0.031, limit: float = 0.03, **hand) -> None:
        """Write a breaker's event."""
        event = BreakerEvent(ts_ns=at, breaker=name, kind=kind, observed=observed, limit=limit, **hand)
        self.write(at, f"BREAKER_{kind}", event)

    def alert(self, signal: Signal, name: str, said: str, after: int = 1) -> None:
        """Write an alert of a trade."""
        details = f"{trade_id(signal)}: {said}"
        alert = Alert(ts_ns=signal.ts_ns + after, name=name, severity="WARNING", details=details)
        self.write(alert.ts_ns, name, alert, signal.instrument_id, "alerts")

    def read(self, end: int = T0 + 20 * DAY) -> History:
        """Write the last line and read it all back."""
        self.write(end, "RUN_ENDED", {"complete": True, "equity": 9_000.0}, module="backtest")
        self.finish()
        return read_history(self.path)

    def finish(self) -> Path:
        """Close the file as it is."""
        self._journal.close()
        return self.path


def trade_id(signal: Signal) -> str:
    """Return a trade's id."""
    return f"{signal.instrument_id[:3]}{signal.ts_ns // MIN}"


def as_text(value) -> str:
    """Return anything of ours as JSON."""
    return msgspec.json.encode(value).decode()
