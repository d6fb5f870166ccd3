"""Whatever a client does and the market does, the simulated exchange's books agree with each other."""

from hypothesis import given
from hypothesis import strategies as st

from simvenue.algo import AlgoKind
from simvenue.orders import ZERO, Side, Status
from simvenue.refusal import Refused
from tests.unit.simvenue.desk import BTC, D, Desk

sides = st.sampled_from(list(Side))
sizes = st.integers(1, 40).map(lambda n: D(n) / 100)
prices = st.integers(-30, 30).map(lambda n: D(50_000 + 20 * n))
steps = st.one_of(
    st.tuples(st.just("market"), sides, sizes, st.booleans()),
    st.tuples(st.just("limit"), sides, sizes, prices, st.booleans()),
    st.tuples(st.just("stop"), sides, sizes, prices, st.booleans()),
    st.tuples(st.just("closing"), sides, prices),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("modify"), st.integers(0, 5), prices, sizes),
    st.tuples(st.just("quote"), prices, sizes),
    st.tuples(st.just("print"), sides, prices, sizes),
    st.tuples(st.just("funding")),
)


def act(desk: Desk, number: int, step: tuple[object, ...]) -> None:
    exchange, resting = desk.exchange, desk.exchange.open_orders()
    match step:
        case ("market", Side() as side, D() as size, bool(reduces)):
            desk.market(f"m{number}", side, size, reduce_only=reduces)
        case ("limit", Side() as side, D() as size, D() as price, bool(reduces)):
            desk.limit(f"l{number}", side, size, price, reduce_only=reduces)
        case ("stop", Side() as side, D() as size, D() as price, bool(limited)):
            kind = AlgoKind.STOP if limited else AlgoKind.STOP_MARKET
            desk.stop(f"s{number}", side, price, quantity=size, price=price, kind=kind, reduce_only=True)
        case ("closing", Side() as side, D() as price):
            desk.stop(f"c{number}", side, price, close_position=True)
        case ("cancel", int(which)) if which < len(resting):
            exchange.cancel(resting[which])
        case ("modify", int(which), D() as price, D() as size) if which < len(resting):
            exchange.modify(resting[which], price, size)
        case ("quote", D() as price, D() as size):
            desk.quote(price, price + D("0.1"), size)
        case ("print", Side() as side, D() as price, D() as size):
            desk.print(price, size, side)
        case ("funding",):
            desk.now_ms += 8 * 3_600_000
            exchange.settlement.settle_funding(desk.now_ms)


def check(desk: Desk) -> None:
    exchange, fills = desk.exchange, desk.exchange.settlement.fills
    totals = desk.ledger.totals()
    assert desk.wallet == totals["deposits"] + totals["realised"] - totals["fees"] - totals["funding"]
    assert desk.position == sum((fill.quantity * fill.side.sign for fill in fills), ZERO)
    for order in exchange.orders.values():
        own = [fill for fill in fills if fill.order_id == order.order_id]
        assert order.executed == sum((fill.quantity for fill in own), ZERO) <= order.quantity
        assert order.executed_quote == sum((fill.quote_quantity for fill in own), ZERO)
        assert (order.status is Status.FILLED) is (
            order.executed == order.quantity and order.status is not Status.CANCELED
        )
        assert (order in exchange.open_orders()) is order.is_open
    book = exchange.markets[BTC].book
    best = {Side.BUY: book.best_ask, Side.SELL: book.best_bid}
    for order in exchange.open_orders():
        assert order.price > 0
        opposite = best[order.side]
        assert opposite is None or order.reduce_only or not order.crosses(opposite[0])
    for side in Side:
        reducing = [order for order in exchange.open_orders() if order.reduce_only and order.side is side]
        if reducing:
            assert exchange.account.position(BTC).reducible(side) > 0


@given(st.lists(steps, max_size=40))
def test_the_books_agree_after_every_step(script: list[tuple[object, ...]]) -> None:
    desk = Desk()
    desk.exchange.settlement.settle_funding(0)
    for number, step in enumerate(script):
        before = desk.position
        fills = len(desk.exchange.settlement.fills)
        try:
            act(desk, number, step)
        except Refused:
            assert len(desk.exchange.settlement.fills) == fills
            assert desk.position == before
        check(desk)


@given(st.lists(steps, max_size=30))
def test_a_reduce_only_execution_never_enlarges_or_turns_a_position(script: list[tuple[object, ...]]) -> None:
    desk = Desk()
    position = ZERO
    seen = 0
    for number, step in enumerate(script):
        try:
            act(desk, number, step)
        except Refused:
            continue
        finally:
            for fill in desk.exchange.settlement.fills[seen:]:
                after = position + fill.quantity * fill.side.sign
                if fill.reduce_only:
                    assert abs(after) < abs(position)
                    assert after * position >= 0
                position = after
            seen = len(desk.exchange.settlement.fills)
