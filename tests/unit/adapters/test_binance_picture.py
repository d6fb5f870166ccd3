"""A Binance account as the audit sees it: whose orders, what protects."""

from decimal import Decimal

import msgspec
import pytest

from adapters.binance.names import client_id_of, ours, venue_name_of
from adapters.binance.parsing import AlgoOrder, Order, Position
from adapters.binance.picture import account_picture
from execution.audit.cover import uncovered
from execution.trade import Leg

NAME = "BTCUSDTP7b5ms6k2o0"
POSITION = {
    "symbol": "BTCUSDT", "positionAmt": "-0.5", "entryPrice": "100", "markPrice": "99", "unRealizedProfit": "0.5",
}  # fmt: skip
ORDER = {
    "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": venue_name_of(f"{NAME}-T12"), "side": "BUY", "type": "LIMIT",
    "status": "PARTIALLY_FILLED", "origQty": "0.5", "executedQty": "0.2", "price": "95", "stopPrice": "0",
    "reduceOnly": True,
}  # fmt: skip
ALGO = {
    "symbol": "BTCUSDT", "algoId": 1, "clientAlgoId": venue_name_of(f"{NAME}-SL1"), "side": "BUY", "orderType": "STOP",
    "algoStatus": "NEW", "triggerPrice": "105", "quantity": "0.5", "reduceOnly": True,
}  # fmt: skip


def read[T](values: dict[str, object], kind: type[T]) -> T:
    return msgspec.convert(values, kind, strict=False)


def test_names_go_to_the_venue_and_back() -> None:
    for name in (f"{NAME}-SL1", f"{NAME}-ENzz"):
        assert len(venue_name_of(name)) <= 36
        assert client_id_of(venue_name_of(name)) == name


def test_orders_are_known_by_trade_and_leg() -> None:
    picture = account_picture([read(POSITION, Position)], [read(ORDER, Order)], [read(ALGO, AlgoOrder)], identify=ours)
    target, stop = picture.orders
    assert (target.trade_id, target.leg, target.count) == (NAME, Leg.TP1, 2)
    assert (target.quantity, target.side, target.is_exit, target.is_stop) == (Decimal("0.3"), 1, True, False)
    assert (stop.trade_id, stop.leg, stop.conditional, stop.is_stop) == (NAME, Leg.STOP, True, True)
    (position,) = picture.positions
    assert (position.instrument_id, position.side) == ("BTCUSDT-PERP.BINANCE", -1)
    assert uncovered(position, picture.orders) == 0


@pytest.mark.parametrize(
    "change",
    [{"algoStatus": "TRIGGERED"}, {"orderType": "TAKE_PROFIT"}, {"reduceOnly": False}, {"side": "SELL"}],
    ids=["triggered", "target", "opens", "wrong-side"],
)
def test_conditional_order_that_is_no_waiting_stop_protects_nothing(change: dict[str, object]) -> None:
    picture = account_picture([read(POSITION, Position)], [], [read(ALGO | change, AlgoOrder)])
    assert uncovered(picture.positions[0], picture.orders) == Decimal("0.5")


def test_order_of_somebody_else_has_no_trade() -> None:
    picture = account_picture([], [read(ORDER | {"clientOrderId": "web_X-SL"}, Order)], [], identify=ours)
    assert (picture.orders[0].trade_id, picture.orders[0].leg) == ("", None)
