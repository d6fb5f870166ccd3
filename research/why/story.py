"""The whole story of one signal: the strategy's rules, the risk rules, the size, the order, the end."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from research.why.asked import BREAKERS, RiskRule, risk_rules
from research.why.breaker_periods import BreakerPeriod, breaker_periods, period_at
from research.why.fate import Fate, fate_of
from research.why.gates import StrategyRule, refusing, rules_of
from research.why.held import HeldTrade, concerned, held_at, opened_today
from research.why.history import Answer, History, Noted
from research.why.run_facts import RunFacts
from research.why.size import Size, size_of
from research.why.texts import Account, amount, clock, lasted, refusal_text
from risk.breakers.catalogue import LOSS_STREAK
from risk.messages import Signal

type Verdict = Literal["unanswered", "refused", "not sent", "working", "missed", "open", "closed"]


class SignalStory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a journal says of one signal.

    Attributes
    ----------
    headline : str
        What became of it, in one sentence.
    held : tuple of HeldTrade
        The trades that made the refusing rule say no; with ``heat_before`` what makes up the heat.
    opened_today : tuple of str
        Signals whose trades had opened that day, when the day's number of trades was used up.
    better : str
        The signal of the same bar close that was weighed first, when a refusal names its instrument.
    breaker : BreakerPeriod, optional
        The closed breaker that refused.
    notes : tuple of str
        What a reader should know of how far this story can be trusted.
    """

    kind: Literal["signal"] = "signal"
    signal: Signal
    verdict: Verdict
    headline: str
    strategy_rules: tuple[StrategyRule, ...]
    risk_rules: tuple[RiskRule, ...] = ()
    equity: float = math.nan
    heat_before: float = math.nan
    heat_after: float = math.nan
    currency: str = ""
    held: tuple[HeldTrade, ...] = ()
    opened_today: tuple[str, ...] = ()
    better: str = ""
    breaker: BreakerPeriod | None = None
    size: Size | None = None
    fate: Fate | None = None
    notes: tuple[str, ...] = ()

    @property
    def account(self) -> Account:
        """Return what money is counted in."""
        return Account(self.currency, self.equity)


def tell_signal(history: History, facts: RunFacts, signal_id: str) -> SignalStory:
    """Return the story of a signal; its id must be one of the journal's."""
    signal = history.signals[signal_id].what
    rules = rules_of(signal, facts.config)
    noted = history.answers.get(signal_id)
    if noted is None:
        return SignalStory(
            signal=signal,
            verdict="unanswered",
            headline="No answer: the journal ends before the gate had weighed the signals of this bar close",
            strategy_rules=rules,
            currency=facts.currency,
            notes=_notes(history, facts, signal),
        )
    told = _approved(history, facts, noted) if noted.what.approved else _refused(history, facts, noted)
    return msgspec.structs.replace(told, strategy_rules=rules, notes=_notes(history, facts, signal) + told.notes)


def _story(history: History, facts: RunFacts, answer: Answer) -> SignalStory:
    return SignalStory(
        signal=history.signals[answer.signal].what,
        verdict="refused",
        headline="",
        strategy_rules=(),
        risk_rules=risk_rules(answer, facts.config),
        equity=answer.equity,
        heat_before=answer.heat_before,
        heat_after=answer.heat_after,
        currency=facts.currency,
    )


# --- refused ----------------------------------------------------------------------------------------------------------


def _refused(history: History, facts: RunFacts, noted: Noted[Answer]) -> SignalStory:
    answer, refusal = noted.what, noted.what.refusal
    held = concerned(refusal.rule, refusal.note, held_at(history, noted.line), answer, history)
    today = opened_today(history, noted.line, answer.ts_ns) if refusal.rule == "trades_per_day" else []
    story = _story(history, facts, answer)
    is_breaker = refusal.rule in BREAKERS
    breaker = period_at(breaker_periods(history), refusal.rule, answer.ts_ns) if is_breaker else None
    return msgspec.structs.replace(
        story,
        headline=f"Refused by {refusal.rule}: {refusal_text(refusal, story.account)}",
        held=tuple(held),
        opened_today=tuple(today),
        better=_better(history, noted, refusal.note) if "correlation" in refusal.rule else "",
        breaker=breaker,
        notes=_refusal_notes(answer, held, breaker, is_breaker=is_breaker),
    )


def _better(history: History, noted: Noted[Answer], instrument_id: str) -> str:
    """Return the signal of the same bar close that was weighed before this one (D16)."""
    for signal_id, other in history.answers.items():
        first = other.what.ts_ns == noted.what.ts_ns and other.line < noted.line
        if first and signal_id in history.signals and history.signals[signal_id].what.instrument_id == instrument_id:
            return signal_id
    return ""


COUNTED = ("one_position", "max_positions", "asset_class_positions")


def _refusal_notes(
    answer: Answer, held: Sequence[HeldTrade], breaker: BreakerPeriod | None, *, is_breaker: bool
) -> tuple[str, ...]:
    notes = []
    if not answer.asked:
        notes.append("the journal is of a version that did not say which rules had passed before")
    if answer.rule == "exception":
        notes.append("the journal does not have which rules had been asked when one failed")
    if is_breaker and breaker is None:
        notes.append(f"{answer.rule} closed before this journal begins")
    if answer.rule in COUNTED and len(held) < answer.observed:
        notes.append(
            f"only {len(held)} of the {answer.observed:.0f} are in this journal; the others are of other processes, or "
            "from before it begins"
        )
    total = sum(one.risk for one in held)
    if answer.rule == "portfolio_heat" and not math.isclose(total, answer.heat_before, rel_tol=0.05):
        notes.append(
            f"the trades in this journal make up {total:,.2f} of the heat of {answer.heat_before:,.2f}; the rest is of "
            "other processes, or from before it begins"
        )
    return tuple(notes)


# --- approved ---------------------------------------------------------------------------------------------------------


def _approved(history: History, facts: RunFacts, noted: Noted[Answer]) -> SignalStory:
    answer, periods = noted.what, breaker_periods(history)
    story = _story(history, facts, answer)
    fate = fate_of(history, answer.signal, periods)
    return msgspec.structs.replace(
        story,
        verdict=fate.outcome,
        headline=_headline(fate, story),
        size=size_of(
            answer, story.signal, facts.config, halved=period_at(periods, LOSS_STREAK.name, answer.ts_ns) is not None
        ),
        fate=fate,
    )


def _headline(fate: Fate, story: SignalStory) -> str:
    match fate.outcome:
        case "not sent":
            return f"Approved, but {fate.why}"
        case "working":
            return "Approved; the entry was still working when the journal ends"
        case "missed":
            return f"Approved, but the entry did not fill: {missed_text(fate)}"
        case "open":
            return f"Approved and entered {clock(fate.steps[0].ts_ns)}; still open when the journal ends"
    net = fate.result.net if fate.result is not None else math.nan
    return f"Approved, entered and closed: {fate.why}, net {amount(net, story.account, plus=True)}"


def missed_text(fate: Fate) -> str:
    """Return why an entry was missed, as half a sentence."""
    begin_ns = fate.steps[0].ts_ns if fate.steps else 0
    at_ns = {one.kind: one.ts_ns for one in reversed(fate.steps)}
    repriced = f"repriced after {lasted(at_ns['ENTRY_REPRICED'] - begin_ns)}, " if "ENTRY_REPRICED" in at_ns else ""
    if fate.why == "timed out":
        return f"{repriced}timed out after {lasted(at_ns['ENTRY_TIMEOUT'] - begin_ns)} (Spec 7.4, D11)"
    if fate.why == "halted":
        by = f" when {fate.halted_by.breaker} closed" if fate.halted_by is not None else ""
        return f"{repriced}halted{by} after {lasted(at_ns['ENTRY_HALTED'] - begin_ns)}"
    return f"{repriced}{fate.why}"


# --- notes ------------------------------------------------------------------------------------------------------------


def _notes(history: History, facts: RunFacts, signal: Signal) -> tuple[str, ...]:
    notes = []
    if facts.config is None:
        notes.append(f"no limits of the strategy's rules: {facts.fault}")
    elif facts.config.hash != signal.config_hash:
        notes.append(
            f"the signal was made by configuration {signal.config_hash}, the limits of the strategy's rules are those "
            f"of {facts.config.hash} ({facts.source})"
        )
    elif failed := refusing(signal, facts.config):
        notes.append(f"by the rules of today this is no signal ({', '.join(failed)}): they have changed since")
    if history.is_cut:
        notes.append("the last line of the journal is cut short: the run was killed")
    return tuple(notes)
