"""What each breaker did, and every time it was closed: the charts' shading as text."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from research.report.breaker_spans import (
    BreakerEvent,
    BreakerSpan,
    Ending,
    Level,
    closed_frac,
    level_of,
    plain,
)
from research.report.markup import Html, esc, join, table, tag
from research.report.numbers import compact, duration, percent, stamp

MAX_TRIPS = 500
OPEN_UP_TO = 12
HOUR_NS = 3_600_000_000_000
FRACTIONS = frozenset({"daily_loss", "weekly_loss", "drawdown", "api_errors"})
BREAKER_HEAD = ("Breaker", "Tripped", "Time closed", "Entries refused", "First trip", "Last trip", "Opened again")
TRIP_HEAD = ("Breaker", "Tripped (UTC)", "Until (UTC)", "Closed for", "Observed", "Limit", "How it ended")


def breaker_table(spans: Sequence[BreakerSpan], refused: Mapping[str, int], span_ns: tuple[int, int]) -> Html:
    """Return one row per breaker that tripped or refused, the gravest first, and what they stopped together.

    Parameters
    ----------
    refused : mapping of rule to count
        Refused entries of the whole run.
    span_ns : (first, last)
        The run, nanoseconds UTC.
    """
    names = {span.breaker for span in spans}
    ranked = sorted(names, key=lambda name: (-level_of(name), name))
    rows = [
        [_name(name), *_cells([span for span in spans if span.breaker == name], refused.get(name, 0), span_ns)]
        for name in ranked
    ]
    halts = [span for span in spans if span.level > Level.SMALLER_SIZE]
    if len({span.breaker for span in halts}) > 1:
        total = sum(refused.get(name, 0) for name in {span.breaker for span in halts})
        rows.append([tag("td", tag("b", "Any that stops entries")), *_cells(halts, total, span_ns)])
    return table(BREAKER_HEAD, rows, class_="breakers")


def trip_list(spans: Sequence[BreakerSpan]) -> Html:
    """Return every time a breaker was closed, folded when there are many; beyond 500 only the last 500."""
    shown = spans[-MAX_TRIPS:]
    title = "1 trip" if len(spans) == 1 else f"{len(spans):,} trips"
    if len(shown) < len(spans):
        title += f", the last {MAX_TRIPS:,} listed; breakers.parquet has them all"
    heads = tag("tr", *(tag("th", name, scope="col") for name in TRIP_HEAD))
    body = tag("tbody", *map(_trip_row, shown))
    box = tag("div", tag("table", tag("thead", heads), body, class_="trips"), class_="scroll tall", tabindex="0")
    unfolded = "open" if len(spans) <= OPEN_UP_TO else ""
    return tag("details", tag("summary", title), box, open=unfolded, class_="list")


def share(frac: float) -> str:
    """Return a share of time: no decimals from 10 % on, and never 0 for what is not.

    >>> share(0.414), share(0.0123), share(0.0001), share(0.0)
    ('41 %', '1.2 %', 'under 0.1 %', '0 %')
    """
    if 0.0 < frac < 0.001:
        return "under 0.1 %"
    return percent(frac, 0 if frac >= 0.0995 or frac == 0.0 else 1)


def _cells(spans: Sequence[BreakerSpan], refused: int, span_ns: tuple[int, int]) -> list[object]:
    begins = [span.begin_ns for span in spans]
    return [
        f"{sum(len(span.trips) for span in spans):,}",
        share(closed_frac(spans, *span_ns)),
        "–" if spans[0].level is Level.SMALLER_SIZE else f"{refused:,}",
        _stamp(min(begins)),
        _stamp(max(begins)),
        endings(spans),
    ]


def endings(spans: Sequence[BreakerSpan]) -> str:
    """Return how often it opened by itself, after an approval, by hand; and whether it is closed still."""
    counts = Counter(span.ending for span in spans)
    counted = [f"{ending} {counts[ending]:,}" for ending in Ending if counts[ending] and ending is not Ending.NEVER]
    return ", ".join(counted + ([Ending.NEVER.value] if counts[Ending.NEVER] else []))


def _name(breaker: str) -> Html:
    note = tag("small", "smaller size, entries go on") if level_of(breaker) is Level.SMALLER_SIZE else ""
    return tag("td", tag("i", class_=f"swatch halt-{int(level_of(breaker))}"), plain(breaker), note)


def _trip_row(span: BreakerSpan) -> Html:
    """Return a row without closing ``td`` tags, which HTML does not need: 500 rows by 7 cells add up."""
    trip = span.trips[0]
    values = (
        plain(span.breaker),
        _stamp(span.begin_ns),
        "–" if span.ending is Ending.NEVER else _stamp(span.end_ns),
        duration((span.end_ns - span.begin_ns) / HOUR_NS),
        _size(span.breaker, trip.observed),
        _size(span.breaker, trip.limit),
        how_it_ended(span),
    )
    return Html("<tr>" + join(Html(f"<td>{esc(value)}") for value in values))


def how_it_ended(span: BreakerSpan) -> str:
    """Return in words what closed it again and again, what opened it, and whose hand it was."""
    trip = span.trips[0]
    parts = [f"tripped by {_hand(trip)}"] if trip.operator else []
    if len(span.trips) > 1:
        parts.append(f"tripped {len(span.trips)} times")
    ending = span.ending.value
    if span.hand is not None:
        ending = f"{ending}, approved by" if span.ending is Ending.NEVER else f"{ending},"
        ending += f" {_hand(span.hand)}"
    return "; ".join([*parts, ending])


def _hand(event: BreakerEvent) -> str:
    return ": ".join(text for text in (event.operator or "operator not named", event.reason) if text)


def _size(breaker: str, value: float) -> str:
    if breaker == "kill_switch" or not math.isfinite(value):
        return "–"
    return percent(value) if breaker in FRACTIONS and abs(value) <= 1.0 else compact(value)


def _stamp(ts_ns: int) -> str:
    return stamp(datetime.fromtimestamp(ts_ns // 1_000_000_000, UTC))
