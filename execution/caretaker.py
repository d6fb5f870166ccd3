"""Orders that went astray: answers that never came, cancels that were lost, orders of no trade (design/venues.md)."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from nautilus_trader.model import ClientOrderId

from execution.alarms import Alarms
from execution.dispatch import Carrier, Dispatcher
from execution.lifecycle import protection
from execution.orders import OrderLinks, is_open, is_resting, leg_of
from execution.trade import Drop, EntryEnded, Event, ExitEnded, Leg, Market, Phase, Trade

THROWN_BACK_NS = 1_000_000_000
SAFE_TO_REPEAT = (Leg.STOP, Leg.BACKSTOP, Leg.MARKET)  # reduce-only, and a position without them is worse than two

type Severity = Literal["WARNING", "CRITICAL"]


class Caretaker:
    """Keep the venue's orders as trades wish them.

    Parameters
    ----------
    trades : mapping by trade id
        Those that are not over; the desk's own.
    apply : callable
        Lets a trade take an event: trade id, event, kind.
    tell : callable
        Alerts: name, severity, details, instrument id.
    now_ns : callable
    """

    def __init__(
        self,
        carrier: Carrier,
        *,
        dispatcher: Dispatcher,
        links: OrderLinks,
        alarms: Alarms,
        trades: Mapping[str, Trade],
        apply: Callable[[str, Event, str], None],
        tell: Callable[[str, Severity, str, str], None],
        now_ns: Callable[[], int],
    ) -> None:
        self._carrier = carrier
        self._dispatcher = dispatcher
        self._links = links
        self._alarms = alarms
        self._trades = trades
        self._apply = apply
        self._tell = tell
        self._now_ns = now_ns
        self._succeeded: set[str] = set()

    # --- what happens -------------------------------------------------------------------------------------------------

    def on_accepted(self, event: Any) -> None:
        """Take that an order rests: what it takes the place of may go, and so must it when its trade is over."""
        order_id = str(event.client_order_id)
        if self._is_stray(order_id):
            self._carrier.cancel_order(event.client_order_id)
        else:
            self._dispatcher.on_accepted(order_id)

    def on_amendment_refused(self, event: Any) -> None:
        """Take that a change or a cancel was refused: ask for the order, its end may not have been told."""
        trade_id, leg = self._links.link(str(event.client_order_id)) or ("", Leg.MARKET)
        if trade_id not in self._trades:
            return
        self._alert("ORDER_REFUSED", trade_id, f"{leg.name} unchanged: {event.reason}")
        order = self._carrier.cache.order(event.client_order_id)
        if is_open(order):
            self._carrier.query_order(order)

    def on_stray_fill(self, event: Any) -> None:
        """Say that an order of a trade that is over has filled: nobody watches what it opened."""
        order_id = str(event.client_order_id)
        if self._is_stray(order_id):
            details = f"{order_id} filled {event.last_qty} at {event.last_px} though its trade is over: run the doctor"
            self._tell("STRAY_FILL", "CRITICAL", details, str(event.instrument_id))

    def on_unanswered(self, order_id: str) -> None:
        """Take that an order without an answer is not at the venue, so far: an exit gets a successor, an entry waits.

        Not the lost order again: should it exist after all, it is cancelled once the successor rests, and neither can
        close more than the position.
        """
        trade_id, leg = self._links.link(order_id) or ("", Leg.MARKET)
        trade = self._trades.get(trade_id)
        if trade is None or leg not in SAFE_TO_REPEAT or order_id in self._succeeded:
            return
        wish = next((one for one in _wishes(trade) if one.leg is leg), None)
        if wish is None or isinstance(wish, Drop) or str(self._links.resting(trade_id, leg)) != order_id:
            return
        self._succeeded.add(order_id)
        self._alert("EXIT_UNANSWERED", trade_id, f"{leg.name} {order_id} has no answer: a successor is sent")
        self._dispatcher.send_anew(wish, trade)

    def on_absent(self, order_id: str) -> None:
        """Take that the venue, asked for an order without an answer, has never had it."""
        trade_id, leg = self._links.link(order_id) or ("", Leg.MARKET)
        self._links.gone(order_id)
        if trade_id not in self._trades:
            return
        self._alert("ORDER_ABSENT", trade_id, f"{leg.name} {order_id} never reached the venue")
        now_ns = self._now_ns()
        if leg is Leg.ENTRY:
            self._apply(trade_id, EntryEnded(now_ns), "ENTRY_ENDED")
        else:
            self._apply(trade_id, ExitEnded(now_ns, leg), "EXIT_ENDED")

    def is_thrown_back(self, order_id: str) -> bool:
        """Return whether the venue ended an order as soon as it had it: at once again it would again, and again.

        Seen: a stop that has triggered and does not fill takes the whole position; a target beside it expires at once.
        """
        order = self._carrier.cache.order(ClientOrderId(order_id))
        return (
            order is not None
            and not self._links.is_unwanted(order_id)
            and order.ts_last - order.ts_init < THROWN_BACK_NS
        )

    # --- every few seconds --------------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Wish again what trades wish, so that what was lost is sent; cancel what belongs to none."""
        for trade in list(self._trades.values()):
            for wish in _wishes(trade):
                self._carry(wish, trade)
            if trade.working and not self._alarms.is_set(trade.plan.trade_id, "timeout"):
                self._carry(Drop(Leg.ENTRY), trade)
        for order in self._carrier.cache.orders_open():
            if is_resting(order):
                self._look_at(order, str(order.client_order_id))

    def _look_at(self, order: Any, order_id: str) -> None:
        if self._is_stray(order_id):
            details = f"{order_id} is of no open trade: cancelled"
            self._tell("ORPHAN_ORDER", "WARNING", details, str(order.instrument_id))
            self._carrier.cancel_order(order.client_order_id)
        else:
            self._dispatcher.on_accepted(order_id)  # a cancel of what it took the place of may have been lost

    def _carry(self, wish: Any, trade: Trade) -> None:
        """Wish again unless an order of that leg is under way: it may be what was wished."""
        resting = self._links.all_resting(trade.plan.trade_id, wish.leg)
        if all(is_resting(self._carrier.cache.order(order_id)) for order_id in resting):
            self._dispatcher.carry(wish, trade)

    def _is_stray(self, order_id: str) -> bool:
        """Return whether an order is ours and of no trade that is open."""
        found = leg_of(order_id)
        return found is not None and found[0] not in self._trades

    def _alert(self, name: str, trade_id: str, details: str) -> None:
        self._tell(name, "WARNING", f"{trade_id}: {details}", self._trades[trade_id].plan.instrument_id)


def _wishes(trade: Trade) -> tuple[Any, ...]:
    """Return what a trade wishes at any time between two events."""
    if trade.remaining <= 0.0:
        return ()
    if trade.phase is Phase.OPEN:
        return protection(trade)
    return (Drop(Leg.TP1), Drop(Leg.TP2), Market(Leg.MARKET, trade.remaining)) if trade.phase is Phase.CLOSING else ()
