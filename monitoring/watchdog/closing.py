"""Closes: what was heard of those that left, and which are to leave now."""

from collections.abc import Iterator

from msgspec.structs import replace

from monitoring.watchdog.action import Action, CancelEntry, LookUp, SendClose, Tell
from monitoring.watchdog.limits import Limits
from monitoring.watchdog.noting import Step
from monitoring.watchdog.observation import Answer, Fate, Observation, SeenPosition
from monitoring.watchdog.state import Close, Pause, State

MAX_DOUBLINGS = 3
ABSENCES = 2  # how often the venue must not know a close
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def note_answers(state: State, seen: Observation, limits: Limits) -> Step:
    """Return the state without the closes whose end is known.

    One without an answer stays: it is looked up, never sent again. The venue must have had time to learn of it before
    its not knowing it counts.
    """
    told: list[Action] = []
    for answer in seen.answers:
        close = next((one for one in state.closes if one.client_id == answer.client_id), None)
        if close is not None:
            state, words = _note_answer(state, close, answer, seen.now_ns, limits)
            told += words
    return state, tuple(told)


def _note_answer(state: State, close: Close, answer: Answer, now_ns: int, limits: Limits) -> Step:
    if answer.fate is Fate.OVER:
        return _without(state, close), ()
    if answer.fate is Fate.ABSENT:
        missed = replace(close, absences=close.absences + 1)
        if missed.absences < ABSENCES or abs(now_ns - close.sent_ns) < limits.absent_ns:
            return _with(state, close, missed), ()
        text = f"close {close.client_id} never arrived at the venue"
        return _without(state, close), (Tell("WATCHDOG_CLOSE_ABSENT", "WARNING", text, close.symbol),)
    if answer.fate in (Fate.REFUSED, Fate.NOT_SENT):
        failures = min(state.pauses.get(close.symbol, Pause(0, 0)).failures + 1, MAX_DOUBLINGS + 1)
        pause = Pause(now_ns + limits.retry_ns * 2 ** (failures - 1), failures)
        state = replace(_without(state, close), pauses={**state.pauses, close.symbol: pause})
        word = "refused by the venue" if answer.fate is Fate.REFUSED else "not sent"
        text = f"close {close.client_id} was {word}: {answer.text}"
        return state, (Tell("WATCHDOG_CLOSE_FAILED", "CRITICAL", text, close.symbol),)
    return _with(state, close, replace(close, absences=0)), ()


def look_up(state: State) -> tuple[Action, ...]:
    """Return the questions after closes whose end is not known."""
    return tuple(LookUp(close.symbol, close.client_id) for close in state.closes)


def act(state: State, seen: Observation, limits: Limits) -> Step:
    """Return what clearing needs now: cancels first, then questions, then closes."""
    actions: list[Action] = [
        CancelEntry(entry.symbol, entry.venue_name, entry.conditional)
        for entry in seen.entries or ()
        if state.clears(entry.symbol)
    ]
    actions += look_up(state)
    awaited = {close.symbol for close in state.closes}
    for position in seen.positions or ():
        is_free = position.symbol not in awaited and not _is_paused(state, position.symbol, seen.now_ns, limits)
        if state.clears(position.symbol) and is_free:
            fresh = tuple(_closes(state, position, seen.now_ns))
            state = replace(state, closes=state.closes + fresh, sent=state.sent + len(fresh))
            actions += [SendClose(one.symbol, one.client_id, one.side, one.quantity) for one in fresh]
    return state, tuple(actions)


def count_clear(state: State, seen: Observation) -> int:
    """Return how many looks in a row have found nothing left; one that did not look for entries says nothing."""
    if seen.positions is None or state.closes:
        return 0
    found = [position.symbol for position in seen.positions] + [entry.symbol for entry in seen.entries or ()]
    if any(state.clears(symbol) for symbol in found):
        return 0
    return state.clear_looks + (seen.entries is not None)


def _is_paused(state: State, symbol: str, now_ns: int, limits: Limits) -> bool:
    pause = state.pauses.get(symbol)
    longest_ns = limits.retry_ns * 2**MAX_DOUBLINGS
    return pause is not None and 0 < pause.until_ns - now_ns <= longest_ns  # longer: the clock was set back


def _closes(state: State, position: SeenPosition, now_ns: int) -> Iterator[Close]:
    left, number = abs(position.quantity), state.sent
    while left > 0:
        quantity = min(left, position.max_close or left)
        number += 1
        name = f"wd-{base36(state.incident_ns // 1_000_000)}-{number}"
        yield Close(position.symbol, name, -1 if position.quantity > 0 else 1, quantity, now_ns)
        left -= quantity


def base36(number: int) -> str:
    """Return a whole number above 0 in digits and small letters.

    >>> base36(35), base36(36)
    ('z', '10')
    """
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits


def _without(state: State, close: Close) -> State:
    return replace(state, closes=tuple(one for one in state.closes if one != close))


def _with(state: State, close: Close, changed: Close) -> State:
    return replace(state, closes=tuple(changed if one == close else one for one in state.closes))
