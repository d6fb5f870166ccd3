"""The page of a walk-forward: one HTML file that asks the network for nothing, in the look of a run's report."""

from pathlib import Path

from research.report.markup import Html, section, tag
from research.report.numbers import number, percent
from research.report.shell import ASSETS as REPORT_ASSETS
from research.report.shell import render_page
from research.walk_forward import sections
from research.walk_forward.charts import build_payload
from research.walk_forward.result import Result
from research.walk_forward.study import Study

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (REPORT_ASSETS / "payload.js", REPORT_ASSETS / "theme.js", ASSETS / "walk_forward.js")
NAV = ("windows", "stitched", "scatter", "anchored", "stability", "choices", "luck", "final", "notes")
STYLE = """small.wrap { white-space: normal; min-width: 14rem; }
.windows td, .windows th, .choices td, .choices th { padding-inline: .5rem; }
.windows td:nth-child(5) { white-space: normal; min-width: 8.5rem; } .windows th:nth-child(5) { text-align: left; }
.windows td:last-child, .choices td:nth-child(5), .choices td:nth-child(9) { min-width: 15rem; white-space: normal; }
.windows th:last-child, .choices th:nth-child(5), .choices th:nth-child(9) { text-align: left; }"""


def render(study: Study) -> str:
    """Return the page as text: the same for the same study."""
    result = study.result
    main = tag(
        "main",
        sections.header(result),
        sections.windows_section("windows", "Rolling windows", _LEAD, result.windows),
        _chart("stitched", "Out-of-sample equity", _STITCHED, "tall"),
        _chart("scatter", "In and out of the sample", _SCATTER, "tall"),
        sections.windows_section("anchored", "Anchored windows", _anchored_lead(result), result.anchored.windows),
        sections.stability_section(result),
        sections.choices_section(result),
        sections.search_section(result),
        sections.final_section(result),
        section("notes", "Notes", Html((ASSETS / "notes.html").read_text("utf-8"))),
    )
    return render_page(
        f"Walk-forward {result.name}",
        main,
        nav=[(name, name.capitalize()) for name in NAV],
        marks=["short"] if result.short else [],
        style=STYLE,
        payload=build_payload(study).encode(),
        scripts=SCRIPTS,
    )


_LEAD = (
    "Parameters are chosen in the sample and tried on what came after it, in the engine. A window is accepted when "
    "the Sharpe ratio after it is at least 70 % of a positive one in it; all must be (D39). What is too good to be "
    "true is refused too."
)
_STITCHED = "Gain of who chose anew in every window, after costs: each window until the next one begins."
_SCATTER = "Each dot is a window. Accepted are those on or over the dashed line, right of zero."


def _anchored_lead(result: Result) -> str:
    good = sum(window.accepted for window in result.anchored.windows)
    total = result.anchored.stitched
    return (
        f"The same windows with everything before them in the sample, not judged: {good} of "
        f"{len(result.anchored.windows)} kept 70 %; stitched Sharpe ratio {number(total['sharpe'])}, "
        f"{percent(total['total_return_frac'], plus=True)} in all."
    )


def _chart(name: str, title: str, lead: str, height: str) -> Html:
    box = tag("div", id=f"{name}-chart", class_=f"chart {height}", role="img", aria_label=title)
    return section(name, title, box, lead=lead)
