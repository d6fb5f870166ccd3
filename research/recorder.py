"""The actor that keeps what a run leaves: signals, decisions, equity."""

import math
from collections.abc import Callable
from typing import cast

import msgspec
from nautilus_trader.common import DataActor

from execution.funding import DAY_NS, HOUR_NS, ROLLOVER_HOUR
from monitoring.guard import Fault, guarded
from monitoring.journal import Journal
from risk.book import RiskBook
from risk.messages import (
    ALERT_TOPIC,
    APPROVED_TOPIC,
    BAR_CLOSE_TOPIC,
    BREAKER_TOPIC,
    NEAR_SIGNAL_TOPIC,
    REJECTED_TOPIC,
    RESULT_TOPIC,
    SIGNAL_TOPIC,
    TRADE_TOPIC,
    Alert,
    BreakerEvent,
    Decision,
    NearSignal,
    Signal,
    TradeEvent,
    TradeResult,
)

NAN = float("nan")


class EquityRow(msgspec.Struct, frozen=True, gc=False):
    """The account after one bar close."""

    ts_ns: int
    equity: float
    cash: float
    heat_frac: float
    open_positions: int


class Recorder(DataActor):
    """Collect messages of the bus in memory and in the journal."""

    def attach(
        self,
        *,
        balance: Callable[[], tuple[float, float]],
        book: RiskBook,
        journal: Journal,
        fault: Fault,
    ) -> None:
        """Hand over what the engine's constructor has no room for."""
        self._balance = balance
        self._book = book
        self._journal = journal
        self.failure = fault
        self.signals: list[Signal] = []
        self.decisions: list[Decision] = []
        self.equity_rows: list[EquityRow] = []
        self.alerts: list[Alert] = []
        self.breakers: list[BreakerEvent] = []
        self._flat_equity = NAN

    def on_start(self) -> None:
        self.subscribe_topic(SIGNAL_TOPIC, self._on_signal)
        self.subscribe_topic(APPROVED_TOPIC, self._on_decision, 5)
        self.subscribe_topic(REJECTED_TOPIC, self._on_decision, 5)
        self.subscribe_topic(TRADE_TOPIC, self._on_trade_event, 20)
        self.subscribe_topic(RESULT_TOPIC, self._on_result)
        self.subscribe_topic(BREAKER_TOPIC, self._on_breaker)
        self.subscribe_topic(NEAR_SIGNAL_TOPIC, self._on_near_signal)
        self.subscribe_topic(ALERT_TOPIC, self._on_alert)
        self._keep_rollover_due()
        self.subscribe_topic(BAR_CLOSE_TOPIC, self._on_bar_close)

    def _keep_rollover_due(self) -> None:
        """Have the venue look at its rollover at 21:00 UTC also on days without data: it looks when time passes."""
        day = (self.clock.timestamp_ns() - ROLLOVER_HOUR * HOUR_NS) // DAY_NS + 1
        first_ns = day * DAY_NS + ROLLOVER_HOUR * HOUR_NS
        self.clock.set_timer_ns("rollover", DAY_NS, start_time_ns=first_ns, callback=lambda _event: None)

    @guarded
    def _on_signal(self, message: object) -> None:
        self.signals.append(cast(Signal, message))

    @guarded
    def _on_decision(self, message: object) -> None:
        self.decisions.append(cast(Decision, message))

    @guarded
    def _on_trade_event(self, message: object) -> None:
        self._flat_equity = NAN
        event = cast(TradeEvent, message)
        self._journal.write(event.ts_ns, "execution_engine", event.kind, event.instrument_id, event)

    @guarded
    def _on_result(self, message: object) -> None:
        result = cast(TradeResult, message)
        self._journal.write(result.ts_ns, "execution_engine", "TRADE_CLOSED", result.instrument_id, result)

    @guarded
    def _on_breaker(self, message: object) -> None:
        self.breakers.append(cast(BreakerEvent, message))  # the officer has journalled it

    @guarded
    def _on_near_signal(self, message: object) -> None:
        near = cast(NearSignal, message)
        self._journal.write(near.ts_ns, "signal_engine", "SIGNAL_UNCONFIRMED", near.instrument_id, near)

    @guarded
    def _on_alert(self, message: object) -> None:
        alert = cast(Alert, message)
        self.alerts.append(alert)
        self._journal.write(alert.ts_ns, "alerts", alert.name, alert.instrument_id, alert, alert.severity)

    @guarded
    def _on_bar_close(self, message: object) -> None:
        self.record_equity(cast(int, message))

    def record_equity(self, ts_ns: int) -> None:
        """Note the account as it is now; a second look at one moment takes the place of the first."""
        if self.equity_rows and self.equity_rows[-1].ts_ns == ts_ns:
            self.equity_rows.pop()
        equity, cash = self._balance()
        heat_frac = self._book.heat() / equity if equity > 0.0 else NAN
        self.equity_rows.append(EquityRow(ts_ns, equity, cash, heat_frac, self._book.open_positions))
        self._flat_equity = equity if heat_frac == 0.0 and equity == cash else NAN

    def record_quiet(self, ts_ns: int) -> None:
        """Note the account at a bar close at which nothing is open or asked for: it is what it was."""
        equity = self._flat_equity
        if not math.isnan(equity):
            self.equity_rows.append(EquityRow(ts_ns, equity, equity, 0.0, 0))
        else:
            self.record_equity(ts_ns)
