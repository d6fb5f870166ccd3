"""Build HTML from values: whatever is not already markup is escaped."""

import html
from collections.abc import Iterable


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def esc(value: object) -> Html:
    """Return ``value`` as text that is safe in HTML, inside quoted attributes too; `Html` passes unchanged.

    >>> esc("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Return an element; ``class_`` is written ``class``, ``data_i`` as ``data-i``, an empty attribute is left out.

    >>> tag("td", "a < b", class_="n", data_i=3)
    '<td class="n" data-i="3">a &lt; b</td>'
    """
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value != "")
    opening = "".join(f' {key}="{esc(value)}"' for key, value in pairs)
    return Html(f"<{name}{opening}>{join(children)}</{name}>")


def join(parts: Iterable[object]) -> Html:
    """Return the parts one after the other, each escaped unless it is markup."""
    return Html("".join(map(esc, parts)))


def table(head: Iterable[str], rows: Iterable[Iterable[object]], text_columns: int = 1, class_: str = "") -> Html:
    """Return a table in a box that scrolls sideways; columns after the first ``text_columns`` are right-aligned.

    A row may hold ready ``td`` elements (`Html` that starts with ``<td``) or values.
    """
    heads = [tag("th", name, scope="col", class_="n" if i >= text_columns else "") for i, name in enumerate(head)]
    body = [tag("tr", *(cell(value, i >= text_columns) for i, value in enumerate(row))) for row in rows]
    inner = join([tag("thead", tag("tr", *heads)), tag("tbody", *body)])
    return tag("div", tag("table", inner, class_=class_), class_="scroll")


def cell(value: object, is_number: bool) -> Html:
    """Return one ``td``; a ready one passes unchanged."""
    if isinstance(value, Html) and value.startswith("<td"):
        return value
    return tag("td", value, class_="n" if is_number else "")


def signed(text: str, value: float) -> Html:
    """Return a number coloured by its sign; the sign itself is in the text."""
    return tag("span", text, class_="gain" if value > 0 else "loss" if value < 0 else "")


def section(anchor: str, title: str, *children: object, lead: object = "") -> Html:
    """Return a titled part of the page with an optional sentence under its heading."""
    intro = tag("p", lead, class_="lead") if lead else ""
    return tag("section", tag("h2", title), intro, *children, id=anchor)
