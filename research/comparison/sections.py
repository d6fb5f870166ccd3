"""The parts of the comparison page."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas as pd

from research.comparison.figures import Line, common_lines, common_span_ns, metric_lines
from research.comparison.matching import Matching, match_trades
from research.comparison.runs import Compared
from research.comparison.settings import config_differences
from research.report.markup import Html, join, section, signed, table, tag
from research.report.numbers import money, number, price, stamp
from research.report.overview import span_text

MAX_ROWS = 200

type Row = Callable[[dict[Hashable, Any]], list[object]]


def runs_table(runs: Sequence[Compared]) -> Html:
    """Return what each letter stands for."""
    rows = [
        [tag("td", tag("b", one.letter), tag("small", "measured against") if one is runs[0] else ""),
         one.run.name, str(one.folder), tag("td", span_text(one.run)),
         f"{money(one.run.start_equity)} {one.run.currency}".strip()]
        for one in runs
    ]  # fmt: skip
    return table(("", "Run", "Folder", "Span (UTC)", "Start"), rows, text_columns=4)


def figures_section(runs: Sequence[Compared]) -> Html:
    """Return the figures over the common days, then those of each run over its own span."""
    span, parts = common_span_ns(runs), []
    if span is None:
        parts.append(tag("p", "The runs share no days: nothing below compares like with like.", class_="banner"))
    else:
        first, last = (stamp(pd.Timestamp(ns, tz="UTC").to_pydatetime()) for ns in span)
        title = f"Over the days that all cover, {first} to {last}"
        parts += [tag("h3", title), lines_table(runs, common_lines(runs, span))]
    parts += [tag("h3", "Each over its own span"), lines_table(runs, metric_lines(runs))]
    lead = f"Under each value its difference to {runs[0].letter}: coloured where more or less is better."
    return section("figures", "Figures", *parts, lead=lead)


def lines_table(runs: Sequence[Compared], lines: Sequence[Line]) -> Html:
    """Return one row a metric with the value of each run and its difference to the first."""
    rows = [
        [line.name, *(_value(line, *pair) for pair in zip(line.values, line.differences(), strict=True))]
        for line in lines
    ]
    return table(("", *(one.letter for one in runs)), rows, class_="figures-table")


def _value(line: Line, value: float | None, difference: float | None) -> Html:
    small: object = ""
    if difference:
        small = tag("small", signed(line.show_difference(difference), difference * line.better))
    return tag("td", line.show(value), small, class_="n")


def settings_section(runs: Sequence[Compared]) -> Html:
    """Return the keys of the configurations that differ."""
    found = config_differences(runs)
    if not found:
        same = "The configurations are the same, key by key: any difference comes from data, code or version."
        return section("settings", "Configuration", tag("p", same, class_="empty"))
    rows = [
        [tag("td", tag("code", key)), *(tag("td", text, class_="" if text == texts[0] else "other") for text in texts)]
        for key, texts in found.items()
    ]
    lead = f"{len(found)} keys differ; those that agree are left out. Bold differs from {runs[0].letter}."
    return section("settings", "Configuration", table(("Key", *(one.letter for one in runs)), rows, 9), lead=lead)


def trades_section(runs: Sequence[Compared]) -> Html:
    """Return, for each run against the first, the trades they share and those they do not."""
    first = runs[0]
    pairs = [(other, match_trades(first.run.trades, other.run.trades)) for other in runs[1:]]
    net = "Net of those"
    mine, theirs = f"Only in {first.letter}", "Only in the other"
    head = ("", "Shared", "The same", "Other price or exit", mine, net, theirs, net)
    summary = table(head, [_summary(first, other, found) for other, found in pairs])
    lists = [_lists(first, other, found) for other, found in pairs]
    lead = (
        "Shared: the same instrument, signal time and side. Sizes follow from each account's equity and are not "
        "compared; entry, stop and exit prices, exit time and reason are. An exit in parts is an average: at another "
        "size it counts as another price from 2 bps on."
    )
    return section("trades", "Trades", summary, *lists, lead=lead)


def _summary(first: Compared, other: Compared, found: Matching) -> list[object]:
    differing = len(found.differing)
    return [
        f"{first.letter} and {other.letter}",
        f"{len(found.both):,}",
        f"{len(found.both) - differing:,}",
        f"{differing:,}",
        f"{len(found.only_first):,}",
        _net(found.only_first, first.run.currency),
        f"{len(found.only_second):,}",
        _net(found.only_second, other.run.currency),
    ]


def _net(trades: pd.DataFrame, currency: str) -> Html:
    total = float(trades["net_pnl"].sum())
    return signed(f"{money(total, plus=True)} {currency}".strip(), total)


def _lists(first: Compared, other: Compared, found: Matching) -> Html:
    return join(
        [
            _fold(f"Only in {first.letter}, not in {other.letter}", found.only_first, ONE_HEAD, _one_row, 3),
            _fold(f"Only in {other.letter}, not in {first.letter}", found.only_second, ONE_HEAD, _one_row, 3),
            _fold(f"In {first.letter} and {other.letter}, but different", found.differing,
                  tuple(name.format(first.letter, other.letter) for name in BOTH_HEAD), _both_row, 4),
        ]
    )  # fmt: skip


ONE_HEAD = ("Instrument", "Side", "Signal (UTC)", "Entry", "Exit", "Reason", "Net", "R")
BOTH_HEAD = (
    *ONE_HEAD[:3],
    "Differs in",
    "Entry {0} / {1}",
    "Exit {0} / {1}",
    "Reason {0} / {1}",
    "R {0} / {1}",
)


def _fold(title: str, trades: pd.DataFrame, head: Sequence[str], row: Row, text_columns: int) -> Html:
    if len(trades) == 0:
        return tag("p", f"{title}: none.", class_="empty")
    shown = trades.head(MAX_ROWS)
    more = f", the first {MAX_ROWS} listed" if len(trades) > MAX_ROWS else ""
    body = [row(values) for values in shown.to_dict("records")]
    summary = tag("summary", f"{title}: {len(trades):,}{more}")
    return tag("details", summary, table(head, body, text_columns), class_="list")


def _one_row(trade: dict[Hashable, Any]) -> list[object]:
    net, r = trade["net_pnl"], trade["r_multiple"]
    return [
        trade["instrument_id"], trade["side"], _stamp(trade), price(trade["entry_px"]),
        price(trade["exit_px"]), trade["exit_reason"], signed(money(net, plus=True), net),
        signed(number(r, plus=True), r),
    ]  # fmt: skip


def _both_row(trade: dict[Hashable, Any]) -> list[object]:
    def two(column: str) -> str:
        pair = [price(trade[f"{column}_{side}"]) for side in (1, 2)]
        return " / ".join(dict.fromkeys(pair))

    reasons = " / ".join(dict.fromkeys(str(trade[f"exit_reason_{side}"]) for side in (1, 2)))
    r = " / ".join(number(trade[f"r_multiple_{side}"], plus=True) for side in (1, 2))
    return [trade["instrument_id"], trade["side"], _stamp(trade), trade["differs"], two("entry_px"), two("exit_px"),
            reasons, r]  # fmt: skip


def _stamp(trade: dict[Hashable, Any]) -> str:
    return stamp(pd.Timestamp(trade["signal_ns"], tz="UTC").to_pydatetime())
