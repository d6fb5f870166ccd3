"""Where the result comes from: benchmarks, conditions, cliff and costs, as sections of the page."""

import re
from collections.abc import Mapping

from research.attribution.attribute import Attribution
from research.attribution.benchmarks import Benchmark
from research.report.attribution_tables import benchmark_table, breakdown_table, cost_table, scan_table
from research.report.markup import Html, section, tag
from research.report.numbers import MINUS, number, percent

NO_TRADES = "No trades."
TITLES: Mapping[str, str] = {"hold time": "Hold time (an outcome, not a condition)"}


def benchmarks_section(found: Attribution) -> Html:
    """Return the strategy beside buy-and-hold, 60/40 and the S&P 500."""
    lead = (
        "The same money over the same days, without costs or leverage. Alpha (per year) and its standard error "
        "(Newey-West) are of the strategy against that line; |t| under 2 cannot be told from 0."
    )
    verdict = tag("p", tag("strong", beaten(found.benchmarks)))
    return section("benchmarks", "Benchmarks", verdict, benchmark_table(found.benchmarks), lead=lead)


def beaten(rows: list[Benchmark]) -> str:
    """Return in plain words whether the strategy did better than each benchmark, by Sharpe ratio."""
    own = rows[0].sharpe
    others = [row for row in rows[1:] if not row.why_not and row.sharpe is not None]
    if own is None or not others:
        return "It cannot be compared: " + ("there is no benchmark." if own is not None else "it has no Sharpe ratio.")
    better = [row.name for row in others if own > (row.sharpe or 0.0)]
    worse = [f"{row.name} ({number(row.sharpe)})" for row in others if row.name not in better]
    text = f"Sharpe {number(own)}: "
    text += f"worse than {' and '.join(worse)}" if worse else f"better than {' and '.join(better)}"
    text += f", better than {' and '.join(better)}." if worse and better else "."
    sure = [row for row in others if (row.alpha_t or 0.0) > 2.0]
    return text + ("" if sure else " No alpha that could be told from luck.")


def conditions_section(found: Attribution) -> Html:
    """Return the trades by everything that was known before an entry, and by hold time."""
    if found.cliff.overall.trades == 0:
        return section("conditions", "Conditions", tag("p", NO_TRADES, class_="empty"))
    lead = (
        f"Expectancy is the mean net R of a trade with its {percent(found.confidence, 0)} interval; trades of the same "
        f"{found.cliff.block} count as one draw, since they win and lose together. Groups of fewer than "
        f"{found.few_trades} trades are grey: nothing follows from them. Wins: win rate; PF: profit factor."
    )
    tables = [
        tag("div", tag("h3", TITLES.get(one.dimension, one.dimension.capitalize())), _note(one.note),
            breakdown_table(one, found.cliff.overall))
        for one in found.breakdowns
    ]  # fmt: skip
    return section("conditions", "Conditions", tag("div", *tables, class_="conditions"), lead=lead)


def cliff_section(found: Attribution) -> Html:
    """Return the conditions under which the strategy stops working, as constraints, and how they were looked for."""
    cliff = found.cliff
    if cliff.overall.trades == 0:
        return section("cliff", "Where it stops working", tag("p", NO_TRADES, class_="empty"))
    lead = (
        f"{cliff.tested:,} conditions were looked at: every group above that is known before an entry, and every "
        f"threshold of four measures, with 30 trades on each side. One is named when its interval lies below 0 and, "
        f"with the results dealt out again {cliff.draws:,} times (the same {cliff.block} kept together), at most "
        f"{percent(cliff.level, 0)} of the deals show any condition as bad (Westfall-Young). What is named was found "
        "in these very trades."
    )
    tone = {"makes money": "banner soft good", "unproven": "banner soft"}.get(cliff.verdict, "banner")
    parts: list[object] = [tag("p", tag("strong", _typeset(cliff.sentence)), class_=tone)]
    if cliff.constraints:
        parts.append(tag("ul", *(tag("li", _typeset(one.sentence)) for one in cliff.constraints)))
    if cliff.tested:
        parts += [tag("h3", "Worst threshold of each measure"), scan_table(cliff)]
    return section("cliff", "Where it stops working", *parts, lead=lead)


def sensitivity_section(found: Attribution) -> Html:
    """Return the net result at other fees and slippage."""
    if found.cliff.overall.trades == 0 and not any(map(any, found.costs.net_quote)):
        return section("sensitivity", "Sensitivity to costs", tag("p", NO_TRADES, class_="empty"))
    verdict = tag("p", tag("strong", found.costs.sentence))
    table = cost_table(found.costs, found.currency)
    return section("sensitivity", "Sensitivity to costs", verdict, table, lead=found.costs.note)


def _typeset(sentence: str) -> str:
    """Return a sentence with true minus signs before its numbers."""
    return re.sub(r"(?<=[ (])-(?=\d)", MINUS, sentence)


def _note(text: str) -> Html | str:
    return tag("small", text) if text else ""
