"""What the audit of an account finds, case by case (Spec 9.4, 5.1; hazards of design/venues.md)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from execution.audit.audit import audit
from execution.audit.finding import Finding, Kind, Remedy
from execution.audit.picture import AccountPicture, VenueOrder, VenuePosition
from execution.config import ExitConfig
from execution.trade import Leg, Phase, Plan, Trade

X = "XUSDT-PERP.BINANCE"


def position(quantity: str = "2", instrument_id: str = X) -> VenuePosition:
    return VenuePosition(
        instrument_id=instrument_id, quantity=Decimal(quantity), entry_px=Decimal(100), mark_px=Decimal(101)
    )


def order(leg: Leg | None, quantity: str = "2", *, side: int = -1, count: int = 1, **more: Any) -> VenueOrder:
    trade_id = more.pop("trade_id", "t" if leg else "")
    values: dict[str, Any] = {"reduce_only": leg is not None and leg is not Leg.ENTRY}
    if leg in (Leg.STOP, Leg.BACKSTOP):
        values |= {"is_stop": True, "trigger_px": Decimal(100 + 5 * side), "conditional": True}
    name = f"{trade_id}-{leg}{count}" if leg else "web_1"
    values |= {"instrument_id": X, "venue_name": name} | more
    return VenueOrder(side=side, quantity=Decimal(quantity), trade_id=trade_id, leg=leg, count=count, **values)


def trade(trade_id: str = "t", side: int = 1, **more: Any) -> Trade:
    plan = Plan(
        trade_id=trade_id, signal_id="s", signal_ns=0, instrument_id=X, strategy="breakout", side=side, quantity=2.0,
        entry_px=100.0, stop_distance=5.0, tp1_distance=10.0, tp2_distance=20.0, tick=0.1, lot=0.5, min_quantity=0.0,
        min_notional=0.0, multiplier=1.0, exits=ExitConfig(), entry_on_timeout="cancel", backstop=True,
    )  # fmt: skip
    values: dict[str, Any] = {
        "phase": Phase.OPEN, "working": False, "filled": 2.0, "entry_value": 200.0, "stop": 100.0 - 5.0 * side,
    }  # fmt: skip
    return Trade(plan=plan, limit_px=100.0, **(values | more))


STOP, TP1, TP2 = order(Leg.STOP), order(Leg.TP1, "1"), order(Leg.TP2, "1")
WELL = (STOP, TP1, TP2)


def findings(
    positions: list[VenuePosition], orders: list[VenueOrder], *trades: Trade, hedge_mode: bool = False
) -> list[Finding]:
    picture = AccountPicture(positions=tuple(positions), orders=tuple(orders), hedge_mode=hedge_mode)
    return list(audit(picture, {one.plan.trade_id: one for one in trades}))


def said(found: list[Finding]) -> list[tuple[Kind, Remedy]]:
    return [(one.kind, one.remedy) for one in found]


def test_protected_position_of_a_kept_trade_is_well() -> None:
    assert findings([position()], list(WELL), trade()) == []


def test_empty_account_without_memory_is_well() -> None:
    assert audit(AccountPicture(positions=(), orders=())) == ()


@pytest.mark.parametrize(
    "stops",
    [
        [],
        [order(Leg.STOP, "1.9")],
        [order(Leg.STOP, reduce_only=False)],  # would open the other side once a target has filled
        [order(Leg.STOP, trigger_px=Decimal(50))],  # more than half the price away
        [order(Leg.STOP, side=1)],
        [order(Leg.STOP, is_stop=False)],  # triggered: a limit that the market may have left behind
        [order(Leg.STOP, instrument_id="YUSDT-PERP.BINANCE")],
    ],
    ids=["none", "small", "not-reduce-only", "far", "wrong-side", "triggered", "other-instrument"],
)
def test_position_without_sufficient_stop_is_protected_again(stops: list[VenueOrder]) -> None:
    found = findings([position()], [*stops, TP1, TP2], trade())
    assert (Kind.UNPROTECTED, Remedy.REPROTECT) in said(found)
    assert found[0].severity == "CRITICAL"


@pytest.mark.parametrize(
    "stops",
    [
        [order(Leg.STOP, "2")],
        [order(Leg.STOP, "1"), order(Leg.BACKSTOP, "1")],
        [order(Leg.BACKSTOP, "0", close_position=True)],
        [order(Leg.STOP, trigger_px=Decimal("50.5"))],  # half the price away, just
        [order(None, is_stop=True, trigger_px=Decimal(95), reduce_only=True)],  # a person's stop is one too
    ],
)
def test_stop_that_covers_the_position_suffices(stops: list[VenueOrder]) -> None:
    kinds = {one.kind for one in findings([position()], stops, replace(trade(), stop=0.0))}
    assert Kind.UNPROTECTED not in kinds


def test_bare_position_that_nobody_knows_is_closed() -> None:
    found = findings([position()], [])
    assert said(found) == [(Kind.UNKNOWN_POSITION, Remedy.CLOSE), (Kind.UNPROTECTED, Remedy.CLOSE)]


def test_protected_position_that_nobody_knows_waits_for_a_person() -> None:
    by_hand = order(None, is_stop=True, trigger_px=Decimal(95), reduce_only=True)
    assert said(findings([position()], [by_hand])) == [(Kind.UNKNOWN_POSITION, Remedy.HAND)]


def test_position_of_the_other_side_than_its_trade_is_unknown() -> None:
    found = findings([position("-2")], [], trade())
    assert (Kind.UNKNOWN_POSITION, Remedy.CLOSE) in said(found)
    assert (Kind.POSITION_GONE, Remedy.ADOPT) in said(found)


def test_bare_position_of_a_trade_that_has_no_stop_yet_is_closed() -> None:
    entering = trade(phase=Phase.ENTERING, working=True, filled=0.0, entry_value=0.0, stop=0.0)
    entry = order(Leg.ENTRY, "1", side=1)
    found = findings([position("1")], [entry], entering)
    assert (Kind.UNPROTECTED, Remedy.CLOSE) in said(found)
    assert (Kind.SIZE_MISMATCH, Remedy.ADOPT) in said(found)


@pytest.mark.parametrize(("held", "wrong"), [("2.25", False), ("2.5", True), ("1.5", True), ("1.75", False)])
def test_size_that_differs_by_more_than_half_a_lot_is_adopted(held: str, wrong: bool) -> None:
    found = findings([position(held)], [order(Leg.STOP, "9")], trade())
    assert ((Kind.SIZE_MISMATCH, Remedy.ADOPT) in said(found)) is wrong


def test_trade_whose_position_is_gone_is_booked_and_its_orders_swept() -> None:
    found = findings([], list(WELL), trade())
    assert said(found) == [(Kind.ORPHAN_EXIT, Remedy.SWEEP)] * 3 + [(Kind.POSITION_GONE, Remedy.ADOPT)]
    assert {one.venue_name for finding in found for one in finding.orders} == {one.venue_name for one in WELL}


def test_trade_whose_entry_is_gone_is_told() -> None:
    entering = trade(phase=Phase.ENTERING, working=True, filled=0.0, entry_value=0.0, stop=0.0)
    assert said(findings([], [], entering)) == [(Kind.ENTRY_GONE, Remedy.ADOPT)]
    assert findings([], [order(Leg.ENTRY, side=1)], entering) == []


@pytest.mark.parametrize("side", [1, -1])
def test_trail_that_did_not_reach_the_venue_is_protected_again(side: int) -> None:
    lifted = replace(trade(side=side), stop=100.0 - 4.0 * side)
    stop = order(Leg.STOP, side=-side)
    found = findings([position(f"{2 * side}")], [stop], lifted)
    assert said(found) == [(Kind.STOP_LOOSER, Remedy.REPROTECT)]
    tighter = replace(lifted, stop=100.0 - 6.0 * side)
    assert findings([position(f"{2 * side}")], [stop], tighter) == []


def test_order_of_ours_that_could_open_and_is_in_no_trade_is_swept() -> None:
    found = findings([], [order(Leg.ENTRY, side=1)])
    assert said(found) == [(Kind.UNKNOWN_ENTRY, Remedy.SWEEP)]
    assert found[0].severity == "CRITICAL"


def test_order_of_somebody_else_that_could_open_waits_for_a_person() -> None:
    assert said(findings([], [order(None, side=1)])) == [(Kind.UNKNOWN_ENTRY, Remedy.HAND)]


def test_entry_of_a_trade_that_no_longer_enters_is_swept() -> None:
    entry = order(Leg.ENTRY, side=1)
    assert said(findings([position()], [*WELL, entry], trade())) == [(Kind.UNKNOWN_ENTRY, Remedy.SWEEP)]


def test_exit_of_a_trade_that_is_over_would_hit_the_next_position() -> None:
    stale = order(Leg.TP1, "1", trade_id="old")
    assert said(findings([position()], [*WELL, stale], trade())) == [(Kind.ORPHAN_EXIT, Remedy.SWEEP)]


def test_stop_of_a_trade_that_is_over_stays_while_it_is_all_there_is() -> None:
    stale = order(Leg.STOP, trade_id="old")
    found = findings([position()], [stale], trade())
    assert said(found) == [(Kind.ORPHAN_EXIT, Remedy.SWEEP_LATER)]
    found = findings([position()], [stale, STOP], trade())
    assert said(found) == [(Kind.ORPHAN_EXIT, Remedy.SWEEP)]


def test_doubled_leg_keeps_the_newest() -> None:
    found = findings([position()], [*WELL, order(Leg.TP1, "1", count=2)], trade())
    assert said(found) == [(Kind.DOUBLED_LEG, Remedy.SWEEP)]
    assert [one.venue_name for one in found[0].orders] == ["t-T11"]


def test_doubled_stop_keeps_the_one_that_covers() -> None:
    found = findings([position()], [*WELL, order(Leg.STOP, "1", count=2)], trade())
    assert said(found) == [(Kind.DOUBLED_LEG, Remedy.SWEEP_LATER)]


def test_doubled_entry_is_critical() -> None:
    entering = trade(phase=Phase.ENTERING, working=True, filled=0.0, entry_value=0.0, stop=0.0)
    (found,) = findings([], [order(Leg.ENTRY, side=1), order(Leg.ENTRY, side=1, count=2)], entering)
    assert (found.kind, found.severity) == (Kind.DOUBLED_LEG, "CRITICAL")


def test_hedge_mode_is_told_first() -> None:
    assert said(findings([], [], hedge_mode=True)) == [(Kind.HEDGE_MODE, Remedy.HAND)]


def test_without_memory_only_what_the_venue_shows_is_judged() -> None:
    picture = AccountPicture(positions=(position(),), orders=(order(Leg.ENTRY, side=1), *WELL))
    assert audit(picture) == ()


def test_stop_whose_trigger_is_not_told_protects_nothing() -> None:
    stop = order(Leg.STOP, side=1, trigger_px=Decimal(0))
    assert (Kind.UNPROTECTED, Remedy.REPROTECT) in said(findings([position("-2")], [stop], trade(side=-1)))


def test_distance_of_a_stop_is_judged_from_the_entry_when_there_is_no_mark_price() -> None:
    unmarked = replace(position(), mark_px=Decimal(0))
    far = order(Leg.STOP, trigger_px=Decimal(40))
    assert (Kind.UNPROTECTED, Remedy.REPROTECT) in said(findings([unmarked], [far], trade()))


def test_bare_position_that_two_trades_claim_is_closed() -> None:
    assert (Kind.UNPROTECTED, Remedy.CLOSE) in said(findings([position()], [], trade("t"), trade("u")))


@pytest.mark.parametrize("side", [1, -1])
def test_stop_that_is_being_replaced_counts_where_it_is_nearest(side: int) -> None:
    lifted = replace(trade(side=side), stop=100.0 - 4.0 * side)
    nearer = order(Leg.STOP, side=-side, count=2, trigger_px=Decimal(100 - 4 * side))
    found = findings([position(f"{2 * side}")], [order(Leg.STOP, side=-side), nearer], lifted)
    assert said(found) == [(Kind.DOUBLED_LEG, Remedy.SWEEP)]
