"""Is each position protected, and is it the one that the kept trades say?"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from execution.audit.cover import covers, uncovered
from execution.audit.finding import Finding, Kind, Remedy
from execution.audit.picture import VenueOrder, VenuePosition
from execution.leg import Leg
from execution.trade import Trade


def check_protection(
    position: VenuePosition, orders: Sequence[VenueOrder], kept: Sequence[Trade] | None
) -> Iterable[Finding]:
    """Yield a position whose stops do not cover it; it is closed unless a kept trade knows where the stop belongs."""
    missing = uncovered(position, orders)
    if not missing:
        return
    owner = owner_of(position, kept)
    yield Finding(
        kind=Kind.UNPROTECTED,
        severity="CRITICAL",
        remedy=Remedy.CLOSE if owner is None or not owner.stop else Remedy.REPROTECT,
        instrument_id=position.instrument_id,
        text=f"{missing} of {abs(position.quantity)} {_word(position)} has no resting stop",
        trade_id=owner.plan.trade_id if owner else "",
    )


def looser_stop(
    position: VenuePosition, orders: Sequence[VenueOrder], kept: Sequence[Trade] | None
) -> Iterable[Finding]:
    """Yield a stop that rests more than a tick further away than its trade says: a trail that did not arrive."""
    owner = owner_of(position, kept)
    stops = [order for order in orders if order.leg is Leg.STOP and covers(order, position)]
    if owner is None or not owner.stop or not stops:
        return
    nearest = max(position.side * order.trigger_px for order in stops) * position.side
    behind = position.side * (owner.stop - float(nearest))
    if behind > 1.5 * owner.plan.tick:
        yield Finding(
            kind=Kind.STOP_LOOSER,
            severity="WARNING",
            remedy=Remedy.REPROTECT,
            instrument_id=position.instrument_id,
            text=f"stop rests at {nearest}, the trade wants {owner.stop:.10g}",
            trade_id=owner.plan.trade_id,
            orders=tuple(stops),
        )


def owner_of(position: VenuePosition, kept: Sequence[Trade] | None) -> Trade | None:
    """Return the one kept trade of a position's side; None when there is none, or more than one (D15d)."""
    found = [trade for trade in kept or () if trade.plan.side == position.side and _may_hold(trade)]
    return found[0] if len(found) == 1 else None


def check_holding(
    instrument_id: str,
    positions: Sequence[VenuePosition],
    orders: Sequence[VenueOrder],
    kept: Sequence[Trade],
) -> Iterable[Finding]:
    """Yield where the venue holds something else than the kept trades say, with half a lot of tolerance."""
    for trade in kept:
        yield from _gone(trade, positions, orders)
    held = sum((position.quantity for position in positions), Decimal(0))
    if not held:
        return
    position = positions[0]
    if owner_of(position, kept) is None:
        yield _unknown(position, orders)
        return
    known = sum(trade.plan.side * trade.remaining for trade in kept)
    lot = max(trade.plan.lot for trade in kept)
    if abs(float(held) - known) > 0.5 * lot:
        yield Finding(
            kind=Kind.SIZE_MISMATCH,
            severity="CRITICAL",
            remedy=Remedy.ADOPT,
            instrument_id=instrument_id,
            text=f"the venue holds {held}, kept trades {known:.10g}",
        )


def _gone(trade: Trade, positions: Sequence[VenuePosition], orders: Sequence[VenueOrder]) -> Iterable[Finding]:
    plan = trade.plan
    if trade.remaining > 0.0 and not any(position.side == plan.side for position in positions):
        yield Finding(
            kind=Kind.POSITION_GONE,
            severity="WARNING",
            remedy=Remedy.ADOPT,
            instrument_id=plan.instrument_id,
            text=f"the kept trade holds {plan.side * trade.remaining:.10g}, the venue nothing of it",
            trade_id=plan.trade_id,
        )
    entries = [order for order in orders if order.trade_id == plan.trade_id and order.leg is Leg.ENTRY]
    if trade.working and not entries:
        yield Finding(
            kind=Kind.ENTRY_GONE,
            severity="WARNING",
            remedy=Remedy.ADOPT,
            instrument_id=plan.instrument_id,
            text="the kept trade waits for an entry that the venue does not have",
            trade_id=plan.trade_id,
        )


def _unknown(position: VenuePosition, orders: Sequence[VenueOrder]) -> Finding:
    bare = uncovered(position, orders) > 0
    return Finding(
        kind=Kind.UNKNOWN_POSITION,
        severity="CRITICAL",
        remedy=Remedy.CLOSE if bare else Remedy.HAND,
        instrument_id=position.instrument_id,
        text=f"{abs(position.quantity)} {_word(position)} belongs to no kept trade",
    )


def _may_hold(trade: Trade) -> bool:
    return trade.remaining > 0.0 or trade.working


def _word(position: VenuePosition) -> str:
    return "long" if position.side > 0 else "short"
