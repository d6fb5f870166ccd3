"""Every trade in one table; ``assets/trade_list.js`` sorts it, filters it and jumps to the price chart."""

from collections.abc import Iterable

import pandas as pd

from research.report.markup import Html, esc, join, section, tag
from research.report.numbers import compact, duration, money, number, price, stamp
from research.report.run import Run

MAX_ROWS = 5_000
COLUMNS: tuple[tuple[str, str], ...] = (  # heading, key of the sort values in the payload
    ("#", "row"),
    ("Instrument", "instrument"),
    ("Side", "side"),
    ("Entry (UTC)", "entry_ts"),
    ("Held", "hold"),
    ("Quantity", "quantity"),
    ("Entry", "entry_px"),
    ("Stop", "stop_initial"),
    ("Exit", "exit_px"),
    ("Reason", "reason"),
    ("Net", "net_pnl"),
    ("R", "r_multiple"),
    ("Gross", "gross_pnl"),
    ("Fees", "fees"),
    ("Funding", "funding"),
    ("MAE R", "mae_r"),
    ("MFE R", "mfe_r"),
)
TEXT_KEYS = frozenset({"instrument", "side", "reason"})


def trades_section(run: Run) -> Html:
    """Return filters and the table; beyond 5,000 trades only the last 5,000, and the page says so."""
    if len(run.trades) == 0:
        return section("trades", "Trades", tag("p", "No trades.", class_="empty"))
    shown = run.trades.tail(MAX_ROWS)
    lead = "Click a row to see the trade in the price chart, a heading to sort. MAE and MFE are magnitudes."
    if len(shown) < len(run.trades):
        lead += f" Only the last {MAX_ROWS:,} of {len(run.trades):,} are listed; trades.parquet has them all."
    body = tag("tbody", *(_row(row) for row in shown.itertuples()), id="trade-rows")
    box = tag(
        "div",
        tag("table", tag("thead", tag("tr", *_heads())), body, class_="trades"),
        class_="scroll tall",
        tabindex="0",
    )
    return section("trades", "Trades", _filters(run.trades), box, lead=lead)


def _heads() -> list[Html]:
    return [
        tag("th", tag("button", name, data_key=key, type="button"), scope="col", class_="" if key in TEXT_KEYS else "n")
        for name, key in COLUMNS
    ]


def _filters(trades: pd.DataFrame) -> Html:
    groups = (("instrument", "instrument_id"), ("side", "side"), ("reason", "exit_reason"))
    boxes = [select(f"filter-{name}", f"All {name}s", trades[column].astype(str).unique()) for name, column in groups]
    return tag("div", *boxes, tag("output", f"{len(trades):,} trades", id="trade-count"), class_="controls")


def select(anchor: str, everything: str, values: Iterable[str]) -> Html:
    """Return a drop-down; its first entry stands for no filter."""
    options = [tag("option", value, value=value) for value in sorted(values)]
    return tag(
        "select", Html(f'<option value="">{esc(everything)}</option>'), *options, id=anchor, aria_label=everything
    )


def _row(row: object) -> Html:
    get = row.__getattribute__
    index, net, r = get("Index"), get("net_pnl"), get("r_multiple")
    entry, hold = get("entry_ts"), (get("exit_ts") - get("entry_ts")).total_seconds() / 3600
    tone = "gain" if net > 0 else "loss" if net < 0 else ""
    cells: list[tuple[object, str]] = [
        (index + 1, "n"),
        (get("instrument_id"), ""),
        (get("side"), ""),
        (stamp(entry), "n"),
        (duration(hold), "n"),
        (compact(get("quantity")), "n"),
        (price(get("entry_px")), "n"),
        (price(get("stop_initial")), "n"),
        (price(get("exit_px")), "n"),
        (get("exit_reason"), ""),
        (money(net, plus=True), f"n {tone}"),
        (number(r, plus=True), f"n {tone}"),
        (money(get("gross_pnl"), plus=True), "n"),
        (money(get("fees")), "n"),
        (money(get("funding")), "n"),
        (number(get("mae_r")), "n"),
        (number(get("mfe_r")), "n"),
    ]
    return Html(f'<tr data-i="{index}">{join(_cell(value, class_) for value, class_ in cells)}')


def _cell(value: object, class_: str) -> Html:
    """Return a ``td`` without its closing tag, which HTML does not need: 2,000 rows by 17 cells add up."""
    return Html(f'<td class="{class_.strip()}">{esc(value)}' if class_ else f"<td>{esc(value)}")
