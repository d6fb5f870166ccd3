"""One instrument on one UTC day: what was seen, refused, missed, traded; and why there was no trade."""

import datetime as dt
from typing import Literal

import msgspec

from errors import ConfigError
from research.why.breaker_periods import BreakerPeriod, breaker_periods
from research.why.brief import SignalBrief, brief_of
from research.why.fate import fate_of
from research.why.gates import StrategyRule, refusing, rules_of
from research.why.history import History
from research.why.quiet import quiet_reason
from research.why.reasons import halt_reasons, headline_of, reasons_of
from research.why.run_facts import RunFacts
from research.why.texts import clock, failed_text
from risk.breakers.state import DAY_NS

UNIX = dt.date(1970, 1, 1)


class Breakout(msgspec.Struct, frozen=True, kw_only=True):
    """A close beyond the channel that the strategy's rules did not confirm, and which of them refused it."""

    ts_ns: int
    side: int
    failed: tuple[str, ...]
    text: str
    strategy_rules: tuple[StrategyRule, ...]


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that was open during the day, first fill to end.

    ``until_ns`` and ``net`` (account currency) are None while it is open at the end of the journal.
    """

    signal_id: str
    side: int
    since_ns: int
    entry: float
    until_ns: int | None
    reason: str
    net: float | None


class DayStory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a journal says of one instrument from 00:00 to 24:00 UTC, both included: stamps are bar closes.

    Attributes
    ----------
    entered : int
        Trades that were entered on the day.
    reasons : tuple of str
        Why there was no trade, or no other one; each half a sentence.
    breakers : tuple of BreakerPeriod
        Those that were closed during the day.
    """

    kind: Literal["day"] = "day"
    instrument_id: str
    day: str
    begin_ns: int
    end_ns: int
    currency: str
    entered: int
    headline: str
    reasons: tuple[str, ...]
    breakouts: tuple[Breakout, ...]
    signals: tuple[SignalBrief, ...]
    positions: tuple[Position, ...]
    breakers: tuple[BreakerPeriod, ...]
    notes: tuple[str, ...]


def parse_day(text: str) -> dt.date:
    """Return a date.

    Raises
    ------
    ConfigError
        It is none.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--day: must be a date like 2024-01-31, was '{text}'") from error


def tell_day(history: History, facts: RunFacts, instrument_id: str, day: dt.date) -> DayStory:
    """Return the story of a day.

    Raises
    ------
    ConfigError
        The day lies outside the journal's span.
    """
    begin_ns = (day - UNIX).days * DAY_NS
    _check_span(history, day, begin_ns)
    periods = breaker_periods(history)
    breakouts, positions = _breakouts(history, facts, instrument_id, begin_ns), _positions(history, instrument_id)
    signals = tuple(
        brief_of(history, noted.what, periods, facts.currency)
        for noted in history.signals.values()
        if noted.what.instrument_id == instrument_id and _is_on(noted.what.ts_ns, begin_ns)
    )
    entered = sum(_is_on(one.since_ns, begin_ns) for one in positions)
    closed = tuple(one for one in periods if _overlaps(one.since_ns, one.until_ns, begin_ns))
    reasons = reasons_of([one.failed for one in breakouts], signals)
    if not breakouts and not signals:
        reasons = (quiet_reason(history, facts, instrument_id, begin_ns),)
    reasons += halt_reasons(closed, begin_ns)
    return DayStory(
        instrument_id=instrument_id,
        day=day.isoformat(),
        begin_ns=begin_ns,
        end_ns=begin_ns + DAY_NS,
        currency=facts.currency,
        entered=entered,
        headline=headline_of(entered, reasons),
        reasons=reasons,
        breakouts=breakouts,
        signals=signals,
        positions=tuple(one for one in positions if _overlaps(one.since_ns, one.until_ns, begin_ns)),
        breakers=closed,
        notes=_notes(history, facts, begin_ns),
    )


def _check_span(history: History, day: dt.date, begin_ns: int) -> None:
    if begin_ns + DAY_NS < history.begin_ns or begin_ns > history.end_ns:
        raise ConfigError(
            f"--day: {day} is outside of {history.path}, which goes from {clock(history.begin_ns)} to "
            f"{clock(history.end_ns)} UTC"
        )


def _is_on(ts_ns: int, begin_ns: int) -> bool:
    return begin_ns <= ts_ns <= begin_ns + DAY_NS


def _overlaps(since_ns: int, until_ns: int | None, begin_ns: int) -> bool:
    return since_ns <= begin_ns + DAY_NS and (until_ns is None or until_ns > begin_ns)


# --- what happened ----------------------------------------------------------------------------------------------------


def _breakouts(history: History, facts: RunFacts, instrument_id: str, begin_ns: int) -> tuple[Breakout, ...]:
    found = []
    for near in history.near:
        if near.instrument_id == instrument_id and _is_on(near.ts_ns, begin_ns):
            rules = rules_of(near, facts.config)
            text = "; ".join(failed_text(one) for one in rules if one.refuses)
            found.append(
                Breakout(
                    ts_ns=near.ts_ns,
                    side=near.side,
                    failed=refusing(near, facts.config),
                    text=text,
                    strategy_rules=rules,
                )
            )
    return tuple(found)


def _positions(history: History, instrument_id: str) -> tuple[Position, ...]:
    found = []
    for signal_id, events in history.trades().items():
        first = next((one for one in events if one.kind == "ENTRY_FILLED"), None)
        if first is not None and first.instrument_id == instrument_id:
            fate = fate_of(history, signal_id, (), events)
            result = fate.result
            found.append(
                Position(
                    signal_id=signal_id,
                    side=first.side,
                    since_ns=first.ts_ns,
                    entry=fate.entry,
                    until_ns=result.ts_ns if result is not None else None,
                    reason=fate.why,
                    net=result.net if result is not None else None,
                )
            )
    return tuple(found)


def _notes(history: History, facts: RunFacts, begin_ns: int) -> tuple[str, ...]:
    notes = []
    if facts.config is None:
        notes.append(f"which rules did not confirm a breakout is not known: {facts.fault}")
    if begin_ns < history.begin_ns:
        notes.append(f"the journal begins {clock(history.begin_ns)}")
    if begin_ns + DAY_NS > history.end_ns:
        notes.append(f"the journal ends {clock(history.end_ns)}")
    if history.is_cut:
        notes.append("the last line of the journal is cut short: the run was killed")
    return tuple(notes)
