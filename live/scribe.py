"""The actor that writes down what a live system does: trades, results, alerts, breakers, the account."""

from collections import deque
from collections.abc import Callable
from typing import cast

import msgspec
from nautilus_trader.common import DataActor

from monitoring.guard import Fault, guarded
from monitoring.journal import Journal
from risk.messages import (
    ALERT_TOPIC,
    APPROVED_TOPIC,
    BAR_CLOSE_TOPIC,
    BREAKER_TOPIC,
    NEAR_SIGNAL_TOPIC,
    REJECTED_TOPIC,
    RESULT_TOPIC,
    TRADE_TOPIC,
    Alert,
    BreakerEvent,
    Decision,
    NearSignal,
    TradeEvent,
    TradeResult,
)

KEPT = 200


class Tally(msgspec.Struct):
    """What has happened since the start."""

    bars: int = 0
    approved: int = 0
    rejected: int = 0
    entered: int = 0
    protected: int = 0
    closed: int = 0
    missed: int = 0
    alerts: int = 0
    net: float = 0.0


class Scribe(DataActor):
    """Write every message of the bus to the journal, and keep the newest for the screen."""

    def attach(self, *, journal: Journal, balance: Callable[[], tuple[float, float]], fault: Fault) -> None:
        """Hand over what the engine's constructor has no room for."""
        self._journal = journal
        self._balance = balance
        self.failure = fault
        self.tally = Tally()
        self.decisions: deque[Decision] = deque(maxlen=KEPT)
        self.trades: deque[TradeEvent] = deque(maxlen=KEPT)
        self.results: deque[TradeResult] = deque(maxlen=KEPT)
        self.alerts: deque[Alert] = deque(maxlen=KEPT)

    def on_start(self) -> None:
        self.subscribe_topic(APPROVED_TOPIC, self._on_decision, 5)
        self.subscribe_topic(REJECTED_TOPIC, self._on_decision, 5)
        self.subscribe_topic(TRADE_TOPIC, self._on_trade_event, 20)
        self.subscribe_topic(RESULT_TOPIC, self._on_result)
        self.subscribe_topic(BREAKER_TOPIC, self._on_breaker)
        self.subscribe_topic(NEAR_SIGNAL_TOPIC, self._on_near_signal)
        self.subscribe_topic(ALERT_TOPIC, self._on_alert)
        self.subscribe_topic(BAR_CLOSE_TOPIC, self._on_bar_close)

    @guarded
    def _on_decision(self, message: object) -> None:
        decision = cast(Decision, message)
        self.decisions.append(decision)
        if decision.approved:
            self.tally.approved += 1
        else:
            self.tally.rejected += 1

    @guarded
    def _on_trade_event(self, message: object) -> None:
        event = cast(TradeEvent, message)
        self.trades.append(event)
        self.tally.entered += event.kind == "ENTRY_WORKING"
        self._journal.write(event.ts_ns, "execution_engine", event.kind, event.instrument_id, event)

    @guarded
    def _on_result(self, message: object) -> None:
        result = cast(TradeResult, message)
        self.results.append(result)
        self.tally.closed += 1
        self.tally.net += result.net
        self._journal.write(result.ts_ns, "execution_engine", "TRADE_CLOSED", result.instrument_id, result)

    @guarded
    def _on_breaker(self, message: object) -> None:
        event = cast(BreakerEvent, message)
        self._journal.write(event.ts_ns, "risk_engine", "BREAKER_TOLD", "", event)

    @guarded
    def _on_near_signal(self, message: object) -> None:
        near = cast(NearSignal, message)
        self._journal.write(near.ts_ns, "signal_engine", "SIGNAL_UNCONFIRMED", near.instrument_id, near)

    @guarded
    def _on_alert(self, message: object) -> None:
        alert = cast(Alert, message)
        self.alerts.append(alert)
        self.tally.alerts += 1
        self._journal.write(alert.ts_ns, "alerts", alert.name, alert.instrument_id, alert, alert.severity)

    @guarded
    def _on_bar_close(self, message: object) -> None:
        ts_ns = cast(int, message)
        self.tally.bars += 1
        equity, cash = self._balance()
        self._journal.write(ts_ns, "account", "EQUITY", "", {"equity": equity, "cash": cash})
