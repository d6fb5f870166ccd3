"""The dead man's switch, look by look (Spec 9.4): when it acts, what it does, when it leaves things alone."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from monitoring.watchdog.action import Action, CancelEntry, LookUp, SendClose, Tell
from monitoring.watchdog.limits import SECOND_NS, Limits
from monitoring.watchdog.observation import Answer, Fate, Observation, SeenEntry, SeenPosition
from monitoring.watchdog.state import Phase, State
from monitoring.watchdog.transition import resume, transition

LIMITS = Limits()
START_NS = 1_700_000_000 * SECOND_NS
LONG = SeenPosition("BTCUSDT", Decimal("0.5"), Decimal(0))
BARE = SeenPosition("BTCUSDT", Decimal("0.5"), Decimal("0.2"))
SHORT = SeenPosition("ETHUSDT", Decimal(-3), Decimal(0))
ENTRY = SeenEntry("BTCUSDT", "x-EN1")


class Run:
    """A watchdog that looks once a second; the node beats every second unless it is silent."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.state = State()
        self.now_ns = START_NS
        self.beats = True
        self.beat_ns = START_NS
        self.done: list[Action] = []
        self.first = True

    def look(
        self,
        positions: Iterable[SeenPosition] | None = (),
        entries: Iterable[SeenEntry] | None = None,
        *answers: Answer,
        secs: float = 1.0,
    ) -> list[Action]:
        self.now_ns += round(secs * SECOND_NS)
        if self.beats:
            self.beat_ns = self.now_ns
        seen = Observation(
            now_ns=self.now_ns,
            beat_ns=self.beat_ns,
            positions=None if positions is None else tuple(positions),
            entries=None if entries is None else tuple(entries),
            answers=answers,
            trouble="time-out" if positions is None else "",
        )
        said: tuple[Action, ...] = ()
        if self.first:
            self.first = False
            self.state, said = resume(self.state, seen, self.limits)
        self.state, done = transition(self.state, seen, self.limits)
        self.done += [*said, *done]
        return [*said, *done]

    def looks(self, count: int, *args: Any, **kwargs: Any) -> list[Action]:
        return [action for _ in range(count) for action in self.look(*args, **kwargs)]

    def restart(self) -> None:
        """Read back what is on disk."""
        self.state = msgspec.json.decode(msgspec.json.encode(self.state), type=State)
        self.first = True

    def silence(self, *positions: SeenPosition) -> "Run":
        """Let the node fall silent with positions open until the watchdog has tripped."""
        self.looks(5, positions)
        self.beats = False
        while self.state.phase is Phase.WATCHING:
            self.look(positions)
        return self


def names(actions: Iterable[Action]) -> list[str]:
    return [action.name if isinstance(action, Tell) else type(action).__name__ for action in actions]


def closes(actions: Iterable[Action]) -> list[SendClose]:
    return [action for action in actions if isinstance(action, SendClose)]


def over(close: SendClose) -> Answer:
    return Answer(close.client_id, Fate.OVER)


# --- when it acts -----------------------------------------------------------------------------------------------------


def test_living_node_with_protected_positions_is_left_alone() -> None:
    run = Run()
    run.looks(500, [LONG, SHORT])
    assert run.done == []


@pytest.mark.parametrize(("silent_secs", "acts"), [(60, False), (61, False), (62, False), (63, True)])
def test_node_that_is_silent_for_more_than_a_minute_in_three_looks_trips_it(silent_secs: int, acts: bool) -> None:
    run = Run()
    run.looks(5, [LONG])
    run.beats = False
    run.looks(silent_secs, [LONG])
    assert (run.state.phase is Phase.CLEARING) is acts


def test_node_that_never_came_has_a_minute_from_the_first_look() -> None:
    run = Run()
    run.beats, run.beat_ns = False, 0
    run.looks(63, [LONG])
    assert run.state.phase is Phase.WATCHING
    run.look([LONG])
    assert run.state.phase is Phase.CLEARING


@pytest.mark.parametrize(("bare_secs", "acts"), [(10, False), (11, True)])
def test_position_without_stop_for_ten_seconds_trips_it(bare_secs: int, acts: bool) -> None:
    run = Run()
    run.looks(5, [LONG, SHORT])
    run.looks(bare_secs, [BARE, SHORT])
    assert (run.state.phase is Phase.CLEARING) is acts
    assert run.state.scope == (("BTCUSDT",) if acts else ())


def test_stop_that_is_replaced_in_time_trips_nothing() -> None:
    run = Run()
    for _ in range(20):
        run.looks(9, [BARE])
        run.look([LONG])
    assert run.done == []


def test_single_odd_look_after_a_pause_trips_nothing() -> None:
    run = Run()
    run.look([BARE])
    run.beats = False
    run.look([BARE], secs=3600)  # asleep: node and watchdog alike
    run.beats = True
    run.look([LONG])
    assert run.done == []


def test_clock_that_is_set_back_and_forth_trips_nothing() -> None:
    run = Run()
    for secs in (3600.0, -7200.0, 86_400.0, -86_400.0):
        run.look([LONG], secs=secs)
        run.looks(3, [LONG])
    assert run.done == []


def test_clock_that_is_set_back_delays_nothing() -> None:
    run = Run()
    run.looks(5, [LONG])
    run.look([BARE])
    run.look([BARE], secs=-86_400)
    run.looks(10, [BARE])
    (close,) = closes(run.look([BARE], []))
    run.look([BARE], [], Answer(close.client_id, Fate.REFUSED, "no"))
    done = run.look([BARE], [], secs=-86_400)
    assert closes(done), "the pause before the next try has become a day"
    (close,) = closes(done)
    run.look([BARE], [], Answer(close.client_id, Fate.ABSENT), secs=-86_400)
    assert closes(run.look([BARE], [], Answer(close.client_id, Fate.ABSENT)))


def test_node_is_steady_for_thirty_seconds_by_a_clock_that_was_set_back_too() -> None:
    run = Run().silence()
    run.looks(2, [], [])
    run.beats = True
    run.look([])
    run.look([], secs=-86_400)
    run.looks(31, [])
    assert run.state.phase is Phase.WATCHING


def test_stamp_from_the_future_does_not_hide_a_dead_node() -> None:
    run = Run()
    run.looks(5, [LONG])
    run.beats, run.beat_ns = False, run.now_ns + 86_400 * SECOND_NS
    run.looks(70, [LONG])
    assert run.state.phase is Phase.CLEARING


def test_stale_view_of_the_stops_is_not_taken_for_a_bare_position() -> None:
    unseen = replace(LONG, bare=None)
    run = Run()
    run.looks(60, [unseen])
    assert run.done == []
    run.looks(5, [BARE])
    run.looks(60, [unseen])  # neither proves it bare nor takes the doubt away
    assert run.done == []
    assert run.look([BARE])


# --- what it does -----------------------------------------------------------------------------------------------------


def test_it_cancels_entries_closes_everything_and_verifies_twice() -> None:
    run = Run().silence(LONG, SHORT)
    done = run.look([LONG, SHORT], [ENTRY], secs=0.1)
    assert names(done) == ["CancelEntry", "SendClose", "SendClose"]
    assert done[0] == CancelEntry("BTCUSDT", "x-EN1", False)
    long, short = closes(done)
    assert (long.side, long.quantity) == (-1, Decimal("0.5"))
    assert (short.side, short.quantity) == (1, Decimal(3))
    assert names(run.look([], [], over(long), over(short))) == []
    assert names(run.look([], [])) == ["WATCHDOG_FLAT"]
    assert run.state.phase is Phase.GUARDING


def test_bare_position_alone_is_closed_and_the_others_stay() -> None:
    run = Run()
    run.looks(11, [BARE, SHORT])
    done = run.look([BARE, SHORT], [ENTRY, SeenEntry("ETHUSDT", "y-EN1")])
    assert names(done) == ["CancelEntry", "SendClose"]
    assert {action.symbol for action in done} == {"BTCUSDT"}  # type: ignore[union-attr]
    run.look([SHORT], [SeenEntry("ETHUSDT", "y-EN1")], over(closes(done)[0]))
    assert names(run.look([SHORT], [SeenEntry("ETHUSDT", "y-EN1")])) == ["WATCHDOG_FLAT"]
    assert run.state.phase is Phase.WATCHING


def test_close_without_an_answer_is_looked_up_and_never_sent_again() -> None:
    run = Run().silence(LONG)
    (close,) = closes(run.look([LONG], []))
    for _ in range(100):
        done = run.look([LONG], [], Answer(close.client_id, Fate.UNKNOWN))
        assert [action for action in done if not isinstance(action, Tell)] == [LookUp("BTCUSDT", close.client_id)]
    assert names(run.look([], [], over(close))) == []
    assert names(run.look([], [])) == ["WATCHDOG_FLAT"]


def test_close_that_never_arrived_is_followed_by_a_new_one() -> None:
    run = Run().silence(LONG)
    (first,) = closes(run.look([LONG], []))
    absent = Answer(first.client_id, Fate.ABSENT)
    done = run.looks(4, [LONG], [], absent)
    assert closes(done) == []  # five seconds have not passed: it may still arrive
    done = run.look([LONG], [], absent)
    assert names(done) == ["WATCHDOG_CLOSE_ABSENT", "SendClose"]
    assert closes(done)[0].client_id != first.client_id


def test_one_absence_after_a_long_time_is_not_enough() -> None:
    run = Run().silence(LONG)
    (first,) = closes(run.look([LONG], []))
    run.looks(30, [LONG], [], Answer(first.client_id, Fate.UNKNOWN))
    assert closes(run.look([LONG], [], Answer(first.client_id, Fate.ABSENT))) == []
    assert len(closes(run.look([LONG], [], Answer(first.client_id, Fate.ABSENT)))) == 1


def test_close_that_works_is_waited_for() -> None:
    run = Run().silence(LONG)
    (first,) = closes(run.look([LONG], []))
    assert closes(run.looks(20, [LONG], [], Answer(first.client_id, Fate.WORKING))) == []


def test_rest_that_a_close_left_is_closed_under_a_new_name() -> None:
    run = Run().silence(LONG)
    (first,) = closes(run.look([LONG], []))
    rest = replace(LONG, quantity=Decimal("0.1"))
    (second,) = closes(run.look([rest], [], over(first)))
    assert second.quantity == Decimal("0.1")
    assert second.client_id != first.client_id


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.NOT_SENT])
def test_refused_close_is_told_and_tried_anew_with_growing_pauses(fate: Fate) -> None:
    run = Run().silence(LONG)
    (close,) = closes(run.look([LONG], []))
    tries = []
    for _ in range(60):
        done = run.look([LONG], [], Answer(close.client_id, fate, "no"))
        if closes(done):
            (close,) = closes(done)
            tries.append(run.now_ns // SECOND_NS)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == [3, 5, 9, 9, 9, 9, 9]  # heard a look later, then 2, 4, 8, 8 ... s
    assert names(run.done).count("WATCHDOG_CLOSE_FAILED") == len(tries) + 1


def test_position_larger_than_the_largest_market_order_is_closed_in_parts() -> None:
    large = SeenPosition("BTCUSDT", Decimal("2.5"), Decimal(0), Decimal(1))
    run = Run().silence(large)
    done = closes(run.look([large], []))
    assert [close.quantity for close in done] == [1, 1, Decimal("0.5")]
    assert len({close.client_id for close in done}) == 3
    assert closes(run.look([large], [], over(done[0]))) == []  # two parts are still on their way


def test_account_that_looks_flat_with_a_close_on_its_way_is_not_flat_yet() -> None:
    run = Run().silence(LONG)
    run.look([LONG], [])
    assert "WATCHDOG_FLAT" not in names(run.looks(10, [], []))


def test_entries_must_have_been_looked_for_before_it_is_flat() -> None:
    run = Run().silence()
    assert "WATCHDOG_FLAT" not in names(run.looks(10, [], None))
    run.look([], [ENTRY])
    run.look([], [])
    run.looks(3, [], None)
    assert names(run.look([], [])) == ["WATCHDOG_FLAT"]


def test_it_acts_on_what_it_sees_while_the_list_of_orders_fails() -> None:
    run = Run().silence(LONG)
    assert names(run.look([replace(LONG, bare=None)], None)) == ["SendClose"]


def test_account_that_does_not_get_flat_calls_for_help_each_minute() -> None:
    run = Run().silence(LONG)
    (close,) = closes(run.look([LONG], []))
    run.looks(180, [LONG], [], Answer(close.client_id, Fate.WORKING))
    assert names(run.done).count("WATCHDOG_STUCK") == 3


def test_venue_that_does_not_answer_is_told_once_and_so_is_its_return() -> None:
    run = Run()
    run.look([LONG])
    run.looks(100, None)
    run.looks(10, [LONG])
    assert names(run.done) == ["WATCHDOG_BLIND", "WATCHDOG_SIGHT"]


def test_node_that_dies_while_the_venue_is_out_of_sight_is_noticed_and_cleared_later() -> None:
    run = Run()
    run.look([LONG])
    run.beats = False
    run.looks(70, None)
    assert names(run.done) == ["WATCHDOG_BLIND", "WATCHDOG_TRIPPED"]
    assert names(run.look([LONG], [])) == ["WATCHDOG_SIGHT", "SendClose"]


# --- when it stops ----------------------------------------------------------------------------------------------------


def test_node_that_returns_before_anything_was_closed_gets_its_positions_back() -> None:
    run = Run().silence(LONG)
    run.beats = True
    assert names(run.look([LONG], [ENTRY])) == ["WATCHDOG_STOOD_DOWN"]
    assert run.state.phase is Phase.WATCHING


def test_second_incident_can_be_stood_down_too() -> None:
    run = Run()
    run.looks(11, [BARE])
    (close,) = closes(run.look([BARE], []))
    run.look([], [], over(close))
    assert names(run.look([], [])) == ["WATCHDOG_FLAT"]
    run.looks(11, [BARE])
    assert names(run.look([LONG], [])) == ["WATCHDOG_STOOD_DOWN"]


def test_stop_that_is_out_of_sight_ends_nothing() -> None:
    run = Run()
    run.looks(11, [BARE])
    assert run.look(None) == []
    assert len(closes(run.look([BARE], []))) == 1


def test_stop_that_returns_before_anything_was_closed_ends_it() -> None:
    run = Run()
    run.looks(11, [BARE])
    assert names(run.look([LONG], [])) == ["WATCHDOG_STOOD_DOWN"]


def test_clearing_that_has_begun_goes_on_when_the_node_returns() -> None:
    run = Run().silence(LONG, SHORT)
    first, second = closes(run.look([LONG, SHORT], []))
    run.beats = True
    rest = replace(SHORT, quantity=Decimal(-1))
    assert len(closes(run.look([rest], [], over(first), over(second)))) == 1


def test_flapping_node_is_trusted_after_thirty_steady_seconds_only() -> None:
    run = Run().silence()
    run.looks(2, [], [])
    assert run.state.phase is Phase.GUARDING
    for _ in range(5):
        run.beats = True
        run.looks(20, [])
        run.beats = False
        run.looks(20, [])
    assert run.state.phase is Phase.GUARDING
    run.beats = True
    run.looks(31, [])
    assert names(run.done).count("WATCHDOG_REARMED") == 1
    assert run.state.phase is Phase.WATCHING


@pytest.mark.parametrize(("positions", "entries"), [([LONG], None), ([], [ENTRY])])
def test_silent_node_that_trades_again_is_cleared_again(positions: list[Any], entries: list[Any] | None) -> None:
    run = Run().silence()
    run.looks(2, [], [])
    assert names(run.look(positions, entries)) == ["WATCHDOG_TRIPPED"]


def test_returning_node_is_watched_from_the_start() -> None:
    run = Run().silence()
    run.looks(2, [], [])
    run.beats = True
    run.looks(11, [BARE])
    assert run.state.phase is Phase.CLEARING
    assert run.state.scope == ("BTCUSDT",)


def test_bare_position_beside_a_dying_node_widens_to_everything() -> None:
    run = Run()
    run.looks(11, [BARE, SHORT])
    run.look([BARE, SHORT], [])
    run.beats = False
    done = run.looks(70, [BARE, SHORT], [], Answer("?", Fate.UNKNOWN))
    assert names(done).count("WATCHDOG_WIDENED") == 1
    assert [close.symbol for close in closes(done)] == ["ETHUSDT"]


def test_second_bare_position_joins_the_first() -> None:
    run = Run()
    run.looks(11, [BARE, SHORT])
    run.look([BARE, SHORT], [])
    done = run.looks(12, [BARE, replace(SHORT, bare=Decimal(1))], [])
    assert names(done).count("WATCHDOG_WIDENED") == 1
    assert [close.symbol for close in closes(done)] == ["ETHUSDT"]


# --- its own death ----------------------------------------------------------------------------------------------------


def test_restart_between_decision_and_close_goes_on_at_once() -> None:
    run = Run().silence(LONG)
    run.restart()
    assert len(closes(run.look([LONG], []))) == 1


def test_restart_after_the_close_was_written_asks_before_it_sends() -> None:
    run = Run().silence(LONG)
    (close,) = closes(run.look([LONG], []))
    run.restart()  # whether it left, nobody knows
    assert run.look([LONG], []) == [LookUp("BTCUSDT", close.client_id)]


def test_watchdog_that_crashes_all_the_time_still_counts_the_silence() -> None:
    run = Run()
    run.looks(5, [LONG])
    run.beats = False
    for _ in range(70):
        run.restart()
        run.look([LONG])
    assert run.state.phase is Phase.CLEARING


def test_watchdog_that_comes_back_after_days_gives_the_node_its_minute() -> None:
    run = Run()
    run.looks(5, [LONG])
    run.beats = False
    run.restart()
    run.look([LONG], secs=3 * 86_400)
    run.looks(59, [LONG])
    assert run.done == []
    run.looks(5, [LONG])
    assert run.state.phase is Phase.CLEARING


def test_clearing_of_days_ago_does_not_hit_a_living_node() -> None:
    run = Run().silence(LONG)
    (close,) = closes(run.look([LONG], []))
    run.restart()
    run.beats = True
    done = run.look([LONG], [], secs=3 * 86_400)
    assert names(done) == ["WATCHDOG_STOOD_DOWN", "LookUp"]  # what its close came to is still asked
    assert run.state.phase is Phase.WATCHING
    assert run.look([LONG], [], over(close)) == []


def test_clearing_of_days_ago_goes_on_when_the_node_is_still_dead() -> None:
    run = Run().silence(LONG)
    run.restart()
    assert len(closes(run.look([LONG], [], secs=3 * 86_400))) == 1


def test_second_incident_starts_anew() -> None:
    run = Run().silence(LONG)
    (close,) = closes(run.look([LONG], []))
    for _ in range(40):
        done = closes(run.look([LONG], [], Answer(close.client_id, Fate.REFUSED)))
        close = done[0] if done else close
    run.looks(3, [], [], over(close))
    assert names(run.look([], [ENTRY])) == ["WATCHDOG_TRIPPED"]
    (close,) = closes(run.look([LONG], []))
    done = run.looks(4, [LONG], [], Answer(close.client_id, Fate.REFUSED))
    assert len(closes(done)) == 1, "the pause of the first incident goes on"
    run.looks(2, [], [], over(closes(done)[0]))
    assert run.state.phase is Phase.GUARDING
    assert names(run.look([], [ENTRY])) == ["WATCHDOG_TRIPPED"]
    assert names(run.look([], [])) == []
    assert names(run.look([], [])) == ["WATCHDOG_FLAT"]
