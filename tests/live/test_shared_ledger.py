"""Several processes on one account, against real Redis: what each reads, and what is taken."""

import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from ledger_server import Space, claim, space, until
from redis.crc import key_slot

from risk.shared_ledger import RedisLedger
from risk.shared_wire import Wire


@pytest.fixture
def room() -> Iterator[Space]:
    """A namespace whose epoch is old."""
    with space() as found:
        yield found.settle()


def test_keys_share_one_slot_of_a_cluster(room: Space) -> None:
    room.member("a").update(claim("k", 1.0))
    room.made[-1].publish()
    keys = room.client.keys(f"*{room.name}*")
    assert sorted(keys) == sorted(room.key(name) for name in ("epoch", "owners", "claims"))
    assert len({key_slot(key.encode()) for key in keys}) == 1


# --- reading and reserving --------------------------------------------------------------------------------------------


def test_reserve_on_the_last_token_is_taken_and_seen_by_others_only(room: Space) -> None:
    a, b = room.member("a"), room.member("b")
    assert a.reserve(claim("k", 5.0), a.read().token)
    assert list(b.read().claims) == [claim("k", 5.0)]
    assert list(a.read().claims) == []
    assert room.stored() == {"a:k": 5.0}


def test_reserve_on_a_token_from_before_anothers_reservation_is_not_taken(room: Space) -> None:
    a, b = room.member("a"), room.member("b")
    old = b.read().token
    assert a.reserve(claim("k", 5.0), a.read().token)
    assert not b.reserve(claim("m", 5.0), old)
    assert room.stored() == {"a:k": 5.0}
    assert b.reserve(claim("m", 5.0), b.read().token)
    assert not a.reserve(claim("n", 5.0), old)


@pytest.mark.parametrize("token", [0, -1, 1])
def test_reserve_on_a_token_that_never_was_is_not_taken(room: Space, token: int) -> None:
    a = room.member("a")
    a.update(claim("k", 1.0))
    assert a.publish()
    assert not a.reserve(claim("m", 1.0), token)


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        (lambda a: a.update(claim("k", 6.0)), False),
        (lambda a: a.update(claim("k", 5.0, 0.1)), False),
        (lambda a: a.update(claim("k", 0.0, math.nan)), False),
        (lambda a: a.update(claim("new", 0.0, 0.0)), False),
        (lambda a: a.update(claim("k", 2.0, 3.0)), True),
        (lambda a: a.update(claim("k", 0.0, 4.9)), True),
        (lambda a: a.release("k"), True),
        (lambda a: a.tell_equity(1.0), True),
    ],
    ids=["more reserved", "more open", "unknown", "a new one", "filled", "less", "gone", "equity"],
)
def test_token_outdates_when_risk_is_added_and_only_then(
    room: Space, change: Callable[[RedisLedger], None], *, taken: bool
) -> None:
    a, b = room.member("a"), room.member("b")
    assert a.reserve(claim("k", 5.0), a.read().token)
    token = b.read().token
    change(a)
    assert a.publish()
    assert b.reserve(claim("m", 1.0), token) is taken


def test_reserve_says_what_was_noted_before_in_the_same_step(room: Space) -> None:
    a = room.member("a")
    a.update(claim("old", 0.0, 7.0))
    a.update(claim("more", 0.0, 2.0))
    assert a.publish()
    token = a.read().token
    a.release("old")
    a.update(claim("more", 0.0, 3.0))
    assert a.reserve(claim("k", 5.0), token)
    assert room.stored() == {"a:more": 3.0, "a:k": 5.0}


def test_unknown_risk_is_unknown_to_others(room: Space) -> None:
    a, b = room.member("a"), room.member("b")
    a.update(claim("k", math.inf, math.nan))
    assert a.publish()
    (found,) = b.read().claims
    assert math.isnan(found.reserved)
    assert math.isnan(found.open_risk)
    assert math.isnan(b.owners()[0].risk)


def test_read_while_the_thread_speaks_is_no_fault(room: Space) -> None:
    class Slow(Wire):
        """An answer that is overtaken by the thread's word."""

        def call[T](self, parse: Callable[[Any], T], step: str, *args: str | bytes) -> T:
            answer = super().call(parse, step, *args)
            if step == "look":
                assert ledger.publish()
            return answer

    config = room.config("a")
    ledger = RedisLedger(config, Slow(config))
    room.made.append(ledger)
    assert ledger.publish()
    assert [ledger.read().fault for _ in range(3)] == ["", "", ""]


def test_word_that_was_overtaken_is_void(room: Space) -> None:
    class Recording(Wire):
        said: list[tuple[str | bytes, ...]] = []  # noqa: RUF012 - one test's own

        def call[T](self, parse: Callable[[Any], T], step: str, *args: str | bytes) -> T:
            self.said.append((step, *args))
            return super().call(parse, step, *args)

    config = room.config("a")
    wire = Recording(config)
    a = RedisLedger(config, wire)
    room.made.append(a)
    assert a.publish()
    b = room.member("b")
    assert a.reserve(claim("k", 5.0), a.read().token)
    reserved, held = wire.said[-1], room.stored()
    assert wire.call(list, *reserved) == [b"late"]
    assert room.stored() == held
    token = a.read().token
    a.release("k")
    assert a.publish()
    for old in wire.said[:]:
        if old[0] == "publish":
            assert wire.call(list, *old) == [b"late"]
    assert room.stored() == {}
    assert b.reserve(claim("m", 1.0), token), "words that are void change nothing"


def test_number_that_redis_is_ahead_of_is_a_fault_until_it_is_passed(room: Space) -> None:
    a = room.member("a")
    record = room.record("a")
    room.client.hset(room.key("owners"), "a", msgspec.json.encode(record | {"seq": record["seq"] + 1}))
    assert not a.publish()
    assert "took a later word first" in a.read().fault
    assert a.publish()
    assert a.read().fault == ""


def test_reserve_does_not_wait_behind_a_slow_word(room: Space) -> None:
    class Blocked(Wire):
        reached, go = threading.Event(), threading.Event()

        def call[T](self, parse: Callable[[Any], T], step: str, *args: str | bytes) -> T:
            if threading.current_thread() is speaker:
                self.reached.set()
                assert self.go.wait(20.0)
            return super().call(parse, step, *args)

    config = room.config("a", timeout_secs=0.5)
    wire = Blocked(config)
    a = RedisLedger(config, wire)
    room.made.append(a)
    speaker = threading.Thread(target=a.publish)
    assert a.publish()
    token = a.read().token
    speaker.start()
    assert wire.reached.wait(20.0)
    assert not a.reserve(claim("k", 1.0), token)
    assert "is slow" in a.read().fault
    wire.go.set()
    speaker.join()
    assert a.reserve(claim("k", 1.0), a.read().token)


# --- equity -----------------------------------------------------------------------------------------------------------


def test_equity_is_the_sum_of_other_venue_accounts(room: Space) -> None:
    a = room.member("a", 100.0)
    room.member("b", 20.0)
    room.member("c", 3.0)
    assert a.read().equity == 23.0


def test_equity_of_a_shared_venue_account_counts_once_and_never_to_its_own(room: Space) -> None:
    a, b = room.member("a", 100.0, venue_account="x"), room.member("b", 101.0, venue_account="x")
    c = room.member("c", 7.0)
    assert (a.read().equity, b.read().equity) == (7.0, 7.0)
    room.pass_time("a", 5.0)
    assert c.read().equity == 101.0
    room.pass_time("b", 10.0)
    assert c.read().equity == 100.0, "the last word, not the last sign of life"
    room.pass_time("a", 1000.0)
    assert c.read().equity == 101.0, "a dead owner has no say beside a living one"


def test_equity_that_is_only_repeated_is_not_the_last_word(room: Space) -> None:
    def later(than_ms: int) -> None:
        until(lambda: room.now_ms() > than_ms + 20)

    a, c = room.member("a", 100.0, venue_account="x"), room.member("c")
    later(room.now_ms())
    room.member("b", 101.0, venue_account="x")
    later(room.now_ms())
    assert a.publish()
    assert room.record("a")["beat"] > room.record("b")["beat"]
    assert c.read().equity == 101.0


def test_equity_nobody_has_told_is_unknown(room: Space) -> None:
    a, b = room.member("a"), room.ledger("b")
    assert b.publish()
    assert math.isnan(a.read().equity)
    assert a.read().fault == ""
    b.tell_equity(5.0)
    assert b.publish()
    assert a.read().equity == 5.0
    b.tell_equity(math.nan)
    assert b.publish()
    assert math.isnan(a.read().equity)


@pytest.mark.parametrize(("silent_secs", "known"), [(0.0, True), (150.0, True), (180.0, False)])
def test_equity_of_a_dead_owner_is_unknown_after_three_leases(room: Space, silent_secs: float, *, known: bool) -> None:
    a = room.member("a")
    room.member("b", 5.0)
    room.pass_time("b", silent_secs)
    assert math.isnan(a.read().equity) is not known
    if not known:
        a.release_owner("b")
        assert a.read().equity == 0.0


def test_equity_told_is_repeated_while_the_process_lives(room: Space) -> None:
    a, b = room.member("a"), room.ledger("b", lease_secs=1.5, timeout_secs=0.5)
    b.open()
    b.tell_equity(5.0)
    until(lambda: a.read().equity == 5.0)
    room.pass_time("b", 10.0)
    until(lambda: a.read().equity == 5.0)
