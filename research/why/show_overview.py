"""The overview of a run on a terminal."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from research.report.numbers import percent
from research.why.overview import BreakerTotal, Count, Overview
from research.why.pieces import grid, lines, notes, page, titled
from research.why.show_day import signals_table
from research.why.texts import clock


def show_overview(story: Overview) -> RenderableType:
    """Return the page of a run."""
    return page(
        lines(_head(story)),
        notes(story.notes),
        titled("Signals refused, by risk rule", _counts("Rule", story.refused)),
        titled("Entries that did not fill", _counts("Why", story.missed)),
        titled(
            "Breakouts not confirmed, by rule of the strategy (one may fail several)",
            _counts("Rule", story.unconfirmed),
        ),
        titled("Breakers", _breakers(story.breakers)),
        titled("Newest that came to nothing", signals_table(story.newest)),
    )


def _head(story: Overview) -> list[str | Text]:
    refused = sum(one.count for one in story.refused)
    unanswered = f", {story.unanswered:,} unanswered" if story.unanswered else ""
    return [
        f"{clock(story.begin_ns)} to {clock(story.end_ns)} UTC; {', '.join(story.instruments)}",
        Text(),
        f"{story.breakouts + story.signals:,} breakouts: {story.breakouts:,} not confirmed, {story.signals:,} signals",
        f"{story.signals:,} signals: {refused:,} refused, {story.approved:,} approved{unanswered}",
        f"{story.approved:,} approved: {story.traded:,} traded, {sum(one.count for one in story.missed):,} not filled",
    ]


def _counts(name: str, counts: Sequence[Count]) -> RenderableType | None:
    if not counts:
        return None
    table = grid(name, "Times", "Last, UTC", right=("Times",))
    for one in counts:
        table.add_row(one.name, f"{one.count:,}", clock(one.last_ns))
    return table


def _breakers(totals: Sequence[BreakerTotal]) -> RenderableType | None:
    if not totals:
        return None
    table = grid("Breaker", "Closed", "Share", "Last, UTC", "Until, UTC", "Opened", right=("Closed", "Share"))
    for one in totals:
        until = clock(one.last.until_ns) if one.last.until_ns is not None else "still closed"
        row = (f"{one.times:,} ×", percent(one.closed_frac), clock(one.last.since_ns), until, one.last.ending)
        table.add_row(one.breaker, *row)
    return table
