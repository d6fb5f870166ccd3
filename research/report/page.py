"""Put the page together: markup first, then data and scripts, all in one file that asks the network for nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from research.report.breakdown import breakdown_section
from research.report.breaker_spans import breaker_spans
from research.report.chart_data import BUDGET_BARS, build_payload
from research.report.costs import costs_section
from research.report.hold import compute_hold
from research.report.kpis import kpi_section
from research.report.markup import Html, section, tag
from research.report.months import months_section
from research.report.overview import header
from research.report.prices import PriceSeries
from research.report.risk import risk_section
from research.report.risk_data import add_risk
from research.report.run import Run, load_run
from research.report.shell import ASSETS, render_page
from research.report.signals import signals_section
from research.report.trade_list import trades_section

if TYPE_CHECKING:
    from research.attribution.attribute import Attribution

STYLE = "attribution.css"
SCRIPTS = (
    "payload.js",
    "theme.js",
    "breakers.js",
    "equity.js",
    "risk.js",
    "candles.js",
    "price.js",
    "spread.js",
    "trade_list.js",
    "start.js",
)
NAV = (
    ("targets", "Targets"),
    ("equity", "Equity"),
    ("benchmarks", "Benchmarks"),
    ("months", "Months"),
    ("risk", "Risk"),
    ("prices", "Prices"),
    ("trades", "Trades"),
    ("breakdown", "Breakdown"),
    ("conditions", "Conditions"),
    ("cliff", "Cliff"),
    ("costs", "Costs"),
    ("sensitivity", "Sensitivity"),
    ("signals", "Signals"),
    ("notes", "Notes"),
)


def write_report(run_dir: Path, *, prices: Mapping[str, PriceSeries], budget_bars: int = BUDGET_BARS) -> Path:
    """Write ``run_dir/report.html``, ``run_dir/attribution.json`` beside it, and return the page's path.

    Parameters
    ----------
    run_dir : Path
        Holds config.toml, metrics.json (`research.run_metrics.compute_metrics`, to which the runner may add
        ``complete`` (bool), ``warnings`` (texts), ``currency`` and ``facts`` (name to text, shown at the top)),
        signals, decisions, trades and equity parquet; ``stops.parquet`` (trade_id, ts, stop: the stop path of each
        trade) and ``breakers.parquet`` (ts, breaker, kind, observed, limit, operator, reason) if they are there.
    prices : mapping of instrument id to PriceSeries
        Signal bars of each instrument; also the buy-and-hold benchmark. May be empty.
    budget_bars : int
        Candles that the page carries in all; beyond it bars far from any trade are merged.

    Raises
    ------
    StateError
        When the installed plotly has no browser bundle.
    """
    from research.attribution.attribute import attribute, write_attribution  # noqa: PLC0415 - only who writes a page

    run = load_run(run_dir)
    attribution = attribute(run, prices)
    write_attribution(run_dir, attribution)
    path = run_dir / "report.html"
    path.write_text(render(run, prices, attribution, budget_bars), "utf-8")
    return path


def render(
    run: Run, prices: Mapping[str, PriceSeries], attribution: "Attribution", budget_bars: int = BUDGET_BARS
) -> str:
    """Return the page as text."""
    from research.report import attribution as sections  # noqa: PLC0415

    hold = compute_hold(run, prices)
    spans = breaker_spans(run.breakers, run.span_ns[1] if run.span_ns else 0)
    payload = build_payload(run, prices, hold, budget_bars)
    add_risk(payload, run, spans)
    main = tag(
        "main",
        header(run),
        kpi_section(run, hold),
        _equity_section(hold is not None, bool(spans)),
        sections.benchmarks_section(attribution),
        months_section(run),
        risk_section(run, spans),
        _prices_section(),
        trades_section(run),
        breakdown_section(run),
        sections.conditions_section(attribution),
        sections.cliff_section(attribution),
        costs_section(run),
        sections.sensitivity_section(attribution),
        signals_section(run),
        _notes(run),
    )
    return render_page(
        f"Backtest {run.name}",
        main,
        nav=NAV,
        marks=["partial run"] if run.metrics.get("complete") is False else [],
        style="\n" + (ASSETS / STYLE).read_text("utf-8"),
        payload=payload.encode(),
        scripts=[ASSETS / name for name in SCRIPTS],
    )


def _equity_section(has_hold: bool, has_spans: bool) -> Html:
    lead = "Equity with open positions at mark, and its distance below the last peak."
    lead += " Buy and hold is the dashed line." if has_hold else ""
    lead += " Shaded while a breaker was closed; the table is under Risk." if has_spans else ""
    return section(
        "equity", "Equity and drawdown", _drawing("equity-chart", "chart tall", "Equity and drawdown"), lead=lead
    )


def _prices_section() -> Html:
    picker = tag("select", id="instrument", aria_label="Instrument")
    steps = [
        tag("button", text, id=anchor, type="button")
        for anchor, text in (("previous", "← Previous trade"), ("next", "Next trade →"), ("whole", "Whole span"))
    ]
    controls = tag("div", picker, *steps, tag("output", id="trade-note"), class_="controls")
    lead = "Drag to zoom, double-click for the whole span. Candles stand at their close time, UTC."
    return section(
        "prices", "Prices and trades", controls, _drawing("price-chart", "chart tall", "Price and trades"), lead=lead
    )


def _drawing(anchor: str, class_: str, label: str) -> Html:
    return tag("div", id=anchor, class_=class_, role="img", aria_label=label)


def _notes(run: Run) -> Html:
    text = (ASSETS / "notes.html").read_text("utf-8").replace("{annual_days}", str(run.annual_days))
    config = tag("details", tag("summary", "The configuration of this run"), tag("pre", run.config_text))
    return section("notes", "Notes", Html(text), config)
