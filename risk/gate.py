"""The actor that answers every signal (Spec 4.2.3)."""

from collections.abc import Mapping
from typing import cast

from msgspec import structs
from nautilus_trader.common import DataActor

from monitoring.guard import Fault, guarded
from monitoring.journal import Journal
from risk.book import RiskBook
from risk.config import RiskConfig
from risk.ledger import Ledger
from risk.messages import BAR_CLOSE_TOPIC, SIGNAL_TOPIC, TRADE_TOPIC, Decision, Market, Signal, TradeEvent
from risk.review import candidate_of, review


class RiskGate(DataActor):
    """Answer every signal with RISK_APPROVED or RISK_REJECTED; hold what it approved until it is filled or gone.

    Signals of one bar close are collected and answered together, best score first, then the larger 24 h quote volume
    (D16), so that which of them gets the last place does not depend on the order in which bars arrived.
    """

    def attach(
        self,
        *,
        markets: Mapping[str, Market],
        config: RiskConfig,
        book: RiskBook,
        ledger: Ledger,
        journal: Journal,
        fault: Fault,
    ) -> None:
        """Hand over what the engine's constructor has no room for."""
        self._markets = markets
        self._config = config
        self._book = book
        self._ledger = ledger
        self._journal = journal
        self.failure = fault
        self._waiting: list[Signal] = []

    def on_start(self) -> None:
        self.subscribe_topic(SIGNAL_TOPIC, self._on_signal)
        self.subscribe_topic(BAR_CLOSE_TOPIC, self._on_bar_close, 10)  # before the recorder's
        self.subscribe_topic(TRADE_TOPIC, self._on_trade_event, 10)

    @guarded
    def _on_signal(self, message: object) -> None:
        signal = cast(Signal, message)
        self._journal.write(signal.ts_ns, "signal_engine", signal.event, signal.instrument_id, signal)
        self._waiting.append(signal)

    @guarded
    def _on_trade_event(self, message: object) -> None:
        self._book.on_trade_event(cast(TradeEvent, message))

    @guarded
    def _on_bar_close(self, _message: object) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for signal in sorted(waiting, key=lambda s: (-s.score, -s.volume_24h * s.close, s.instrument_id, s.strategy)):
            self._answer(signal)

    def _answer(self, signal: Signal) -> None:
        decision = self._decide(signal)
        details = structs.asdict(decision) | {"signal": signal.signal_id}  # the signal has a line of its own
        self._journal.write(decision.ts_ns, "risk_engine", decision.event, signal.instrument_id, details)
        if decision.approved:
            self._ledger.reserve(signal.signal_id, signal.instrument_id, decision.risk_quote)
        self.publish_message(decision.topic, decision)

    def _decide(self, signal: Signal) -> Decision:
        book = self._book.read(signal.ts_ns)
        candidate = candidate_of(signal, self._markets[signal.instrument_id], self._book.rate(signal.instrument_id))
        return review(candidate, book, self._config)
