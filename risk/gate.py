"""The actor that carries the risk officer on the engine's bus (Spec 4.2.3)."""

from collections.abc import Callable
from typing import cast

from nautilus_trader.common import DataActor

from monitoring.guard import Fault, guarded
from risk.messages import (
    ALERT_TOPIC,
    API_TOPIC,
    BAR_CLOSE_TOPIC,
    QUALITY_TOPIC,
    RESULT_TOPIC,
    SIGNAL_TOPIC,
    TRADE_TOPIC,
    Alert,
    ApiCall,
    FillQuality,
    Signal,
    TradeEvent,
    TradeResult,
)
from risk.officer import Publish, RiskOfficer

FIRST = 10  # before whoever only records


class RiskGate(DataActor):
    """Answer every signal with RISK_APPROVED or RISK_REJECTED; hold what it approved until it is filled or gone."""

    def attach(self, *, officer: Callable[[Publish], RiskOfficer], fault: Fault) -> None:
        """Hand over what the engine's constructor has no room for; the officer is made with this actor's way out."""
        self.officer = officer(self.publish_message)
        self.failure = fault

    def on_start(self) -> None:
        self.subscribe_topic(SIGNAL_TOPIC, self._on_signal)
        self.subscribe_topic(BAR_CLOSE_TOPIC, self._on_bar_close, FIRST)
        self.subscribe_topic(TRADE_TOPIC, self._on_trade_event, FIRST)
        self.subscribe_topic(RESULT_TOPIC, self._on_result, FIRST)
        self.subscribe_topic(QUALITY_TOPIC, self._on_quality)
        self.subscribe_topic(API_TOPIC, self._on_api_call)
        self.subscribe_topic(ALERT_TOPIC, self._on_alert, FIRST)

    @guarded
    def _on_signal(self, message: object) -> None:
        self.officer.on_signal(cast(Signal, message))

    @guarded
    def _on_bar_close(self, message: object) -> None:
        self.officer.on_bar_close(cast(int, message))

    @guarded
    def _on_trade_event(self, message: object) -> None:
        self.officer.on_trade_event(cast(TradeEvent, message))

    @guarded
    def _on_result(self, message: object) -> None:
        self.officer.on_result(cast(TradeResult, message))

    @guarded
    def _on_quality(self, message: object) -> None:
        self.officer.on_quality(cast(FillQuality, message))

    @guarded
    def _on_api_call(self, message: object) -> None:
        self.officer.on_api_call(cast(ApiCall, message))

    @guarded
    def _on_alert(self, message: object) -> None:
        self.officer.on_alert(cast(Alert, message))
