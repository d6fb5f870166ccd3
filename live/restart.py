"""What the venue did while nobody looked: kept trades brought up to its orders and fills (Spec 9.4).

The venue is the witness of quantities and prices, the memory of plans. Pure but for the questions it is given.
"""

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from execution.lifecycle import advance
from execution.trade import EntryEnded, EntryFilled, Event, ExitFilled, Leg, Trade
from execution.trade_log import Costs
from execution.trade_memory import KeptTrade

AHEAD = 2  # ids that may have been used after the trade was written last
EXITS = (Leg.TP1, Leg.TP2, Leg.STOP, Leg.BACKSTOP, Leg.MARKET)


class Seen(msgspec.Struct, frozen=True):
    """One order of a trade as the venue has it; ``average_px`` is 0 without a fill."""

    client_id: str
    leg: Leg
    is_open: bool
    filled: float
    average_px: float
    fees: float
    ts_ns: int


def ids_to_ask(kept: KeptTrade, ahead: int = AHEAD) -> list[tuple[Leg, int]]:
    """Return leg and count of every order that the trade may have at the venue."""
    return [(leg, count) for leg in Leg for count in range(1, kept.counts.get(leg.value, 0) + ahead + 1)]


def catch_up(kept: KeptTrade, seen: Iterable[Seen]) -> KeptTrade:
    """Return a trade with everything that has happened to it at the venue.

    Parameters
    ----------
    kept : KeptTrade
        As it was written last.
    seen : iterable of Seen
        All its orders that the venue knows.
    """
    orders = sorted(seen, key=lambda one: one.ts_ns)
    trade = kept.trade
    for event in missed_events(trade, orders):
        trade, _ = advance(trade, event)  # what it wishes is asked for once, at the end
    counts = {leg.value: kept.counts.get(leg.value, 0) + AHEAD for leg in Leg}
    return KeptTrade(trade, _costs(trade, kept.costs, orders), counts)


def missed_events(trade: Trade, orders: list[Seen]) -> Iterable[Event]:
    """Yield what a trade has not heard of; ``orders`` are sorted by time."""
    entries = [one for one in orders if one.leg is Leg.ENTRY]
    quantity, value = _sum(entries)
    if quantity - trade.filled > 0.5 * trade.plan.lot:
        price = (value - trade.entry_value) / (quantity - trade.filled)
        yield EntryFilled(entries[-1].ts_ns, quantity - trade.filled, price)
    if trade.working and not any(one.is_open for one in entries):
        yield EntryEnded(entries[-1].ts_ns if entries else trade.plan.signal_ns)
    yield from _missed_exits(trade, [one for one in orders if one.leg is not Leg.ENTRY and one.filled > 0.0])


def _missed_exits(trade: Trade, exits: list[Seen]) -> Iterable[Event]:
    """Yield the fills of exits that the trade has not heard of: first targets first, as they come before the rest."""
    total, value = _sum(exits)
    missing = total - trade.exit_filled
    if missing <= 0.5 * trade.plan.lot:
        return
    price = (value - trade.exit_value) / missing
    first = min(missing, max(0.0, _sum([one for one in exits if one.leg is Leg.TP1])[0] - trade.tp1_filled))
    last = exits[-1]
    if first > 0.5 * trade.plan.lot:
        yield ExitFilled(last.ts_ns, Leg.TP1, first, price)
    if missing - first > 0.5 * trade.plan.lot:
        other = next((one for one in reversed(exits) if one.leg is not Leg.TP1), last)
        yield ExitFilled(last.ts_ns, other.leg, missing - first, price)


def _sum(orders: Iterable[Seen]) -> tuple[float, float]:
    quantity = value = 0.0
    for one in orders:
        quantity += one.filled
        value += one.filled * one.average_px
    return quantity, value


def _costs(trade: Trade, before: Costs, orders: list[Seen]) -> Costs:
    fees = float(sum((Decimal(repr(one.fees)) for one in orders), Decimal(0)))
    unit = trade.plan.multiplier * before.rate
    gross = trade.plan.side * (trade.exit_value - trade.exit_filled * trade.entry_px) * unit
    return replace(before, fees=fees, gross=gross) if orders else before
