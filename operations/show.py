"""The picture on one screen."""

import math

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitoring.journal import iso_utc
from operations.picture import Picture, Position, Row, Unit


def show(picture: Picture, console: Console) -> None:
    """Print breakers, limits and positions."""
    parts: list[object] = [_head(picture), _rows("Breakers", picture.breakers)]
    parts.append(_rows(f"Limits ({picture.currency})", picture.limits))
    parts.append(Text("asked of each entry: " + ", ".join(f"{k} {v:g}" for k, v in picture.per_entry.items()), "dim"))
    if picture.positions:
        parts.append(_positions(picture))
    if picture.reservations:
        parts.append(Text("reserved: " + ", ".join(f"{k} {v:,.2f}" for k, v in picture.reservations.items())))
    if picture.owners:
        parts.append(_owners(picture))
    if picture.ledger_fault:
        parts.append(Text(f"shared ledger: {picture.ledger_fault}", "bold red"))
    parts += [
        Text(f"waiting: {one.action} {one.breaker} by {one.operator}: {one.reason}", "yellow")
        for one in picture.waiting
    ]
    console.print(Group(*parts))  # type: ignore[arg-type]  # every part is a renderable


def _head(picture: Picture) -> Panel:
    closed = [row.name for row in picture.breakers if row.closed]
    state = (
        Text("ENTRIES HALTED: " + ", ".join(closed), "bold red") if closed else Text("entries allowed", "bold green")
    )
    if not picture.breakers_on:
        state = Text("BREAKERS OFF (research only)", "bold red")
    money = picture.currency
    lines = [
        state,
        Text(
            f"equity {_amount(picture.equity)} {money}   peak {_amount(picture.peak)}   "
            f"day opened at {_amount(picture.day_open)}   week at {_amount(picture.week_open)}"
        ),
        Text(
            f"seen {iso_utc(picture.seen_ns)[:19]}Z   size x {picture.size_factor:g}   "
            f"system {'running' if picture.running else 'stopped'}",
            "dim",
        ),
    ]
    return Panel(Group(*lines), title=picture.name, title_align="left")


def _rows(title: str, rows: tuple[Row, ...]) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for name, justify in (("", "left"), ("Now", "right"), ("Cap", "right"), ("Headroom", "right"), ("", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # two of rich's words
    for row in rows:
        style = "bold red" if row.closed else "yellow" if row.headroom <= 0.0 < row.cap else ""
        table.add_row(
            f"{row.name} CLOSED" if row.closed else row.name,
            _value(row.value, row.unit),
            _value(row.cap, row.unit),
            "none" if row.closed else _value(row.headroom, row.unit),
            row.note,
            style=style,
        )
    return table


def _positions(picture: Picture) -> Table:
    table = Table(title=f"Trades ({len(picture.positions)})", title_justify="left")
    for name in ("Instrument", "Side", "Phase", "Quantity", "Entry", "Stop", f"Risk {picture.currency}"):
        table.add_column(name, justify="left" if name in ("Instrument", "Side", "Phase") else "right")
    for one in picture.positions:
        table.add_row(*_cells(one))
    return table


def _owners(picture: Picture) -> Table:
    table = Table(title="Processes on this account", title_justify="left")
    for name in ("Owner", "Venue account", "Alive", "Last word", "Claims", f"Risk {picture.currency}", "Equity"):
        table.add_column(name, justify="left" if name in ("Owner", "Venue account", "Alive") else "right")
    for one in picture.owners:
        alive = Text("yes", "green") if one.alive else Text("no", "bold red")
        age = f"{one.lease_age_secs:.1f} s ago"
        table.add_row(one.owner, one.venue_account, alive, age, str(one.claims), _amount(one.risk), _amount(one.equity))
    return table


def _cells(one: Position) -> list[str]:
    side = "LONG" if one.side > 0 else "SHORT"
    numbers = [f"{one.quantity:g}", f"{one.entry:g}", f"{one.stop:g}", _amount(one.risk)]
    return [one.instrument_id, side, one.phase, *numbers]


def _value(value: float, unit: Unit) -> str:
    if math.isnan(value):
        return "n/a"
    if unit == "frac":
        return f"{value:.2%}"
    return f"{value:g}" if unit == "count" else _amount(value)


def _amount(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:,.2f}"
