"""The rate budget of one address, answer by answer (design/venues.md: 429, 418, Retry-After, reserve)."""

from itertools import pairwise

import pytest

from adapters.binance.errors import NotSentError
from adapters.governor import Governor, ProcessLedger
from adapters.pacing import MINUTE_MS, Pauses, Standing, admit, note

PAUSES = Pauses(first_ms=1000, longest_ms=60_000)
NOON_MS = 1_700_000_000_000 // MINUTE_MS * MINUTE_MS


@pytest.mark.parametrize(("weight", "wait_ms"), [(20, 0), (21, 30_000)])
def test_minute_holds_its_limit_and_no_more(weight: int, wait_ms: int) -> None:
    now_ms = NOON_MS + 30_000
    standing, waited = admit(Standing(), now_ms, 80, 100)
    assert waited == 0
    assert admit(standing, now_ms, weight, 100)[1] == wait_ms
    assert admit(standing, NOON_MS + MINUTE_MS, weight, 100)[1] == 0


def test_request_heavier_than_the_limit_leaves_alone() -> None:
    standing, waited = admit(Standing(), NOON_MS, 500, 100)
    assert waited == 0
    assert admit(standing, NOON_MS, 1, 100)[1] == MINUTE_MS


def test_what_the_venue_has_counted_counts() -> None:
    """Others send from the same address without asking: the engine's own client, a person's browser."""
    standing = note(Standing(), NOON_MS, "fine", 95, 0, PAUSES, 0.0)
    assert admit(standing, NOON_MS, 5, 100)[1] == 0
    assert admit(standing, NOON_MS, 6, 100)[1] == MINUTE_MS
    fewer = note(standing, NOON_MS, "fine", 10, 0, PAUSES, 0.0)  # an answer that was overtaken
    assert admit(fewer, NOON_MS, 6, 100)[1] == MINUTE_MS


@pytest.mark.parametrize(("retry_ms", "wait_ms"), [(7000, 7000), (0, 500)])
def test_too_many_requests_close_it_as_long_as_the_venue_says(retry_ms: int, wait_ms: int) -> None:
    standing = note(Standing(), NOON_MS, "busy", 0, retry_ms, PAUSES, 0.0)
    assert admit(standing, NOON_MS, 1, 100) == (standing, wait_ms)
    assert admit(standing, NOON_MS + wait_ms, 1, 100)[1] == 0


def test_pauses_double_up_to_the_longest_and_start_anew_after_a_good_answer() -> None:
    standing, ends = Standing(), []
    for _ in range(9):
        standing = note(standing, standing.closed_ms, "busy", 0, 0, PAUSES, 0.999999)
        ends.append(standing.closed_ms)
    lengths = [later - earlier for earlier, later in pairwise([0, *ends])]
    assert [round(length, -2) for length in lengths] == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]
    standing = note(standing, standing.closed_ms, "fine", 0, 0, PAUSES, 0.0)
    begun = standing.closed_ms
    assert note(standing, begun, "busy", 0, 0, PAUSES, 0.0).closed_ms == begun + 500


def test_chance_moves_the_second_half_of_a_pause() -> None:
    ends = [note(Standing(), 0, "busy", 0, 0, PAUSES, chance).closed_ms for chance in (0.0, 0.5, 0.999)]
    assert ends == [500, 750, 999]


def test_shorter_pause_does_not_end_a_longer_one() -> None:
    standing = note(Standing(), 0, "banned", 0, 90_000, PAUSES, 0.0)
    standing = note(standing, 0, "busy", 0, 1000, PAUSES, 0.0)
    assert (standing.closed_ms, standing.banned) == (90_000, True)


def test_failure_of_another_kind_says_nothing() -> None:
    standing = note(Standing(), 0, "busy", 0, 0, PAUSES, 0.0)
    assert note(standing, 0, "failed", 0, 0, PAUSES, 0.0) == standing


class World:
    """A clock that sleeping moves."""

    def __init__(self, limit: int = 80, urgent_limit: int = 100, max_wait_secs: float = 10.0) -> None:
        self.now_ms = NOON_MS + 30_000
        self.slept: list[float] = []
        self.ledger = ProcessLedger(limit, urgent_limit, PAUSES, lambda: self.now_ms)
        self.governor = Governor(self.ledger, max_wait_secs, sleep=self.sleep, chance=lambda: 0.0)

    def sleep(self, secs: float) -> None:
        self.slept.append(secs)
        self.now_ms += round(secs * 1000)


def test_reserve_is_for_cancels_and_stops() -> None:
    world = World()
    world.governor.take(80, urgent=False)
    with pytest.raises(NotSentError, match=r"the rate budget is used up, for 30\.0 s more"):
        world.governor.take(1, urgent=False)
    world.governor.take(20, urgent=True)
    with pytest.raises(NotSentError):
        world.governor.take(1, urgent=True)


def test_short_pause_is_slept_through() -> None:
    world = World()
    world.governor.told(429, None, 3.0)
    world.governor.take(1, urgent=False)
    assert world.slept == [3.0]


def test_pauses_that_follow_each_other_are_not_slept_through_for_ever() -> None:
    world = World()
    world.governor.told(429, None, 6.0)

    def told_again(secs: float) -> None:
        world.slept.append(secs)
        world.now_ms += round(secs * 1000)
        world.governor.told(429, None, 6.0)

    governor = Governor(world.ledger, 10.0, sleep=told_again)
    with pytest.raises(NotSentError, match="used up"):
        governor.take(1, urgent=False)
    assert world.slept == [6.0]


def test_urgent_request_does_not_sleep_for_long() -> None:
    world = World()
    world.governor.told(429, None, 3.0)
    with pytest.raises(NotSentError, match="used up"):
        world.governor.take(1, urgent=True)
    assert world.slept == []


def test_ban_is_said_at_once_and_ends() -> None:
    world = World()
    world.governor.told(418, None, 2.0)
    with pytest.raises(NotSentError, match="banned by the venue") as found:
        world.governor.take(1, urgent=False)  # though two seconds could be slept through
    assert found.value.banned
    assert world.slept == []
    world.now_ms += 2000
    world.governor.told(200, 100, 0.0)
    with pytest.raises(NotSentError) as found:
        world.governor.take(1, urgent=False)
    assert not found.value.banned
