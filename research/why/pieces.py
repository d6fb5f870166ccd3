"""Stories on a terminal."""

from collections.abc import Sequence
from typing import Literal

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GOOD, BAD, DIM = "green", "bold red", "dim"


def mark(passed: bool | None, *, required: bool = True) -> Text:
    """Return a tick, a cross, a ring for what failed but is not required, a dot for what was not judged."""
    if passed is None:
        return Text("·", DIM)
    if not passed and not required:
        return Text("○", "yellow")
    return Text("✓", GOOD) if passed else Text("✗", BAD)


def grid(*columns: str, right: Sequence[str] = (), wrap: Sequence[str] = ()) -> Table:
    """Return a plain table; columns that hold numbers are named in ``right`` too, those that wrap in ``wrap``.

    When none is named the last one wraps.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in columns:
        side: Literal["left", "right"] = "right" if name in right else "left"
        table.add_column(name, justify=side, no_wrap=name not in (wrap or columns[-1:]), overflow="fold")
    return table


def items(pairs: Sequence[tuple[str, Sequence[str]]]) -> RenderableType | None:
    """Return names, each with indented lines below it; None when there are none."""
    if not pairs:
        return None
    parts: list[RenderableType] = []
    for name, below in pairs:
        parts.append(Text(name, no_wrap=True, overflow="ignore"))
        parts += [Padding(Text(line), (0, 0, 0, 2), expand=False) for line in below]
    return Group(*parts)


def page(*parts: RenderableType | None) -> Group:
    """Return parts with an empty line between them; what is None is left out."""
    shown = [part for part in parts if part is not None]
    spaced = [piece for part in shown for piece in (part, Text())]
    return Group(*spaced[:-1])


def titled(title: str, body: RenderableType | None) -> RenderableType | None:
    """Return a part with its title; nothing without a body."""
    return None if body is None else Group(Text(title, style="bold cyan"), body)


def lines(texts: Sequence[str | Text]) -> RenderableType | None:
    """Return lines of text, None when there are none."""
    return Group(*(Text(text) if isinstance(text, str) else text for text in texts)) if texts else None


def notes(texts: Sequence[str]) -> RenderableType | None:
    """Return notes a reader should not miss."""
    return lines([Text(f"note: {text}", style="yellow") for text in texts])
