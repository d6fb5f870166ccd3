"""The parts of the page."""

from collections.abc import Sequence

from research.report.markup import Html, section, table, tag
from research.report.numbers import compact, money, number, percent
from research.walk_forward.result import Result, Stability, TestedWindow
from research.walk_forward.space import Parameters, Value

OBJECTIVES = {
    "sharpe": "Sharpe ratio",
    "sortino": "Sortino ratio",
    "calmar": "Calmar ratio",
    "net": "net result",
    "expectancy_r": "expectancy in R",
}


def header(result: Result) -> Html:
    """Return the verdict, what to know before believing it, and the facts."""
    pairs = [tag("div", tag("dt", name), tag("dd", value)) for name, value in _facts(result)]
    rows = [tag("li", text) for text in result.warnings]
    summary = tag("summary", "What to know before believing this")
    banner = tag("details", summary, tag("ul", *rows), class_="banner soft", open="open") if rows else ""
    return tag(
        "header",
        tag("p", f"Walk-forward of {result.name}", class_="eyebrow"),
        tag(
            "h1",
            result.verdict.replace(" %", "\u00a0%").replace("-", "\u2011"),
            class_="gain" if result.accepted else "loss",
        ),
        banner,
        tag("dl", *pairs, class_="facts"),
    )


def _facts(result: Result) -> list[tuple[str, str]]:
    plan, tries = result.plan, result.tries
    lengths = plan.lengths
    refused = f"; {tries.refused:,} contradict themselves" if tries.refused else ""
    rule = "best mean of itself and its neighbours" if plan.choice == "plateau" else "best by itself"
    stitched = result.stitched
    return [
        ("Acceptance (D39)", "met" if result.accepted else "not met"),
        ("Candles", f"{len(result.instruments)} instruments, {result.signal}, {result.first} to {result.end}"),
        ("Windows", f"{lengths.in_months} months in, {lengths.out_months} out, every {lengths.step_months} months"),
        ("Tried", f"{tries.sets:,} sets of {tries.space:,} ({plan.sampler}, seed {plan.seed}){refused}"),
        ("Maximised", OBJECTIVES[plan.objective]),
        ("Choice", f"{plan.choice}: {rule}, at least {plan.min_trades} trades"),
        (
            "Out of sample, stitched",
            f"{percent(stitched['total_return_frac'], plus=True)} in {stitched['days']:,} days",
        ),
        ("Its Sharpe and drawdown", f"{number(stitched['sharpe'])}, {percent(stitched['max_drawdown_frac'])}"),
        ("Start of each window", f"{money(result.start_equity)} {result.currency}, flat"),
    ]


def windows_section(anchor: str, title: str, lead: str, windows: Sequence[TestedWindow]) -> Html:
    """Return the table of the windows."""
    head = (
        "Out of sample",
        "Sharpe in",
        "out",
        "kept",
        "Accepted",
        "Trades in, out",
        "Net out",
        "Drawdown",
        "Parameters",
    )
    rows = [_window_row(window) for window in windows]
    return section(anchor, title, table(head, rows, class_="windows"), lead=lead)


def _window_row(window: TestedWindow) -> list[object]:
    pill = tag("span", "✓" if window.accepted else "✗", class_="pill ok" if window.accepted else "pill no")
    why = tag("small", window.why_not) if window.why_not else ""
    return [
        tag("td", f"{window.oos_start} to {window.oos_end}", tag("small", f"chosen on {window.is_start} to then")),
        number(window.is_sharpe),
        number(window.oos_sharpe),
        percent(window.ratio, 0) if window.ratio is None or window.ratio > 0.0 else "none",
        tag("td", pill, why),
        f"{_count(window.is_trades)}, {_count(window.oos_trades)}",
        money(window.oos_net, plus=True),
        percent(window.oos_max_drawdown_frac),
        tag("td", parameters_text(window.parameters)),
    ]


def _count(value: int | None) -> str:
    return "n/a" if value is None else f"{value:,}"


def parameters_text(parameters: Parameters) -> str:
    """Return parameters in one line, without their tables' names."""
    return ", ".join(f"{key.rpartition('.')[2]} {value_text(value)}" for key, value in parameters.items())


def value_text(value: Value | None) -> str:
    """Return a value as a reader sees it."""
    if value is None:
        return "none"
    return compact(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value).lower()


def stability_section(result: Result) -> Html:
    """Return how steady the choices were."""
    anchored = {one.key: one for one in result.anchored.stability}
    rows = [_stability_row(one, anchored[one.key]) for one in result.stability]
    head = ("Parameter", "Values", "Rolling choices", "at the border", "Anchored choices", "at the border")
    chart = tag("div", id="stability-chart", class_="chart tall", role="img", aria_label="Chosen values over windows")
    lead = (
        "A parameter that jumps from window to window fits noise. A choice at the border of its range may have wanted "
        "a wider one."
    )
    return section("stability", "Parameter stability", chart, tag("p"), table(head, rows), lead=lead)


def _stability_row(one: Stability, anchored: Stability) -> list[object]:
    cells: list[object] = [one.key, len(one.values)]
    for found in (one, anchored):
        shown = " → ".join(value_text(value) for value in found.chosen)
        count = f"{found.distinct} {'value' if found.distinct == 1 else 'values'}"
        cells += [tag("td", count, tag("small", shown, class_="wrap")), f"{found.at_border} of {len(found.chosen)}"]
    return cells


def choices_section(result: Result) -> Html:
    """Return what the plain best would have done beside the plateau."""
    rows = []
    for window in result.windows:
        cells: list[object] = [str(window.oos_start)]
        for one in (window.plateau, window.best):
            cells += (
                ["n/a"] * 4 if one is None else [number(one.value), number(one.is_sharpe), number(one.oos_sharpe), ""]
            )
            if one is not None:
                cells[-1] = tag("td", parameters_text(one.parameters))
        rows.append(cells)
    head = (
        "Window",
        "Plateau: judged",
        "Sharpe in",
        "out",
        "parameters",
        "Best: judged",
        "Sharpe in",
        "out",
        "parameters",
    )
    judged = OBJECTIVES[result.plan.objective]
    lead = (
        f"Both rules in every rolling window, by {judged}, out of sample by the sweep; in use is: {result.plan.choice}."
    )
    return section("choices", "Plateau and plain best", table(head, rows, class_="choices"), lead=lead)


def search_section(result: Result) -> Html:
    """Return how much of the final choice luck explains."""
    stats = result.search
    if stats is None:
        return section("luck", "Luck", tag("p", "Not judged: nothing could be chosen in the last window."))
    rows = [
        ("Sets tried", f"{stats.trials:,}"),
        ("Independent ones among them, about", number(stats.effective_trials, 1)),
        ("Sharpe ratio of the final choice, longest sample", number(stats.sharpe)),
        ("Sharpe ratio that luck alone is expected to show", number(stats.expected_max_sharpe)),
        ("Deflated Sharpe probability (at least 95 %)", percent(stats.deflated_sharpe)),
        ("Overfitting probability (at most 20 %)", percent(stats.overfitting_probability)),
        ("SPA p-value (at most 0.05)", number(stats.spa_p, 3)),
        ("Reality check p-value", number(stats.reality_check_p, 3)),
    ]
    lead = (
        "Every set that was tried in any window counts, on the longest sample (from the first candle to the begin of "
        "the last out-of-sample window). The final choice was made on its last part."
    )
    return section("luck", "Luck", tag("p", stats.summary), table(("", ""), rows), lead=lead)


def final_section(result: Result) -> Html:
    """Return what ``config.toml`` holds and how to go on."""
    if result.final["number"] is None:
        return section("final", "Final choice", tag("p", "None: no set had enough trades in the last window."))
    text = (
        f"config.toml holds the choice of the last rolling window (sample {result.final['is_start']} to "
        f"{result.final['is_end']}): {parameters_text(result.final['parameters'])}. It is ready for a back-test"
    )
    more = "." if result.accepted and not result.short else "; the verdict above forbids more than that."
    return section("final", "Final choice", tag("p", text + more))
