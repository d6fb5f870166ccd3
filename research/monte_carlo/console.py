"""The result on a terminal, 80 columns wide."""

from collections.abc import Callable, Iterable

from rich import box
from rich.table import Table

from research.monte_carlo.income import Need
from research.monte_carlo.study import Study
from research.monte_carlo.wording import LEVELS, METHOD_NAMES, ROWS, own_value
from research.report.numbers import money, percent

LEAVES_OUT = "–"


def console_table(study: Study) -> Table:
    """Return percentiles, ruin, milestones and incomes of the three methods."""
    title = f"Monte Carlo: {study.paths:,} paths of {study.trades:,} trades, mean block {study.block_trades:.1f}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("")
    for name in ("This run", *METHOD_NAMES.values()):
        table.add_column(name, justify="right")
    for key, label, show in ROWS:
        for level, words in LEVELS:
            values = [show(getattr(one.percentiles[key], level)) for one in study.methods.values()]
            own = own_value(study.own_order, key, show) if level == "p50" else ""
            table.add_row(label if level == "p05" else "", words, own, *values, end_section=level == "p95")
    _add_shares(table, study)
    _add_incomes(table, study)
    return table


def _add_shares(table: Table, study: Study) -> None:
    methods = study.methods.values()
    table.add_row("Paths that lose", "", "", *(percent(one.loss_frac) for one in methods))
    table.add_row("Ruin: under half", "", "", *(percent(one.ruin.frac, 2) for one in methods))
    table.add_row("", "up to", "", *_upper_limits(study), end_section=True)
    for row, mark in enumerate(study.methods["block"].milestones):
        reached = [percent(one.milestones[row].reached.frac) for one in methods]
        table.add_row("" if row else "Ever reaches", percent(mark.return_frac, 0, plus=True), "", *reached)


def _upper_limits(study: Study) -> Iterable[str]:
    """Return the upper confidence limits, the judged one in the colour of the verdict."""
    colour = "green" if study.verdict.observed_frac < study.verdict.limit_frac else "red"
    for name, one in study.methods.items():
        text = percent(one.ruin.ci_high, 2)
        yield f"[{colour}]{text}[/]" if name == study.verdict.method else text


def _add_incomes(table: Table, study: Study) -> None:
    """Add what capital each income takes, at the run's risk and at that of the capital's own tier."""
    for row, need in enumerate(study.methods["block"].income):
        table.add_section()
        table.add_row(f"{money(need.amount)} a {need.period}")
        both = [study.methods[name].income[row] for name in ("resample", "block")]
        table.add_row(
            f" at {percent(need.risk_frac, 2)} risk", "median", *_capitals(both, lambda one: one.median_capital)
        )
        table.add_row("", "95 %", *_capitals(both, lambda one: one.sure_capital))
        table.add_row(" risk by tier", "median", *_capitals(both, lambda one: one.median_tier_capital))
        table.add_row("", "95 %", *_capitals(both, lambda one: one.sure_tier_capital))


def _capitals(needs: Iterable[Need], pick: Callable[[Need], float | None]) -> list[str]:
    return ["", LEAVES_OUT, *(capital_text(pick(one)) for one in needs)]


def capital_text(capital: float | None) -> str:
    """Return an amount in whole units; "none" where no capital is enough."""
    return "none" if capital is None else f"{capital:,.0f}"
