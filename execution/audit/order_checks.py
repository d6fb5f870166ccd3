"""Does every order belong to something?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from execution.audit.finding import Finding, Kind, Remedy
from execution.audit.picture import VenueOrder, VenuePosition
from execution.leg import Leg
from execution.trade import Trade


def unknown_entries(orders: Sequence[VenueOrder], kept: Sequence[Trade]) -> Iterable[Finding]:
    """Yield orders that may open a position and that no kept trade waits for.

    Ours are cancelled: what they would open has no plan. Somebody else's are shown to a person.
    """
    waited_for = {trade.plan.trade_id for trade in kept if trade.working}
    for order in orders:
        if order.is_exit or (order.leg is Leg.ENTRY and order.trade_id in waited_for):
            continue
        yield Finding(
            kind=Kind.UNKNOWN_ENTRY,
            severity="CRITICAL",
            remedy=Remedy.SWEEP if order.trade_id else Remedy.HAND,
            instrument_id=order.instrument_id,
            text=f"{order.venue_name} may {_verb(order)} {order.quantity} and belongs to no kept trade",
            trade_id=order.trade_id,
            orders=(order,),
        )


def orphan_exits(
    positions: Sequence[VenuePosition], orders: Sequence[VenueOrder], kept: Sequence[Trade] | None
) -> Iterable[Finding]:
    """Yield exit orders that have nothing to reduce, or belong to a trade that is over: the next position's danger."""
    alive = None if kept is None else {trade.plan.trade_id for trade in kept}
    for order in orders:
        if not order.is_exit:
            continue
        if not any(position.side == -order.side for position in positions):
            yield _orphan(order, "has no position to reduce")
        elif alive is not None and order.trade_id and order.trade_id not in alive:
            yield _orphan(order, "belongs to a trade that is over")


def _orphan(order: VenueOrder, why: str) -> Finding:
    return Finding(
        kind=Kind.ORPHAN_EXIT,
        severity="WARNING",
        remedy=Remedy.SWEEP,
        instrument_id=order.instrument_id,
        text=f"{order.venue_name} {why}",
        trade_id=order.trade_id,
        orders=(order,),
    )


def doubled_legs(orders: Sequence[VenueOrder]) -> Iterable[Finding]:
    """Yield legs with more than one order; the newest stays. While a stop is replaced this is seen for a moment."""
    legs: defaultdict[tuple[str, Leg], list[VenueOrder]] = defaultdict(list)
    for order in orders:
        if order.leg is not None:
            legs[order.trade_id, order.leg].append(order)
    for (trade_id, leg), found in sorted(legs.items()):
        older = sorted(found, key=lambda order: order.count)[:-1]
        if older:
            yield Finding(
                kind=Kind.DOUBLED_LEG,
                severity="CRITICAL" if leg is Leg.ENTRY else "WARNING",
                remedy=Remedy.SWEEP,
                instrument_id=older[0].instrument_id,
                text=f"{leg.name} of {trade_id} rests {len(found)} times",
                trade_id=trade_id,
                orders=tuple(older),
            )


def _verb(order: VenueOrder) -> str:
    return "buy" if order.side > 0 else "sell"
