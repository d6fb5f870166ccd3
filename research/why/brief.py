"""A signal and what became of it, in one line."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from research.why.breaker_periods import BreakerPeriod
from research.why.fate import Fate, fate_of
from research.why.history import History
from research.why.story import Verdict, missed_text
from research.why.texts import Account, amount, refusal_text
from risk.messages import Signal, TradeEvent


class SignalBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A signal in one line.

    Attributes
    ----------
    rule : str
        The risk rule that refused it, or why its entry was missed; empty otherwise.
    """

    signal_id: str
    instrument_id: str
    ts_ns: int
    side: int
    score: int
    verdict: Verdict
    rule: str
    text: str


class Outcome(NamedTuple):
    """What became of a signal; the fate is that of an approved one."""

    verdict: Verdict
    rule: str
    fate: Fate | None = None


def outcome_of(
    history: History, signal_id: str, periods: Sequence[BreakerPeriod], events: Sequence[TradeEvent] | None = None
) -> Outcome:
    """Return what became of a signal; ``events`` are those of its trade where they are at hand."""
    noted = history.answers.get(signal_id)
    if noted is None:
        return Outcome("unanswered", "")
    if not noted.what.approved:
        return Outcome("refused", noted.what.rule)
    fate = fate_of(history, signal_id, periods, events)
    return Outcome(fate.outcome, fate.why if fate.outcome == "missed" else "", fate)


def brief_of(history: History, signal: Signal, periods: Sequence[BreakerPeriod], currency: str) -> SignalBrief:
    """Return what became of a signal, in one line."""
    outcome = outcome_of(history, signal.signal_id, periods)
    return SignalBrief(
        signal_id=signal.signal_id,
        instrument_id=signal.instrument_id,
        ts_ns=signal.ts_ns,
        side=signal.side,
        score=signal.score,
        verdict=outcome.verdict,
        rule=outcome.rule,
        text=_text(history, signal.signal_id, outcome, currency),
    )


def _text(history: History, signal_id: str, outcome: Outcome, currency: str) -> str:
    if outcome.verdict == "unanswered":
        return "no answer: the journal ends before"
    answer = history.answers[signal_id].what
    account = Account(currency, answer.equity)
    if outcome.fate is None:
        return f"refused by {answer.rule}: {refusal_text(answer.refusal, account)}"
    return _fate_text(outcome.fate, account)


def _fate_text(fate: Fate, account: Account) -> str:
    match fate.outcome:
        case "missed":
            return f"entry did not fill: {missed_text(fate)}"
        case "closed" if fate.result is not None:
            return f"traded: {fate.why}, net {amount(fate.result.net, account, plus=True)}"
        case "open":
            return "traded, still open when the journal ends"
        case "working":
            return "the entry was still working when the journal ends"
    return f"approved, but {fate.why}"
