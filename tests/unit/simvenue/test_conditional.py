"""Conditional orders: when they are released, what they become, how they end."""

from typing import Any

import pytest

from simvenue.algo import AlgoKind, Watch
from simvenue.orders import Side
from simvenue.refusal import Reason, Refused
from tests.unit.simvenue.desk import BTC, BUY, SELL, D, Desk


@pytest.fixture
def desk() -> Desk:
    """Return a desk that is long 0.1 since 50,000.1, last trade 50,000."""
    made = Desk()
    made.market("in", BUY, "0.1")
    made.print(50_000, 1, SELL)
    made.quote(50_000, "50000.1")
    made.said()
    return made


def test_a_stop_becomes_a_market_order_with_the_same_client_id(desk: Desk) -> None:
    desk.stop("sl", SELL, 49_500, quantity=D("0.1"), reduce_only=True)
    desk.print("49500.1", 1, SELL)
    assert desk.said() == ["sl algo NEW"]
    desk.print("49500", 1, SELL)
    assert desk.said() == [
        "sl algo TRIGGERING",
        "sl algo TRIGGERED",
        "sl NEW",
        "sl TRADE 0.1@50000",
        "sl algo FINISHED",
    ]
    assert desk.position == 0


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "quiet", "releases"),
    [
        (AlgoKind.STOP_MARKET, SELL, 49_500, "49500.1", "49500"),
        (AlgoKind.STOP_MARKET, BUY, 50_500, "50499.9", "50500"),
        (AlgoKind.TAKE_PROFIT_MARKET, SELL, 50_500, "50499.9", "50500"),
        (AlgoKind.TAKE_PROFIT_MARKET, BUY, 49_500, "49500.1", "49500"),
    ],
)
def test_each_kind_waits_for_its_side_of_the_price(
    desk: Desk, kind: AlgoKind, side: Side, trigger: int, quiet: str, releases: str
) -> None:
    algo = desk.stop("x", side, trigger, kind=kind, quantity=D("0.1"))
    desk.print(quiet, 1, SELL)
    assert algo.waits
    desk.print(releases, 1, SELL)
    assert not algo.waits


def test_a_stop_limit_that_is_jumped_rests_and_the_position_stays(desk: Desk) -> None:
    limit: dict[str, Any] = {"kind": AlgoKind.STOP, "price": D("49400"), "quantity": D("0.1"), "reduce_only": True}
    desk.stop("sl", SELL, 49_500, **limit)
    desk.quote("49000", "49000.1")
    desk.print("49000", 1, SELL)
    assert desk.said()[1:] == ["sl algo TRIGGERING", "sl algo TRIGGERED", "sl NEW"]
    assert desk.position == D("0.1")
    desk.quote("49400", "49400.1")
    assert desk.said() == ["sl TRADE 0.1@49400", "sl algo FINISHED"]


def test_a_stop_that_closes_everything_sizes_itself_or_expires(desk: Desk) -> None:
    desk.market("more", BUY, "0.05")
    desk.stop("all", SELL, 49_500, close_position=True)
    desk.print("49500", 1, SELL)
    assert desk.position == 0
    desk.said()
    desk.print("50000", 1, SELL)
    desk.stop("again", SELL, 49_500, close_position=True)
    desk.print("49500", 1, SELL)
    assert desk.said() == ["again algo NEW", "again algo TRIGGERING", "again algo EXPIRED"]


def test_a_reduce_only_stop_without_a_position_is_refused_when_it_is_released(desk: Desk) -> None:
    desk.stop("orphan", SELL, 49_500, quantity=D("0.1"), reduce_only=True)
    desk.market("out", SELL, "0.1")
    desk.said()
    desk.print("49500", 1, SELL)
    assert desk.said() == ["orphan algo TRIGGERING", "orphan algo REJECTED"]
    assert desk.position == 0


def test_an_orphan_stop_that_is_not_reduce_only_opens_a_position(desk: Desk) -> None:
    desk.stop("orphan", SELL, 49_500, quantity=D("0.1"))
    desk.market("out", SELL, "0.1")
    desk.print("49500", 1, SELL)
    assert desk.position == D("-0.1")


def test_a_stop_can_watch_the_mark_price(desk: Desk) -> None:
    algo = desk.stop("x", SELL, 49_500, quantity=D("0.1"), watch=Watch.MARK_PRICE)
    desk.print("49000", 1, SELL)
    assert algo.waits
    desk.quote("49400", "49400.1")
    assert not algo.waits


def test_a_trailing_stop_follows_the_price_and_never_goes_back(desk: Desk) -> None:
    trailing: dict[str, Any] = {"kind": AlgoKind.TRAILING_STOP_MARKET, "quantity": D("0.1"), "callback_frac": D("0.01")}
    algo = desk.stop("x", SELL, 0, **trailing)
    for price, waits in (("50000", True), ("51000", True), ("50600", True), ("50491", True), ("50490", False)):
        desk.print(price, 1, SELL)
        assert algo.waits is waits, price


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"trigger_price": D("50000")}, Reason.WOULD_TRIGGER),
        ({"trigger_price": D("49500.05")}, Reason.PRICE_TICK),
        ({"quantity": D("0.1005")}, Reason.QUANTITY_STEP),
        ({"client_id": "known"}, Reason.DUPLICATE_CLIENT_ID),
        ({"symbol": "NOPEUSDT"}, Reason.UNKNOWN_SYMBOL),
        ({"close_position": True}, Reason.CLOSING_EXISTS),
    ],
)
def test_a_conditional_order_that_breaks_a_rule_is_refused(desk: Desk, changes: dict[str, Any], reason: Reason) -> None:
    desk.stop("known", SELL, 49_000, close_position=True)
    with pytest.raises(Refused) as refused:
        desk.stop(**({"name": "x", "side": SELL, "trigger": 49_500, "quantity": D("0.1")} | changes))
    assert refused.value.reason is reason


def test_a_cancelled_or_released_order_cannot_be_cancelled_again(desk: Desk) -> None:
    algo = desk.stop("x", SELL, 49_500, quantity=D("0.1"))
    desk.exchange.conditional.cancel(algo)
    with pytest.raises(Refused):
        desk.exchange.conditional.cancel(algo)
    assert desk.ledger.query("algo_changed", BTC, "x")[-1].details["status"] == "CANCELED"
