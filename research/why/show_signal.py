"""The story of one signal on a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from research.report.numbers import compact, money, number, percent, price
from research.why.breaker_periods import BreakerPeriod
from research.why.fate import Fate, Step
from research.why.gates import StrategyRule
from research.why.held import HeldTrade
from research.why.pieces import BAD, DIM, grid, items, lines, mark, notes, page, titled
from research.why.story import SignalStory
from research.why.texts import (
    Account,
    amount,
    apart,
    clock,
    lasted,
    needs_text,
    row_texts,
    seen_text,
    share,
    side_of,
)

BETTER = "of the same bar close, and weighed first: the higher score, then the larger 24 h volume (D16)"


def show_signal(story: SignalStory) -> RenderableType:
    """Return the page of one signal."""
    return page(
        _head(story),
        notes(story.notes),
        titled("Rules of the strategy", rules_table(story.strategy_rules)),
        titled("Risk rules, in the order they are asked", _asked_table(story)),
        titled("Account", lines(_account(story))),
        titled("Held at that moment", _held(story)),
        titled("Breaker", breaker_items([story.breaker], story.account)) if story.breaker is not None else None,
        titled("Size", lines(_size(story))),
        titled("Order and trade", _trade(story)),
    )


def _head(story: SignalStory) -> RenderableType:
    signal = story.signal
    plan = (
        f"entry {price(signal.entry)}, stop {price(signal.stop)}, targets {price(signal.tp1)} and {price(signal.tp2)}"
    )
    about = f"{side_of(signal.side)} {signal.instrument_id}, {signal.timeframe} bar of {clock(signal.ts_ns)} UTC"
    refused = story.verdict in ("refused", "missed", "unanswered", "not sent")
    return (
        lines(
            [
                Text(signal.signal_id, style="bold", no_wrap=True, overflow="ignore"),
                f"{about}, score {signal.score}",
                plan,
                Text(),
                Text(story.headline, style=BAD if refused else "bold green"),
            ]
        )
        or Text()
    )


def rules_table(rules: Sequence[StrategyRule]) -> RenderableType:
    """Return the rules of the strategy with what they saw and what they need."""
    table = grid("", "Rule", "Observed", "Needs")
    for one in rules:
        required = one.required is not False
        needs = needs_text(one) + ("" if required else "; adds to the score only")
        table.add_row(mark(one.passed, required=required), one.rule, seen_text(one), needs)
    return table


def _asked_table(story: SignalStory) -> RenderableType | None:
    if not story.risk_rules:
        return None
    table = grid("", "Rule", "Observed", "Limit", "Headroom", "Note", right=("Observed", "Headroom"))
    for one in story.risk_rules:
        if one.state != "not asked":
            refused = one.state == "refused"
            cells = row_texts(one, story.account)
            table.add_row(mark(not refused), one.rule, *cells, one.note, style=BAD if refused else "")
    left = [one.rule for one in story.risk_rules if one.state == "not asked"]
    return Group(table, *([Text(f"·  not asked: {', '.join(left)}", DIM)] if left else []))


def _account(story: SignalStory) -> list[str]:
    if not story.risk_rules:
        return []
    account = story.account
    before, after = story.heat_before, story.heat_after
    heat = f"heat {amount(before, account)}{share(before, account)}"
    grown = f", with it {amount(after, account)}{share(after, account)}" if after > before else ""
    return [f"equity {amount(story.equity, account)}", heat + grown]


def _held(story: SignalStory) -> RenderableType | None:
    pairs = [(one.signal_id, _held_lines(one, story)) for one in story.held]
    if story.better and story.better not in {one.signal_id for one in story.held}:
        pairs.append((story.better, [BETTER]))
    if story.opened_today:
        pairs.append(("Trades opened that day:", list(story.opened_today)))
    return items(pairs)


def _held_lines(one: HeldTrade, story: SignalStory) -> list[str]:
    account = story.account
    where = f" at {price(one.entry)}, stop {price(one.stop)}" if one.state == "open" else ""
    begin = f"{side_of(one.side)} {compact(one.quantity)}, {one.state} since {clock(one.since_ns)}{where}"
    found = [f"{begin}, risk {amount(one.risk, account)}{share(one.risk, account)}"]
    return [*found, BETTER] if one.signal_id == story.better else found


def breaker_items(periods: Sequence[BreakerPeriod], account: Account) -> RenderableType | None:
    """Return since when breakers were closed, at what value, and how they opened or will open."""
    return items([_breaker_item(one, account) for one in periods])


def _breaker_item(one: BreakerPeriod, account: Account) -> tuple[str, list[str]]:
    observed, limit = apart(one.breaker, one.observed, one.limit, account)
    by = f": {one.operator}, {one.reason}" if one.operator else ""
    opened = "still closed when the journal ends" if one.until_ns is None else f"opened {clock(one.until_ns)} UTC"
    return f"{one.breaker} closed {clock(one.since_ns)} UTC at {observed}, limit {limit}", [
        one.action,
        f"{opened} {one.ending}".rstrip() + by,
        f"opens {one.opens}" if one.opens.startswith("by") else f"opens by: {one.opens}",
    ]


def _size(story: SignalStory) -> list[str]:
    size = story.size
    if size is None:
        return []
    scalar = f", ATR scalar {number(size.atr_scalar)}" if size.atr_scalar is not None else ""
    halved = ", halved by loss_streak (D30)" if size.halved else ""
    return [
        f"{compact(size.quantity)}, bound by {size.bound}",
        f"risk {amount(size.risk, story.account)}, {percent(size.risk_frac, 2)} of equity{scalar}{halved}",
    ]


# --- order and trade --------------------------------------------------------------------------------------------------

STEPS = {
    "ENTRY_WORKING": "entry sent",
    "ENTRY_REPRICED": "entry repriced to the market",
    "ENTRY_TIMEOUT": "time for the entry is over",
    "ENTRY_HALTED": "entry taken back: a breaker closed",
    "ENTRY_FILLED": "entry filled",
    "ENTRY_ENDED": "entry order gone",
    "STOP_FILLED": "stop filled",
    "BACKSTOP_FILLED": "backstop filled",
    "TP1_FILLED": "first target filled",
    "TP2_FILLED": "second target filled",
    "MARKET_FILLED": "closed at market",
    "EXIT_DUE": "to be closed at market",
    "EXIT_REFUSED": "exit order refused by the venue",
    "EXIT_ENDED": "exit order gone, placed again",
    "BAR_CLOSED": "stop trailed",
}


RIGHT = ("After", "Quantity", "Price", "Stop then")


def _trade(story: SignalStory) -> RenderableType | None:
    fate = story.fate
    if fate is None or not fate.steps:
        return None
    table = grid("UTC", "After", "What", "Quantity", "Price", "Stop then", right=RIGHT, wrap=("What",))
    begin_ns = fate.steps[0].ts_ns
    for step in fate.steps:
        table.add_row(
            clock(step.ts_ns),
            lasted(step.ts_ns - begin_ns) if step.ts_ns > begin_ns + 1 else "",
            _step_text(step),
            compact(step.quantity) if step.quantity else "",
            price(step.price) if step.price else "",
            price(step.stop) if step.stop else "",
        )
    halted_by = breaker_items([fate.halted_by], story.account) if fate.halted_by is not None else None
    return page(table, lines(_end(fate, story.account)), halted_by)


def _step_text(step: Step) -> str:
    times = f", {step.times} times" if step.times > 1 else ""
    said = step.details.partition(":")[2].strip()
    reason = said or (step.reason if step.kind == "EXIT_DUE" else "")
    return f"{STEPS.get(step.kind, step.kind)}{times}{f': {reason}' if reason else ''}"


def _end(fate: Fate, account: Account) -> list[str | Text]:
    found: list[str | Text] = [f"trade {fate.trade_id}"]
    if fate.result is not None:
        one, net = fate.result, amount(fate.result.net, account, plus=True)
        costs = f"fees {money(one.fees)} and funding {money(one.funding)}"
        found.append(f"{one.reason}: gross {money(one.gross, plus=True)}, less {costs}: net {net}")
    return found
