"""The comparison as one page in the look of a run's report; it asks the network for nothing."""

from collections.abc import Sequence
from pathlib import Path

from errors import ConfigError
from research.comparison.chart import build_payload
from research.comparison.runs import Compared, cautions
from research.comparison.sections import figures_section, runs_table, settings_section, trades_section
from research.comparison.verdict import loses, verdict
from research.report.markup import Html, join, section, tag
from research.report.page import ASSETS, CSP, plotly_text

OWN = Path(__file__).parent / "assets"
SCRIPTS = (ASSETS / "payload.js", ASSETS / "theme.js", OWN / "compare.js")
NAV = (("equity", "Equity"), ("figures", "Figures"), ("settings", "Configuration"), ("trades", "Trades"))
STYLE = """.other { font-weight: 600; } td code { font-size: .84rem; }
.figures-table td, .figures-table th { min-width: 8rem; }"""


def write_comparison(path: Path, runs: Sequence[Compared]) -> Path:
    """Write the page and return its path.

    Raises
    ------
    ConfigError
        The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(runs), "utf-8")
    except OSError as error:
        raise ConfigError(f"--out {path}: cannot be written ({error.strerror})") from error
    return path


def render(runs: Sequence[Compared]) -> str:
    """Return the page as text."""
    notes = [tag("li", text) for text in cautions(runs)]
    main = tag(
        "main",
        tag("p", f"Comparison of {len(runs)} runs", class_="eyebrow"),
        tag("h1", verdict(runs), class_="loss" if all(map(loses, runs)) else ""),
        tag("div", tag("ul", *notes), class_="banner") if notes else "",
        runs_table(runs),
        _equity_section(),
        figures_section(runs),
        settings_section(runs),
        trades_section(runs),
    )
    blobs = [_blob("plotly-gz", plotly_text()), _blob("data-gz", build_payload(runs).encode())]
    script = tag("script", Html("\n".join(path.read_text("utf-8") for path in SCRIPTS)))
    return "<!doctype html>\n" + tag("html", _head(runs), tag("body", _nav(), main, *blobs, script), lang="en") + "\n"


def _head(runs: Sequence[Compared]) -> Html:
    names = " against ".join(one.run.name for one in runs)
    return join(
        [
            Html('<head><meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{CSP}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'),
            tag("title", names),
            tag("style", Html((ASSETS / "page.css").read_text("utf-8") + STYLE)),
            Html("</head>"),
        ]
    )


def _nav() -> Html:
    links = [tag("a", name, href=f"#{anchor}") for anchor, name in NAV]
    return tag("nav", tag("div", tag("b", "tidebreak"), *links))


def _equity_section() -> Html:
    chart = tag("div", id="growth-chart", class_="chart tall", role="img", aria_label="Equity of the runs")
    lead = "Gain over each account's own start equity, open positions at mark, and the distance below the last peak."
    return section("equity", "Equity and drawdown", chart, lead=lead)


def _blob(anchor: str, text: str) -> Html:
    return Html(f'<script type="text/plain" id="{anchor}">{text}</script>\n')
