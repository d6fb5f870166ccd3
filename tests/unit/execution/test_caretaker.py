"""Orders that went astray: what the caretaker sends, cancels and leaves alone."""

from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.model import ClientOrderId, OrderStatus
from trades import ENTRY, MARKET, STOP, TP1, plan

from execution.caretaker import Caretaker
from execution.lifecycle import advance, begin
from execution.orders import OrderLinks
from execution.trade import CloseDue, EntryEnded, EntryFilled, Event, ExitEnded, Intent, Leg, Trade


class Venue:
    """Engine and dispatcher as the caretaker sees them: orders by id, and what was asked."""

    def __init__(self) -> None:
        self.links = OrderLinks()
        self.orders: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        self.wished: list[Intent] = []
        self.anew: list[Intent] = []
        self.accepted: list[str] = []
        self.told: list[str] = []
        self.applied: list[Event] = []
        self.timers: set[str] = {"t"}
        self.cache = SimpleNamespace(
            order=lambda order_id: self.orders.get(str(order_id)), orders_open=lambda: list(self.orders.values())
        )

    def order(self, order_id: str, status: OrderStatus = OrderStatus.ACCEPTED) -> None:
        """Have an order at the engine."""
        self.orders[order_id] = SimpleNamespace(
            client_order_id=ClientOrderId(order_id), status=status, is_closed=False, instrument_id="X.SIM"
        )

    def sent(self, trade_id: str, leg: Leg, status: OrderStatus = OrderStatus.ACCEPTED) -> str:
        """Have sent an order of a leg."""
        order_id = self.links.new_id(trade_id, leg)
        self.links.sent(order_id, trade_id, leg)
        self.order(str(order_id), status)
        return str(order_id)

    def cancel_order(self, order_id: Any) -> None:
        self.asked.append(("cancel", str(order_id)))

    def query_order(self, order: Any) -> None:
        self.asked.append(("query", str(order.client_order_id)))

    def carry(self, intent: Intent, _trade: Trade) -> None:
        self.wished.append(intent)

    def send_anew(self, intent: Intent, _trade: Trade) -> None:
        self.anew.append(intent)

    def on_accepted(self, order_id: str) -> None:
        self.accepted.append(order_id)

    def is_set(self, trade_id: str, _name: str) -> bool:
        return trade_id in self.timers


@pytest.fixture
def venue() -> Venue:
    return Venue()


def caretaker(venue: Venue, *trades: Trade) -> Caretaker:
    found: Any = venue
    return Caretaker(
        found,
        dispatcher=found,
        links=venue.links,
        alarms=found,
        trades={trade.plan.trade_id: trade for trade in trades},
        apply=lambda _trade_id, event, _kind: venue.applied.append(event),
        tell=lambda name, _severity, _details, _instrument: venue.told.append(name),
        now_ns=lambda: 7,
    )


def opened(*, entering: bool = False) -> Trade:
    """Return a trade of 4 at 100 that is open, its entry over unless it is to work still."""
    trade, _ = advance(begin(plan())[0], EntryFilled(1, 4.0, 100.0))
    return trade if entering else advance(trade, EntryEnded(2))[0]


def event(order_id: str) -> Any:
    return SimpleNamespace(client_order_id=ClientOrderId(order_id), reason="-2011")


def test_stop_without_an_answer_gets_one_successor(venue: Venue) -> None:
    keeper, order_id = caretaker(venue, opened()), venue.sent("t", STOP, OrderStatus.SUBMITTED)
    keeper.on_unanswered(order_id)
    keeper.on_unanswered(order_id)
    assert [(one.leg, one.quantity) for one in venue.anew] == [(STOP, 4.0)]
    assert venue.told == ["EXIT_UNANSWERED"]


def test_stop_that_has_a_successor_already_gets_no_other(venue: Venue) -> None:
    keeper, older = caretaker(venue, opened()), venue.sent("t", STOP, OrderStatus.SUBMITTED)
    venue.sent("t", STOP)
    keeper.on_unanswered(older)
    assert venue.anew == []


@pytest.mark.parametrize("leg", [ENTRY, TP1])
def test_order_that_could_fill_twice_is_never_sent_again(venue: Venue, leg: Leg) -> None:
    keeper, order_id = caretaker(venue, opened(entering=True)), venue.sent("t", leg, OrderStatus.SUBMITTED)
    keeper.on_unanswered(order_id)
    assert venue.anew == []


def test_market_exit_without_an_answer_gets_a_successor(venue: Venue) -> None:
    closing, _ = advance(opened(), CloseDue(3, "MANUAL"))
    keeper, order_id = caretaker(venue, closing), venue.sent("t", MARKET, OrderStatus.SUBMITTED)
    keeper.on_unanswered(order_id)
    assert [(one.leg, one.quantity) for one in venue.anew] == [(MARKET, 4.0)]


@pytest.mark.parametrize(("leg", "ended"), [(ENTRY, EntryEnded(7)), (STOP, ExitEnded(7, STOP))])
def test_order_that_never_reached_the_venue_ends(venue: Venue, leg: Leg, ended: Event) -> None:
    keeper, order_id = caretaker(venue, opened(entering=True)), venue.sent("t", leg, OrderStatus.SUBMITTED)
    keeper.on_absent(order_id)
    assert venue.applied == [ended]
    assert venue.links.resting("t", leg) is None


def test_order_accepted_after_its_trade_is_over_is_cancelled(venue: Venue) -> None:
    caretaker(venue).on_accepted(event("t-BS3"))
    assert venue.asked == [("cancel", "t-BS3")]


def test_order_of_somebody_else_is_left_alone(venue: Venue) -> None:
    venue.order("by hand")
    keeper = caretaker(venue)
    keeper.on_accepted(event("by hand"))
    keeper.sweep()
    assert venue.asked == []


def test_sweep_cancels_a_resting_order_of_no_trade_but_none_that_is_being_cancelled(venue: Venue) -> None:
    venue.order("gone-SL1")
    venue.order("gone-SL2", OrderStatus.PENDING_CANCEL)
    caretaker(venue).sweep()
    assert venue.asked == [("cancel", "gone-SL1")]
    assert venue.told == ["ORPHAN_ORDER"]


def test_sweep_wishes_again_but_not_for_a_leg_whose_order_is_under_way(venue: Venue) -> None:
    venue.sent("t", STOP, OrderStatus.SUBMITTED)
    caretaker(venue, opened()).sweep()
    legs = [one.leg for one in venue.wished]
    assert STOP not in legs
    assert TP1 in legs


def test_sweep_gives_up_an_entry_whose_time_is_over(venue: Venue) -> None:
    keeper = caretaker(venue, opened(entering=True))
    venue.sent("t", ENTRY)
    keeper.sweep()
    assert ENTRY not in [one.leg for one in venue.wished]
    venue.timers.clear()
    keeper.sweep()
    assert ENTRY in [one.leg for one in venue.wished]


def test_refused_cancel_asks_what_became_of_the_order(venue: Venue) -> None:
    keeper, order_id = caretaker(venue, opened(entering=True)), venue.sent("t", ENTRY)
    keeper.on_amendment_refused(event(order_id))
    assert venue.asked == [("query", order_id)]
