"""The trades by exit reason, side and instrument, and the signals by score."""

import numpy as np
import pandas as pd

from research import trade_stats
from research.report.markup import Html, section, signed, table, tag
from research.report.numbers import duration, money, number, percent
from research.report.run import Run
from research.run_metrics import HOUR_NS, to_ns

HEAD = ("Trades", "Share", "Win rate", "Mean R", "Total R", "Net", "Profit factor", "Avg hold")


def breakdown_section(run: Run) -> Html:
    """Return the tables of trades by group with the R and excursion charts above them."""
    charts = tag(
        "div",
        _chart("r-chart", "R multiples", "Net result of each trade over its initial risk."),
        _chart(
            "excursion-chart", "MAE and MFE", "How far each trade went against and for us, in R. Click one to see it."
        ),
        class_="pair",
    )
    if len(run.trades) == 0:
        return section("breakdown", "Breakdown", tag("p", "No trades.", class_="empty"))
    groups = [("Exit reason", "exit_reason"), ("Side", "side"), ("Instrument", "instrument_id")]
    tables = [tag("div", tag("h3", title), group_table(run.trades, title, column)) for title, column in groups]
    return section("breakdown", "Breakdown", charts, *tables)


def group_table(trades: pd.DataFrame, title: str, column: str) -> Html:
    """Return one row per value of ``column``, the most frequent first, and a total."""
    groups = sorted(trades.groupby(column, observed=True), key=lambda pair: -len(pair[1]))
    rows = [[str(name), *_cells(group, len(trades))] for name, group in groups]
    rows.append([tag("td", tag("b", "All")), *_cells(trades, len(trades))])
    return table((title, *HEAD), rows, class_="totals")


def _cells(group: pd.DataFrame, total: int) -> list[object]:
    net, r = group["net_pnl"].to_numpy(np.float64), group["r_multiple"].to_numpy(np.float64)
    hold = trade_stats.mean((to_ns(group["exit_ts"]) - to_ns(group["entry_ts"])) / HOUR_NS)
    mean_r, sum_r, sum_net = trade_stats.mean(r), float(np.nansum(r)), float(net.sum())
    return [
        f"{len(group):,}",
        percent(len(group) / total, 0),
        percent(trade_stats.win_rate(net)),
        signed(number(mean_r, plus=True), mean_r),
        signed(number(sum_r, 1, plus=True), sum_r),
        signed(money(sum_net, plus=True), sum_net),
        number(trade_stats.profit_factor(net)),
        duration(hold),
    ]


def _chart(anchor: str, title: str, caption: str) -> Html:
    drawing = tag("div", id=anchor, class_="chart short", role="img", aria_label=title)
    return tag("figure", tag("figcaption", tag("b", title), " ", tag("small", caption)), drawing)
