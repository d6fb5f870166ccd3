"""What was open or working when a decision was made, and what of the account it claimed."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from research.why.history import Answer, History
from risk.breakers.state import DAY_NS
from risk.messages import Signal, TradeEvent


class HeldTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade at one moment.

    Attributes
    ----------
    since_ns : int
        First fill of an open one, begin of a working one.
    quantity : float
        Open quantity; of a working one what was approved.
    risk : float
        Its share of heat, account currency: at the current stop when open, else what was approved. NaN when the
        journal does not tell what it was approved with.
    """

    signal_id: str
    trade_id: str
    instrument_id: str
    strategy: str
    side: int
    state: Literal["open", "working"]
    since_ns: int
    entry: float
    stop: float
    quantity: float
    risk: float


def held_at(history: History, line: int) -> list[HeldTrade]:
    """Return the trades that were open or working just before a line, oldest first."""
    events: dict[str, list[TradeEvent]] = {}
    for noted in history.trade_events:
        if noted.line >= line:
            break
        events.setdefault(noted.what.signal_id, []).append(noted.what)
    last = {signal_id: of_one[-1] for signal_id, of_one in events.items()}
    live = [name for name, event in last.items() if event.quantity > 0.0 or event.working]
    return [*(_held(events[name], history) for name in live), *_unsent(history, line, last)]


def opened_today(history: History, line: int, ts_ns: int) -> list[str]:
    """Return the signals whose trades had opened since 00:00 UTC, before a line."""
    found: dict[str, int] = {}
    for noted in history.trade_events:
        if noted.line >= line:
            break
        if noted.what.kind == "ENTRY_FILLED":
            found.setdefault(noted.what.signal_id, noted.what.ts_ns)
    return [signal_id for signal_id, first_ns in found.items() if first_ns // DAY_NS == ts_ns // DAY_NS]


def concerned(rule: str, note: str, held: Sequence[HeldTrade], answer: Answer, history: History) -> list[HeldTrade]:
    """Return those of the held trades that made a rule say no."""
    signal = history.signals[answer.signal].what
    if rule == "one_position":
        return [one for one in held if (one.instrument_id, one.strategy) == (signal.instrument_id, signal.strategy)]
    if rule in ("correlation", "unknown_correlation"):
        return [one for one in held if one.instrument_id == note]
    if rule == "asset_class_positions":
        classes = asset_classes(history)
        return [one for one in held if classes.get(one.instrument_id, note) == note]
    if rule == "trades_per_day":
        return [one for one in held if one.state == "working"]  # those that have opened are found by ``opened_today``
    return list(held) if rule in ("max_positions", "portfolio_heat") else []


def asset_classes(history: History) -> dict[str, str]:
    """Return the class of every instrument that was ever asked for its class."""
    found = {}
    for signal_id, answer in history.answers.items():
        for check in answer.what.asked:
            if check.rule == "asset_class_positions" and signal_id in history.signals:
                found[history.signals[signal_id].what.instrument_id] = check.note
    return found


def _held(events: Sequence[TradeEvent], history: History) -> HeldTrade:
    last, first = events[-1], events[0]
    filled = next((one for one in events if one.quantity > 0.0), None)
    answer = history.answers.get(last.signal_id)
    is_open = last.quantity > 0.0
    approved = answer.what.quantity if answer is not None else math.nan
    return HeldTrade(
        signal_id=last.signal_id,
        trade_id=last.trade_id,
        instrument_id=last.instrument_id,
        strategy=last.strategy,
        side=last.side,
        state="open" if is_open else "working",
        since_ns=filled.ts_ns if filled is not None else first.ts_ns,
        entry=last.entry if is_open else math.nan,
        stop=last.stop if is_open else math.nan,
        quantity=last.quantity if is_open else approved,
        risk=_risk(last, filled, answer.what if answer is not None else None),
    )


def _risk(last: TradeEvent, filled: TradeEvent | None, answer: Answer | None) -> float:
    """Return the trade's share of heat; the money of one price unit is what it was when the trade was approved (D19).

    The full reservation stays beside what has filled until the entry is gone.
    """
    if answer is None:
        return math.nan
    reserved = answer.risk_quote if last.working else 0.0
    if filled is None or last.quantity == 0.0:
        return reserved
    distance = abs(filled.entry - filled.stop)
    unit = answer.risk_quote / (answer.quantity * distance) if answer.quantity > 0.0 and distance > 0.0 else math.nan
    return reserved + max(0.0, last.side * (last.entry - last.stop) * last.quantity * unit)


def _unsent(history: History, line: int, sent: Iterable[str]) -> list[HeldTrade]:
    """Return what was approved at this very moment without an event of its trade yet: its risk is reserved."""
    now_ns = max((one.what.ts_ns for one in history.answers.values() if one.line <= line), default=0)
    return [
        _reserved(history.signals[signal_id].what, one.what)
        for signal_id, one in history.answers.items()
        if one.what.approved and one.line < line and one.what.ts_ns == now_ns and signal_id not in sent
        if signal_id in history.signals
    ]


def _reserved(signal: Signal, answer: Answer) -> HeldTrade:
    return HeldTrade(
        signal_id=answer.signal,
        trade_id="",
        instrument_id=signal.instrument_id,
        strategy=signal.strategy,
        side=signal.side,
        state="working",
        since_ns=answer.ts_ns,
        entry=math.nan,
        stop=math.nan,
        quantity=answer.quantity,
        risk=answer.risk_quote,
    )
