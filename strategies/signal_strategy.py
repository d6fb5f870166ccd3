"""The one engine plugin that all strategies share: bar to rule, signal to bus, approved entry to desk."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import msgspec
from nautilus_trader.model import Bar, BarType
from nautilus_trader.trading import Strategy

from catalog.candles import Candles
from execution.config import ExitConfig
from execution.desk import Desk
from execution.exits import stop_distance, target_distance
from monitoring.guard import Fault, guarded
from risk.messages import (
    APPROVED_TOPIC,
    BAR_CLOSE_TOPIC,
    COMMAND_TOPIC,
    NEAR_SIGNAL_TOPIC,
    SIGNAL_TOPIC,
    Command,
    Decision,
    NearSignal,
    Signal,
)
from strategies.opinion import Opinion, Unconfirmed


class Rules(Protocol):
    """The rules of one instrument: closed bars in, opinions out."""

    @property
    def name(self) -> str:
        """Name of the strategy."""

    @property
    def atr(self) -> float:
        """Current ATR, quote units."""

    @property
    def unconfirmed(self) -> Unconfirmed | None:
        """What was seen when the last bar was nearly a signal; for the journal only."""

    def on_bar(self, close_ns: int, high: float, low: float, close: float, volume: float) -> Opinion | None:
        """Take one closed bar."""

    def warm_up(self, candles: Candles, interval_ns: int) -> None:
        """Take bars of the past; what they would have said is not said."""


class SignalStrategy(Strategy):
    """Feed signal bars to the rules; publish what they say; give order events to the desk."""

    def attach(
        self,
        *,
        rules: Mapping[str, Rules],
        bar_types: Sequence[BarType],
        exits: ExitConfig,
        timeframe: str,
        config_hash: str,
        desk: Callable[["SignalStrategy"], Desk],
        ends_ns: Mapping[str, tuple[int, ...]],
        on_quiet_bar: Callable[[int], None],
        fault: Fault,
    ) -> None:
        """Hand over what the engine's constructor has no room for.

        ``ends_ns`` are the moments after which an instrument has no data for long: positions end there.
        ``on_quiet_bar`` is told of bar closes at which nothing is open and nothing is signalled.
        """
        self._by_type = {kind: (str(kind.instrument_id), rules[str(kind.instrument_id)]) for kind in bar_types}
        self._exits = exits
        self._timeframe = timeframe
        self._config_hash = config_hash
        self._make_desk = desk
        self._ends_ns = ends_ns
        self._on_quiet_bar = on_quiet_bar
        self._quiet_ns = 0
        self.failure = fault
        self._alerted_ns = 0

    def on_start(self) -> None:
        self.desk = self._make_desk(self)
        self.subscribe_topic(APPROVED_TOPIC, self._on_approved)
        self.subscribe_topic(COMMAND_TOPIC, self._on_command)
        for bar_type in self._by_type:
            self.subscribe_bars(bar_type)
        for instrument_id, ends_ns in self._ends_ns.items():
            for end_ns in ends_ns:
                self._alert_end(instrument_id, end_ns)

    def _alert_end(self, instrument_id: str, end_ns: int) -> None:
        """Close what is open when the data ends: after that bar's decisions, at its close."""
        name = f"end/{instrument_id}/{end_ns}"
        self.clock.set_time_alert_ns(name, end_ns + 2, lambda _event: self._on_data_end(instrument_id))
        self.clock.set_time_alert_ns(f"{name}/closed", end_ns + 3, lambda _event: self._tell_bar_close(end_ns))

    @guarded
    def _on_data_end(self, instrument_id: str) -> None:
        self.desk.close_all("SHUTDOWN", instrument_id)

    @guarded
    def on_bar(self, bar: Bar) -> None:
        self.take_bar(bar, bar.ts_event)

    def take_bar(self, bar: Bar, ts_ns: int) -> None:
        """Take a bar that closed at ``ts_ns``."""
        instrument_id, rules = self._by_type[bar.bar_type]
        close = float(bar.close)
        opinion = rules.on_bar(ts_ns, float(bar.high), float(bar.low), close, float(bar.volume))
        if rules.unconfirmed is not None:
            self._tell_unconfirmed(instrument_id, ts_ns, rules.name, rules.unconfirmed)
        if self.desk.is_idle and opinion is None:
            self._pass_quietly(ts_ns)
            return
        if ts_ns > self._alerted_ns:
            self._alerted_ns = ts_ns
            self._expect_bar_close(ts_ns)
        self.desk.on_bar(instrument_id, ts_ns, close, rules.atr)
        if opinion is not None:
            self.publish_message(SIGNAL_TOPIC, self._signal(instrument_id, ts_ns, rules.name, opinion))

    def _expect_bar_close(self, ts_ns: int) -> None:
        """See to it that everyone is told once all bars of this moment are in: the data of a back-test is in order."""
        self.clock.set_time_alert_ns(f"close/{ts_ns}", ts_ns + 1, lambda _event: self._tell_bar_close(ts_ns))

    def _tell_unconfirmed(self, instrument_id: str, ts_ns: int, strategy: str, found: Unconfirmed) -> None:
        near = NearSignal(ts_ns=ts_ns, instrument_id=instrument_id, strategy=strategy, side=found.side, seen=found.seen)
        self.publish_message(NEAR_SIGNAL_TOPIC, near)

    def _pass_quietly(self, ts_ns: int) -> None:
        if ts_ns > self._quiet_ns and ts_ns > self._alerted_ns:
            self._quiet_ns = ts_ns
            self._on_quiet_bar(ts_ns)

    @guarded
    def _tell_bar_close(self, ts_ns: int) -> None:
        """Tell everyone that all bars of this moment are in: now signals are weighed against each other."""
        self.publish_message(BAR_CLOSE_TOPIC, ts_ns)

    def _signal(self, instrument_id: str, ts_ns: int, strategy: str, opinion: Opinion) -> Signal:
        exits, entry, side = self._exits, opinion.close, opinion.side
        distance = stop_distance(entry, opinion.atr, exits.stop_atr, exits.stop_floor_frac)
        return Signal(
            signal_id=f"{strategy}/{instrument_id}/{ts_ns}",
            config_hash=self._config_hash,
            ts_ns=ts_ns,
            instrument_id=instrument_id,
            strategy=strategy,
            timeframe=self._timeframe,
            entry=entry,
            stop=entry - side * distance,
            tp1=entry + side * target_distance(distance, opinion.atr, exits.tp1_atr, exits.tp1_r),
            tp2=entry + side * target_distance(distance, opinion.atr, exits.tp2_atr, exits.tp2_r),
            **msgspec.structs.asdict(opinion),
        )

    @guarded
    def _on_approved(self, decision: object) -> None:
        self.desk.on_approved(cast(Decision, decision))

    @guarded
    def _on_command(self, command: object) -> None:
        self.desk.on_command(cast(Command, command))

    @guarded
    def on_order_filled(self, event: Any) -> None:
        self.desk.on_filled(event)

    @guarded
    def on_order_triggered(self, event: Any) -> None:
        self.desk.on_triggered(event)

    @guarded
    def on_order_canceled(self, event: Any) -> None:
        self.desk.on_order_gone(event, refused=False)

    @guarded
    def on_order_expired(self, event: Any) -> None:
        self.desk.on_order_gone(event, refused=False)

    @guarded
    def on_order_rejected(self, event: Any) -> None:
        self.desk.on_order_gone(event, refused=True)

    @guarded
    def on_order_denied(self, event: Any) -> None:
        self.desk.on_order_gone(event, refused=True)
