"""Why a day brought no trade, or no other one, in words."""

from collections import Counter
from collections.abc import Iterable, Sequence

from research.why.breaker_periods import BreakerPeriod
from research.why.brief import SignalBrief
from research.why.texts import clock
from risk.breakers.catalogue import LOSS_STREAK
from risk.breakers.state import DAY_NS


def reasons_of(breakouts: Sequence[Sequence[str]], signals: Sequence[SignalBrief]) -> tuple[str, ...]:
    """Return what came to nothing and why, each half a sentence.

    Parameters
    ----------
    breakouts : sequence of sequences of str
        Of every breakout that was not confirmed the rules that refused it.
    """
    failed = [name for names in breakouts for name in names]
    refused = [one.rule for one in signals if one.verdict == "refused"]
    missed = [one.rule for one in signals if one.verdict == "missed"]
    silent = [one for one in signals if one.verdict in ("unanswered", "not sent", "working")]
    found = (
        _counted(len(breakouts), "breakout was", "breakouts were", "not confirmed", failed),
        _counted(len(refused), "signal was", "signals were", "refused", refused),
        _counted(len(missed), "entry", "entries", "did not fill", missed),
        _counted(len(silent), "signal", "signals", "came to nothing before the journal ends", ()),
    )
    return tuple(reason for reason in found if reason)


def _counted(count: int, one: str, many: str, what: str, names: Iterable[str]) -> str:
    if count == 0:
        return ""
    by_name = ", ".join(f"{name} {times}" for name, times in Counter(names).most_common())
    return f"{count} {one if count == 1 else many} {what}{f' ({by_name})' if by_name else ''}"


def halt_reasons(closed: Iterable[BreakerPeriod], begin_ns: int) -> tuple[str, ...]:
    """Return which breakers would have refused an entry, and for how much of the day."""
    halts = [one for one in closed if one.breaker != LOSS_STREAK.name]
    return tuple(f"{one.breaker} was closed {_hours(one, begin_ns)}" for one in halts)


def _hours(one: BreakerPeriod, begin_ns: int) -> str:
    before, after = one.since_ns <= begin_ns, one.until_ns is None or one.until_ns >= begin_ns + DAY_NS
    since, until = clock(one.since_ns)[11:], clock(one.until_ns or 0)[11:]
    if before:
        return "all day" if after else f"until {until}"
    return f"from {since} on" if after else f"from {since} to {until}"


def headline_of(entered: int, reasons: Sequence[str]) -> str:
    """Return a day in one sentence."""
    why = "; ".join(reasons)
    if entered == 0:
        return f"No trade, because {why}"
    trades = "1 trade was entered" if entered == 1 else f"{entered} trades were entered"
    return f"{trades}; besides, {why}" if why else trades
