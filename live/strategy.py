"""The strategy on a live stream: the same rules and desk, in market time, with history, quotes and a watch."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from nautilus_trader.model import Bar, OrderSide, QuoteTick

from catalog.candles import Candles
from execution.config import ExitConfig
from execution.orders import leg_of
from live.clock import MarketClock, Pace
from live.met import MetPrices
from live.view import LiveView
from monitoring.guard import guarded
from strategies.signal_strategy import Rules, SignalStrategy

MILLI_NS = 1_000_000


class TimedEvent:
    """An engine's event with another time."""

    def __init__(self, event: Any, ts_event: int) -> None:
        self._event = event
        self.ts_event = ts_event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._event, name)


def is_guess(event: Any) -> bool:
    """Return whether a fill is the engine's inference from an order's state: it knows no fee."""
    return bool(event.reconciliation) and (event.commission is None or float(event.commission) == 0.0)


class LiveStrategy(SignalStrategy):
    """Carry a ``SignalStrategy`` on a venue's stream.

    ``attach_live`` comes before ``attach``.
    """

    def attach_live(
        self,
        *,
        market_clock: MarketClock,
        view: LiveView,
        warmed_ns: Mapping[str, int],
        signal_ns: int,
        bar_grace_ns: int,
        on_ready: Callable[[], None],
        on_watch: Callable[[], None],
        watch_ns: int,
        pace: Pace,
        met: MetPrices,
        on_gap: Callable[[str, int, int], Candles | None],
        on_taken: Callable[[str, int, Bar], None],
        on_sent: Callable[[Any], None],
        on_guess: Callable[[str], None],
    ) -> None:
        """Hand over what a live stream needs.

        Parameters
        ----------
        warmed_ns : mapping by instrument id
            Close of the last bar that the rules were warmed up with: bars up to there are not fed again.
        bar_grace_ns : int
            How long a bar close waits for the bars of other instruments.
        on_ready : callable
            Called once everything is subscribed: open trades are taken up there.
        on_watch : callable
            Called every ``watch_ns`` of real time.
        on_gap : callable
            Returns the candles of an instrument that closed after one moment and before another; None when they cannot
            be had now: the bar waits, and is asked for again with the next one.
        on_taken, on_sent : callable
            Told of a bar before the rules are, and of an order that has left.
        on_guess : callable
            Given the id of a trade of which the engine has inferred a fill: the venue is to be asked.
        """
        self._market_clock = market_clock
        self._view = view
        self._closed_ns = dict(warmed_ns)
        self._signal_ns = signal_ns
        self._bar_grace_ns = bar_grace_ns
        self._on_ready = on_ready
        self._on_watch = on_watch
        self._watch_ns = watch_ns
        self._pace = pace
        self._met = met
        self._on_gap = on_gap
        self._on_taken = on_taken
        self._on_sent = on_sent
        self._on_guess = on_guess
        self._missing: dict[int, set[str]] = {}

    @property
    def closed_ns(self) -> Mapping[str, int]:
        """Return the close of the last bar that was fed, by instrument."""
        return self._closed_ns

    @property
    def is_between_bars(self) -> bool:
        """Return whether no bar close waits for the bars of other instruments."""
        return not self._missing

    def use(self, rules: Mapping[str, Rules], exits: ExitConfig, config_hash: str) -> None:
        """Feed other rules, and plan what they say otherwise, from the next bar on."""
        self._by_type = {kind: (name, rules[name]) for kind, (name, _) in self._by_type.items()}
        self._exits, self._config_hash = exits, config_hash

    @property
    def clock(self) -> Any:
        """Return the market's clock: what rules and desk call time."""
        return self._market_clock

    @property
    def engine_clock(self) -> Any:
        """Return the engine's own clock: real time."""
        return super().clock

    def on_start(self) -> None:
        super().on_start()
        self._begin()

    @guarded
    def _begin(self) -> None:
        for bar_type in self._by_type:
            self.subscribe_quotes(bar_type.instrument_id)
        self.engine_clock.set_timer_ns("watch", self._watch_ns, callback=lambda _event: self._watch())
        self._on_ready()

    def on_stop(self) -> None:
        self.engine_clock.cancel_timers()

    @guarded
    def _watch(self) -> None:
        self.desk.watch()
        self._on_watch()

    @guarded
    def on_quote(self, quote: QuoteTick) -> None:
        bid, ask = float(quote.bid_price), float(quote.ask_price)
        self._view.on_quote(str(quote.instrument_id), quote.ts_event, bid, ask)
        self._met.on_quote(str(quote.instrument_id), quote.ts_event, bid, ask)

    def on_bar(self, bar: Bar) -> None:
        self._take(bar)

    @guarded
    def _take(self, bar: Bar) -> None:
        """Feed a bar once, in order; bars that the stream lost are asked for first."""
        name = str(bar.bar_type.instrument_id)
        close_ns = -(-bar.ts_event // self._signal_ns) * self._signal_ns  # Binance stamps a close 1 ms before it
        last_ns = self._closed_ns.get(name, 0)
        if close_ns <= last_ns:
            return
        if last_ns and close_ns - last_ns > self._signal_ns:
            lost = self._on_gap(name, last_ns, close_ns)
            if lost is None:
                return
            self._repair(name, bar, lost)
        self._closed_ns[name] = close_ns
        self._on_taken(name, close_ns, bar)
        self.take_bar(bar, close_ns)
        self._arrived(name, close_ns)

    def _repair(self, name: str, bar: Bar, lost: Candles) -> None:
        """Feed what the stream lost: a signal of the past is not entered, but a stop trails."""
        rules = self._by_type[bar.bar_type][1]
        for row in range(len(lost)):
            one = lost.take(slice(row, row + 1))
            rules.warm_up(one, self._signal_ns)
            self.desk.on_bar(name, int(one.ts_open_ns[0]) + self._signal_ns, float(one.close[0]), rules.atr)

    def _pass_quietly(self, ts_ns: int) -> None:
        if ts_ns > self._alerted_ns:  # live, the account is looked at on every close
            self._alerted_ns = ts_ns
            self._expect_bar_close(ts_ns)

    def _expect_bar_close(self, ts_ns: int) -> None:
        self._missing[ts_ns] = {str(kind.instrument_id) for kind in self._by_type}
        self.engine_clock.set_time_alert_ns(
            f"close/{ts_ns}",
            self.engine_clock.timestamp_ns() + self._bar_grace_ns,
            lambda _event: self._give_up_waiting(ts_ns),
            True,
        )

    def _arrived(self, name: str, ts_ns: int) -> None:
        missing = self._missing.get(ts_ns)
        if missing is None:
            return
        missing.discard(name)
        if not missing:
            del self._missing[ts_ns]
            self.engine_clock.cancel_timer(f"close/{ts_ns}")
            self._tell_bar_close(ts_ns)

    def _give_up_waiting(self, ts_ns: int) -> None:
        if self._missing.pop(ts_ns, None) is not None:
            self._tell_bar_close(ts_ns)

    def on_order_filled(self, event: Any) -> None:
        if is_guess(event):
            self._ask_for(event)
            return
        event = self._timed(event)
        self._note_met(event)
        super().on_order_filled(event)

    @guarded
    def _ask_for(self, event: Any) -> None:
        found = leg_of(str(event.client_order_id))
        if found is not None:
            self._on_guess(found[0])

    @guarded
    def _note_met(self, event: Any) -> None:
        order = self.cache.order(event.client_order_id)
        trigger = getattr(order, "trigger_price", None)
        self._met.on_fill(
            str(event.client_order_id),
            str(event.instrument_id),
            buys=event.order_side == OrderSide.BUY,
            trigger=math.nan if trigger is None else float(trigger),
            price=float(event.last_px),
            ts_ns=event.ts_event,
        )

    def on_order_canceled(self, event: Any) -> None:
        super().on_order_canceled(self._timed(event))

    def on_order_expired(self, event: Any) -> None:
        super().on_order_expired(self._timed(event))

    def on_order_rejected(self, event: Any) -> None:
        super().on_order_rejected(self._timed(event))

    def on_order_denied(self, event: Any) -> None:
        super().on_order_denied(self._timed(event))

    def _timed(self, event: Any) -> Any:
        """Return an order's event stamped with the market's time: a venue stamps orders with its own."""
        return event if self._pace.is_real else TimedEvent(event, self._pace.market_ns(event.ts_event))

    @guarded
    def on_order_submitted(self, event: Any) -> None:
        self._on_sent(event)

    @guarded
    def on_order_accepted(self, event: Any) -> None:
        self.desk.caretaker.on_accepted(event)

    @guarded
    def on_order_modify_rejected(self, event: Any) -> None:
        self.desk.caretaker.on_amendment_refused(event)

    @guarded
    def on_order_cancel_rejected(self, event: Any) -> None:
        self.desk.caretaker.on_amendment_refused(event)
