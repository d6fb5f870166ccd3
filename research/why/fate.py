"""What became of an approved signal: filled, missed and why, and how the trade ended."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from research.why.breaker_periods import BreakerPeriod, halting
from research.why.history import History
from risk.messages import TradeEvent, TradeResult

type Outcome = Literal["not sent", "working", "missed", "open", "closed"]

HALTED, TIMED_OUT, ENDED, TRAILED = "ENTRY_HALTED", "ENTRY_TIMEOUT", "ENTRY_ENDED", "BAR_CLOSED"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a trade; prices and quantities are 0 where there are none.

    ``times``: several trailing moves of the stop in a row are one step, the last one.
    """

    ts_ns: int
    kind: str
    price: float = 0.0
    quantity: float = 0.0
    stop: float = 0.0
    reason: str = ""
    details: str = ""
    times: int = 1


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an approved signal.

    Attributes
    ----------
    why : str
        Why its entry was missed, or why the trade ended; empty otherwise.
    entry, filled : float
        Average entry price and the quantity that filled.
    halted_by : BreakerPeriod, optional
        The breaker that took the entry back, or closed the trade.
    """

    outcome: Outcome
    why: str = ""
    trade_id: str = ""
    entry: float = 0.0
    filled: float = 0.0
    steps: tuple[Step, ...] = ()
    halted_by: BreakerPeriod | None = None
    result: TradeResult | None = None


def fate_of(
    history: History, signal_id: str, periods: Sequence[BreakerPeriod], events: Sequence[TradeEvent] | None = None
) -> Fate:
    """Return what became of an approved signal.

    Parameters
    ----------
    events : sequence of TradeEvent, optional
        Of its trade, oldest first, where they are at hand.
    """
    events = history.events_of(signal_id) if events is None else events
    if not events:
        return Fate(outcome="not sent", why="the journal has no order of it")
    result, last = history.results.get(signal_id), events[-1]
    filled = sum(one.filled for one in events if one.kind == "ENTRY_FILLED")
    outcome = _outcome(events, filled, result)
    why = _why_missed(history, events) if outcome == "missed" else result.reason if result else ""
    shut = outcome == "closed" and why in ("SHUTDOWN", "MANUAL")
    return Fate(
        outcome=outcome,
        why=why,
        trade_id=last.trade_id,
        entry=next((one.entry for one in reversed(events) if one.entry > 0.0), 0.0),
        filled=filled,
        steps=_steps(history, events),
        halted_by=_halted_by(events, periods, shut=shut),
        result=result,
    )


def _outcome(events: Sequence[TradeEvent], filled: float, result: TradeResult | None) -> Outcome:
    if result is not None:
        return "closed"
    if filled > 0.0:
        return "open"
    return "working" if events[-1].working else "missed"


def _why_missed(history: History, events: Sequence[TradeEvent]) -> str:
    kinds = {one.kind for one in events}
    trade_id = events[-1].trade_id
    refused = [one.details for one in history.alerts.get(trade_id, []) if one.name == "ORDER_REFUSED"]
    if refused:
        return f"refused: {refused[0].removeprefix(trade_id).lstrip(': ')}"
    if HALTED in kinds:
        return "halted"
    if TIMED_OUT in kinds:
        return "timed out"
    closed = next((one.reason for one in events if one.kind == "EXIT_DUE"), None)
    return "the venue ended the order" if closed is None else f"taken back: {closed or 'closed'}"


def _halted_by(events: Sequence[TradeEvent], periods: Sequence[BreakerPeriod], *, shut: bool) -> BreakerPeriod | None:
    halt = next((one for one in events if one.kind == HALTED), None)
    if halt is not None:
        return halting(periods, halt.ts_ns)
    due = next((one for one in events if one.kind == "EXIT_DUE"), None)
    if not shut or due is None:
        return None
    return next((one for one in periods if one.covers(due.ts_ns) and one.breaker in ("drawdown", "kill_switch")), None)


def _steps(history: History, events: Sequence[TradeEvent]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for event in events:
        if event.kind == ENDED and event.filled > 0.0:
            continue  # the fill itself has been told
        step = Step(
            ts_ns=event.ts_ns,
            kind=event.kind,
            price=event.price,
            quantity=event.filled,
            stop=event.stop,
            reason=event.reason,
        )
        if steps and steps[-1].kind == event.kind == TRAILED:
            step = msgspec.structs.replace(step, times=steps.pop().times + 1)
        steps.append(step)
    steps += [
        Step(ts_ns=one.ts_ns, kind=one.name, details=one.details) for one in history.alerts.get(events[-1].trade_id, [])
    ]
    return tuple(sorted(steps, key=lambda one: one.ts_ns))
