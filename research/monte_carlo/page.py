"""The page of a Monte Carlo: one HTML file that asks the network for nothing, in the look of a run's report."""

from pathlib import Path

from research.monte_carlo import sections
from research.monte_carlo.charts import build_payload
from research.monte_carlo.study import Outcome, Study
from research.report.markup import Html, join, section, tag
from research.report.page import ASSETS as REPORT_ASSETS
from research.report.page import CSP, plotly_text

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (REPORT_ASSETS / "payload.js", REPORT_ASSETS / "theme.js", ASSETS / "monte_carlo.js")
NAV = ("results", "fans", "distributions", "ruin", "milestones", "income", "notes")


def render(outcome: Outcome) -> str:
    """Return the page as text: the same for the same outcome."""
    study = outcome.study
    main = tag(
        "main",
        sections.header(study),
        sections.results_section(study),
        sections.fans_section(),
        sections.distributions_section(),
        sections.ruin_section(study),
        sections.milestones_section(study),
        sections.income_section(study),
        section("notes", "Notes", Html((ASSETS / "notes.html").read_text("utf-8"))),
    )
    data = [_blob("plotly-gz", plotly_text()), _blob("data-gz", build_payload(outcome).encode())]
    script = tag("script", Html("\n".join(file.read_text("utf-8") for file in SCRIPTS)))
    body = tag("body", _nav(study), main, *data, script)
    return "<!doctype html>\n" + tag("html", _head(study), body, lang="en") + "\n"


def _head(study: Study) -> Html:
    return join(
        [
            Html('<head><meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{CSP}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'),
            tag("title", f"Monte Carlo {study.run_name}"),
            tag("style", Html((REPORT_ASSETS / "page.css").read_text("utf-8"))),
            Html("</head>"),
        ]
    )


def _nav(study: Study) -> Html:
    shown = [name for name in NAV if name != "income" or study.methods["block"].income]
    links = [tag("a", name.capitalize(), href=f"#{name}") for name in shown]
    marks = [
        tag("span", text, class_="pill no")
        for text, wrong in (("partial run", not study.complete), ("unreliable", not study.reliable))
        if wrong
    ]
    return tag("nav", tag("div", tag("b", "tidebreak"), *links, *marks))


def _blob(anchor: str, text: str) -> Html:
    return Html(f'<script type="text/plain" id="{anchor}">{text}</script>\n')
