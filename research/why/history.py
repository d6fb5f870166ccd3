"""What a journal says, sorted by what it is about."""

import difflib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from errors import ConfigError
from risk.messages import Alert, BreakerEvent, Check, NearSignal, Signal, TradeEvent, TradeResult

SHOWN = 5  # names in an error message


class Noted[T](NamedTuple):
    """An event and the line it stands in: lines tell the order of what happened at one moment."""

    line: int
    what: T


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A ``risk.messages.Check`` as a journal has it: null for what is not a number."""

    rule: str
    passed: bool
    limit: float | None
    observed: float | None
    note: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """RISK_APPROVED or RISK_REJECTED: a ``risk.messages.Decision`` that names its signal by id."""

    ts_ns: int
    signal: str
    approved: bool
    rule: str
    limit: float
    observed: float
    quantity: float
    risk_quote: float
    heat_before: float
    heat_after: float
    equity: float
    sized_by: str = ""
    asked: tuple[Asked, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return what was asked, in order; empty in a journal of a version that did not say."""
        return tuple(
            Check(one.rule, one.passed, to_number(one.limit), to_number(one.observed), one.note) for one in self.asked
        )

    @property
    def refusal(self) -> Check:
        """Return the check that said no."""
        note = self.asked[-1].note if self.asked and not self.asked[-1].passed else ""
        return Check(self.rule, False, self.limit, self.observed, note)


def to_number(value: float | None) -> float:
    """Return NaN for what a journal has as null.

    >>> to_number(None), to_number(1.5)
    (nan, 1.5)
    """
    return math.nan if value is None else value


class History(msgspec.Struct, kw_only=True):
    """A journal, read.

    Attributes
    ----------
    begin_ns, end_ns : int
        First and last stamp, nanoseconds UTC.
    started : dict
        Details of the newest RUN_STARTED; empty when there is none.
    complete : bool, optional
        What RUN_ENDED says; None without it: the run was killed, or is under way.
    is_cut : bool
        Whether the last line was cut short: the process was killed while it wrote.
    alerts : dict
        By what their details begin with: the id of a trade where they are of one.
    """

    path: Path
    begin_ns: int = 0
    end_ns: int = 0
    lines: int = 0
    is_cut: bool = False
    complete: bool | None = None
    started: dict[str, Any] = msgspec.field(default_factory=dict)
    signals: dict[str, Noted[Signal]] = msgspec.field(default_factory=dict)
    near: list[NearSignal] = msgspec.field(default_factory=list)
    answers: dict[str, Noted[Answer]] = msgspec.field(default_factory=dict)
    trade_events: list[Noted[TradeEvent]] = msgspec.field(default_factory=list)
    results: dict[str, TradeResult] = msgspec.field(default_factory=dict)
    breakers: list[BreakerEvent] = msgspec.field(default_factory=list)
    alerts: dict[str, list[Alert]] = msgspec.field(default_factory=dict)

    # --- what is there ------------------------------------------------------------------------------------------------

    @property
    def instruments(self) -> list[str]:
        """Return every instrument that anything is said of."""
        found = {one.what.instrument_id for one in self.signals.values()} | {one.instrument_id for one in self.near}
        return sorted(found | {one.what.instrument_id for one in self.trade_events})

    def events_of(self, signal_id: str) -> list[TradeEvent]:
        """Return what happened to the trade of one signal, oldest first."""
        return [one.what for one in self.trade_events if one.what.signal_id == signal_id]

    def trades(self) -> dict[str, list[TradeEvent]]:
        """Return the events of every trade by signal, oldest first."""
        found: dict[str, list[TradeEvent]] = {}
        for one in self.trade_events:
            found.setdefault(one.what.signal_id, []).append(one.what)
        return found

    # --- what is asked for --------------------------------------------------------------------------------------------

    def find_signal(self, text: str) -> str:
        """Return the id of a signal that is named by its id, by a part of it, or by its trade's id.

        The parts of an abbreviation may be separated by ``/``: ``BTC/16734807``.

        Raises
        ------
        ConfigError
            No signal is called so, or several are; the message names close ones.
        """
        by_trade = {one.what.trade_id: one.what.signal_id for one in self.trade_events}
        name = by_trade.get(text, text)
        if name in self.signals:
            return name
        found = [signal_id for signal_id in self.signals if _is_short_for(text, signal_id)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(f"--signal {text}: {len(found)} signals are called so: {_some(found)}")
        close = difflib.get_close_matches(text, self.signals, n=3, cutoff=0.5)
        hint = f"; close to it: {', '.join(close)}" if close else ""
        raise ConfigError(
            f"--signal {text}: none of the {len(self.signals):,} signals in {self.path} is called so{hint}"
        )

    def find_instrument(self, text: str, others: Iterable[str] = ()) -> str:
        """Return the instrument that is named by its id or a part of it, in any case of letters.

        Parameters
        ----------
        others : iterable of str
            Instruments that the journal need not say anything of.

        Raises
        ------
        ConfigError
            No instrument is called so, or several are.
        """
        known = sorted({*self.instruments, *others})
        found = [name for name in known if name == text] or [name for name in known if text.lower() in name.lower()]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(f"--instrument {text}: {len(found)} instruments are called so: {_some(found)}")
        raise ConfigError(
            f"--instrument {text}: not in {self.path} (there are: {', '.join(known) or 'none: it has no signals'})"
        )


def _is_short_for(text: str, whole: str) -> bool:
    """Return whether the pieces of ``text`` stand in ``whole`` one after the other.

    >>> _is_short_for("btc/123", "breakout/BTC.X/1234"), _is_short_for("123/BTC", "breakout/BTC.X/1234")
    (True, False)
    """
    at, low = 0, whole.lower()
    for piece in text.lower().split("/"):
        found = low.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return bool(text)


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
