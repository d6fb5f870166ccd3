"""Rules of the spot exchange: locks, triggers, lists, fees from what is received, no shorts."""

from decimal import Decimal
from typing import Any

import pytest

from simvenue.orders import Side, Status, TimeInForce
from simvenue.pairs.orders import PairKind
from simvenue.refusal import Reason, Refused
from tests.unit.simvenue.pair_desk import BTC, BUY, SELL, D, PairDesk

STOP, MAKER, MARKET = PairKind.STOP_LOSS_LIMIT, PairKind.LIMIT_MAKER, PairKind.MARKET


def test_resting_purchase_locks_quote_and_its_cancellation_frees_it() -> None:
    desk = PairDesk()
    order = desk.limit("a", BUY, "0.1", 49_000)
    assert desk.held("USDT") == (5_100, 4_900)
    desk.exchange.cancel(order)
    assert desk.held("USDT") == (10_000, 0)


def test_purchase_at_a_better_price_gives_back_what_it_had_locked_too_much() -> None:
    desk = PairDesk()
    desk.limit("a", BUY, "0.1", 60_000)
    assert desk.held("USDT") == (5_000, 0)
    assert desk.held("BTC") == (D("1.0999"), 0)  # the fee is kept from the bitcoin


def test_sale_pays_its_fee_in_quote() -> None:
    desk = PairDesk()
    desk.place("a", SELL, MARKET, "0.5")
    assert desk.held("USDT") == (D(10_000) + D("24999.995") * D("0.999"), 0)
    assert desk.held("BTC") == (D("0.5"), 0)


def test_partly_filled_order_keeps_the_rest_locked() -> None:
    desk = PairDesk()
    desk.quote("49999.99", 50_000, "0.04")
    order = desk.limit("a", BUY, "0.1", 50_000)
    assert (order.status, order.executed) == (Status.PARTIALLY_FILLED, D("0.04"))
    assert desk.held("USDT") == (5_000, 3_000)


@pytest.mark.parametrize(
    ("side", "quantity", "price"),
    [(BUY, "0.21", 49_000), (SELL, "1.00001", 51_000)],
)
def test_more_than_is_free_is_refused_and_nothing_changes(side: Side, quantity: str, price: int) -> None:
    desk = PairDesk()
    with pytest.raises(Refused) as refused:
        desk.limit("a", side, quantity, price)
    assert refused.value.reason is Reason.BALANCE
    assert (desk.held("USDT"), desk.held("BTC")) == ((10_000, 0), (1, 0))


def test_nothing_is_sold_short() -> None:
    desk = PairDesk(btc=0)
    with pytest.raises(Refused) as refused:
        desk.place("a", SELL, MARKET, "0.1")
    assert refused.value.reason is Reason.BALANCE


@pytest.mark.parametrize("side", [BUY, SELL])
def test_market_order_for_a_quote_amount_stays_within_it(side: Side) -> None:
    desk = PairDesk()
    order = desk.place("a", side, MARKET, 0, quote_amount=D(1_000))
    assert order.status is Status.FILLED
    assert D("999.4") < order.executed_quote <= D(1_000)


def test_market_sale_for_a_quote_amount_needs_the_coins() -> None:
    desk = PairDesk(btc=0)
    with pytest.raises(Refused) as refused:
        desk.place("a", SELL, MARKET, 0, quote_amount=D(1_000))
    assert refused.value.reason is Reason.BALANCE


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"kind": PairKind.LIMIT, "price": "49000.001"}, Reason.PRICE_TICK),
        ({"kind": PairKind.LIMIT, "price": 49_000, "quantity": "0.000011"}, Reason.QUANTITY_STEP),
        ({"kind": PairKind.LIMIT, "price": 49_000, "quantity": "0.0001"}, Reason.MIN_NOTIONAL),
        ({"kind": PairKind.LIMIT, "price": 9_999}, Reason.PRICE_PERCENT_LOW),
        ({"kind": MAKER, "price": 50_000}, Reason.POST_ONLY),
        ({"kind": STOP, "price": 49_000, "stop_price": D(50_000)}, Reason.WOULD_TRIGGER),
    ],
)
def test_broken_filter_is_named(order: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        PairDesk().place("a", BUY, **({"quantity": "0.01"} | order))
    assert refused.value.reason is reason


def test_five_orders_with_a_trigger_are_the_most() -> None:
    desk = PairDesk()
    for number in range(5):
        desk.place(f"s{number}", SELL, STOP, "0.01", 48_000, stop_price=D(49_000))
    with pytest.raises(Refused) as refused:
        desk.place("s5", SELL, STOP, "0.01", 48_000, stop_price=D(49_000))
    assert refused.value.reason is Reason.TOO_MANY_CONDITIONAL


def test_stop_locks_while_it_waits_and_trades_after_its_price_has_come() -> None:
    desk = PairDesk()
    stop = desk.place("s", SELL, STOP, 1, 49_000, stop_price=D(49_500))
    assert (stop.waits, desk.held("BTC")) == (True, (0, 1))
    desk.quote("49499.99", 49_500)
    assert stop.waits  # a quote is no trade
    desk.print("49500")
    assert (stop.status, stop.average_price) == (Status.FILLED, D("49499.99"))
    assert desk.held("BTC") == (0, 0)


def test_stop_jumped_by_the_market_rests_at_its_limit() -> None:
    desk = PairDesk()
    stop = desk.place("s", SELL, STOP, 1, 49_400, stop_price=D(49_500))
    desk.quote(49_000, "49000.01")
    desk.print(49_000)
    assert (stop.waits, stop.status, desk.held("BTC")) == (False, Status.NEW, (0, 1))


def test_two_legs_share_one_lock() -> None:
    desk = PairDesk()
    desk.bracket("x", "0.5", 51_000, 49_500, 49_400)
    desk.bracket("y", "0.5", 52_000, 49_500, 49_400)
    assert desk.held("BTC") == (0, 1)
    with pytest.raises(Refused) as refused:
        desk.limit("beside", SELL, "0.001", 53_000)
    assert refused.value.reason is Reason.BALANCE


def test_list_of_a_purchase_locks_the_larger_need() -> None:
    desk = PairDesk()
    desk.bracket("x", "0.1", 49_000, 51_000, 51_500, side=BUY)
    assert desk.held("USDT") == (10_000 - 5_150, 5_150)


def test_target_ends_the_stop_with_its_first_part() -> None:
    desk = PairDesk()
    target, stop = desk.bracket("x", 1, 51_000, 49_500, 49_400)
    desk.said()
    desk.quote(51_000, "51000.01", "0.4")
    assert desk.said() == ["x-S EXPIRED", "x ALL_DONE", "x-T TRADE 0.4@51000"]
    assert (target.remaining, stop.expiry) == (D("0.6"), "OCO_TRIGGER")
    assert desk.held("BTC") == (0, D("0.6"))


def test_trigger_ends_the_target_before_the_stop_trades() -> None:
    desk = PairDesk()
    target, stop = desk.bracket("x", 1, 51_000, 49_500, 49_400)
    desk.quote(49_450, "49450.01")
    desk.said()
    desk.print(49_480)
    assert desk.said() == ["x-T EXPIRED", "x ALL_DONE", "x-S NEW", "x-S TRADE 1@49450"]
    assert (target.status, stop.status) == (Status.EXPIRED, Status.FILLED)


def test_cancelling_one_leg_cancels_the_list() -> None:
    desk = PairDesk()
    target, stop = desk.bracket("x", 1, 51_000, 49_500, 49_400)
    desk.exchange.cancel(stop)
    assert (target.status, stop.status, desk.held("BTC")) == (Status.CANCELED, Status.CANCELED, (1, 0))
    assert desk.exchange.lists.running() == []


def test_stop_that_rests_after_its_trigger_can_still_be_cancelled() -> None:
    desk = PairDesk()
    _, stop = desk.bracket("x", 1, 51_000, 49_500, 49_400)
    desk.quote(49_000, "49000.01")
    desk.print(49_000)
    desk.exchange.cancel(stop)
    assert (stop.status, desk.held("BTC")) == (Status.CANCELED, (1, 0))


@pytest.mark.parametrize(
    ("target", "trigger", "reason"),
    [(49_990, 49_500, Reason.POST_ONLY), (51_000, 50_500, Reason.WOULD_TRIGGER)],
)
def test_list_on_one_side_of_the_market_is_refused_as_a_whole(target: int, trigger: int, reason: Reason) -> None:
    desk = PairDesk()
    with pytest.raises(Refused) as refused:
        desk.bracket("x", 1, target, trigger, 49_400)
    assert refused.value.reason is reason
    assert (desk.exchange.orders, desk.held("BTC")) == ({}, (1, 0))


def test_list_beyond_the_balance_leaves_neither_leg() -> None:
    desk = PairDesk()
    with pytest.raises(Refused) as refused:
        desk.bracket("x", "1.1", 51_000, 49_500, 49_400)
    assert refused.value.reason is Reason.BALANCE
    assert desk.exchange.open_orders() == []


@pytest.mark.parametrize(
    ("force", "executed", "expiry"),
    [(TimeInForce.IOC, "0.04", "UNFILLED_IOC_QUANTITY_EXPIRED"), (TimeInForce.FOK, 0, "UNFILLED_FOK_ORDER_EXPIRED")],
)
def test_order_that_may_not_rest_expires(force: TimeInForce, executed: Any, expiry: str) -> None:
    desk = PairDesk()
    desk.quote("49999.99", 50_000, "0.04")
    order = desk.limit("a", BUY, "0.1", 50_000, time_in_force=force)
    assert (order.executed, order.status, order.expiry) == (D(executed), Status.EXPIRED, expiry)
    assert desk.held("USDT")[1] == 0


def test_ledger_tells_the_change_of_both_assets() -> None:
    desk = PairDesk()
    desk.limit("a", BUY, "0.1", 50_000)
    desk.place("b", SELL, MARKET, "0.2")
    fills = desk.exchange.recorder.ledger.query("fill")
    balances = desk.exchange.balances
    assert balances.total("BTC") == 1 + sum(Decimal(entry.details["base_change"]) for entry in fills)
    assert balances.total("USDT") == 10_000 + sum(Decimal(entry.details["quote_change"]) for entry in fills)
    assert fills[-1].balance == balances.total("USDT")
    assert desk.exchange.market(BTC).last_price == D("49999.99")


def test_fill_while_a_cancel_is_under_way_reaches_what_rests_only() -> None:
    desk = PairDesk()
    target, stop = desk.bracket("x", 1, 51_000, 49_500, 49_400)
    desk.exchange.fill_resting(stop)
    assert (stop.status, target.status) == (Status.NEW, Status.NEW)
    desk.exchange.fill_resting(target)
    assert (target.average_price, stop.status) == (51_000, Status.EXPIRED)
