"""The desk: carries intents to the engine, and the engine's order events back to the lifecycle.

It decides nothing about a trade: ``execution.lifecycle`` does.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace
from nautilus_trader.model import ClientOrderId

from execution.alarms import Alarms
from execution.caretaker import Caretaker, Severity
from execution.config import EntryConfig, ExitConfig, VenueConfig
from execution.dispatch import Carrier, Dispatcher
from execution.lifecycle import advance, begin, protection
from execution.orders import OrderLinks, has_arrived, is_open
from execution.planning import plan_of
from execution.quality import QualityMeter
from execution.schedule import NS, EntrySchedule
from execution.stop_watch import StopWatch
from execution.trade import (
    BarClosed,
    CloseDue,
    EntryEnded,
    EntryFilled,
    EntryHalted,
    EntryTimeout,
    Event,
    ExitEnded,
    ExitFilled,
    ExitReason,
    ExitRefused,
    HoldUntil,
    Intent,
    Leg,
    Market,
    Phase,
    RepriceDue,
    Trade,
)
from execution.trade_event import trade_event
from execution.trade_log import Costs, TradeLog
from execution.trade_memory import KeptTrade, keep
from memory.memory import Memory
from risk.messages import Alert, Command, Decision, FillQuality, TradeEvent, TradeResult
from risk.messages import Market as TradedMarket

type Message = TradeEvent | TradeResult | FillQuality | Alert


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
        Where trade events, results and alerts go, before the orders they lead to.
    last_price : callable
        Newest price of an instrument as (timestamp ns, price); NaN when there is none.
    passive_price : callable
        Best bid for a buyer (+1), best ask for a seller (-1); NaN where there are only candles.
    quality : QualityMeter
    memory : Memory
        A trade is written there before the orders that a transition leads to.
    guarded : callable
        Wraps timer callbacks, whose exceptions the engine would swallow.
    """

    def __init__(
        self,
        carrier: Carrier,
        *,
        instruments: Mapping[str, Any],
        markets: Mapping[str, TradedMarket],
        entry: EntryConfig,
        exits: ExitConfig,
        venue: VenueConfig,
        schedules: Mapping[str, EntrySchedule],
        stale_ns: Mapping[str, int],
        publish: Callable[[Message], None],
        last_price: Callable[[str], tuple[int, float]],
        passive_price: Callable[[str, int], float],
        log: TradeLog,
        quality: QualityMeter,
        memory: Memory,
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
        self._passive_price = passive_price
        self._log = log
        self._quality = quality
        self._memory = memory
        self._alarms = Alarms(lambda: carrier.clock, guarded)
        self._stops = StopWatch(
            alarms=self._alarms,
            find=self._find,
            now_ns=self._now_ns,
            alert=lambda trade, details: self._alert("ALERT_STOP_UNFILLED", trade, details),
            close=lambda trade: self._close(trade.plan.trade_id, trade.stop_reason),
        )
        self._links = OrderLinks()
        self._dispatcher = Dispatcher(
            carrier, instruments=instruments, venue=venue, last_price=last_price, links=self._links
        )
        self._trades: dict[str, Trade] = {}
        self.caretaker = Caretaker(
            carrier,
            dispatcher=self._dispatcher,
            links=self._links,
            alarms=self._alarms,
            trades=self._trades,
            apply=self._apply,
            tell=self._tell,
            now_ns=self._now_ns,
        )
        self._by_instrument: dict[str, str] = {}
        self._waiting_for_open: dict[str, ExitReason] = {}

    # --- from the gate ------------------------------------------------------------------------------------------------

    def on_approved(self, decision: Decision) -> None:
        """Begin the trade that a signal was approved for."""
        market = self._markets[decision.signal.instrument_id]
        plan = plan_of(decision, market, entry=self._entry, exits=self._exits, venue=self._venue)
        best_px = self._passive_price(plan.instrument_id, plan.side)
        if best_px > 0.0:  # Spec 7.4; candles have no quotes: the signal's close
            plan = replace(plan, entry_px=best_px)
        self._by_instrument[plan.instrument_id] = plan.trade_id
        now_ns = self._now_ns()
        self._step(*begin(plan), "ENTRY_WORKING")
        if plan.trade_id in self._trades:
            schedule = self._schedules[plan.instrument_id]
            self._alarms.set(plan.trade_id, "reprice", now_ns + schedule.reprice_ns, self._on_reprice)
            self._alarms.set(plan.trade_id, "timeout", now_ns + schedule.cancel_ns, self._on_timeout)

    def use(self, entry: EntryConfig, exits: ExitConfig, schedules: Mapping[str, EntrySchedule]) -> None:
        """Plan new trades this way from now on; those that are open keep their plan."""
        self._entry, self._exits, self._schedules = entry, exits, schedules

    def restore(self, kept: KeptTrade, resting: Iterable[tuple[ClientOrderId, Leg]]) -> None:
        """Take up a trade of an earlier life, with its orders that still rest; what it lacks is sent.

        An entry that still works is given up: its signal is of another time.
        """
        trade, trade_id = kept.trade, kept.trade.plan.trade_id
        self._by_instrument[trade.plan.instrument_id] = trade_id
        self._links.restore(trade_id, kept.counts)
        for order_id, leg in resting:
            self._links.sent(order_id, trade_id, leg)
        self._log.restore(trade, kept.costs)
        intents: tuple[Intent, ...] = protection(trade) if trade.phase is Phase.OPEN and trade.remaining > 0.0 else ()
        if trade.phase is Phase.CLOSING and trade.remaining > 0.0:
            intents = (Market(Leg.MARKET, trade.remaining),)
        if trade.entry_ns:
            intents += (HoldUntil(trade.entry_ns + trade.plan.exits.max_hold_secs * NS),)
        self._step(trade, intents, "RESTORED")
        if trade_id in self._trades and self._dispatcher.has_triggered(self._links.resting(trade_id, Leg.STOP)):
            self._stops.on_triggered(trade_id)
        if self._links.resting(trade_id, Leg.ENTRY) is not None:
            self._apply(trade_id, EntryHalted(self._now_ns(), "restart"), "ENTRY_HALTED")
        elif trade.working:
            self._apply(trade_id, EntryEnded(self._now_ns()), "ENTRY_ENDED")

    def on_command(self, command: Command) -> None:
        """Stop entering; and, when told to, close everything at market as soon as its market is open."""
        for trade_id, trade in list(self._trades.items()):
            if trade.working:
                self._apply(trade_id, EntryHalted(self._now_ns(), command.reason), "ENTRY_HALTED")
            if command.close_positions:
                self._close_when_open(trade_id, "MANUAL" if command.reason == "kill_switch" else "SHUTDOWN")

    # --- from the engine ----------------------------------------------------------------------------------------------

    def on_bar(self, instrument_id: str, ts_ns: int, close: float, atr: float) -> None:
        """Take a closed signal bar: trail the stop, and close what was waiting for the market to open."""
        trade_id = self._by_instrument.get(instrument_id)
        if trade_id is None:
            return
        reason = self._waiting_for_open.pop(trade_id, None)
        if reason is not None:
            self._close(trade_id, reason)
        self._look_at_stop(trade_id)
        self._apply(trade_id, BarClosed(ts_ns, close, atr), "BAR_CLOSED")

    def on_filled(self, event: Any) -> None:
        """Take a fill of one of our orders."""
        order_id = str(event.client_order_id)
        trade_id, leg = self._links.link(order_id) or ("", Leg.MARKET)
        trade = self._trades.get(trade_id)
        if trade is None:
            self.caretaker.on_stray_fill(event)
            return
        quantity, price = float(event.last_qty), float(event.last_px)
        if self._is_booked(event, quantity, 0.5 * trade.plan.lot):
            return
        stop_leg = leg in (Leg.STOP, Leg.BACKSTOP)
        hoped_px = trade.stop if stop_leg else self._links.expected(order_id, price)
        self._log.on_fill(trade, leg, event, hoped_px)
        if stop_leg:
            self._stops.on_filled(trade, price)
        order = self._carrier.cache.order(event.client_order_id)
        if not is_open(order):
            self._links.gone(order_id)
            quality = self._quality.measure(trade, leg, order, hoped_px, event.ts_event)
            if quality is not None:
                self._publish(quality)
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
            self._alert("ORDER_REFUSED", self._trades[trade_id], f"{leg.name}: {event.reason}")
        if leg is Leg.ENTRY:
            self._apply(trade_id, EntryEnded(event.ts_event), "ENTRY_ENDED", event)
        elif refused:
            self._apply(trade_id, ExitRefused(event.ts_event, leg), "EXIT_REFUSED", event)
        elif self.caretaker.is_thrown_back(order_id):
            self._alert("ORDER_THROWN_BACK", self._trades[trade_id], f"{leg.name} {order_id}: tried again by the sweep")
        else:
            self._apply(trade_id, ExitEnded(event.ts_event, leg), "EXIT_ENDED", event)

    def watch(self) -> None:
        """Look at every open position's stop: what the venue does not do by itself is done here (Spec 5.1, D15)."""
        for trade in list(self._trades.values()):
            price_ns, price = self._last_price(trade.plan.instrument_id)
            fresh = self._now_ns() - price_ns <= self._stale_ns[trade.plan.instrument_id]
            if trade.remaining > 0.0 and trade.phase is Phase.OPEN and fresh:
                self._stops.watch(trade, price, rests=self._has_stop(trade))

    def on_triggered(self, event: Any) -> None:
        """Take the trigger of a stop-limit: it has 15 s to fill (D15)."""
        trade_id, leg = self._links.link(str(event.client_order_id)) or ("", Leg.MARKET)
        if leg is Leg.STOP and trade_id in self._trades:
            self._stops.on_triggered(trade_id)

    def close_all(self, reason: ExitReason, instrument_id: str | None = None) -> None:
        """End every trade, or those of one instrument, at market now."""
        for trade_id, trade in list(self._trades.items()):
            if instrument_id in (None, trade.plan.instrument_id):
                self._close(trade_id, reason)

    @property
    def is_idle(self) -> bool:
        """Return whether no trade is working or open."""
        return not self._trades

    def open_trades(self) -> list[Trade]:
        """Return the trades that are not over, oldest first."""
        return list(self._trades.values())

    def _find(self, trade_id: str) -> Trade | None:
        return self._trades.get(trade_id)

    def _is_booked(self, event: Any, quantity: float, half_lot: float) -> bool:
        """Return whether a fill has been caught up from the venue already, or been told twice; note it otherwise."""
        order_id = str(event.client_order_id)
        booked = self._links.filled(order_id)
        if booked + quantity > float(self._carrier.cache.order(event.client_order_id).filled_qty) + half_lot:
            return True
        self._links.book(order_id, booked + quantity)
        return False

    def kept(self, trade_id: str) -> KeptTrade | None:
        """Return a trade with what it has cost, None when it is over."""
        trade = self._trades.get(trade_id)
        return (
            None if trade is None else KeptTrade(trade, self._log.costs_of(trade), dict(self._links.counts(trade_id)))
        )

    def catch_up(
        self, trade_id: str, events: Iterable[Event], *, costs: Costs, filled: Mapping[str, float], gone: Iterable[str]
    ) -> None:
        """Take what the venue's records say of a trade: events that were never told, and what its orders have filled.

        Parameters
        ----------
        filled : mapping by client order id
            Everything that each order has filled: told late, it is not booked again.
        gone : iterable of str
            Orders that rest no more.
        """
        trade = self._trades[trade_id]
        for order_id, quantity in filled.items():
            self._links.book(order_id, quantity)
        for order_id in gone:
            self._links.gone(order_id)
        self._log.restore(trade, costs)
        for event in events:
            self._apply(trade_id, event, "CAUGHT_UP")

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
        with self._memory.unit():  # written before any order leaves, with all that hears of it
            keep(self._memory, trade, self._log.costs_of(trade), self._links.counts(trade.plan.trade_id))
            self._publish(trade_event(trade, self._now_ns(), kind, source))
            if trade.is_over:
                self._tell_end(trade)
        for intent in intents:
            if isinstance(intent, HoldUntil):
                self._alarms.set(trade.plan.trade_id, "hold", intent.at_ns + 1, self._on_hold_over)
            else:
                self._dispatcher.carry(intent, trade)
        if trade.is_over:
            self._forget(trade)

    def _tell_end(self, trade: Trade) -> None:
        if trade.phase is Phase.MISSED:
            self._log.on_missed(trade, self._now_ns())
        else:
            self._publish(self._log.on_closed(trade))

    def _forget(self, trade: Trade) -> None:
        plan = trade.plan
        if self._trades.pop(plan.trade_id, None) is None:
            return
        if self._by_instrument.get(plan.instrument_id) == plan.trade_id:
            del self._by_instrument[plan.instrument_id]
        self._waiting_for_open.pop(plan.trade_id, None)
        self._stops.forget(plan.trade_id)
        self._links.forget_trade(plan.trade_id)
        self._alarms.silence_all(plan.trade_id)

    # --- timers -------------------------------------------------------------------------------------------------------

    def _on_reprice(self, trade_id: str) -> None:
        trade = self._trades.get(trade_id)
        if trade is not None:
            best_px = self._passive_price(trade.plan.instrument_id, trade.plan.side)
            if not best_px > 0.0:
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
        self._close(trade_id, reason)

    def _close(self, trade_id: str, reason: ExitReason) -> None:
        self._apply(trade_id, CloseDue(self._now_ns(), reason), "EXIT_DUE")

    def _look_at_stop(self, trade_id: str) -> None:
        order_id = self._links.resting(trade_id, Leg.STOP)
        if order_id is not None and trade_id in self._trades:
            trade = self._trades[trade_id]
            price = self._last_price(trade.plan.instrument_id)[1]
            self._stops.look(trade, self._carrier.cache.order(order_id), price)

    def _has_stop(self, trade: Trade) -> bool:
        """Return whether a stop of the trade is known to rest at the venue."""
        resting = self._links.all_resting(trade.plan.trade_id, Leg.STOP)
        return any(has_arrived(self._carrier.cache.order(order_id)) for order_id in resting)

    # --- small things -------------------------------------------------------------------------------------------------

    def _alert(self, name: str, trade: Trade, details: str) -> None:
        self._tell(name, "WARNING", f"{trade.plan.trade_id}: {details}", trade.plan.instrument_id)

    def _tell(self, name: str, severity: Severity, details: str, instrument_id: str) -> None:
        self._publish(
            Alert(ts_ns=self._now_ns(), name=name, severity=severity, instrument_id=instrument_id, details=details)
        )

    def _now_ns(self) -> int:
        now_ns: int = self._carrier.clock.timestamp_ns()
        return now_ns
