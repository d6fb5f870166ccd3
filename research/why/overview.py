"""A whole run: what refused how often, what was not confirmed, missed or halted, and where to look next."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from research.why.breaker_periods import BreakerPeriod, breaker_periods
from research.why.brief import Outcome, SignalBrief, brief_of, outcome_of
from research.why.gates import refusing
from research.why.history import History
from research.why.run_facts import RunFacts
from risk.breakers.catalogue import BY_NAME

NEWEST = 5


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How often something happened, and when it did last."""

    name: str
    count: int
    last_ns: int


class BreakerTotal(msgspec.Struct, frozen=True, kw_only=True):
    """All the times that one breaker was closed.

    ``closed_frac`` is their share of the journal's span; ``is_closed`` whether it is closed at the end.
    """

    breaker: str
    times: int
    closed_frac: float
    last: BreakerPeriod
    is_closed: bool


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal says of a run as a whole.

    Attributes
    ----------
    complete : bool, optional
        None: the journal does not say; the run was killed, or is under way.
    signals, approved, traded, unanswered, breakouts : int
        ``breakouts`` are those that the strategy's rules did not confirm.
    refused, missed : tuple of Count
        By risk rule, and by why the entry did not fill; the most frequent first.
    unconfirmed : tuple of Count
        By rule of the strategy; one breakout may fail several.
    newest : tuple of SignalBrief
        The last refused or missed signals, oldest first.
    """

    kind: Literal["overview"] = "overview"
    begin_ns: int
    end_ns: int
    complete: bool | None
    currency: str
    instruments: tuple[str, ...]
    signals: int
    approved: int
    traded: int
    unanswered: int
    breakouts: int
    refused: tuple[Count, ...]
    missed: tuple[Count, ...]
    unconfirmed: tuple[Count, ...]
    breakers: tuple[BreakerTotal, ...]
    newest: tuple[SignalBrief, ...]
    notes: tuple[str, ...]


def tell_run(history: History, facts: RunFacts) -> Overview:
    """Return the overview of a journal."""
    periods, trades = breaker_periods(history), history.trades()
    outcomes = {name: outcome_of(history, name, periods, trades.get(name, ())) for name in history.signals}
    lost = [(name, one) for name, one in outcomes.items() if one.verdict in ("refused", "missed")]
    newest = [history.signals[name].what for name, _ in lost[-NEWEST:]]
    return Overview(
        begin_ns=history.begin_ns,
        end_ns=history.end_ns,
        complete=history.complete,
        currency=facts.currency,
        instruments=tuple(sorted({*history.instruments, *facts.instruments})),
        signals=len(outcomes),
        approved=sum(one.what.approved for one in history.answers.values()),
        traded=sum(one.verdict in ("open", "closed") for one in outcomes.values()),
        unanswered=sum(one.verdict == "unanswered" for one in outcomes.values()),
        breakouts=len(history.near),
        refused=_counts(_stamped(history, lost, "refused")),
        missed=_counts(_stamped(history, lost, "missed")),
        unconfirmed=_counts((name, near.ts_ns) for near in history.near for name in refusing(near, facts.config)),
        breakers=_totals(periods, history),
        newest=tuple(brief_of(history, one, periods, facts.currency) for one in newest),
        notes=_notes(history, facts),
    )


def _stamped(history: History, lost: Iterable[tuple[str, Outcome]], verdict: str) -> Iterator[tuple[str, int]]:
    for name, one in lost:
        if one.verdict == verdict:
            yield one.rule, history.signals[name].what.ts_ns


def _counts(seen: Iterable[tuple[str, int]]) -> tuple[Count, ...]:
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for name, ts_ns in seen:
        counts[name] += 1
        last[name] = max(ts_ns, last.get(name, 0))
    return tuple(Count(name=name, count=count, last_ns=last[name]) for name, count in counts.most_common())


def _totals(periods: Sequence[BreakerPeriod], history: History) -> tuple[BreakerTotal, ...]:
    by_name: dict[str, list[BreakerPeriod]] = {}
    for one in periods:
        by_name.setdefault(one.breaker, []).append(one)
    gravest_first = [name for name in BY_NAME if name in by_name] + [name for name in by_name if name not in BY_NAME]
    return tuple(_total(by_name[name], history) for name in gravest_first)


def _total(periods: Sequence[BreakerPeriod], history: History) -> BreakerTotal:
    span_ns = history.end_ns - history.begin_ns
    closed_ns = sum((history.end_ns if one.until_ns is None else one.until_ns) - one.since_ns for one in periods)
    return BreakerTotal(
        breaker=periods[-1].breaker,
        times=len(periods),
        closed_frac=closed_ns / span_ns if span_ns > 0 else math.nan,
        last=periods[-1],
        is_closed=periods[-1].until_ns is None,
    )


def _notes(history: History, facts: RunFacts) -> tuple[str, ...]:
    notes = []
    if facts.config is None:
        notes.append(f"which rules did not confirm a breakout is not known: {facts.fault}")
    if history.is_cut:
        notes.append("the last line of the journal is cut short: the run was killed")
    elif history.complete is None:
        notes.append("the journal has no RUN_ENDED: the run was killed, is under way, or is of an older version")
    elif not history.complete:
        notes.append("the run was interrupted: this is a part of it")
    return tuple(notes)
