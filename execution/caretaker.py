"""Orders that went astray: answers that never came, orders that nobody wants any more (design/venues.md)."""

from collections.abc import Iterable, Mapping
from typing import Any

from nautilus_trader.model import ClientOrderId

from execution.dispatch import Carrier, Dispatcher
from execution.lifecycle import protection
from execution.orders import OrderLinks, is_resting, leg_of
from execution.trade import Drop, Leg, Market, Phase, Trade

SAFE_TO_REPEAT = (Leg.STOP, Leg.BACKSTOP, Leg.MARKET)  # reduce-only, and a position without them is worse than two


class Caretaker:
    """Keep the venue's orders as trades wish them; the trades themselves are the desk's."""

    def __init__(self, carrier: Carrier, dispatcher: Dispatcher, links: OrderLinks) -> None:
        self._carrier = carrier
        self._dispatcher = dispatcher
        self._links = links
        self._succeeded: set[str] = set()

    def succeed(self, order_id: str, trade: Trade, leg: Leg) -> bool:
        """Send a successor, under a new id, of an exit whose answer was lost; return whether one was sent.

        Not the lost order again: should it exist after all, it is cancelled once the successor rests, and neither can
        close more than the position.
        """
        newest = self._links.resting(trade.plan.trade_id, leg)
        if leg not in SAFE_TO_REPEAT or str(newest) != order_id or trade.remaining <= 0.0:
            return False
        if order_id in self._succeeded:
            return False
        wish = next((one for one in _wishes(trade) if getattr(one, "leg", None) is leg), None)
        if wish is None or isinstance(wish, Drop):
            return False
        self._succeeded.add(order_id)
        self._dispatcher.send_anew(wish, trade)
        return True

    def sweep(self, trades: Mapping[str, Trade], entries_over: Iterable[str]) -> list[ClientOrderId]:
        """Wish again for what trades wish for, and cancel what no trade has; return what was cancelled as nobody's.

        Parameters
        ----------
        entries_over : iterable of str
            Trades whose entry has run out of time.
        """
        for trade in list(trades.values()):
            for wish in _wishes(trade):
                self._carry(wish, trade)
        for trade_id in entries_over:
            self._carry(Drop(Leg.ENTRY), trades[trade_id])
        return self._cancel_strays(trades)

    def _carry(self, wish: Any, trade: Trade) -> None:
        """Wish again unless an order of that leg is under way: it may be what was wished."""
        resting = self._links.all_resting(trade.plan.trade_id, wish.leg)
        if all(is_resting(self._carrier.cache.order(order_id)) for order_id in resting):
            self._dispatcher.carry(wish, trade)

    def is_stray(self, order_id: str, trades: Mapping[str, Trade]) -> bool:
        """Return whether an order is ours and of no trade that is open."""
        found = leg_of(order_id)
        return found is not None and found[0] not in trades

    def _cancel_strays(self, trades: Mapping[str, Trade]) -> list[ClientOrderId]:
        strays = []
        for order in self._carrier.cache.orders_open():
            order_id = str(order.client_order_id)
            if self.is_stray(order_id, trades):
                strays.append(order.client_order_id)
                self._carrier.cancel_order(order.client_order_id)
            elif is_resting(order):
                self._dispatcher.on_accepted(order_id)  # a cancel of what it took the place of may have been lost
        return strays


def _wishes(trade: Trade) -> tuple[Any, ...]:
    """Return what a trade wishes at any time between two events."""
    if trade.remaining <= 0.0:
        return ()
    if trade.phase is Phase.OPEN:
        return protection(trade)
    return (Drop(Leg.TP1), Drop(Leg.TP2), Market(Leg.MARKET, trade.remaining)) if trade.phase is Phase.CLOSING else ()
