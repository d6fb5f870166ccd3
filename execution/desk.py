"""The desk: carries intents to the engine, and the engine's order events back to the lifecycle.

It decides nothing about a trade: ``execution.lifecycle`` does.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nautilus_trader.model import OrderStatus

from execution.alarms import Alarms
from execution.config import EntryConfig, ExitConfig, VenueConfig
from execution.dispatch import Carrier, Dispatcher
from execution.exits import round_outward
from execution.lifecycle import advance, begin
from execution.orders import OrderLinks, is_open, trade_id_of
from execution.schedule import NS, EntrySchedule
from execution.trade import (
    BarClosed,
    CloseDue,
    EntryEnded,
    EntryFilled,
    EntryTimeout,
    Event,
    ExitEnded,
    ExitFilled,
    ExitReason,
    ExitRefused,
    HoldUntil,
    Intent,
    Leg,
    Phase,
    Plan,
    RepriceDue,
    Trade,
)
from execution.trade_event import trade_event
from execution.trade_log import TradeLog
from risk.messages import Alert, Decision, Market, TradeEvent


class Desk:
    """Open, protect and close the trades of one strategy.

    Parameters
    ----------
    carrier : Carrier
        The engine's Strategy.
    schedules, stale_ns : mapping by instrument id
        When an entry is repriced and given up; and the age of the newest price from which on the market is closed:
        nothing is closed at such a price.
    publish : callable
        Where trade events and alerts go, before the orders they lead to.
    last_price : callable
        Newest price of an instrument as (timestamp ns, price); NaN when there is none.
    guarded : callable
        Wraps timer callbacks, whose exceptions the engine would swallow.
    """

    def __init__(
        self,
        carrier: Carrier,
        *,
        instruments: Mapping[str, Any],
        markets: Mapping[str, Market],
        entry: EntryConfig,
        exits: ExitConfig,
        venue: VenueConfig,
        schedules: Mapping[str, EntrySchedule],
        stale_ns: Mapping[str, int],
        publish: Callable[[TradeEvent | Alert], None],
        last_price: Callable[[str], tuple[int, float]],
        log: TradeLog,
        guarded: Callable[[Callable[[], None]], None],
    ) -> None:
        self._carrier = carrier
        self._markets = markets
        self._entry = entry
        self._exits = exits
        self._venue = venue
        self._schedules = schedules
        self._stale_ns = stale_ns
        self._publish = publish
        self._last_price = last_price
        self._log = log
        self._alarms = Alarms(lambda: carrier.clock, guarded)
        self._links = OrderLinks()
        self._dispatcher = Dispatcher(
            carrier, instruments=instruments, exits=exits, venue=venue, last_price=last_price, links=self._links
        )
        self._trades: dict[str, Trade] = {}
        self._by_instrument: dict[str, str] = {}
        self._waiting_for_open: dict[str, ExitReason] = {}
        self._jumped: set[str] = set()

    # --- from the gate ------------------------------------------------------------------------------------------------

    def on_approved(self, decision: Decision) -> None:
        """Begin the trade that a signal was approved for."""
        plan = self._plan(decision)
        self._by_instrument[plan.instrument_id] = plan.trade_id
        now_ns = self._now_ns()
        self._step(*begin(plan), "ENTRY_WORKING")
        if plan.trade_id in self._trades:
            schedule = self._schedules[plan.instrument_id]
            self._alarms.set(plan.trade_id, "reprice", now_ns + schedule.reprice_ns, self._on_reprice)
            self._alarms.set(plan.trade_id, "timeout", now_ns + schedule.cancel_ns, self._on_timeout)

    def _plan(self, decision: Decision) -> Plan:
        signal = decision.signal
        market = self._markets[signal.instrument_id]
        return Plan(
            trade_id=trade_id_of(signal.instrument_id, signal.strategy, signal.ts_ns),
            signal_id=signal.signal_id,
            signal_ns=signal.ts_ns,
            instrument_id=signal.instrument_id,
            strategy=signal.strategy,
            side=signal.side,
            quantity=decision.quantity,
            entry_px=round_outward(signal.entry, market.tick, signal.side),
            stop_distance=abs(signal.entry - signal.stop),
            tp1_distance=abs(signal.tp1 - signal.entry),
            tp2_distance=abs(signal.tp2 - signal.entry),
            tick=market.tick,
            lot=market.lot,
            min_quantity=market.min_quantity,
            min_notional=market.min_notional,
            multiplier=market.multiplier,
            exits=self._exits,
            entry_on_timeout=self._entry.on_timeout,
            backstop=self._venue.backstop and self._venue.stop_order == "stop_limit",
        )

    # --- from the engine ----------------------------------------------------------------------------------------------

    def on_bar(self, instrument_id: str, ts_ns: int, close: float, atr: float) -> None:
        """Take a closed signal bar: trail the stop, and close what was waiting for the market to open."""
        trade_id = self._by_instrument.get(instrument_id)
        if trade_id is None:
            return
        reason = self._waiting_for_open.pop(trade_id, None)
        if reason is not None:
            self._apply(trade_id, CloseDue(self._now_ns(), reason), "EXIT_DUE")
        self._watch_triggered_stop(trade_id)
        self._apply(trade_id, BarClosed(ts_ns, close, atr), "BAR_CLOSED")

    def on_filled(self, event: Any) -> None:
        """Take a fill of one of our orders."""
        order_id = str(event.client_order_id)
        trade_id, leg = self._links.link(order_id) or ("", Leg.MARKET)
        trade = self._trades.get(trade_id)
        if trade is None:
            return
        quantity, price = float(event.last_qty), float(event.last_px)
        stop_leg = leg in (Leg.STOP, Leg.BACKSTOP)
        hoped_px = trade.stop if stop_leg else self._links.expected(order_id, price)
        self._log.on_fill(trade, leg, event, hoped_px)
        if stop_leg:
            self._watch_jump(trade, price)
        order = self._carrier.cache.order(event.client_order_id)
        if not is_open(order):
            self._links.gone(order_id)
        if leg is Leg.ENTRY:
            self._apply(trade_id, EntryFilled(event.ts_event, quantity, price), "ENTRY_FILLED", event)
            if not is_open(order):
                self._apply(trade_id, EntryEnded(event.ts_event), "ENTRY_ENDED", event)
        else:
            self._apply(trade_id, ExitFilled(event.ts_event, leg, quantity, price), f"{leg.name}_FILLED", event)

    def on_order_gone(self, event: Any, *, refused: bool) -> None:
        """Take the end of an order without a fill: cancelled or expired, or ``refused`` by engine or venue."""
        order_id = str(event.client_order_id)
        link = self._links.link(order_id)
        self._links.gone(order_id)
        if link is None or link[0] not in self._trades:
            return
        trade_id, leg = link
        if refused and leg not in (Leg.TP1, Leg.TP2):  # a target refused after the stop filled is harmless
            self._alert("ORDER_REFUSED", trade_id, f"{leg.name}: {event.reason}")
        if leg is Leg.ENTRY:
            self._apply(trade_id, EntryEnded(event.ts_event), "ENTRY_ENDED", event)
        elif refused:
            self._apply(trade_id, ExitRefused(event.ts_event, leg), "EXIT_REFUSED", event)
        else:
            self._apply(trade_id, ExitEnded(event.ts_event, leg), "EXIT_ENDED", event)

    def on_triggered(self, event: Any) -> None:
        """Take the trigger of a stop-limit: it has 15 s to fill (D15)."""
        trade_id, leg = self._links.link(str(event.client_order_id)) or ("", Leg.MARKET)
        if leg is Leg.STOP and trade_id in self._trades:
            self._await_stop(trade_id)

    def close_all(self, reason: ExitReason, instrument_id: str | None = None) -> None:
        """End every trade, or those of one instrument, at market now."""
        for trade_id, trade in list(self._trades.items()):
            if instrument_id in (None, trade.plan.instrument_id):
                self._apply(trade_id, CloseDue(self._now_ns(), reason), "EXIT_DUE")

    @property
    def is_idle(self) -> bool:
        """Return whether no trade is working or open."""
        return not self._trades

    def open_trades(self) -> list[Trade]:
        """Return the trades that are not over, oldest first."""
        return list(self._trades.values())

    # --- lifecycle ----------------------------------------------------------------------------------------------------

    def _apply(self, trade_id: str, event: Event, kind: str, source: Any = None) -> None:
        trade = self._trades.get(trade_id)
        if trade is None:
            return
        after, intents = advance(trade, event)
        quiet = kind == "BAR_CLOSED" and not intents
        if quiet:
            self._trades[trade_id] = after
        elif after is not trade or intents:
            self._step(after, intents, kind, source)

    def _step(self, trade: Trade, intents: tuple[Intent, ...], kind: str, source: Any = None) -> None:
        self._trades[trade.plan.trade_id] = trade
        self._log.on_stop(trade, self._now_ns())
        self._publish(trade_event(trade, self._now_ns(), kind, source))
        for intent in intents:
            if isinstance(intent, HoldUntil):
                self._alarms.set(trade.plan.trade_id, "hold", intent.at_ns + 1, self._on_hold_over)
            else:
                self._dispatcher.carry(intent, trade)
        if trade.is_over:
            self._finish(trade)

    def _finish(self, trade: Trade) -> None:
        plan = trade.plan
        if self._trades.pop(plan.trade_id, None) is None:
            return
        if self._by_instrument.get(plan.instrument_id) == plan.trade_id:
            del self._by_instrument[plan.instrument_id]
        self._waiting_for_open.pop(plan.trade_id, None)
        self._jumped.discard(plan.trade_id)
        self._links.forget_trade(plan.trade_id)
        self._alarms.silence_all(plan.trade_id)
        if trade.phase is Phase.MISSED:
            self._log.on_missed(trade, self._now_ns())
        else:
            self._log.on_closed(trade)

    # --- timers -------------------------------------------------------------------------------------------------------

    def _on_reprice(self, trade_id: str) -> None:
        trade = self._trades.get(trade_id)
        if trade is not None:
            best_px = self._last_price(trade.plan.instrument_id)[1]
            self._apply(trade_id, RepriceDue(self._now_ns(), best_px), "ENTRY_REPRICED")

    def _on_timeout(self, trade_id: str) -> None:
        self._apply(trade_id, EntryTimeout(self._now_ns()), "ENTRY_TIMEOUT")

    def _on_hold_over(self, trade_id: str) -> None:
        self._close_when_open(trade_id, "MAX_HOLD")

    def _close_when_open(self, trade_id: str, reason: ExitReason) -> None:
        """Close at market, but never at a price from before a closure: then at the first bar after it."""
        trade = self._trades.get(trade_id)
        if trade is None:
            return
        price_ns, _ = self._last_price(trade.plan.instrument_id)
        if self._now_ns() - price_ns > self._stale_ns[trade.plan.instrument_id]:
            self._waiting_for_open[trade_id] = reason
            return
        self._apply(trade_id, CloseDue(self._now_ns(), reason), "EXIT_DUE")

    def _watch_triggered_stop(self, trade_id: str) -> None:
        """Act on a stop-limit that has triggered and not filled: at once when far through its limit (D15)."""
        order_id = self._links.resting(trade_id, Leg.STOP)
        order = self._carrier.cache.order(order_id) if order_id is not None else None
        if order is None or order.status != OrderStatus.TRIGGERED:
            return
        trade = self._trades[trade_id]
        price = self._last_price(trade.plan.instrument_id)[1]
        limit = float(order.price)
        if trade.plan.side * (limit - price) > self._exits.stop_unfilled_frac * limit:
            self._on_stop_unfilled(trade_id)
        else:
            self._await_stop(trade_id)

    def _await_stop(self, trade_id: str) -> None:
        if not self._alarms.is_set(trade_id, "unfilled"):
            at_ns = self._now_ns() + self._exits.stop_unfilled_secs * NS
            self._alarms.set(trade_id, "unfilled", at_ns, self._on_stop_unfilled)

    def _on_stop_unfilled(self, trade_id: str) -> None:
        trade = self._trades.get(trade_id)
        if trade is not None and trade.remaining > 0.0:
            self._alert("ALERT_STOP_UNFILLED", trade_id, f"stop-limit at {trade.stop} was jumped")
            self._apply(trade_id, CloseDue(self._now_ns(), trade.stop_reason), "EXIT_DUE")

    def _watch_jump(self, trade: Trade, price: float) -> None:
        """Say when a stop filled beyond what a stop-limit would have allowed: the market jumped it (D15)."""
        beyond = trade.plan.side * (trade.stop - price) / trade.stop
        if beyond > self._exits.stop_limit_offset_frac * (1.0 + 1e-9) and trade.plan.trade_id not in self._jumped:
            self._jumped.add(trade.plan.trade_id)
            details = f"stop at {trade.stop} was jumped, closed at {price}"
            self._alert("ALERT_STOP_UNFILLED", trade.plan.trade_id, details)

    # --- small things -------------------------------------------------------------------------------------------------

    def _alert(self, name: str, trade_id: str, details: str) -> None:
        instrument_id = self._trades[trade_id].plan.instrument_id
        alert = Alert(
            ts_ns=self._now_ns(),
            name=name,
            severity="WARNING",
            instrument_id=instrument_id,
            details=f"{trade_id}: {details}",
        )
        self._publish(alert)

    def _now_ns(self) -> int:
        now_ns: int = self._carrier.clock.timestamp_ns()
        return now_ns
