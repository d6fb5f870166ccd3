"""One trade as a value: the plan it follows, what has happened to it, what it wants done next."""

from enum import StrEnum
from typing import Literal

import msgspec

from execution.config import ExitConfig
from execution.leg import Leg as Leg  # noqa: PLC0414 - who reads trades reads legs: one import serves both
from execution.protection import open_quantity

type ExitReason = Literal["", "STOP", "BREAKEVEN", "TRAIL", "TP2", "MAX_HOLD", "SHUTDOWN", "MANUAL"]


EXIT_LEGS = (Leg.STOP, Leg.BACKSTOP, Leg.TP1, Leg.TP2)


class Phase(StrEnum):
    """Where a trade stands."""

    ENTERING = "ENTERING"  # entry working, nothing filled
    OPEN = "OPEN"  # something filled and protected; the entry may still work
    CLOSING = "CLOSING"  # a market exit is on its way; the stop stays until it is answered
    CLOSED = "CLOSED"
    MISSED = "MISSED"  # the entry ended without a fill


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was approved. Prices in quote units, quantity in base units or contracts, ``side`` +1 or -1."""

    trade_id: str
    signal_id: str
    signal_ns: int
    instrument_id: str
    strategy: str
    side: int
    quantity: float
    entry_px: float
    stop_distance: float
    tp1_distance: float
    tp2_distance: float
    tick: float
    lot: float
    min_quantity: float
    min_notional: float
    multiplier: float
    exits: ExitConfig
    entry_on_timeout: Literal["cancel", "market"]
    backstop: bool
    average_daily_volume: float = float("nan")


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """The plan and everything that has happened. Values in quote units."""

    plan: Plan
    phase: Phase = Phase.ENTERING
    working: bool = True
    repriced: bool = False
    market_next: bool = False  # the limit ran out of time; a market order follows once it is gone
    halted_by: str = ""  # the breaker that closed: nothing more of this entry is wanted
    limit_px: float
    filled: float = 0.0
    entry_value: float = 0.0
    entry_ns: int = 0
    stop: float = 0.0
    stop_initial: float = 0.0
    stop_reason: ExitReason = "STOP"
    best_close: float = float("nan")
    tp1_filled: float = 0.0
    exit_filled: float = 0.0
    exit_value: float = 0.0
    lowest_exit_px: float = float("inf")
    highest_exit_px: float = float("-inf")
    exit_ns: int = 0
    exit_reason: ExitReason = ""

    @property
    def remaining(self) -> float:
        """Return the open quantity; less than half a lot is rounding noise."""
        return open_quantity(self.filled, self.exit_filled, self.plan.lot)

    @property
    def entry_px(self) -> float:
        """Return the average entry price, 0 before the first fill."""
        return self.entry_value / self.filled if self.filled > 0.0 else 0.0

    @property
    def exit_px(self) -> float:
        """Return the average exit price, 0 before the first exit."""
        return self.exit_value / self.exit_filled if self.exit_filled > 0.0 else 0.0

    @property
    def is_over(self) -> bool:
        """Return whether nothing more can happen."""
        return self.phase in (Phase.CLOSED, Phase.MISSED)


# --- events: what happened -------------------------------------------------------------------------------------------


class EntryFilled(msgspec.Struct, frozen=True):
    """Part or all of the entry filled."""

    ts_ns: int
    quantity: float
    price: float


class EntryEnded(msgspec.Struct, frozen=True):
    """The entry order is gone: filled whole, cancelled, refused or expired. No more fills will come."""

    ts_ns: int


class RepriceDue(msgspec.Struct, frozen=True):
    """15 s have passed; ``best_px`` is the best bid (long) or ask (short) now."""

    ts_ns: int
    best_px: float


class EntryTimeout(msgspec.Struct, frozen=True):
    """The time for the entry is over."""

    ts_ns: int


class EntryHalted(msgspec.Struct, frozen=True):
    """Entries have been halted by a breaker: nothing more may be opened."""

    ts_ns: int
    by: str


class ExitFilled(msgspec.Struct, frozen=True):
    """Part or all of an exit leg filled."""

    ts_ns: int
    leg: Leg
    quantity: float
    price: float


class ExitRefused(msgspec.Struct, frozen=True):
    """The venue refused an exit order."""

    ts_ns: int
    leg: Leg


class ExitEnded(msgspec.Struct, frozen=True):
    """An exit order is gone without a fill and without our asking: the venue cancelled it or let it expire."""

    ts_ns: int
    leg: Leg


class BarClosed(msgspec.Struct, frozen=True):
    """A signal bar closed."""

    ts_ns: int
    close: float
    atr: float


class CloseDue(msgspec.Struct, frozen=True):
    """The trade must end now, at market: maximum hold, stop unfilled, shutdown, operator."""

    ts_ns: int
    reason: ExitReason


type Event = (
    EntryFilled
    | EntryEnded
    | RepriceDue
    | EntryTimeout
    | EntryHalted
    | ExitFilled
    | ExitRefused
    | ExitEnded
    | BarClosed
    | CloseDue
)


# --- intents: what should be done, as wished-for states that are safe to repeat ---------------------------------------


class Work(msgspec.Struct, frozen=True):
    """Have the entry limit rest at ``price`` for ``quantity``."""

    price: float
    quantity: float


class Rest(msgspec.Struct, frozen=True):
    """Have an exit leg rest at ``price`` for ``quantity``: place it, or amend what is there."""

    leg: Leg
    price: float
    quantity: float


class Drop(msgspec.Struct, frozen=True):
    """Have no order of this leg."""

    leg: Leg


class Market(msgspec.Struct, frozen=True):
    """Send a market order: to enter (leg ENTRY) or, reduce-only, to exit (leg MARKET)."""

    leg: Leg
    quantity: float


class HoldUntil(msgspec.Struct, frozen=True):
    """Wake the trade up when its maximum hold is over."""

    at_ns: int


type Intent = Work | Rest | Drop | Market | HoldUntil
