"""The life of one trade: ``advance(trade, event) -> (trade, intents)`` (Spec 2.4, 4.2.4, 5.1, 5.2, 7.4; D11 - D15d).

Pure: no engine, no clock. Intents are wished-for states in the order in which they must be carried out: the stop before
the targets, and no stop dropped before the quantity it protects is gone.
"""

import math
from functools import singledispatch

from msgspec.structs import replace

from execution.exits import round_outward
from execution.protection import (
    anchored_stop,
    best_close,
    first_target_left,
    is_runt,
    stop_after_close,
    stop_after_target,
    target_price,
)
from execution.trade import (
    EXIT_LEGS,
    BarClosed,
    CloseDue,
    EntryEnded,
    EntryFilled,
    EntryHalted,
    EntryTimeout,
    Event,
    ExitEnded,
    ExitFilled,
    ExitReason,
    ExitRefused,
    HoldUntil,
    Intent,
    Leg,
    Market,
    Phase,
    Plan,
    RepriceDue,
    Rest,
    Trade,
    Work,
)
from execution.trade import Drop as DropLeg

type Step = tuple[Trade, tuple[Intent, ...]]

NS = 1_000_000_000


def begin(plan: Plan) -> Step:
    """Return a new trade and its first wish: the entry limit at the signal's price."""
    trade = Trade(plan=plan, limit_px=plan.entry_px)
    return trade, (Work(plan.entry_px, plan.quantity),)


def advance(trade: Trade, event: Event) -> Step:
    """Return the trade after ``event`` and what should be done about it. A trade that is over wants nothing."""
    return (trade, ()) if trade.is_over else _on(event, trade)


@singledispatch
def _on(event: Event, trade: Trade) -> Step:
    raise TypeError(f"no transition for {type(event).__name__} in trade {trade.plan.trade_id}")


@_on.register
def _(event: EntryFilled, trade: Trade) -> Step:
    first = trade.filled == 0.0
    trade = replace(
        trade,
        filled=trade.filled + event.quantity,
        entry_value=trade.entry_value + event.quantity * event.price,
        entry_ns=event.ts_ns if first else trade.entry_ns,
        phase=Phase.OPEN if trade.phase is Phase.ENTERING else trade.phase,
    )
    if first or (trade.tp1_filled == 0.0 and trade.phase is Phase.OPEN):
        trade = _anchor(trade)
    if trade.phase is Phase.CLOSING:
        return trade, (Market(Leg.MARKET, trade.remaining),)
    hold_ns = trade.plan.exits.max_hold_secs * NS
    timer: tuple[Intent, ...] = (HoldUntil(event.ts_ns + hold_ns),) if first else ()
    return trade, protection(trade) + timer


@_on.register
def _(event: EntryEnded, trade: Trade) -> Step:
    missing = trade.plan.quantity - trade.filled
    if trade.market_next and _may_enter(trade) and missing > 0.5 * trade.plan.lot:  # only now: the limit is surely gone
        return replace(trade, market_next=False), (Market(Leg.ENTRY, missing),)
    trade = replace(trade, working=False, market_next=False)
    if trade.filled == 0.0:
        return replace(trade, phase=Phase.MISSED, exit_ns=event.ts_ns, exit_reason=""), ()
    if trade.remaining == 0.0:
        return _closed(trade, event.ts_ns)
    if trade.phase is Phase.OPEN and _is_runt(trade):
        return _close_at_market(trade, CloseDue(event.ts_ns, "MANUAL"))  # too small for the venue's orders (D15b)
    return trade, ()


@_on.register
def _(event: RepriceDue, trade: Trade) -> Step:
    chases = trade.working and not trade.repriced and math.isfinite(event.best_px) and event.best_px != trade.limit_px
    if not chases or not _may_enter(trade):
        return trade, ()
    trade = replace(trade, repriced=True, limit_px=event.best_px)
    return trade, (Work(event.best_px, trade.plan.quantity),)


@_on.register
def _(_event: EntryTimeout, trade: Trade) -> Step:
    if not trade.working:
        return trade, ()
    market_next = trade.plan.entry_on_timeout == "market" and not trade.halted_by
    return replace(trade, market_next=market_next, repriced=True), (DropLeg(Leg.ENTRY),)


@_on.register
def _(event: EntryHalted, trade: Trade) -> Step:
    if not trade.working:
        return trade, ()
    if trade.halted_by:  # asked again: the process may have died between the written halt and its cancel
        return trade, (DropLeg(Leg.ENTRY),)
    return replace(trade, halted_by=event.by, market_next=False), (DropLeg(Leg.ENTRY),)


@_on.register
def _(event: ExitFilled, trade: Trade) -> Step:
    trade = _book_exit(event, trade)
    drop_entry: tuple[Intent, ...] = (DropLeg(Leg.ENTRY),) if trade.working else ()
    if trade.remaining == 0.0:
        if trade.phase is not Phase.CLOSING:
            trade = replace(trade, exit_reason=_reason(event.leg, trade))
        return (trade, drop_entry) if trade.working else _closed(trade, event.ts_ns)
    if trade.phase is Phase.CLOSING:  # what the market exit did not know of: a late entry fill
        return trade, (*drop_entry, Market(Leg.MARKET, trade.remaining))
    if event.leg is Leg.TP1 and _tp1_quantity(trade) == 0.0:
        trade = _move_to_breakeven(trade)
    return trade, drop_entry + protection(trade)


@_on.register
def _(event: ExitRefused, trade: Trade) -> Step:
    if trade.remaining == 0.0:
        return trade, ()
    if event.leg is Leg.STOP and trade.phase is Phase.OPEN:
        return _close_at_market(trade, CloseDue(event.ts_ns, trade.stop_reason))  # no stop, no position
    return trade, ()


@_on.register
def _(event: ExitEnded, trade: Trade) -> Step:
    if trade.remaining == 0.0:
        return trade, ()
    if trade.phase is Phase.CLOSING:
        return trade, (Market(Leg.MARKET, trade.remaining),) if event.leg is Leg.MARKET else ()
    return trade, protection(trade)  # a position is never left without its orders


@_on.register
def _(event: BarClosed, trade: Trade) -> Step:
    if trade.remaining == 0.0:
        return trade, ()
    if trade.phase is Phase.CLOSING:
        return trade, (Market(Leg.MARKET, trade.remaining),)  # a market exit that was refused is asked for again
    plan, side = trade.plan, trade.plan.side
    trade = replace(trade, best_close=best_close(trade.best_close, event.close, side))
    if trade.tp1_filled == 0.0 or _tp1_quantity(trade) > 0.0:
        return trade, ()
    trail = stop_after_close(trade.stop, trade.best_close, event.atr, side, plan.exits.trail_atr, plan.tick)
    if trail == trade.stop:
        return trade, ()
    trade = replace(trade, stop=trail, stop_reason="TRAIL")
    if side * (event.close - trail) <= 0.0:
        return _close_at_market(trade, CloseDue(event.ts_ns, "TRAIL"))
    return trade, protection(trade)


@_on.register
def _(event: CloseDue, trade: Trade) -> Step:
    if trade.phase is Phase.CLOSING:
        return trade, ()
    return _close_at_market(trade, event)


def protection(trade: Trade) -> tuple[Intent, ...]:
    """Return the orders that should rest for an open trade: the stop first, always (Spec 5.1, design/venues.md)."""
    plan, exits, left = trade.plan, trade.plan.exits, trade.remaining
    side, entry = plan.side, trade.entry_px
    first = _tp1_quantity(trade)
    second = max(0.0, left - first)
    wishes: list[Intent] = [Rest(Leg.STOP, trade.stop, left)]
    if plan.backstop:
        wide = round_outward(entry - side * exits.backstop_r * plan.stop_distance, plan.tick, side)
        wishes.append(Rest(Leg.BACKSTOP, wide, left))
    for leg, distance, quantity in ((Leg.TP1, plan.tp1_distance, first), (Leg.TP2, plan.tp2_distance, second)):
        price = target_price(entry, side, distance, plan.tick)
        wishes.append(Rest(leg, price, quantity) if quantity > 0.5 * plan.lot else DropLeg(leg))
    return tuple(wishes)


def _may_enter(trade: Trade) -> bool:
    """Return whether the entry may still be pursued: not when halted, closing, or once the trade has begun to exit."""
    return not trade.halted_by and trade.phase is not Phase.CLOSING and trade.exit_filled == 0.0


def _tp1_quantity(trade: Trade) -> float:
    """Return what the first target still has to close."""
    plan = trade.plan
    return first_target_left(
        trade.filled,
        trade.exit_filled,
        trade.tp1_filled,
        trade.entry_px,
        plan.exits.tp1_quantity_frac,
        plan.lot,
        plan.min_quantity,
        plan.min_notional,
        plan.multiplier,
    )


def _is_runt(trade: Trade) -> bool:
    plan = trade.plan
    return is_runt(trade.remaining, trade.entry_px, plan.lot, plan.min_quantity, plan.min_notional, plan.multiplier)


def _anchor(trade: Trade) -> Trade:
    plan = trade.plan
    stop = anchored_stop(trade.entry_px, plan.side, plan.stop_distance, plan.tick)
    return replace(trade, stop=stop, stop_initial=stop)


def _move_to_breakeven(trade: Trade) -> Trade:
    """Move the stop to entry plus the fee buffer; it never goes back (D14)."""
    plan = trade.plan
    stop = stop_after_target(trade.stop, trade.entry_px, plan.side, plan.exits.breakeven_frac, plan.tick)
    return trade if stop == trade.stop else replace(trade, stop=stop, stop_reason="BREAKEVEN")


def _book_exit(event: ExitFilled, trade: Trade) -> Trade:
    return replace(
        trade,
        exit_filled=trade.exit_filled + event.quantity,
        exit_value=trade.exit_value + event.quantity * event.price,
        lowest_exit_px=min(trade.lowest_exit_px, event.price),
        highest_exit_px=max(trade.highest_exit_px, event.price),
        tp1_filled=trade.tp1_filled + (event.quantity if event.leg is Leg.TP1 else 0.0),
        exit_ns=event.ts_ns,
    )


def _reason(leg: Leg, trade: Trade) -> ExitReason:
    """Return why a trade ended; a single lot has no second target, its first one is its last: TP2."""
    if leg in (Leg.STOP, Leg.BACKSTOP):
        return trade.stop_reason
    return "TP2" if leg in (Leg.TP1, Leg.TP2) else "MANUAL"


def _close_at_market(trade: Trade, event: CloseDue) -> Step:
    drop_entry: tuple[Intent, ...] = (DropLeg(Leg.ENTRY),) if trade.working else ()
    targets = (DropLeg(Leg.TP1), DropLeg(Leg.TP2)) if trade.filled > 0.0 else ()
    if trade.remaining == 0.0:  # nothing to close yet, but a late fill of the entry will have to go
        reason = trade.exit_reason or event.reason
        return replace(trade, phase=Phase.CLOSING, exit_reason=reason), (*drop_entry, *targets)
    trade = replace(trade, phase=Phase.CLOSING, exit_reason=event.reason)  # the stop stays until the exit is answered
    return trade, (*drop_entry, *targets, Market(Leg.MARKET, trade.remaining))


def _closed(trade: Trade, ts_ns: int) -> Step:
    trade = replace(trade, phase=Phase.CLOSED, exit_ns=trade.exit_ns or ts_ns)
    return trade, tuple(DropLeg(leg) for leg in EXIT_LEGS)
