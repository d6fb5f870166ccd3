"""The KPI table against its targets, with buy-and-hold in a column of its own, and the other figures."""

import math
from typing import Any

from research import kpi
from research.report.hold import Hold
from research.report.markup import Html, section, table, tag
from research.report.numbers import MINUS, duration, money, number, percent
from research.report.run import Run

HEAD = ("Metric (Spec 3.4)", "Result", "Value", "Target", "Buy and hold")


def kpi_section(run: Run, hold: Hold | None) -> Html:
    """Return the eight rows of Spec 3.4 and the figures beside them."""
    rows = [_row(row, hold) for row in run.metrics["kpis"]]
    lead = (
        "Net of every cost. Buy and hold: equal parts of all instruments from their first close, no costs, no leverage."
    )
    return section(
        "targets", "Targets", table(HEAD, rows, text_columns=2, class_="kpis"), _figures(run, hold), lead=lead
    )


def _row(row: dict[str, Any], hold: Hold | None) -> list[object]:
    mark, class_ = ("✓ Met", "pill ok") if row["passed"] else ("✗ Not met", "pill no")
    name = tag("td", tag("b", row["name"]), tag("small", row["description"]))
    note = row["note"].removeprefix("not met: ")
    result = tag("td", tag("span", mark, class_=class_), tag("small", note) if note else "")
    return [
        name,
        result,
        tag("td", _minus(row["display"]), class_="n big"),
        row["target"].replace("-", "–"),
        _held(row["key"], hold),
    ]


def _held(key: str, hold: Hold | None) -> str:
    shown = {row.key: row for row in kpi.KPI_ROWS}
    if hold is None or key not in hold.figures or key not in shown:
        return "–"
    value = hold.figures[key]
    return _minus(kpi.display(shown[key], math.nan if value is None else value))


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _figures(run: Run, hold: Hold | None) -> Html:
    o, h = run.metrics["other"], hold.figures if hold else {}
    pairs: list[tuple[str, str, str]] = [
        ("Total return", percent(o["total_return_frac"], plus=True), percent(h.get("total_return_frac"), plus=True)),
        ("Annual return", percent(o["annual_return_frac"], plus=True), percent(h.get("annual_return_frac"), plus=True)),
        ("Annual volatility", percent(o["annual_volatility_frac"]), percent(h.get("annual_volatility_frac"))),
    ]
    single = [
        ("Alpha per year", percent(hold.alpha, plus=True) if hold else "–"),
        ("Beta", number(hold.beta) if hold else "–"),
        ("Information ratio", number(hold.information_ratio) if hold else "–"),
        ("Average win / loss", f"{number(o['avg_win_r'], plus=True)} / {number(o['avg_loss_r'], plus=True)} R"),
        ("Wins / losses / even", f"{o['wins']:,} / {o['losses']:,} / {o['break_evens']:,}"),
        ("Longest losing streak", f"{o['longest_losing_streak']:,}"),
        ("Average hold", duration(math.nan if o["avg_hold_hours"] is None else o["avg_hold_hours"])),
        ("Trades per day", number(o["trades_per_day"])),
        ("Largest fall in money", f"{money(o['max_drawdown_quote'])} {run.currency}".strip()),
        ("Fees / gross profit", percent(o["fee_to_pnl_frac"])),
    ]
    held = [_figure(name, value, f"hold {other}" if hold else "") for name, value, other in pairs]
    return tag("dl", *held, *(_figure(name, value, "") for name, value in single), class_="figures")


def _figure(name: str, value: str, aside: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", value, tag("small", aside) if aside else ""))
