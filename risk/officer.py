"""The risk officer: every signal is answered, every trade followed, every breaker kept (Spec 4.2.3, 5).

No engine in here: ``risk.gate`` carries it on the engine's bus, tests and other processes run it bare.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec
from msgspec import structs

from errors import StateError
from memory.memory import Memory
from risk import alarms
from risk.board import BreakerBoard
from risk.book import Book, Reservation, RiskBook
from risk.breakers.api_errors import ApiMeter
from risk.breakers.events import (
    ApiBanned,
    ApiCounted,
    EquitySeen,
    Event,
    HandReset,
    OrderFilled,
    TradeEnded,
    TradeOpened,
)
from risk.config import RiskConfig
from risk.limits.entry import Candidate, Spread
from risk.messages import (
    ALERT_TOPIC,
    BREAKER_TOPIC,
    COMMAND_TOPIC,
    Alert,
    ApiCall,
    BreakerEvent,
    Check,
    Command,
    Decision,
    FillQuality,
    Market,
    Signal,
    TradeEvent,
    TradeResult,
)
from risk.requests import Requests
from risk.returns import HourlyReturns
from risk.review import Reviewer, candidate_of

RESERVATION = "reservation"
TRIES = 50  # a shared ledger in which others add risk all the time


class MarketView(Protocol):
    """What is known of the markets apart from signals."""

    def advance(self, ts_ns: int) -> None:
        """Bring hourly returns up to a moment."""

    def data_age_secs(self, instrument_id: str, ts_ns: int) -> float:
        """Return how old the newest price is; in a back-test how long data was missing before this bar."""

    def spread(self, instrument_id: str, ts_ns: int) -> Spread | None:
        """Return the spread and its mean; None where there are no quotes at all."""

    def halted(self, instrument_id: str) -> str:
        """Return why nothing may be entered now whatever the limits say; empty when it may (D32, Spec 9.4)."""


class Write(Protocol):
    """A journal."""

    def write(
        self, ts_ns: int, module: str, event_type: str, asset: str, details: Any, severity: str = "INFO", /
    ) -> None:
        """Write one line."""


type Publish = Callable[[str, object], None]
type SimulatedHand = Callable[[BreakerBoard, int], Iterable[HandReset]]


class RiskOfficer:
    """Answer signals; hold what was approved until it is filled or gone; close breakers and tell the desk.

    Signals of one bar close are collected and answered together, best score first, then the larger 24 h quote volume
    (D16), so that which of them gets the last place does not depend on the order in which bars arrived.

    Parameters
    ----------
    markets : mapping of instrument id to Market
    config : RiskConfig
    book, board, returns, view
        What the account holds, what its breakers say, how markets move together and how they are now.
    memory : Memory
        What a restart must know is there before anything is published.
    journal : Write
    publish : callable
        Puts a message on a topic of the bus.
    report : callable
        Told of an exception inside a rule; the entry is refused and the reason journalled (D32).
    hand : callable, optional
        A back-test's simulated operator.
    """

    def __init__(
        self,
        *,
        markets: Mapping[str, Market],
        config: RiskConfig,
        book: RiskBook,
        board: BreakerBoard,
        returns: HourlyReturns,
        view: MarketView,
        memory: Memory,
        journal: Write,
        publish: Publish,
        report: Callable[[Exception], None],
        hand: SimulatedHand | None = None,
    ) -> None:
        self._markets = markets
        self._config = config
        self._reviewer = Reviewer(config)
        self._book = book
        self.board = board
        self._returns = returns
        self._view = view
        self._memory = memory
        self._journal = journal
        self._publish = publish
        self._report = report
        self._hand = hand
        self._requests = Requests(memory)
        self._waiting: list[Signal] = []
        self._peers = returns.peers()  # held, working, or better candidates of the same bar close
        self._picture: Book | None = None  # one for all answers of a bar close, until one of them is an approval
        self._api = ApiMeter(config.breaker_limits.api_window_secs)

    @property
    def is_weighing(self) -> bool:
        """Return whether a signal waits for its answer."""
        return bool(self._waiting)

    def use(self, config: RiskConfig) -> None:
        """Answer new signals by other limits from now on.

        The days that correlation looks back on are those of the start: ``risk.returns`` keeps no longer ones.
        """
        if config.breaker_limits.api_window_secs != self._config.breaker_limits.api_window_secs:
            self._api = ApiMeter(config.breaker_limits.api_window_secs)
        self._config, self._reviewer = config, Reviewer(config)
        self.board.use(config)

    # --- signals ------------------------------------------------------------------------------------------------------

    def on_signal(self, signal: Signal) -> None:
        """Take a signal; it is answered when all bars of its moment are in."""
        self._memory.write(signal.ts_ns, "signal_engine", signal.event, signal.instrument_id, signal)  # with its answer
        self._journal.write(signal.ts_ns, "signal_engine", signal.event, signal.instrument_id, signal)
        self._waiting.append(signal)

    def on_bar_close(self, ts_ns: int) -> None:
        """Look at the account, then answer what was signalled at this moment."""
        self.observe(ts_ns)
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._view.advance(ts_ns)
        self._picture, self._peers = None, self._returns.peers()
        decisions: list[Decision] = []
        for signal in sorted(waiting, key=rank):
            decisions.append(self._decide(signal))
            self._peers.add(signal.instrument_id)  # whoever comes after it must not be too alike (D16)
        for decision in self._remember(decisions):
            details = _details(decision)
            self._journal.write(decision.ts_ns, "risk_engine", decision.event, decision.signal.instrument_id, details)
            self._publish(decision.topic, decision)

    def _remember(self, decisions: list[Decision]) -> list[Decision]:
        """Write all answers of one bar close before anyone acts on them; without that nothing is approved (D32)."""
        if not self._memory.is_kept:
            return decisions
        try:
            with self._memory.strict_unit():
                self._keep(decisions)
        except StateError as error:
            no = Check("memory", False, 0.0, 1.0, str(error))
            decisions = [self._take_back(one, no) if one.approved else one for one in decisions]
        return decisions

    def _keep(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            signal = decision.signal
            if decision.approved:
                kept = Reservation(signal.instrument_id, signal.strategy, decision.risk_quote)
                self._memory.put(RESERVATION, signal.signal_id, kept)
            self._memory.write(decision.ts_ns, "risk_engine", decision.event, signal.instrument_id, _details(decision))

    def _take_back(self, decision: Decision, check: Check) -> Decision:
        self._book.give_back(decision.signal.signal_id)
        return _refused(decision, check)

    def _decide(self, signal: Signal) -> Decision:
        try:
            return self._weigh(signal)
        except Exception as error:  # noqa: BLE001 - a guard that fails says no (D32), and says why
            self._book.give_back(signal.signal_id)
            self._report(error)
            return _failed(signal, error)

    def _weigh(self, signal: Signal) -> Decision:
        for _ in range(TRIES):
            if self._picture is None:
                self._picture = self._take_picture(signal.ts_ns)
            book = self._picture
            decision = self._reviewer.review(self._candidate(signal), book)
            if not decision.approved:
                return decision
            self._picture = None  # it changes now, or has changed without us
            fault = self._memory.fault or self._requests.fault
            if fault:
                return _refused(decision, Check("memory", False, 0.0, 1.0, fault))
            halt = self._view.halted(signal.instrument_id)
            if halt:
                return _refused(decision, Check("readiness", False, 0.0, 1.0, halt))
            if self._book.reserve(decision, book.ledger_token):
                return decision
        return _refused(decision, Check("shared_ledger", False, 0.0, 1.0, f"others added risk {TRIES} times meanwhile"))

    def _take_picture(self, ts_ns: int) -> Book:
        board = self.board
        book = self._book.read(ts_ns)
        for held in book.positions:
            self._peers.add(held.instrument_id)
        return structs.replace(
            book, breakers=board.checks(), size_factor=board.size_factor, trades_today=board.trades_on(ts_ns)
        )

    def _candidate(self, signal: Signal) -> Candidate:
        name = signal.instrument_id
        return candidate_of(
            signal,
            self._markets[name],
            self._book.rate(name),
            data_age_secs=self._view.data_age_secs(name, signal.ts_ns),
            spread=self._view.spread(name, signal.ts_ns),
            correlation=self._returns.most_alike(name, self._peers, signal.ts_ns, self._config.min_common_hours),
        )

    # --- what happens -------------------------------------------------------------------------------------------------

    def on_trade_event(self, event: TradeEvent) -> None:
        """Follow a trade; the desk's unit of the memory is running."""
        with self._memory.unit():
            opened = self._book.on_trade_event(event)
            if not event.working:
                self._memory.drop(RESERVATION, event.signal_id)
            self._memory.write(event.ts_ns, "execution_engine", event.kind, event.instrument_id, event)
            if opened:
                self._apply(TradeOpened(event.ts_ns))

    def on_result(self, result: TradeResult) -> None:
        """Take what a finished trade earned."""
        with self._memory.unit():
            self._memory.write(result.ts_ns, "execution_engine", "TRADE_CLOSED", result.instrument_id, result)
            self._apply(TradeEnded(result.ts_ns, result.net))

    def on_quality(self, quality: FillQuality) -> None:
        """Take how well an order was filled (D28)."""
        limits = self._config.breaker_limits
        if not quality.actual_frac <= limits.slippage_alert_multiple * quality.expected_frac:  # NaN is no good news
            self._publish(ALERT_TOPIC, alarms.slippage_alert(quality))
        self._apply(OrderFilled(quality.ts_ns, quality.expected_frac, quality.actual_frac))

    def on_alert(self, alert: Alert) -> None:
        """Keep an alert."""
        with self._memory.unit():
            self._memory.write(alert.ts_ns, "alerts", alert.name, alert.instrument_id, alert, alert.severity)

    def on_api_call(self, call: ApiCall) -> None:
        """Take one answer of a venue, or none (D27)."""
        requests, errors = self._api.add(call.ts_ns, failed=call.failed or call.banned)
        if call.banned:
            self._apply(ApiBanned(call.ts_ns))
        self._apply(ApiCounted(call.ts_ns, requests, errors))

    def observe(self, ts_ns: int) -> None:
        """Look at the account, and at what operators ask for."""
        self._take_requests(ts_ns)
        self._apply(EquitySeen(ts_ns, self._book.equity()))
        for event in self._hand(self.board, ts_ns) if self._hand is not None else ():
            self._apply(event)

    def _take_requests(self, ts_ns: int) -> None:
        for key, event in self._requests.read(ts_ns):
            with self._memory.unit():
                refusal = self.board.refuse(event)
                self._requests.answer(key, event, refusal)
                if refusal:
                    details = structs.asdict(event) | {"refused": refusal}
                    self._note(ts_ns, "risk_engine", "HAND_REFUSED", "", details, "WARNING")
                else:
                    self._apply(event)

    def restore(self, open_trades: Sequence[TradeEvent]) -> None:
        """Take up what an earlier life of this process held: its trades, and the reservations of those still working.

        A reservation without a trade is given back: a trade is written before its order leaves, so no order ever did.
        ``recall`` follows once the desk has its trades.
        """
        working = {event.signal_id for event in open_trades if event.working}
        kept = load_reservations(self._memory)
        self._book.restore(open_trades, {signal_id: one for signal_id, one in kept.items() if signal_id in working})
        with self._memory.unit():
            for signal_id in kept.keys() - working:
                self._memory.drop(RESERVATION, signal_id)

    def recall(self, ts_ns: int) -> None:
        """Ask of the desk again what closed breakers ask: the process may have died before it was done."""
        closed = [check.rule for check in self.board.checks() if not check.passed]
        if closed:
            command = Command(ts_ns=ts_ns, reason=closed[0], close_positions=self.board.shuts_down)
            self._publish(COMMAND_TOPIC, command)

    # --- breakers -----------------------------------------------------------------------------------------------------

    def _apply(self, event: Event) -> None:
        with self._memory.unit():
            told = self.board.apply(event)
            for one in told:
                self._note(event.ts_ns, "risk_engine", f"BREAKER_{one.kind}", "", one, alarms.severity(one))
        for one in told:  # what the desk is told to do must not be done before it is written why
            self._memory.afterwards(partial(self._tell, one, event.ts_ns))

    def _tell(self, event: BreakerEvent, ts_ns: int) -> None:
        self._publish(BREAKER_TOPIC, event)
        alert = alarms.breaker_alert(event, ts_ns)
        if alert is not None:
            self._publish(ALERT_TOPIC, alert)
        if event.kind == "TRIPPED" and event.breaker != "loss_streak":
            command = Command(ts_ns=ts_ns, reason=event.breaker, close_positions=self.board.shuts_down)
            self._publish(COMMAND_TOPIC, command)

    def _note(self, ts_ns: int, module: str, event_type: str, asset: str, details: Any, severity: str = "INFO") -> None:
        with self._memory.unit():
            self._memory.write(ts_ns, module, event_type, asset, details, severity)
        self._journal.write(ts_ns, module, event_type, asset, details, severity)


def rank(signal: Signal) -> tuple[int, float, str, str]:
    """Return what candidates of one bar close are sorted by: the best first (D16)."""
    return -signal.score, -signal.volume_24h * signal.close, signal.instrument_id, signal.strategy


def load_reservations(memory: Memory) -> dict[str, Reservation]:
    """Return the reservations that are kept, by signal.

    Raises
    ------
    StateError
        What is kept cannot be read.
    """
    try:
        return {key: msgspec.json.decode(body, type=Reservation) for key, body in memory.all(RESERVATION).items()}
    except msgspec.DecodeError as error:
        raise StateError(f"memory: a reservation cannot be read ({error}); restore it or reconcile") from error


def _details(decision: Decision) -> dict[str, Any]:
    """Return a decision as it is journalled: the signal has a line of its own."""
    return structs.asdict(decision) | {"signal": decision.signal.signal_id}


def _failed(signal: Signal, error: Exception) -> Decision:
    check = Check("exception", False, math.nan, math.nan, f"{type(error).__name__}: {error}")
    return Decision(
        ts_ns=signal.ts_ns,
        signal=signal,
        approved=False,
        rule=check.rule,
        limit=math.nan,
        observed=math.nan,
        quantity=0.0,
        risk_quote=0.0,
        heat_before=math.nan,
        heat_after=math.nan,
        equity=math.nan,
        checks=(check,),
    )


def _refused(decision: Decision, check: Check) -> Decision:
    return structs.replace(
        decision,
        approved=False,
        rule=check.rule,
        limit=check.limit,
        observed=check.observed,
        quantity=0.0,
        risk_quote=0.0,
        heat_after=decision.heat_before,
        checks=(*decision.checks, check),
    )
