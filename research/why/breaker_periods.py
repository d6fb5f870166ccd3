"""When breakers were closed: since when, at what value, and what opened them or would open them (Spec 5.4, 5.5)."""

from collections.abc import Sequence

import msgspec
import pandas as pd

from research.report.breaker_spans import BreakerSpan, Ending, breaker_spans
from research.why.history import History
from risk.breakers.catalogue import BY_NAME, LOSS_STREAK

COLUMNS = ("ts", "breaker", "kind", "observed", "limit", "operator", "reason")


class BreakerPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a breaker was closed.

    Attributes
    ----------
    until_ns : int, optional
        None: still closed at the end of the journal.
    observed, limit : float
        What closed it.
    ending : str
        How it opened; empty while it is closed.
    operator, reason : str
        Of the hand that reset or approved it; of the one that closed it, where that was a hand.
    action, opens : str
        What a closed one does, and what opens it.
    """

    breaker: str
    since_ns: int
    until_ns: int | None
    observed: float
    limit: float
    ending: str
    operator: str
    reason: str
    action: str
    opens: str

    def covers(self, ts_ns: int) -> bool:
        """Return whether it was closed at a moment; at the one at which it opens it is open."""
        return self.since_ns <= ts_ns and (self.until_ns is None or ts_ns < self.until_ns)


def breaker_periods(history: History) -> list[BreakerPeriod]:
    """Return every time a breaker was closed, in order of its beginning."""
    rows = [
        (one.ts_ns, one.breaker, one.kind, one.observed, one.limit, one.operator, one.reason)
        for one in history.breakers
    ]
    if not rows:
        return []
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["ts"] = pd.to_datetime(frame["ts"], unit="ns", utc=True)
    return [_period(span) for span in breaker_spans(frame, history.end_ns)]


def period_at(periods: Sequence[BreakerPeriod], breaker: str, ts_ns: int) -> BreakerPeriod | None:
    """Return the time that a breaker was closed at a moment; None when the journal does not have it."""
    return next((one for one in reversed(periods) if one.breaker == breaker and one.covers(ts_ns)), None)


def halting(periods: Sequence[BreakerPeriod], ts_ns: int) -> BreakerPeriod | None:
    """Return the breaker whose closing halted entries at a moment: the last one that closed up to then."""
    halts = [one for one in periods if one.since_ns <= ts_ns and one.breaker != LOSS_STREAK.name]
    return max(halts, key=lambda one: one.since_ns, default=None)


def _period(span: BreakerSpan) -> BreakerPeriod:
    known, trip = BY_NAME.get(span.breaker), span.trips[-1]
    hand = span.hand or trip
    open_again = span.ending is not Ending.NEVER
    return BreakerPeriod(
        breaker=span.breaker,
        since_ns=span.begin_ns,
        until_ns=span.end_ns if open_again else None,
        observed=trip.observed,
        limit=trip.limit,
        ending=span.ending if open_again else "",
        operator=hand.operator,
        reason=hand.reason,
        action=known.action if known else "",
        opens=known.reset if known else "",
    )
