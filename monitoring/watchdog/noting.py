"""What each look adds to what is known: signs of life, sight of the venue, bare positions."""

from msgspec.structs import replace

from monitoring.watchdog.action import Action, Tell
from monitoring.watchdog.limits import SECOND_NS, Limits
from monitoring.watchdog.observation import Observation
from monitoring.watchdog.state import Bare, State

type Step = tuple[State, tuple[Action, ...]]


def note_beat(state: State, seen: Observation, limits: Limits) -> State:
    """Return the state with the node's newest sign of life.

    A sign counts when it differs from the last one; its stamp is not trusted beyond the present.
    """
    now = seen.now_ns
    alive_ns = state.alive_ns or now  # nobody has ever been heard: the time runs from the first look
    if seen.beat_ns not in (0, state.beat_ns):
        alive_ns = seen.beat_ns
    alive_ns = min(alive_ns, now)  # a stamp of the future, or a clock that was set back, lends no life
    silence_ns = now - alive_ns
    steady_ns = (state.steady_ns or now) if seen.beat_ns and silence_ns <= limits.fresh_ns else 0
    return replace(
        state,
        ticked_ns=now,
        beat_ns=seen.beat_ns or state.beat_ns,
        alive_ns=alive_ns,
        lost_looks=state.lost_looks + 1 if silence_ns > limits.heartbeat_ns else 0,
        steady_ns=min(steady_ns, now),
    )


def note_sight(state: State, seen: Observation, limits: Limits) -> Step:
    """Return the state with how long the venue has been out of sight, and what a person must hear of it."""
    if seen.positions is not None:
        told: tuple[Action, ...] = (Tell("WATCHDOG_SIGHT", "INFO", "the venue answers again"),)
        return replace(state, blind_ns=0, blind_told=False), told if state.blind_told else ()
    since_ns = state.blind_ns or seen.now_ns
    if state.blind_told or seen.now_ns - since_ns < limits.blind_ns:
        return replace(state, blind_ns=since_ns), ()
    secs = (seen.now_ns - since_ns) // SECOND_NS
    text = f"no answer of the venue for {secs} s: nothing can be protected from here ({seen.trouble})"
    return replace(state, blind_ns=since_ns, blind_told=True), (Tell("WATCHDOG_BLIND", "CRITICAL", text),)


def note_bare(state: State, seen: Observation) -> State:
    """Return the state with the positions that lack a sufficient stop; an unseen account changes nothing."""
    if seen.positions is None:
        return state
    bare = {}
    for position in seen.positions:
        before = state.bare.get(position.symbol)
        if position.bare:
            since_ns = min(before.since_ns, seen.now_ns) if before else seen.now_ns
            bare[position.symbol] = Bare(since_ns, (before.looks if before else 0) + 1)
        elif position.bare is None and before:
            bare[position.symbol] = before
    return replace(state, bare=bare)


def is_lost(state: State, limits: Limits) -> bool:
    """Return whether the node is silent for too long, beyond one odd look."""
    return state.lost_looks >= limits.looks


def is_steady(state: State, limits: Limits) -> bool:
    """Return whether the node has been back for long enough."""
    return state.steady_ns > 0 and state.ticked_ns - state.steady_ns >= limits.return_ns


def overdue(state: State, seen: Observation, limits: Limits) -> tuple[str, ...]:
    """Return the instruments whose position has been bare for too long and is so in this look, in order."""
    now_bare = {position.symbol for position in seen.positions or () if position.bare}
    return tuple(
        symbol
        for symbol, bare in sorted(state.bare.items())
        if symbol in now_bare and bare.looks >= limits.looks and seen.now_ns - bare.since_ns >= limits.unprotected_ns
    )
