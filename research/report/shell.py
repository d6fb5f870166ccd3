"""What every page is put into: one HTML file that asks the network for nothing, with its charts' script and data."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from errors import StateError
from research.report.markup import Html, join, tag
from research.report.payload import compress_text

ASSETS = Path(__file__).parent / "assets"
CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "form-action 'none'; base-uri 'none'"
)


def render_page(
    title: str,
    main: Html,
    *,
    nav: Sequence[tuple[str, str]],
    marks: Sequence[str] = (),
    style: str,
    payload: str,
    scripts: Sequence[Path],
) -> str:
    """Return a page as text.

    Parameters
    ----------
    nav : sequence of (anchor, name)
    marks : sequence of str
        What is wrong with what the page is about, such as ``partial run``; shown beside the links.
    style : str
        Behind the style sheet that all pages share.
    payload : str
        Data of the charts, as ``payload.js`` reads it.
    scripts : sequence of Path

    Raises
    ------
    StateError
        When the installed plotly has no browser bundle.
    """
    blobs = [_blob("plotly-gz", plotly_text()), _blob("data-gz", payload)]
    script = tag("script", Html("\n".join(path.read_text("utf-8") for path in scripts)))
    body = tag("body", _nav(nav, marks), main, *blobs, script)
    return "<!doctype html>\n" + tag("html", _head(title, style), body, lang="en") + "\n"


def plotly_text() -> str:
    """Return plotly's browser bundle, compressed; found without importing plotly, which would cost start-up time."""
    spec = importlib.util.find_spec("plotly")
    roots = spec.submodule_search_locations if spec else None
    bundle = Path(roots[0]) / "package_data" / "plotly.min.js" if roots else None
    if bundle is None or not bundle.exists():
        raise StateError("plotly: package_data/plotly.min.js is missing; install plotly>=6 as in requirements.lock")
    return compress_text(bundle.read_bytes())


def _head(title: str, style: str) -> Html:
    return join(
        [
            Html('<head><meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{CSP}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'),
            tag("title", title),
            tag("style", Html((ASSETS / "page.css").read_text("utf-8") + style)),
            Html("</head>"),
        ]
    )


def _nav(links: Sequence[tuple[str, str]], marks: Sequence[str]) -> Html:
    shown = [tag("a", name, href=f"#{anchor}") for anchor, name in links]
    wrong = [tag("span", text, class_="pill no") for text in marks]
    return tag("nav", tag("div", tag("b", "tidebreak"), *shown, *wrong))


def _blob(anchor: str, text: str) -> Html:
    return Html(f'<script type="text/plain" id="{anchor}">{text}</script>\n')
