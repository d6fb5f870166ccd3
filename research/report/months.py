"""Monthly returns: years down, months across, the year at the end."""

import calendar

import numpy as np
import pandas as pd

from research.report.markup import Html, section, table, tag
from research.report.numbers import number
from research.report.run import Run

FULL_COLOUR_FRAC = 0.10


def monthly_returns(equity: pd.DataFrame, start_equity: float) -> dict[int, dict[int, float]]:
    """Return year -> month -> return as a fraction; month 0 is the whole year.

    Notes
    -----
    Formula: last equity of the month over last equity of the month before, minus 1; the first against the start
    equity; a month without rows carries equity forward. A row at exactly 00:00 on the first ends a month.
    """
    if len(equity) == 0:
        return {}
    stamps = pd.DatetimeIndex(equity["ts"]) - pd.Timedelta(1, "ns")
    months = np.asarray(stamps.year * 12 + stamps.month - 1)
    last = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    full = np.arange(months[0], months[-1] + 1)
    closes = equity["equity"].to_numpy(np.float64)[last][np.searchsorted(months[last], full, side="right") - 1]
    result: dict[int, dict[int, float]] = {}
    before = year_start = start_equity
    for month, close in zip(full.tolist(), closes.tolist(), strict=True):
        if month % 12 == 0:
            year_start = before
        year = result.setdefault(month // 12, {})
        year[month % 12 + 1] = _growth(before, close)
        year[0] = _growth(year_start, close)
        before = close
    return result


def months_section(run: Run) -> Html:
    """Return the heat table."""
    years = monthly_returns(run.equity, run.start_equity)
    if not years:
        return section("months", "Monthly returns", tag("p", "No equity rows.", class_="empty"))
    head = ["Year", *(calendar.month_abbr[month] for month in range(1, 13)), "Year total"]
    rows = [
        [str(year), *(_heat(values.get(m)) for m in range(1, 13)), _total(values[0])] for year, values in years.items()
    ]
    lead = "Per cent of the equity at the start of each month, UTC; open positions at mark."
    return section("months", "Monthly returns", table(head, rows, class_="heat"), lead=lead)


def _heat(value: float | None) -> Html:
    if value is None:
        return tag("td", "", class_="n none")
    depth = min(abs(value) / FULL_COLOUR_FRAC, 1.0) if value == value else 0.0  # noqa: PLR0124 - NaN
    tone = "up" if value > 0 else "down" if value < 0 else ""
    return tag("td", number(100.0 * value, 1), class_=f"n {tone}".strip(), style=f"--depth:{depth:.2f}")


def _total(value: float) -> Html:
    tone = "gain" if value > 0 else "loss" if value < 0 else ""
    return tag("td", number(100.0 * value, 1, plus=True), class_=f"n total {tone}".strip())


def _growth(before: float, after: float) -> float:
    return after / before - 1.0 if before > 0.0 else float("nan")
