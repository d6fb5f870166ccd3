"""The page of a Monte Carlo: one HTML file that asks the network for nothing, in the look of a run's report."""

from pathlib import Path

from research.monte_carlo import sections
from research.monte_carlo.charts import build_payload
from research.monte_carlo.study import Outcome
from research.report.markup import Html, section, tag
from research.report.shell import ASSETS as REPORT_ASSETS
from research.report.shell import render_page

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
    shown = [name for name in NAV if name != "income" or study.methods["block"].income]
    wrong = (("partial run", not study.complete), ("unreliable", not study.reliable))
    return render_page(
        f"Monte Carlo {study.run_name}",
        main,
        nav=[(name, name.capitalize()) for name in shown],
        marks=[text for text, is_wrong in wrong if is_wrong],
        style="",
        payload=build_payload(outcome).encode(),
        scripts=SCRIPTS,
    )
