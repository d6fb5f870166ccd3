"""A journal file, line by line, into a ``History``: once through, nothing is skipped in silence."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from errors import DataError
from research.why.history import Answer, Asked, History, Noted, to_number
from risk.messages import Alert, BreakerEvent, NearSignal, Signal, TradeEvent, TradeResult

NS = 1_000_000_000


class Line(msgspec.Struct, frozen=True):
    """One line of a journal (``monitoring.journal.Entry``), its details not read yet."""

    timestamp_utc: str
    module: str
    event_type: str
    asset: str
    severity: str
    details: msgspec.Raw


class AnswerLine(msgspec.Struct, frozen=True, kw_only=True):
    """The details of a decision; thousands have numbers that are null, so these types allow it."""

    ts_ns: int
    signal: str
    approved: bool
    rule: str
    quantity: float
    risk_quote: float
    limit: float | None = None
    observed: float | None = None
    heat_before: float | None = None
    heat_after: float | None = None
    equity: float | None = None
    sized_by: str = ""
    checks: tuple[Asked, ...] = ()

    def answer(self) -> Answer:
        """Return it with NaN for null."""
        numbers = {name: to_number(getattr(self, name)) for name in NULLABLE}
        return Answer(
            ts_ns=self.ts_ns,
            signal=self.signal,
            approved=self.approved,
            rule=self.rule,
            quantity=self.quantity,
            risk_quote=self.risk_quote,
            sized_by=self.sized_by,
            asked=self.checks,
            **numbers,
        )


NULLABLE = ("limit", "observed", "heat_before", "heat_after", "equity")


def read_history(path: Path) -> History:
    """Read a journal.

    Parameters
    ----------
    path : Path
        JSON lines. The last one may be cut short, as a killed run leaves it.

    Raises
    ------
    DataError
        The file cannot be read, is empty, or has a line that is none of a journal; the message names it.
    """
    history, stamps = History(path=path), ["", ""]
    for number, line in _lines(history):
        try:
            _take(history, number, line)
        except msgspec.MsgspecError as error:
            raise DataError(f"{path}:{number}: {line.event_type} cannot be read: {_lower(str(error))}") from error
        stamps = [min(stamps[0] or line.timestamp_utc, line.timestamp_utc), max(stamps[1], line.timestamp_utc)]
        history.lines = number
    if not history.lines:
        raise DataError(f"{path}: the journal is empty: nothing has happened yet, or the run was killed as it began")
    history.begin_ns, history.end_ns = (_parse_ns(stamp, path) for stamp in stamps)
    return history


def _lines(history: History) -> Iterator[tuple[int, Line]]:
    path, decode = history.path, msgspec.json.Decoder(Line).decode
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    yield number, decode(raw)
                except msgspec.MsgspecError as error:
                    if raw.endswith(b"\n"):
                        raise DataError(f"{path}:{number}: not a line of a journal: {_lower(str(error))}") from error
                    history.is_cut = True
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


# --- one line ---------------------------------------------------------------------------------------------------------


def _take(history: History, number: int, line: Line) -> None:
    take = TAKERS.get(line.event_type) or TAKERS.get(line.module) or TAKERS.get(line.event_type.partition("_")[0])
    if take is not None:
        take(history, number, line.details)


def _signal(history: History, number: int, raw: msgspec.Raw) -> None:
    signal = typed(raw, Signal)
    history.signals[signal.signal_id] = Noted(number, signal)


def _near(history: History, _number: int, raw: msgspec.Raw) -> None:
    history.near.append(typed(raw, NearSignal))


def _answer(history: History, number: int, raw: msgspec.Raw) -> None:
    answer = typed(raw, AnswerLine).answer()
    history.answers[answer.signal] = Noted(number, answer)


def _result(history: History, _number: int, raw: msgspec.Raw) -> None:
    result = typed(raw, TradeResult)
    history.results[result.signal_id] = result


def _trade_event(history: History, number: int, raw: msgspec.Raw) -> None:
    history.trade_events.append(Noted(number, typed(raw, TradeEvent)))


def _breaker(history: History, _number: int, raw: msgspec.Raw) -> None:
    history.breakers.append(typed(raw, BreakerEvent))


def _alert(history: History, _number: int, raw: msgspec.Raw) -> None:
    alert = typed(raw, Alert)
    history.alerts.setdefault(alert.details.partition(":")[0], []).append(alert)


def _start(history: History, _number: int, raw: msgspec.Raw) -> None:
    history.started = msgspec.json.decode(raw, type=dict[str, Any])
    history.complete = None


def _end(history: History, _number: int, raw: msgspec.Raw) -> None:
    history.complete = bool(msgspec.json.decode(raw, type=dict[str, Any]).get("complete"))


# By event, else by module, else by the first word of the event; of anything else nothing is explained here.
TAKERS: dict[str, Callable[[History, int, msgspec.Raw], None]] = {
    "SIGNAL_LONG": _signal,
    "SIGNAL_SHORT": _signal,
    "SIGNAL_UNCONFIRMED": _near,
    "RISK_APPROVED": _answer,
    "RISK_REJECTED": _answer,
    "TRADE_CLOSED": _result,
    "execution_engine": _trade_event,
    "alerts": _alert,
    "BREAKER": _breaker,
    "RUN_STARTED": _start,
    "RUN_ENDED": _end,
}


def typed[T](raw: msgspec.Raw, kind: type[T]) -> T:
    """Return details as one of our messages; JSON has no NaN, a journal writes null for it.

    >>> typed(msgspec.Raw(b'{"ts_ns":1,"name":"X","severity":"INFO"}'), Alert).name
    'X'
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        return msgspec.convert(_with_nan(msgspec.json.decode(raw)), kind)


def _with_nan(value: Any) -> Any:
    if value is None:
        return float("nan")
    if isinstance(value, dict):
        return {key: _with_nan(item) for key, item in value.items()}
    return [_with_nan(item) for item in value] if isinstance(value, list) else value


def _parse_ns(stamp: str, path: Path) -> int:
    whole, _, decimals = stamp.removesuffix("Z").partition(".")
    try:
        moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
        return int(moment.timestamp()) * NS + int(decimals.ljust(9, "0")[:9])
    except ValueError as error:
        raise DataError(f"{path}: timestamp_utc must be like 2024-01-31T12:00:00.000000000Z, was '{stamp}'") from error


def _lower(text: str) -> str:
    """Return a message as the end of a sentence: "JSON" stays as it is."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
