"""A plan with round numbers and a small vocabulary for the life of a trade; ``side`` mirrors all prices about 100."""

from functools import reduce
from typing import Any

from execution.config import ExitConfig
from execution.lifecycle import Step, advance, begin
from execution.trade import (
    BarClosed,
    CloseDue,
    Drop,
    EntryEnded,
    EntryFilled,
    EntryTimeout,
    Event,
    ExitFilled,
    ExitReason,
    ExitRefused,
    Intent,
    Leg,
    Market,
    Plan,
    RepriceDue,
    Rest,
    Trade,
)

NS = 1_000_000_000
ENTRY, STOP, BACKSTOP, TP1, TP2, MARKET = Leg.ENTRY, Leg.STOP, Leg.BACKSTOP, Leg.TP1, Leg.TP2, Leg.MARKET
DROP_EXITS = (Drop(STOP), Drop(BACKSTOP), Drop(TP1), Drop(TP2))


def plan(side: int = 1, **fields: Any) -> Plan:
    """Return an entry of 4 at 100: stop 3 away, targets 6 and 12 (ATR 2, Spec 5.1 and 5.2)."""
    values: dict[str, Any] = {
        "trade_id": "t",
        "signal_id": "s",
        "signal_ns": 0,
        "instrument_id": "X.SIM",
        "strategy": "breakout",
        "side": side,
        "quantity": 4.0,
        "entry_px": 100.0,
        "stop_distance": 3.0,
        "tp1_distance": 6.0,
        "tp2_distance": 12.0,
        "tick": 0.25,
        "lot": 1.0,
        "min_quantity": 0.0,
        "min_notional": 0.0,
        "multiplier": 1.0,
        "exits": ExitConfig(),
        "entry_on_timeout": "cancel",
        "backstop": False,
    }
    return Plan(**(values | fields))


def px(side: int, price: float) -> float:
    """Return the price for a long, its mirror image about 100 for a short."""
    return price if side > 0 else 200.0 - price


def start(side: int = 1, **fields: Any) -> Trade:
    return begin(plan(side, **fields))[0]


def follow(trade: Trade, *events: Event) -> Step:
    """Return the trade after all events and what the last one made it wish."""

    def step(state: Step, event: Event) -> Step:
        return advance(state[0], event)

    return reduce(step, events, (trade, ()))


def opened(side: int = 1, *, quantity: float = 4.0, price: float = 100.0, **fields: Any) -> Trade:
    """Return a trade whose entry has filled whole."""
    trade, _ = follow(
        start(side, quantity=quantity, **fields), EntryFilled(1, quantity, px(side, price)), EntryEnded(1)
    )
    return trade


def after_tp1(side: int = 1, **fields: Any) -> Trade:
    trade, _ = follow(opened(side, **fields), ExitFilled(2, TP1, 2.0, px(side, 106.0)))
    return trade


__all__ = [
    "BACKSTOP",
    "DROP_EXITS",
    "ENTRY",
    "MARKET",
    "NS",
    "STOP",
    "TP1",
    "TP2",
    "BarClosed",
    "CloseDue",
    "Drop",
    "EntryEnded",
    "EntryFilled",
    "EntryTimeout",
    "ExitFilled",
    "ExitReason",
    "ExitRefused",
    "Intent",
    "Leg",
    "Market",
    "RepriceDue",
    "Rest",
    "after_tp1",
    "follow",
    "opened",
    "plan",
    "px",
    "start",
]
