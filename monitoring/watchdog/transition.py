"""The watchdog's one rule: what it knows and what it sees give what it knows next and what is done (Spec 9.4)."""

from msgspec.structs import replace

from monitoring.watchdog.action import Tell
from monitoring.watchdog.closing import act, count_clear, look_up, note_answers
from monitoring.watchdog.limits import SECOND_NS, Limits
from monitoring.watchdog.noting import Step, is_lost, is_steady, note_bare, note_beat, note_sight, overdue
from monitoring.watchdog.observation import Observation
from monitoring.watchdog.state import Phase, State


def transition(state: State, seen: Observation, limits: Limits) -> Step:
    """Return the next state and what is to be done, in this order.

    The state must be on disk before the first action is done. Clearing, once a close has left, goes on until the
    account is flat, whatever the node does meanwhile; the node is trusted again when it has been steadily alive.
    """
    state = note_bare(note_beat(state, seen, limits), seen)
    state, sight = note_sight(state, seen, limits)
    state, heard = note_answers(state, seen, limits)
    state, done = _PHASES[state.phase](state, seen, limits)
    asked = look_up(state) if state.phase is not Phase.CLEARING else ()
    return state, sight + heard + done + asked


def resume(state: State, seen: Observation, limits: Limits) -> Step:
    """Return the state with which a watchdog that has just started goes on.

    Clearing goes on at once, unless the node is alive: what it was begun for is over, and days may have passed. After
    a long absence the node gets its time anew: it may be about to be started.
    """
    is_alive = bool(seen.beat_ns) and seen.now_ns - seen.beat_ns <= limits.fresh_ns
    if state.phase is not Phase.WATCHING and is_alive:
        text = "the node is alive: what an earlier watchdog had begun is over"
        return State(beat_ns=state.beat_ns, closes=state.closes), (Tell("WATCHDOG_STOOD_DOWN", "WARNING", text),)
    if state.phase is Phase.WATCHING and seen.now_ns - state.ticked_ns > limits.heartbeat_ns:
        return State(beat_ns=seen.beat_ns, alive_ns=seen.now_ns), ()
    return state, ()


def _watch(state: State, seen: Observation, limits: Limits) -> Step:
    if is_lost(state, limits):
        silence = (seen.now_ns - state.alive_ns) // SECOND_NS
        return _begin(state, seen, f"no sign of life of the node for {silence} s", everything=True)
    late = overdue(state, seen, limits)
    if late:
        return _begin(state, seen, f"no sufficient stop rests for {', '.join(late)}", scope=late)
    return state, ()


def _begin(
    state: State, seen: Observation, reason: str, *, everything: bool = False, scope: tuple[str, ...] = ()
) -> Step:
    """Begin an incident; the first acts follow with the next look, which sees working entries too."""
    state = replace(
        state,
        phase=Phase.CLEARING,
        everything=everything,
        scope=scope,
        reason=reason,
        incident_ns=seen.now_ns,
        sent=0,
        told_ns=seen.now_ns,
    )
    what = "everything" if everything else ", ".join(scope)
    text = f"{reason}: cancelling entries and closing {what} at market, stops stay"
    return state, (Tell("WATCHDOG_TRIPPED", "CRITICAL", text),)


def _clear(state: State, seen: Observation, limits: Limits) -> Step:
    state, told = _widen(state, seen, limits)
    if _is_needless(state, limits):
        text = f"over before anything was closed: {state.reason}"
        return _end(state, Phase.WATCHING), (*told, Tell("WATCHDOG_STOOD_DOWN", "WARNING", text))
    looks = count_clear(state, seen)
    if looks >= limits.clear_looks:
        text = f"flat, verified {looks} times, {state.sent} closes sent: {state.reason}"
        after = Phase.GUARDING if state.everything else Phase.WATCHING
        return _end(state, after), (*told, Tell("WATCHDOG_FLAT", "CRITICAL", text))
    state, done = act(replace(state, clear_looks=looks), seen, limits)
    state, stuck = _call_for_help(state, seen, limits)
    return state, told + done + stuck


def _widen(state: State, seen: Observation, limits: Limits) -> Step:
    if state.everything:
        return state, ()
    if is_lost(state, limits):
        text = "the node has fallen silent meanwhile: closing everything"
        return replace(state, everything=True, scope=()), (Tell("WATCHDOG_WIDENED", "CRITICAL", text),)
    more = tuple(symbol for symbol in overdue(state, seen, limits) if symbol not in state.scope)
    if not more:
        return state, ()
    text = f"no sufficient stop rests for {', '.join(more)} either"
    return replace(state, scope=state.scope + more), (Tell("WATCHDOG_WIDENED", "CRITICAL", text),)


def _is_needless(state: State, limits: Limits) -> bool:
    """Return whether what it was begun for is over, and no close has left."""
    if state.sent:
        return False
    if state.everything:
        return state.steady_ns > 0 and not is_lost(state, limits)
    return not any(symbol in state.bare for symbol in state.scope)


def _call_for_help(state: State, seen: Observation, limits: Limits) -> Step:
    if seen.now_ns - state.told_ns < limits.stuck_ns:
        return state, ()
    secs = (seen.now_ns - state.incident_ns) // SECOND_NS
    text = f"not flat after {secs} s: {seen.trouble or state.reason}"
    return replace(state, told_ns=seen.now_ns), (Tell("WATCHDOG_STUCK", "CRITICAL", text),)


def _end(state: State, phase: Phase) -> State:
    return replace(state, phase=phase, pauses={}, clear_looks=0)


def _guard(state: State, seen: Observation, limits: Limits) -> Step:
    if is_steady(state, limits):
        text = "the node is steadily alive again"
        return replace(state, phase=Phase.WATCHING), (Tell("WATCHDOG_REARMED", "INFO", text),)
    if is_lost(state, limits) and (seen.positions or seen.entries):
        return _begin(state, seen, "the node is silent and the account is not flat any more", everything=True)
    late = overdue(state, seen, limits)
    if late:
        return _begin(state, seen, f"no sufficient stop rests for {', '.join(late)}", scope=late)
    return state, ()


_PHASES = {Phase.WATCHING: _watch, Phase.CLEARING: _clear, Phase.GUARDING: _guard}
