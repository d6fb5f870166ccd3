"""Netted positions, results, reduce-only, margin and funding: worked by hand."""

import pytest

from simvenue.account import Position
from simvenue.orders import Side, Status
from simvenue.refusal import Reason, Refused
from tests.unit.simvenue.desk import BTC, BUY, SELL, D, Desk

HOURS_MS = 3_600_000


@pytest.mark.parametrize(
    ("trades", "quantity", "entry", "realised"),
    [
        ([(BUY, 2, 100), (BUY, 2, 110)], 4, 105, 0),
        ([(BUY, 2, 100), (SELL, 1, 110)], 1, 100, 10),
        ([(BUY, 2, 100), (SELL, 2, 90)], 0, 0, -20),
        ([(BUY, 2, 100), (SELL, 5, 110)], -3, 110, 20),
        ([(SELL, 2, 100), (BUY, 1, 90)], -1, 100, 10),
        ([(SELL, 2, 100), (SELL, 2, 90), (BUY, 4, 95)], 0, 0, 0),
        ([(SELL, 2, 100), (BUY, 3, 120)], 1, 120, -40),
    ],
)
def test_a_position_nets(trades: list[tuple[Side, int, int]], quantity: int, entry: int, realised: int) -> None:
    position = Position(symbol=BTC)
    results = [position.apply(side, D(size), D(price)) for side, size, price in trades]
    assert (position.quantity, position.entry_price, sum(results)) == (quantity, entry, realised)
    assert position.realised == realised


def test_a_reduce_only_order_needs_a_position_and_never_turns_it() -> None:
    desk = Desk()
    with pytest.raises(Refused) as refused:
        desk.market("x", SELL, "0.1", reduce_only=True)
    assert refused.value.reason is Reason.REDUCE_ONLY
    desk.market("in", BUY, "0.1")
    order = desk.market("out", SELL, "0.3", reduce_only=True)
    assert (desk.position, order.status, order.executed) == (0, Status.EXPIRED, D("0.1"))


def test_reduce_only_orders_expire_when_the_position_is_gone() -> None:
    desk = Desk()
    desk.market("in", BUY, "0.1")
    desk.limit("tp", SELL, "0.1", "50500", reduce_only=True)
    desk.limit("other", SELL, "0.1", "50600")
    desk.said()
    desk.market("out", SELL, "0.1")
    assert desk.said() == ["out NEW", "out TRADE 0.1@50000", "tp EXPIRED"]
    assert [order.client_id for order in desk.exchange.open_orders()] == ["other"]


def test_of_too_many_reduce_only_orders_the_nearest_to_the_market_stay() -> None:
    desk = Desk()
    desk.market("in", BUY, "0.2")
    for name, price in (("far", "51000"), ("near", "50500"), ("nearest", "50400")):
        desk.limit(name, SELL, "0.1", price, reduce_only=True)
    assert sorted(order.client_id for order in desk.exchange.open_orders()) == ["near", "nearest"]


def test_a_reduce_only_order_of_the_position_s_own_side_never_fills() -> None:
    desk = Desk()
    desk.market("in", SELL, "0.1")
    desk.limit("tp", BUY, "0.1", "49500", reduce_only=True)
    desk.market("turn", BUY, "0.3")
    desk.print("49000", 5, SELL)
    assert (desk.position, desk.exchange.open_orders()) == (D("0.2"), [])


def test_margin_is_the_position_s_and_the_larger_side_of_open_orders() -> None:
    desk = Desk(wallet=1_000)
    margin = desk.exchange.margin
    desk.limit("b", BUY, "0.1", 49_000)
    desk.limit("s", SELL, "0.1", 51_000)
    assert margin.available == 1_000 - D("0.1") * 51_000 / 20
    with pytest.raises(Refused) as refused:
        desk.limit("c", BUY, "0.4", 49_000)
    assert refused.value.reason is Reason.MARGIN
    desk.exchange.set_leverage(BTC, 100)
    assert desk.limit("c", BUY, "0.4", 49_000).is_open


def test_closing_needs_no_margin() -> None:
    desk = Desk(wallet=300)
    desk.market("in", BUY, "0.1")
    assert desk.market("out", SELL, "0.1").status is Status.FILLED


@pytest.mark.parametrize(("side", "rate", "change"), [(BUY, "0.0001", -1), (SELL, "0.0001", 1), (BUY, "-0.0003", 3)])
def test_funding_is_paid_at_each_boundary_a_position_is_open(side: Side, rate: str, change: int) -> None:
    desk = Desk(rate=rate)
    desk.market("in", side, "0.2")
    desk.quote("49999.9", "50000.1")
    before, settlement = desk.wallet, desk.exchange.settlement
    for hours, boundaries in ((7, 0), (8, 1), (9, 1), (24, 3)):
        settlement.settle_funding(hours * HOURS_MS)
        assert desk.wallet - before == boundaries * change
    assert desk.ledger.totals()["funding"] == -3 * change


def test_the_ledger_s_sums_are_the_wallet() -> None:
    desk = Desk()
    desk.market("in", BUY, "0.3")
    desk.limit("tp", SELL, "0.1", "50100", reduce_only=True)
    desk.quote("50150", "50151")
    desk.exchange.settlement.settle_funding(0)
    desk.exchange.settlement.settle_funding(8 * HOURS_MS)
    desk.market("out", SELL, "0.2", reduce_only=True)
    totals = desk.ledger.totals()
    assert totals["realised"] == D("0.1") * D("99.9") + D("0.2") * D("149.9")
    assert desk.wallet == totals["deposits"] + totals["realised"] - totals["fees"] - totals["funding"]
    assert desk.ledger.entries[-1].balance == desk.wallet
    assert [entry.sequence for entry in desk.ledger.entries] == list(range(1, len(desk.ledger.entries) + 1))


def test_an_account_below_its_maintenance_margin_is_liquidated() -> None:
    desk = Desk(wallet=300)
    desk.market("in", BUY, "0.1")
    desk.limit("tp", SELL, "0.1", 51_000, reduce_only=True)
    desk.said()
    desk.quote(47_250, "47250.1")
    assert (desk.position, desk.said()) == (D("0.1"), [])
    desk.quote(47_100, "47100.1")
    said = desk.said()
    assert said[0] == "tp EXPIRED"
    assert [word.split(maxsplit=1)[1] for word in said[1:]] == ["NEW", "TRADE 0.1@47100"]
    assert all(word.startswith("autoclose-") for word in said[1:])
    assert desk.position == 0
    assert 0 < desk.wallet < 20
    assert [entry.details["quantity"] for entry in desk.ledger.query("liquidation")] == ["0.1"]
