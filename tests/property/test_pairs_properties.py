"""Whatever happens on a spot account: nothing is owed, locks fit the open orders, money adds up."""

import contextlib
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simvenue.pairs.orders import PairKind
from simvenue.refusal import Refused
from tests.unit.simvenue.pair_desk import BUY, SELL, D, PairDesk

prices = st.integers(min_value=48_000, max_value=52_000)
sizes = st.integers(min_value=1, max_value=60).map(lambda n: D(n) / 100)
sides = st.sampled_from([BUY, SELL])
steps = st.one_of(
    st.tuples(st.just("limit"), sides, sizes, prices),
    st.tuples(st.just("market"), sides, sizes),
    st.tuples(st.just("stop"), sides, sizes, prices, prices),
    st.tuples(st.just("list"), sides, sizes, prices, prices, prices),
    st.tuples(st.just("quote"), prices, sizes),
    st.tuples(st.just("print"), prices, sizes),
    st.tuples(st.just("cancel"), st.integers(min_value=0, max_value=20)),
)


def do(desk: PairDesk, number: int, step: tuple[Any, ...]) -> None:
    name = f"o{number}"
    match step:
        case ("limit", side, size, price):
            desk.limit(name, side, size, price)
        case ("market", side, size):
            desk.place(name, side, PairKind.MARKET, size)
        case ("stop", side, size, price, trigger):
            desk.place(name, side, PairKind.STOP_LOSS_LIMIT, size, price, stop_price=D(trigger))
        case ("list", side, size, target, trigger, price):
            desk.bracket(name, size, target, trigger, price, side=side)
        case ("quote", price, size):
            desk.quote(price, price + 1, size)
        case ("print", price, size):
            desk.print(price, size)
        case ("cancel", index):
            opened = desk.exchange.open_orders()
            if index < len(opened):
                desk.exchange.cancel(opened[index])


def locked(desk: PairDesk) -> dict[str, Decimal]:
    """Return what the open orders need, each list once."""
    needs: dict[str, tuple[str, Decimal]] = {}
    for order in desk.exchange.open_orders():
        asset = "USDT" if order.side is BUY else "BTC"
        needs[order.holder] = (asset, max(order.needs, needs.get(order.holder, (asset, D(0)))[1]))
    return {asset: sum((need for name, need in needs.values() if name == asset), D(0)) for asset in ("USDT", "BTC")}


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=40))
def test_nothing_is_owed_and_locks_fit_the_open_orders(plan: list[tuple[Any, ...]]) -> None:
    desk = PairDesk(usdt=40_000)
    exchange = desk.exchange
    for number, step in enumerate(plan):
        with contextlib.suppress(Refused):
            do(desk, number, step)
        needed = locked(desk)
        for asset in ("USDT", "BTC"):
            free, held = desk.held(asset)
            assert free >= 0
            assert held == needed[asset]
        for found in exchange.lists.lists.values():
            legs = exchange.lists.legs(found)
            assert sum(leg.executed > 0 for leg in legs) <= 1
    fills = exchange.recorder.ledger.query("fill")
    assert exchange.balances.total("USDT") == 40_000 + sum(Decimal(fill.details["quote_change"]) for fill in fills)
    assert exchange.balances.total("BTC") == 1 + sum(Decimal(fill.details["base_change"]) for fill in fills)
