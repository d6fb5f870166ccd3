"""The breakers of a run as spans of time: closed from a trip until the breaker opens (Spec 5.4, 5.5)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

import pandas as pd

from research.run_metrics import to_ns


class Level(IntEnum):
    """How much a closed breaker stops, the gravest last."""

    SMALLER_SIZE = 0
    DAY = 1
    HALT = 2
    SHUTDOWN = 3


class Ending(StrEnum):
    """How a breaker came to be open again."""

    ITSELF = "by itself"
    APPROVED = "after approval"
    HAND = "by hand"
    NEVER = "still closed at the end"


class BreakerEvent(NamedTuple):
    """One row of ``breakers.parquet``."""

    ts_ns: int
    breaker: str
    kind: str
    observed: float
    limit: float
    operator: str
    reason: str


LEVELS = {
    "loss_streak": Level.SMALLER_SIZE,
    "daily_loss": Level.DAY,
    "drawdown": Level.SHUTDOWN,
    "kill_switch": Level.SHUTDOWN,
}


def level_of(breaker: str) -> Level:
    """Return what a closed breaker stops; one that is not known here halts entries."""
    return LEVELS.get(breaker, Level.HALT)


def plain(breaker: str) -> str:
    """Return a breaker's name in words.

    >>> plain("daily_loss")
    'daily loss'
    """
    return breaker.replace("_", " ")


@dataclass(frozen=True, slots=True)
class BreakerSpan:
    """One time that a breaker was closed.

    Attributes
    ----------
    trips : BreakerEvent, one or more
        What closed it, and every further trip while it was closed.
    end_ns : int
        When it opened, nanoseconds UTC; the end of the run when it did not.
    hand : BreakerEvent or None
        The reset or the approval, with operator and reason.
    """

    trips: tuple[BreakerEvent, ...]
    end_ns: int
    ending: Ending
    hand: BreakerEvent | None = None

    @property
    def breaker(self) -> str:
        """Return the breaker's name."""
        return self.trips[0].breaker

    @property
    def begin_ns(self) -> int:
        """Return when it closed, nanoseconds UTC."""
        return self.trips[0].ts_ns

    @property
    def level(self) -> Level:
        """Return how much it stops."""
        return level_of(self.breaker)


def breaker_spans(events: pd.DataFrame, run_end_ns: int) -> list[BreakerSpan]:
    """Return every time a breaker was closed, in order of its beginning.

    Parameters
    ----------
    events : DataFrame
        Rows of ``breakers.parquet`` in any order; of rows with the same time the first comes first. Warnings, and an
        opening of a breaker that is open, mean nothing here.
    run_end_ns : int
        Where a breaker that never opened ends, nanoseconds UTC.
    """
    by_name: dict[str, list[BreakerEvent]] = {}
    for event in _in_order(events):
        by_name.setdefault(event.breaker, []).append(event)
    spans = [span for of_one in by_name.values() for span in _spans_of(of_one, run_end_ns)]
    return sorted(spans, key=lambda span: span.begin_ns)


def closed_frac(spans: Iterable[BreakerSpan], begin_ns: int, end_ns: int) -> float:
    """Return the share of a time during which at least one of the spans held; NaN for no time at all."""
    closed, reached = 0, begin_ns
    for span in sorted(spans, key=lambda span: span.begin_ns):
        until = min(span.end_ns, end_ns)
        closed += max(0, until - max(span.begin_ns, reached))
        reached = max(reached, until)
    return closed / (end_ns - begin_ns) if end_ns > begin_ns else float("nan")


def _in_order(events: pd.DataFrame) -> Iterator[BreakerEvent]:
    texts = events[["operator", "reason"]].astype("object").fillna("")
    columns: tuple[Sequence[object], ...] = (
        to_ns(events["ts"]).tolist(),
        *(events[name].tolist() for name in ("breaker", "kind", "observed", "limit")),
        *(texts[name].tolist() for name in texts),
    )
    rows = (BreakerEvent(*row) for row in zip(*columns, strict=True))
    yield from sorted(rows, key=lambda event: event.ts_ns)


def _spans_of(events: Iterable[BreakerEvent], run_end_ns: int) -> Iterator[BreakerSpan]:
    """Yield the spans of one breaker; a trip while it is closed takes an approval back."""
    trips: tuple[BreakerEvent, ...] = ()
    approval: BreakerEvent | None = None
    for event in events:
        if event.kind == "TRIPPED":
            trips, approval = (*trips, event), None
        elif trips and event.kind == "APPROVED":
            approval = event
        elif trips and event.kind == "RESET":
            yield BreakerSpan(trips, event.ts_ns, Ending.HAND, event)
            trips, approval = (), None
        elif trips and event.kind == "OPENED":
            yield BreakerSpan(trips, event.ts_ns, Ending.APPROVED if approval else Ending.ITSELF, approval)
            trips, approval = (), None
    if trips:
        yield BreakerSpan(trips, max(run_end_ns, trips[-1].ts_ns), Ending.NEVER, approval)
