"""Owners of the shared ledger on real Redis: twins, death, return, and what is left behind."""

import math
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import pytest
from ledger_server import Space, claim, space, until
from stores import PROCESSES

from errors import StateError
from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim, ProcessLedger
from risk.open_ledger import open_ledger
from risk.shared_ledger import RedisLedger


@pytest.fixture
def room() -> Iterator[Space]:
    """A namespace whose epoch is old."""
    with space() as found:
        yield found.settle()


def test_open_with_the_name_of_a_living_process_raises(room: Space) -> None:
    a, twin = room.ledger("a", lease_secs=6.0), room.ledger("a", lease_secs=6.0)
    a.open()
    with pytest.raises(StateError, match=r"owner 'a': another process holds this name"):
        twin.open()
    assert "another process" in twin.read().fault
    assert not twin.reserve(claim("k", 1.0), a.read().token)
    twin.update(claim("k", 1.0))
    assert not twin.publish()
    assert room.stored() == {}
    assert a.read().fault == ""


def test_configuration_chooses_the_ledger_and_redis_comes_opened(room: Space) -> None:
    config = room.config("a", lease_secs=6.0)  # a twin waits for a third of it
    ledger = open_ledger(config)
    try:
        assert ledger.read().fault == ""
        assert ledger.reserve(claim("k", 1.0), ledger.read().token)
        with pytest.raises(StateError, match="another process holds this name"):
            open_ledger(config)
    finally:
        ledger.close()
    assert isinstance(open_ledger(SharedLedgerConfig()), ProcessLedger)


def test_open_after_close_takes_the_name_at_once(room: Space) -> None:
    first, second = room.ledger("a"), room.ledger("a")  # a lease of 60 s
    first.open()
    first.update(claim("k", 0.0, 3.0))
    first.close()
    second.open()
    assert second.recover() == [claim("k", 0.0, 3.0)]
    assert second.read().fault == ""


def test_process_whose_name_was_taken_over_while_it_slept_is_refused(room: Space) -> None:
    asleep, other = room.member("a"), room.member("b")
    asleep.update(claim("k", 1.0))
    assert asleep.publish()
    token = other.read().token
    room.pass_time("a", 61.0)
    awake = room.member("a")
    for _ in range(5):
        assert awake.publish()  # its words have higher numbers than those of the sleeper
    assert not asleep.reserve(claim("m", 1.0), token)
    assert "does not know this process" in asleep.read().fault
    asleep.update(claim("m", 1.0))
    assert not asleep.publish()
    assert "another process" in asleep.read().fault
    assert room.stored() == {"a:k": 1.0}
    assert awake.read().fault == ""
    room.pass_time("a", 61.0)
    assert not asleep.publish(), "what the other held must not go, even when that is dead too"
    assert room.stored() == {"a:k": 1.0}


def hold(config: SharedLedgerConfig, held: list[Claim], pipe: Connection) -> None:
    """Reserve, fill, say so, and wait to be killed."""
    ledger = RedisLedger(config)
    ledger.open()
    ledger.tell_equity(500.0)
    for one in held:
        until(lambda one=one: ledger.reserve(msgspec.structs.replace(one, reserved=1.0), ledger.read().token))
        ledger.update(one)
    pipe.send("holds")
    pipe.recv()


def killed_owner(room: Space, held: list[Claim], **settings: Any) -> None:
    """Let a real process take claims as owner ``dead``, then kill it."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=hold, args=(room.config("dead", **settings), held, theirs))
    process.start()
    try:
        assert ours.poll(30.0)
        assert ours.recv() == "holds"
        until(lambda: len(room.stored()) == len(held) and room.record("dead")["equity"])
        until(lambda: room.stored() == {f"dead:{one.key}": one.reserved + one.open_risk for one in held})
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
        theirs.close()


DEAD = [claim("entry", 4.0), claim("part", 2.0, 2.0), claim("position", 0.0, 3.0), claim("free", 0.0, 0.0)]


def test_owner_killed_keeps_its_positions_and_gives_its_entries_back_after_the_lapse(room: Space) -> None:
    short = {"lease_secs": 1.5, "timeout_secs": 0.5}
    a = room.member("a")
    killed_owner(room, DEAD, lapse_secs=2.0, **short)
    record = room.record("dead")
    assert (record["lease"] - record["beat"], record["lapses"] - record["lease"]) == (1500, 2000)
    assert {one.key for one in a.read().claims} == {"entry", "part", "position", "free"}
    (dead,) = [status for status in a.owners() if status.owner == "dead"]
    assert (dead.claims, dead.risk) == (4, 11.0)
    token = a.read().token
    until(lambda: {one.key for one in a.read().claims} == {"part", "position", "free"})
    assert room.now_ms() >= record["lapses"], "not before the lapse"
    assert room.stored() == {"dead:part": 4.0, "dead:position": 3.0, "dead:free": 0.0}
    assert a.reserve(claim("k", 1.0), token), "a lapse gives risk back: no token outdates"
    room.pass_time("dead", 1e6)
    assert {one.key for one in a.read().claims} == {"part", "position", "free"}, "these never lapse"
    with pytest.raises(StateError, match=r"'daed' is not on the shared ledger; did you mean 'dead'\?"):
        a.release_owner("daed")
    assert a.release_owner("dead") == 3
    assert list(a.read().claims) == []
    assert [status.owner for status in a.owners()] == ["a"]
    assert room.stored() == {"a:k": 1.0}


def test_owner_killed_and_started_again_recovers_what_it_held(room: Space) -> None:
    short = {"lease_secs": 1.5, "timeout_secs": 0.5}
    other = room.member("other")
    killed_owner(room, DEAD, lapse_secs=60.0, **short)
    again = room.ledger("dead", **short)
    again.open()  # waits while the old lease runs out
    keys = {one.key for one in DEAD}
    again.update(claim("part", 0.0, 2.0))
    assert {one.key for one in again.read().claims} == keys - {"part"}, "not decided on: counts as a stranger's"
    found = again.recover()
    assert sorted(one.key for one in found) == sorted(keys - {"part"})
    assert [one for one in found if one.key == "entry"] == [claim("entry", 4.0)]
    assert again.recover() == []
    assert list(again.read().claims) == []
    again.release("entry")
    again.release("free")
    until(lambda: room.stored() == {"dead:part": 2.0, "dead:position": 3.0})
    again.close()
    assert {one.key for one in other.read().claims} == {"part", "position"}


def test_owner_back_after_the_lapse_recovers_only_positions(room: Space) -> None:
    first = room.member("a", lapse_secs=120.0)
    for one in DEAD:
        first.update(one)
    assert first.publish()
    room.pass_time("a", 60.0 + 120.0)
    again = room.member("a")
    assert sorted(one.key for one in again.recover()) == ["free", "part", "position"]


def test_owner_released_in_an_earlier_life_is_not_recovered_before_registration(room: Space) -> None:
    first = room.member("a")
    first.update(claim("k", 1.0))
    first.update(claim("m", 1.0))
    assert first.publish()
    room.pass_time("a", 61.0)
    again = room.ledger("a")
    again.update(claim("k", 2.0))
    again.release("k")
    assert again.publish()
    assert again.recover() == [claim("m", 1.0)]
    assert again.publish()
    assert room.stored() == {"a:m": 1.0}


def test_release_owner_of_a_living_one_raises(room: Space) -> None:
    a, b = room.member("a"), room.member("b")
    b.update(claim("k", 1.0))
    assert b.publish()
    with pytest.raises(StateError, match="'b' is alive"):
        a.release_owner("b")
    assert room.stored() == {"b:k": 1.0}
    room.pass_time("b", 61.0)
    assert a.release_owner("b") == 1


def test_lease_is_renewed_by_the_thread(room: Space) -> None:
    a = room.ledger("a", lease_secs=1.5, timeout_secs=0.5)
    a.open()
    beats: dict[int, int] = {}

    def seen() -> bool:
        record = room.record("a")
        beats[record["seq"]] = record["beat"]
        return max(beats) >= 4

    until(seen)
    waits = [beats[seq] - beats[seq - 1] for seq in beats if seq > 2 and seq - 1 in beats]  # the second follows at once
    assert waits
    assert min(waits) >= 490, "a third of the lease, no more often"


def test_note_is_said_at_once(room: Space) -> None:
    a, b = room.ledger("a"), room.member("b")  # a sign of life every 20 s
    a.open()
    until(lambda: room.record("a")["seq"] == 2, 10.0)  # the thread waits now
    a.update(claim("k", 1.0))
    until(lambda: room.stored() == {"a:k": 1.0}, 10.0)
    a.release("k")
    until(lambda: room.stored() == {}, 10.0)
    a.tell_equity(5.0)
    until(lambda: b.read().equity == 5.0, 10.0)
    a.tell_equity(math.nan)
    until(lambda: math.isnan(b.read().equity), 10.0)


def test_owners_shows_each_with_its_state(room: Space) -> None:
    a, _ = room.member("a", equity=900.0), room.member("b", equity=math.nan, venue_account="shared")
    a.update(claim("k", 1.0, 2.0))
    a.update(claim("m", 0.0, 4.0))
    assert a.publish()
    room.pass_time("b", 61.0)
    one, other = room.ledger("screen").owners()
    assert (one.owner, one.venue_account, one.alive, one.claims, one.risk, one.equity) == (
        "a",
        "a",
        True,
        2,
        7.0,
        900.0,
    )
    assert 0.0 <= one.lease_age_secs < 30.0
    assert (other.owner, other.venue_account, other.alive, other.claims, other.risk) == ("b", "shared", False, 0, 0.0)
    assert math.isnan(other.equity)
    assert 61.0 <= other.lease_age_secs < 91.0
