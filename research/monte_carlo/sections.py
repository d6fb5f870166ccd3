"""The tables of the page."""

from research.monte_carlo.console import capital_text
from research.monte_carlo.income import Need
from research.monte_carlo.study import Study
from research.monte_carlo.summary import Percentiles
from research.monte_carlo.wording import METHOD_NAMES, METHOD_NOTES, ROWS, Show, own_value
from research.report.markup import Html, join, section, table, tag
from research.report.numbers import money, number, percent


def header(study: Study) -> Html:
    """Return the verdict, what to know before believing it, and the facts."""
    pairs = [tag("div", tag("dt", name), tag("dd", value)) for name, value in _facts(study)]
    return tag(
        "header",
        tag("p", f"Monte Carlo of {study.run_name}", class_="eyebrow"),
        tag("h1", study.verdict.sentence.replace(" %", "\u00a0%"), class_=tone(study)),
        _banner(study),
        tag("dl", *pairs, class_="facts"),
    )


def tone(study: Study) -> str:
    """Return the colour of the verdict: good only where ruin is rare and 95 in 100 paths make money."""
    if not (study.verdict.passed and study.verdict.earns):
        return "loss"
    low = min(study.methods[name].percentiles["final_return_frac"].p05 or -1.0 for name in ("resample", "block"))
    return "gain" if low > 0.0 else ""


def _banner(study: Study) -> Html:
    rows = [tag("li", text) for text in (*study.verdict.reasons, *study.warnings)]
    if not rows:
        return Html("")
    title = "Not to be approved, and what to know" if study.verdict.reasons else "What to know before believing this"
    return tag("details", tag("summary", title), tag("ul", *rows), class_="banner soft", open="open")


def _facts(study: Study) -> list[tuple[str, str]]:
    return [
        ("Ruin limit (Spec 8.3)", "met" if study.verdict.passed else "not met"),
        ("Paths", f"{study.paths:,} of each method, seed {study.seed}"),
        ("Trades", f"{study.trades:,} in {number(study.years, 1)} years, {number(study.trades_per_year, 1)} a year"),
        ("Mean block", f"{number(study.block_trades, 1)} trades ({study.block_rule})"),
        ("Start", f"{money(study.start_equity)} {study.currency}".strip()),
        ("This run", f"{percent(study.own_order.run_total_return_frac, plus=True)}, positions at mark"),
        ("Its max drawdown at mark", percent(study.own_order.run_max_drawdown_frac)),
        ("The same, closed trades only", percent(study.own_order.max_drawdown_frac)),
    ]


def results_section(study: Study) -> Html:
    """Return the percentiles of every method beside the run's own order."""
    rows: list[list[object]] = [
        [
            tag("b", label),
            own_value(study.own_order, key, show),
            *(_spread(one.percentiles[key], show) for one in study.methods.values()),
        ]
        for key, label, show in ROWS
    ]
    rows.append(["Paths that lose money", "", *(percent(one.loss_frac) for one in study.methods.values())])
    rows.append(["End below their own peak", "", *(percent(one.unrecovered_frac) for one in study.methods.values())])
    lead = "The median path, and under it the 5th to the 95th percentile. Spec 3.6 reorders, Spec 8.3 resamples."
    return section("results", "Results", table(["", "This run", *METHOD_NAMES.values()], rows), lead=lead)


def _spread(found: Percentiles, show: Show) -> Html:
    if show(found.p05) == show(found.p95):
        return tag("td", show(found.p50), tag("small", "fixed"), class_="n")
    return tag("td", show(found.p50), tag("small", f"{show(found.p05)} to {show(found.p95)}"), class_="n")


def ruin_section(study: Study) -> Html:
    """Return the ruin probability of every method with its confidence interval."""
    rows = []
    for name, one in study.methods.items():
        interval = f"{number(100.0 * one.ruin.ci_low)} to {percent(one.ruin.ci_high, 2)}"
        note = tag("small", METHOD_NOTES[name])
        rows.append([tag("td", METHOD_NAMES[name], note), percent(one.ruin.frac, 2), interval, _judged(study, name)])
    lead = (
        "Paths on which equity is under half of the start at the close of any trade (D38). Judged is the upper end of "
        "the interval, in the worse of resample and block: it must be under 2 % (Spec 8.3)."
    )
    head = ("Method", "Ruined", "95 % interval", "Judged")
    return section("ruin", "Ruin", table(head, rows), lead=lead)


def _judged(study: Study, name: str) -> object:
    if name != study.verdict.method:
        return ""
    met = study.verdict.observed_frac < study.verdict.limit_frac
    return tag("span", "✓ under 2 %" if met else "✗ not under 2 %", class_="pill ok" if met else "pill no")


def milestones_section(study: Study) -> Html:
    """Return how many paths reach each total return, and how many still have it at the end."""
    marks = study.methods["block"].milestones
    rows: list[list[object]] = []
    for row, mark in enumerate(marks):
        cells = []
        for one in study.methods.values():
            found = one.milestones[row]
            held = tag("small", f"{percent(found.held_at_end_frac)} at the end")
            cells.append(tag("td", percent(found.reached.frac), held, class_="n"))
        rows.append([percent(mark.return_frac, 0, plus=True), *cells])
    lead = f"Share of paths that reach a total return at any time within {study.trades:,} trades, and that hold it."
    return section("milestones", "Milestones", table(["Return", *METHOD_NAMES.values()], rows), lead=lead)


def income_section(study: Study) -> Html:
    """Return what capital each income takes; nothing where none was asked for."""
    if not study.methods["block"].income:
        return Html("")
    rows = [
        _income_row(need, study.currency, METHOD_NAMES[name])
        for name in ("resample", "block")
        for need in study.methods[name].income
    ]
    risk_frac = study.methods["block"].income[0].risk_frac
    head = ("Income", "Method", f"At {percent(risk_frac, 2)} risk: median", "95 % sure", "By tier: median", "95 % sure")
    lead = (
        "What is earned is taken out, so that returns add up and do not compound. 95 % sure: 95 in 100 paths earn the "
        "income on average over the whole span. By tier: larger accounts risk less per trade (Spec 11.3)."
    )
    return section("income", "Capital for an income", table(head, rows, text_columns=2), lead=lead)


def _income_row(need: Need, currency: str, method: str) -> list[object]:
    capitals = (need.median_capital, need.sure_capital, need.median_tier_capital, need.sure_tier_capital)
    return [f"{money(need.amount)} {currency} a {need.period}", method, *(capital_text(one) for one in capitals)]


def fans_section() -> Html:
    """Return the places of the three fan charts."""
    figures = [
        tag(
            "figure",
            tag("figcaption", tag("b", name), f": {METHOD_NOTES[key]}"),
            drawing(f"fan-{key}", f"{name} fan"),
            style="margin-bottom:1.4rem",
        )
        for key, name in METHOD_NAMES.items()
    ]
    lead = (
        "Equity as a share of the start, after each closed trade: the middle half of the paths is dark, 5th to 95th "
        "percentile light, the median solid. Dashed is this run. Below the lower line is ruin."
    )
    return section("fans", "Paths", join(figures), lead=lead)


def distributions_section() -> Html:
    """Return the places of the four distributions."""
    names = {
        "final_return_frac": "Final return",
        "max_drawdown_frac": "Max drawdown",
        "recovery_trades": "Recovery, trades",
        "sharpe": "Sharpe ratio of trades",
    }
    figures = [
        tag("figure", tag("figcaption", tag("b", name)), drawing(f"spread-{key}", name)) for key, name in names.items()
    ]
    lead = (
        "Share of paths; the outermost steps hold all that lies beyond. The dashed line is this run in its own order."
    )
    return section("distributions", "Distributions", tag("div", *figures, class_="pair"), lead=lead)


def drawing(anchor: str, label: str) -> Html:
    """Return the place of a chart."""
    return tag("div", id=anchor, class_="chart short", role="img", aria_label=label)
