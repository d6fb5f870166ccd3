"""The top of the page: what came out, in one sentence, and what was run."""

from research.report.markup import Html, join, tag
from research.report.numbers import money, number, percent, stamp
from research.report.risk import off_banner
from research.report.run import Run


def header(run: Run) -> Html:
    """Return title, verdict, banners and facts."""
    pairs = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts(run)]
    return tag(
        "header",
        tag("p", f"Backtest {run.name}", class_="eyebrow"),
        tag("h1", verdict(run), class_=_tone(run)),
        banners(run),
        tag("dl", *pairs, class_="facts"),
    )


def verdict(run: Run) -> str:
    """Return the result in plain words: gain or loss, over how long, after which fees, targets met."""
    other, kpis = run.metrics["other"], run.metrics["kpis"]
    targets = f"{sum(bool(row['passed']) for row in kpis)} of {len(kpis)} targets met."
    span = years(run)
    if len(run.trades) == 0:
        found = f"{len(run.signals):,} signals in {span}, none traded" if len(run.signals) else f"no signal in {span}"
        return f"No trades: {found}; {targets}"
    net = other["total_return_frac"]
    word = "Makes money" if net > 0 else "Loses money" if net < 0 else "Breaks even"
    paid = other["fees_quote"]
    fees = f"{number(paid, 0 if paid >= 1000 else 2)} {run.currency}".strip()
    result = f"{word}: {percent(net, plus=True)} net over {span} after {fees} in fees; {targets}"
    return f"{_shut(run)}{result}"


def _shut(run: Run) -> str:
    """Return since when a breaker has kept the run from trading: what it earned, it earned before."""
    shut = run.metrics.get("shut") or {}
    since = min(shut.values(), default="")
    names = " and ".join(name.replace("_", " ") for name in shut)
    return f"Shut down since {since[:10]} ({names}). " if since else ""


def banners(run: Run) -> Html:
    """Return what a reader must know before trusting the numbers: breakers off, a partial run, warnings of data."""
    parts = [off_banner(run)]
    if run.metrics.get("complete") is False:
        text = "It was stopped before the end of its data; every number below covers only the part that ran."
        parts.append(tag("p", tag("strong", "Partial run. "), text, class_="banner"))
    warnings = [tag("li", text) for text in run.metrics.get("warnings") or []]
    if warnings:
        plural = "warning" if len(warnings) == 1 else "warnings"
        summary = tag("summary", f"{len(warnings)} {plural}")
        opened = "" if len(warnings) > 8 else "open"
        parts.append(tag("details", summary, tag("ul", *warnings), class_="banner soft", open=opened))
    return join(parts)


def facts(run: Run) -> list[tuple[str, object]]:
    """Return the facts of the run as (name, value)."""
    other = run.metrics["other"]
    names = instruments(run)
    rows: list[tuple[str, object]] = [
        ("Span (UTC)", span_text(run)),
        (f"Instruments ({len(names)})", _lines(names) if names else "none"),
        ("Equity", f"{money(run.start_equity)} → {money(other['end_equity'])} {run.currency}".strip()),
        ("Signals → trades", f"{len(run.signals):,} → {len(run.trades):,}"),
        ("In the market", f"{percent(other['exposure_frac'])} of bars"),
        ("Longest drawdown", f"{number(other['longest_drawdown_days'], 0)} days"),
        ("Annualised with", f"√{run.annual_days}, risk-free {percent(run.metrics.get('risk_free_frac', 0.0))}"),
    ]
    return rows + [(str(name), str(value)) for name, value in (run.metrics.get("facts") or {}).items()]


def instruments(run: Run) -> list[str]:
    """Return the instruments that signalled or traded, else those that the configuration names."""
    seen = set(run.trades["instrument_id"]) | set(run.signals["instrument_id"])
    listed = run.config.get("instruments")
    configured = [str(name) for name in listed] if isinstance(listed, list) else []
    return configured + sorted(str(name) for name in seen if name not in configured)


def span_text(run: Run) -> Html | str:
    """Return first and last equity stamp."""
    if len(run.equity) == 0:
        return "no bars"
    first, last = run.equity["ts"].iloc[0], run.equity["ts"].iloc[-1]
    return _lines([stamp(first), f"→ {stamp(last)}", years(run)])


def years(run: Run) -> str:
    """Return the calendar length of the equity curve in years, or in days under a year."""
    if len(run.equity) == 0:
        return "0 days"
    days = (run.equity["ts"].iloc[-1] - run.equity["ts"].iloc[0]).total_seconds() / 86400
    return f"{days / 365.25:.1f} years" if days >= 365 else f"{days:.0f} days"


def _tone(run: Run) -> str:
    net = run.metrics["other"]["total_return_frac"] or 0.0
    if run.metrics.get("shut"):
        return "loss"
    return "gain" if net > 0 else "loss" if net < 0 else ""


def _lines(texts: list[str]) -> Html:
    shown = texts[:8] + ([f"and {len(texts) - 8} more"] if len(texts) > 8 else [])
    return join(tag("span", text, class_="line") for text in shown)
