"""The audit of any account: no bare position is missed, no sweep bares one, order and side do not matter."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from execution.audit.audit import audit
from execution.audit.cover import uncovered
from execution.audit.finding import Kind, Remedy
from execution.audit.picture import AccountPicture, VenueOrder, VenuePosition
from execution.trade import Leg, Trade
from tests.unit.execution.test_audit import X, trade

Y = "YUSDT-PERP.BINANCE"
sizes = st.integers(1, 8).map(lambda lots: Decimal(lots) / 2)
sides = st.sampled_from([1, -1])


@st.composite
def orders(draw: st.DrawFn) -> VenueOrder:
    leg = draw(st.sampled_from([*Leg, None]))
    is_stop = leg in (Leg.STOP, Leg.BACKSTOP) or draw(st.booleans())
    side = draw(sides)
    return VenueOrder(
        instrument_id=draw(st.sampled_from([X, Y])),
        venue_name=f"n{draw(st.integers(0, 10**9))}",
        side=side,
        quantity=draw(sizes),
        trade_id=draw(st.sampled_from(["t", "u", "old"])) if leg else "",
        leg=leg,
        count=draw(st.integers(1, 3)),
        is_stop=is_stop,
        trigger_px=Decimal(100 + side * draw(st.sampled_from([1, 5, 60]))) if is_stop else Decimal(0),
        reduce_only=draw(st.booleans()),
        close_position=draw(st.integers(0, 5)) == 0,
        conditional=is_stop,
    )


@st.composite
def positions(draw: st.DrawFn, instrument_id: str) -> VenuePosition:
    quantity = draw(sizes) * draw(sides)
    return VenuePosition(
        instrument_id=instrument_id,
        quantity=quantity,
        entry_px=Decimal(100),
        mark_px=Decimal(draw(st.sampled_from([0, 100]))),
    )


@st.composite
def pictures(draw: st.DrawFn) -> AccountPicture:
    held = [draw(positions(name)) for name in (X, Y) if draw(st.booleans())]
    found = draw(st.lists(orders(), max_size=7, unique_by=lambda order: order.venue_name))
    return AccountPicture(positions=tuple(held), orders=tuple(found))


def kept() -> st.SearchStrategy[dict[str, Trade] | None]:
    one = st.builds(lambda side, stop: replace(trade("t", side), stop=stop), sides, st.sampled_from([0.0, 95.0, 105.0]))
    return st.one_of(st.none(), st.just({}), one.map(lambda found: {"t": found}))


@given(pictures(), kept())
def test_every_bare_position_is_found_and_no_other(picture: AccountPicture, trades: dict[str, Trade] | None) -> None:
    told = {one.instrument_id for one in audit(picture, trades) if one.kind is Kind.UNPROTECTED}
    assert told == {one.instrument_id for one in picture.positions if uncovered(one, picture.orders)}


@given(pictures(), kept())
def test_sweep_leaves_no_position_less_protected(picture: AccountPicture, trades: dict[str, Trade] | None) -> None:
    swept = [order for one in audit(picture, trades) if one.remedy is Remedy.SWEEP for order in one.orders]
    left = [order for order in picture.orders if order not in swept]
    for position in picture.positions:
        assert uncovered(position, left) == uncovered(position, picture.orders)


@given(pictures(), kept())
def test_account_is_clean_once_everything_was_done(picture: AccountPicture, trades: dict[str, Trade] | None) -> None:
    """Close what is to be closed, sweep what is to be swept: no exit is left that could hit the next position."""
    found = audit(picture, trades)
    closed = {one.instrument_id for one in found if one.remedy is Remedy.CLOSE}
    swept = [order for one in found if one.remedy in (Remedy.SWEEP, Remedy.SWEEP_LATER) for order in one.orders]
    after = AccountPicture(
        positions=tuple(one for one in picture.positions if one.instrument_id not in closed),
        orders=tuple(order for order in picture.orders if order not in swept),
    )
    again = audit(after, trades)
    second = [order for one in again if one.remedy is Remedy.SWEEP for order in one.orders]
    final = replace(after, orders=tuple(order for order in after.orders if order not in second))
    held = {(one.instrument_id, one.side) for one in final.positions}
    assert all((order.instrument_id, -order.side) in held for order in final.orders if order.is_exit)


@given(pictures(), kept(), st.randoms(use_true_random=False))
def test_order_of_the_answers_does_not_matter(
    picture: AccountPicture, trades: dict[str, Trade] | None, chance: object
) -> None:
    shuffled = list(picture.orders)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    other = replace(picture, orders=tuple(shuffled), positions=picture.positions[::-1])
    first, second = audit(picture, trades), audit(other, trades)
    assert sorted((one.kind, one.instrument_id, one.text) for one in first) == sorted(
        (one.kind, one.instrument_id, one.text) for one in second
    )


@given(sizes, sides, st.booleans())
def test_well_kept_account_raises_no_alarm(size: Decimal, side: int, backstop: bool) -> None:
    held = VenuePosition(instrument_id=X, quantity=size * side, entry_px=Decimal(100), mark_px=Decimal(100))
    own = replace(trade("t", side), filled=float(size), entry_value=100.0 * float(size))

    def exit_order(leg: Leg, quantity: Decimal, **more: object) -> VenueOrder:
        values = {"instrument_id": X, "venue_name": f"t-{leg}1", "side": -side, "reduce_only": True} | more
        return VenueOrder(quantity=quantity, trade_id="t", leg=leg, count=1, **values)  # type: ignore[arg-type]

    stop = exit_order(Leg.STOP, size, is_stop=True, trigger_px=Decimal(100 - 5 * side))
    wider = exit_order(Leg.BACKSTOP, Decimal(0), is_stop=True, trigger_px=Decimal(100 - 10 * side), close_position=True)
    targets = [exit_order(Leg.TP1, size / 2), exit_order(Leg.TP2, size / 2)]
    orders = (stop, *targets, *([wider] if backstop else []))
    assert audit(AccountPicture(positions=(held,), orders=orders), {"t": own}) == ()
