"""Heat, refusals and breakers: what the limits did in this run."""

from collections.abc import Sequence

import numpy as np

from research.report.breaker_spans import BreakerSpan, Level, closed_frac, plain
from research.report.markup import Html, section, tag
from research.report.numbers import number
from research.report.refusal_bars import refused_entries
from research.report.risk_tables import breaker_table, share, trip_list
from research.report.run import Run

OFF = "Breakers were off: research only. "
OFF_MEANS = "No loss limit stopped an entry, so these results are not those of an account that keeps the rules."
SHADES = (
    "Colours as in the equity chart. While a breaker is closed open positions keep their stops and targets; "
    "a drawdown shutdown closes them."
)


def risk_section(run: Run, spans: Sequence[BreakerSpan]) -> Html:
    """Return the heat and refusal charts and the tables of breakers, each with a sentence where there is nothing."""
    lead = f"{heat_sentence(run)} {breaker_sentence(run, spans)}".strip().replace(" %", "\N{NO-BREAK SPACE}%")
    return section("risk", "Risk", off_banner(run), _heat(run), _refusals(run), *_breakers(run, spans), lead=lead)


def off_banner(run: Run) -> Html:
    """Return the banner of a run without breakers; empty for the others."""
    return Html("") if run.breakers_on else tag("p", tag("strong", OFF), OFF_MEANS, class_="banner")


def heat_sentence(run: Run) -> str:
    """Return how much was at risk on average and at most, beside the cap."""
    heat = run.equity["heat_frac"].to_numpy(np.float64)
    if not np.isfinite(heat).any():
        return "No heat was recorded."
    peak, cap = float(np.nanmax(heat)), run.max_heat_frac
    if peak == 0.0:
        return "Nothing was at risk at any bar close."
    text = f"Heat was {_percent(float(np.nanmean(heat)))} of equity on average and {_percent(peak)} at its peak"
    if cap is None:
        return f"{text}; the configuration names no cap."
    if round(peak, 4) <= round(cap, 4):
        return f"{text}, cap {_percent(cap)}."
    return f"{text}, above the cap of {_percent(cap)}: the cap holds at entry, and equity can fall after it."


def breaker_sentence(run: Run, spans: Sequence[BreakerSpan]) -> str:
    """Return for how much of the run breakers stopped entries, which ones, and what that refused."""
    if not run.breakers_on:
        return ""
    if not run.records_breakers:
        return "This run recorded no breakers."
    halts = [span for span in spans if span.level > Level.SMALLER_SIZE]
    streaks = [span for span in spans if span.level is Level.SMALLER_SIZE]
    text = _halted(run, halts) if halts else "No breaker stopped entries."
    if run.simulates_operator and any(span.hand for span in spans):
        text += " The hand that reset them was simulated."
    if streaks:
        text += f" After losing streaks positions were smaller during {_share(run, streaks)} of the run."
    return text


def _halted(run: Run, halts: Sequence[BreakerSpan]) -> str:
    names = dict.fromkeys(span.breaker for span in halts)
    groups = [[span for span in halts if span.breaker == name] for name in names]
    groups.sort(key=lambda group: -sum(span.end_ns - span.begin_ns for span in group))
    listed = ", ".join(f"{plain(group[0].breaker)} {_share(run, group)} ({_times(group)})" for group in groups)
    refused = int(refused_entries(run.decisions)["rule"].isin(list(names)).sum())
    of_all = f"{refused:,} of {len(run.decisions):,} signals" if len(run.decisions) else "no signal"
    return f"Breakers stopped entries during {_share(run, halts)} of the run: {listed}. They refused {of_all}."


def _times(group: Sequence[BreakerSpan]) -> str:
    trips = sum(len(span.trips) for span in group)
    return "once" if trips == 1 else f"{trips:,} times"


def _share(run: Run, spans: Sequence[BreakerSpan]) -> str:
    return share(closed_frac(spans, *(run.span_ns or (0, 0))))


def _percent(frac: float) -> str:
    if 0.0 < frac < 0.00005:
        return "under 0.01 %"
    return number(100.0 * frac).rstrip("0").removesuffix(".") + " %"


def _heat(run: Run) -> Html:
    if not run.equity["heat_frac"].notna().any():
        return tag("p", "No heat to draw.", class_="empty")
    caption = "Open and reserved risk at each bar close, in per cent of equity; the peaks are kept."
    return _chart("heat-chart", "Portfolio heat", caption)


def _refusals(run: Run) -> Html:
    if len(run.decisions) == 0:
        return tag("p", "No signal reached the risk gate, so nothing was refused.", class_="empty")
    if run.decisions["approved"].astype(bool).all():
        return tag("p", "No entry was refused.", class_="empty")
    caption = "How many signals each rule turned away; the table under Signals has the limits."
    return _chart("refusal-chart", "Refused entries by rule", caption)


def _breakers(run: Run, spans: Sequence[BreakerSpan]) -> list[Html]:
    if not spans:
        return [tag("p", "No breaker tripped.", class_="empty")] if run.breakers_on and run.records_breakers else []
    counts = refused_entries(run.decisions)["rule"].value_counts()
    refused = {str(rule): int(count) for rule, count in counts.items()}
    rows = breaker_table(spans, refused, run.span_ns or (0, 0))
    return [tag("h3", "Breakers"), tag("p", SHADES, class_="lead"), rows, trip_list(spans)]


def _chart(anchor: str, title: str, caption: str) -> Html:
    drawing = tag("div", id=anchor, class_="chart short", role="img", aria_label=title)
    return tag("figure", tag("figcaption", tag("b", title), " ", tag("small", caption)), drawing)
