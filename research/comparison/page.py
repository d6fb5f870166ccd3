"""The comparison as one page in the look of a run's report; it asks the network for nothing."""

from collections.abc import Sequence
from pathlib import Path

from errors import ConfigError
from research.comparison.chart import build_payload
from research.comparison.runs import Compared, cautions
from research.comparison.sections import figures_section, runs_table, settings_section, trades_section
from research.comparison.verdict import loses, verdict
from research.report.markup import Html, section, tag
from research.report.shell import ASSETS, render_page

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
    return render_page(
        " against ".join(one.run.name for one in runs),
        main,
        nav=NAV,
        style=STYLE,
        payload=build_payload(runs).encode(),
        scripts=SCRIPTS,
    )


def _equity_section() -> Html:
    chart = tag("div", id="growth-chart", class_="chart tall", role="img", aria_label="Equity of the runs")
    lead = "Gain over each account's own start equity, open positions at mark, and the distance below the last peak."
    return section("equity", "Equity and drawdown", chart, lead=lead)
