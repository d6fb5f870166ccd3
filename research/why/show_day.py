"""The story of a day on a terminal."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from research.report.numbers import price
from research.why.brief import SignalBrief
from research.why.day import Breakout, DayStory, Position
from research.why.pieces import BAD, grid, items, lines, notes, page, titled
from research.why.show_signal import breaker_items
from research.why.texts import Account, amount, clock, side_of
from risk.breakers.state import DAY_NS


def show_day(story: DayStory) -> RenderableType:
    """Return the page of one instrument on one day."""
    account = Account(story.currency)
    head: list[str | Text] = [
        Text(f"{story.instrument_id} on {story.day}", style="bold"),
        f"from {clock(story.begin_ns)} to {clock(story.end_ns)} UTC, both included: times are those of bar closes",
        Text(),
        Text(story.headline, style="bold green" if story.entered else BAD),
    ]
    return page(
        lines(head),
        notes(story.notes),
        titled("Breakouts that were not confirmed", _breakouts(story.breakouts, story.begin_ns)),
        titled("Signals", signals_table(story.signals, story.begin_ns)),
        titled("Positions", items([_position(one, account) for one in story.positions])),
        titled("Breakers closed on the day", breaker_items(story.breakers, account)),
    )


def _breakouts(breakouts: Sequence[Breakout], begin_ns: int) -> RenderableType | None:
    if not breakouts:
        return None
    table = grid("UTC", "Side", "Why not")
    for one in breakouts:
        table.add_row(_time(one.ts_ns, begin_ns), side_of(one.side), one.text or "not known")
    return table


def signals_table(signals: Sequence[SignalBrief], begin_ns: int | None = None) -> RenderableType | None:
    """Return signals with what became of them, each with its id on a line of its own: it must be copied whole.

    ``begin_ns`` is the begin of the day that they are all on; times are whole without it.
    """
    if not signals:
        return None
    table = grid("UTC", "What became of it")
    for one in signals:
        said = f"{side_of(one.side)}, score {one.score}: {one.text}"
        what = Text(f"{said}\n{one.signal_id}")
        what.stylize("dim", len(said))
        table.add_row(clock(one.ts_ns) if begin_ns is None else _time(one.ts_ns, begin_ns), what)
    return table


def _position(one: Position, account: Account) -> tuple[str, list[str]]:
    begin = f"{side_of(one.side)} from {clock(one.since_ns)} at {price(one.entry)}"
    if one.until_ns is None or one.net is None:
        return one.signal_id, [f"{begin}, open when the journal ends"]
    return one.signal_id, [f"{begin} to {clock(one.until_ns)}, {one.reason}, net {amount(one.net, account, plus=True)}"]


def _time(ts_ns: int, begin_ns: int) -> str:
    return "24:00" if ts_ns == begin_ns + DAY_NS else clock(ts_ns)[11:]
