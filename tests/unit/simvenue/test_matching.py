"""Price-time matching of client orders against a book and against prints: tables worked by hand."""

import pytest

from simvenue.orders import Side, Status
from simvenue.refusal import Reason, Refused
from tests.unit.simvenue.desk import BUY, FOK, GTX, IOC, SELL, D, Desk


def test_a_market_order_walks_the_book_and_is_the_taker() -> None:
    desk = Desk()
    desk.ladder([(50_000, 1)], [("50000.1", "0.1"), ("50001", "0.1"), ("50002", 5)])
    order = desk.market("m", BUY, "0.25")
    assert desk.said() == ["m NEW", "m TRADE 0.1@50000.1", "m TRADE 0.1@50001", "m TRADE 0.05@50002"]
    assert (order.status, order.average_price) == (Status.FILLED, D("50000.84"))
    assert desk.wallet == 10_000 - D("0.0005") * (D("5000.01") + D("5000.1") + D("2500.1"))


def test_depth_that_was_taken_is_gone_until_the_book_moves() -> None:
    desk = Desk()
    desk.quote(50_000, "50000.1", "0.1")
    desk.market("a", BUY, "0.1")
    with pytest.raises(Refused) as refused:
        desk.market("b", BUY, "0.1")
    assert refused.value.reason is Reason.NO_MARKET
    desk.quote(50_000, "50000.1", "0.1")
    assert desk.market("c", BUY, "0.1").status is Status.FILLED


def test_a_market_order_larger_than_the_book_expires_with_the_rest() -> None:
    desk = Desk()
    desk.quote(50_000, "50000.1", "0.03")
    order = desk.market("m", BUY, "0.1")
    assert desk.said() == ["m NEW", "m TRADE 0.03@50000.1", "m EXPIRED"]
    assert (order.status, order.executed) == (Status.EXPIRED, D("0.03"))


def test_a_limit_takes_up_to_its_price_and_rests_with_the_rest() -> None:
    desk = Desk()
    desk.ladder([(50_000, 1)], [("50000.1", "0.1"), ("50001", "0.1")])
    order = desk.limit("l", BUY, "0.15", "50000.5")
    assert (order.status, order.executed) == (Status.PARTIALLY_FILLED, D("0.1"))
    desk.quote("49999", "50000.3", "0.02")
    desk.quote("49999", "50000.3", "10")
    assert desk.said()[1:] == ["l TRADE 0.1@50000.1", "l TRADE 0.02@50000.5", "l TRADE 0.03@50000.5"]
    fees = [fill.fee / fill.quote_quantity for fill in desk.exchange.settlement.fills]
    assert fees == [D("0.0005"), D("0.0002"), D("0.0002")]


def test_a_resting_order_waits_behind_what_is_shown_at_its_price() -> None:
    desk = Desk()
    desk.quote(50_000, "50000.1", "0.5")
    desk.limit("l", BUY, "0.1", 50_000)
    desk.print(50_000, "0.3", SELL)
    assert desk.said() == ["l NEW"]
    desk.print(50_000, "0.25", SELL)
    assert desk.said() == ["l TRADE 0.05@50000"]
    desk.print(50_000, "0.2", BUY)
    assert desk.said() == []
    desk.print("49999.9", "0.01", SELL)
    assert desk.said() == ["l TRADE 0.01@50000"]


def test_better_prices_are_served_first_then_earlier_orders() -> None:
    desk = Desk()
    for name, price in (("old", "49990"), ("better", "49995"), ("new", "49990")):
        desk.limit(name, BUY, "0.1", price)
    desk.said()
    desk.print("49980", "0.25", SELL)
    assert desk.said() == ["better TRADE 0.1@49995", "old TRADE 0.1@49990", "new TRADE 0.05@49990"]


def test_a_modified_order_goes_to_the_end_of_its_queue() -> None:
    desk = Desk()
    first, second = desk.limit("a", BUY, "0.1", "49990"), desk.limit("b", BUY, "0.1", "49990")
    desk.exchange.modify(first, D("49990"), D("0.2"))
    desk.said()
    desk.print("49980", "0.1", SELL)
    assert (desk.said(), second.status) == (["b TRADE 0.1@49990"], Status.FILLED)


def test_a_modification_below_what_is_executed_cancels() -> None:
    desk = Desk()
    order = desk.limit("a", BUY, "0.1", "49990")
    desk.print("49980", "0.06", SELL)
    desk.exchange.modify(order, D("49990"), D("0.05"))
    assert order.status is Status.CANCELED
    assert desk.position == D("0.06")


@pytest.mark.parametrize(
    ("side", "from_price", "to_price", "status"),
    [
        (BUY, "49990", "50000.0", Status.NEW),
        (BUY, "49990", "50000.1", Status.CANCELED),
        (SELL, "50010", "50000.1", Status.NEW),
        (SELL, "50010", "50000.0", Status.CANCELED),
    ],
)
def test_a_post_only_order_that_a_modification_would_make_take_is_cancelled(
    side: Side, from_price: str, to_price: str, status: Status
) -> None:
    desk = Desk()
    desk.quote(50_000, "50000.1", "1")
    order = desk.limit("a", side, "0.1", from_price, time_in_force=GTX)
    desk.exchange.modify(order, D(to_price), D("0.1"))
    assert (order.status, desk.position) == (status, 0)


@pytest.mark.parametrize(
    ("tif", "offered", "said", "status"),
    [
        (IOC, "0.06", ["x NEW", "x TRADE 0.06@50000.1", "x EXPIRED"], Status.EXPIRED),
        (IOC, "0.2", ["x NEW", "x TRADE 0.1@50000.1"], Status.FILLED),
        (FOK, "0.06", ["x NEW", "x EXPIRED"], Status.EXPIRED),
        (FOK, "0.1", ["x NEW", "x TRADE 0.1@50000.1"], Status.FILLED),
    ],
)
def test_immediate_orders(tif: object, offered: str, said: list[str], status: Status) -> None:
    desk = Desk()
    desk.quote(50_000, "50000.1", offered)
    assert desk.limit("x", BUY, "0.1", "50000.1", time_in_force=tif).status is status
    assert desk.said() == said


@pytest.mark.parametrize(
    ("side", "price", "ok"), [(BUY, "50000", True), (BUY, "50000.1", False), (SELL, "50000", False)]
)
def test_post_only_never_takes(side: object, price: str, ok: bool) -> None:
    desk = Desk()
    if ok:
        assert desk.limit("x", side, "0.1", price, time_in_force=GTX).is_open  # type: ignore[arg-type]
        return
    with pytest.raises(Refused) as refused:
        desk.limit("x", side, "0.1", price, time_in_force=GTX)  # type: ignore[arg-type]
    assert refused.value.reason is Reason.POST_ONLY


def test_an_order_good_till_a_date_expires_then() -> None:
    desk = Desk()
    order = desk.limit("x", BUY, "0.1", "49000", good_till_ms=1_000)
    desk.now_ms = 999
    desk.exchange.expire_due()
    assert order.is_open
    desk.now_ms = 1_000
    desk.exchange.expire_due()
    assert order.status is Status.EXPIRED
