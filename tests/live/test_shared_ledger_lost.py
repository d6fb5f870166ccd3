"""Redis forgets, hangs, is gone or is no Redis: entries are refused, nothing else waits."""

import math
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ledger_server import PrivateRedis, Space, claim, space, until

from errors import ConfigError, StateError
from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim, Shared
from risk.shared_ledger import RedisLedger
from risk.shared_wire import Wire

BRISK = {"lease_secs": 1.5, "timeout_secs": 0.5, "lapse_secs": 60.0}


@pytest.fixture
def room() -> Iterator[Space]:
    """A namespace whose epoch is old."""
    with space() as found:
        yield found.settle()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrivateRedis]:
    found = PrivateRedis(tmp_path).start()
    yield found
    found.kill()


def quick(ledger: RedisLedger) -> float:
    """Return how long a hundred notes of each kind take, in seconds."""
    started = time.perf_counter()
    for number in range(100):
        ledger.update(claim("quick", open_risk=float(number)))
        ledger.tell_equity(float(number))
        ledger.release("quick")
    return time.perf_counter() - started


def usable(ledger: RedisLedger) -> Shared | None:
    shared = ledger.read()
    return None if shared.fault else shared


def reserve(ledger: RedisLedger, wanted: Claim) -> None:
    until(lambda: ledger.reserve(wanted, ledger.read().token))


def after_the_wait(room: Space, ledger: RedisLedger) -> Shared:
    """Return the first picture that entries may be decided on, a lease after the ledger was begun afresh."""
    shared = until(lambda: usable(ledger))
    assert BRISK["lease_secs"] <= room.age_secs() < 3600.0
    return shared


def test_ledger_begun_afresh_makes_entries_wait_a_lease() -> None:
    with space() as room:
        a = room.member("a", lease_secs=60.0)
        shared = a.read()
        assert "started afresh" in shared.fault
        assert "entries wait" in shared.fault
        assert (shared.token, math.isnan(shared.equity)) == (0, True)
        room.client.hincrby(room.key("epoch"), "at", -60_000)
        assert a.read().fault == ""


def test_redis_wiped_is_told_again_what_everyone_holds(room: Space) -> None:
    a, b = room.ledger("a", **BRISK), room.ledger("b", **BRISK)
    a.open()
    b.open()
    reserve(a, claim("k", 5.0))
    token = until(lambda: usable(b)).token
    room.client.delete(*room.client.keys(f"*{room.name}*"))
    assert not b.reserve(claim("m", 1.0), token), "a token of an earlier epoch"
    shared = after_the_wait(room, b)
    assert list(shared.claims) == [claim("k", 5.0)]
    assert shared.token > token
    assert not b.reserve(claim("m", 1.0), token)
    reserve(b, claim("m", 1.0))


def test_redis_killed_refuses_entries_and_holds_up_nothing_else(server: PrivateRedis) -> None:
    with space(server.port, **BRISK) as room:
        room.settle()
        a, b = room.ledger("a"), room.ledger("b")
        a.open()
        b.open()
        reserve(a, claim("k", 5.0))
        token = until(lambda: usable(a)).token
        server.kill()
        assert not a.reserve(claim("m", 1.0), token)
        assert f"the shared ledger at redis://127.0.0.1:{server.port}/0 does not answer" in a.read().fault
        assert math.isnan(a.read().equity)
        assert quick(a) < 1.0
        a.update(claim("k", 0.0, 4.0))
        with pytest.raises(StateError, match="does not answer"):
            a.owners()
        with pytest.raises(StateError, match="does not answer"):
            a.release_owner("b")
        server.start()
        assert list(after_the_wait(room, b).claims) == [claim("k", 0.0, 4.0)]
        after_the_wait(room, a)


def test_open_without_redis_registers_when_it_comes(server: PrivateRedis) -> None:
    with space(server.port, **BRISK) as room:
        server.kill()
        a = room.ledger("a")
        a.open()
        assert "does not answer" in a.read().fault
        assert a.recover() == []
        a.update(claim("k", 0.0, 4.0))
        server.start()
        until(lambda: usable(a))
        assert room.stored() == {"a:k": 4.0}


def test_redis_hung_costs_one_time_out_and_leaves_nothing_behind(server: PrivateRedis) -> None:
    with space(server.port, **BRISK) as room:
        room.settle()
        a, b = room.ledger("a"), room.ledger("b")
        a.open()
        b.open()
        token = until(lambda: usable(b)).token
        server.signal(signal.SIGSTOP)
        started = time.perf_counter()
        assert not b.reserve(claim("k", 5.0), token)  # Redis will read it when it wakes, after its sender gave it up
        assert quick(b) < 1.0
        assert all(b.read().fault for _ in range(100))
        assert time.perf_counter() - started < 10.0, "a hundred time-outs are 50 s"
        until(lambda: a.read().fault)
        server.signal(signal.SIGCONT)
        until(lambda: usable(b))
        seq = room.record("b")["seq"]
        b.update(claim("m", 1.0))
        until(lambda: room.record("b")["seq"] > seq)
        until(lambda: room.stored() == {"b:m": 1.0})
        assert list(until(lambda: usable(a)).claims) == [claim("m", 1.0)]


def test_redis_back_from_an_old_file_is_told_again(server: PrivateRedis) -> None:
    with space(server.port, **BRISK) as room:
        room.settle()
        a, b = room.ledger("a"), room.ledger("b")
        a.open()
        b.open()
        until(lambda: usable(a) and usable(b))
        room.client.save()
        reserve(a, claim("k", 5.0))
        token = until(lambda: usable(b)).token
        server.kill()
        server.start()
        assert not b.reserve(claim("m", 1.0), token)
        shared = after_the_wait(room, b)
        assert list(shared.claims) == [claim("k", 5.0)]
        assert shared.token > token


def test_redis_back_from_an_old_file_makes_those_wait_who_cannot_know(server: PrivateRedis) -> None:
    with space(server.port) as room:
        room.settle()
        a, b = room.member("a"), room.member("b")
        room.client.save()
        reserve(a, claim("k", 5.0))
        server.kill()
        server.start()
        shared = b.read()
        assert room.stored() == {}
        assert "started afresh" in shared.fault


def test_redis_that_forgot_a_word_is_noticed_by_the_next_one(room: Space) -> None:
    a, b = room.member("a"), room.member("b")
    old = room.record("b")
    assert a.publish()
    assert b.publish()
    room.client.hset(room.key("owners"), "b", msgspec.json.encode(old))
    token = a.read().token
    assert not b.reserve(claim("k", 1.0), token)
    assert "started afresh" in a.read().fault
    room.settle()
    room.client.hset(room.key("owners"), "b", msgspec.json.encode(old))
    assert "does not know this process" in b.read().fault
    assert b.publish()
    assert "started afresh" in b.read().fault


def test_clock_of_redis_set_back_makes_entries_wait(room: Space) -> None:
    a = room.member("a")
    room.client.hset(room.key("epoch"), "at", 10**13)
    assert "started afresh" in a.read().fault
    assert int(room.client.hget(room.key("epoch"), "at") or 0) < 10**13


@pytest.mark.parametrize(
    ("name", "field", "rubbish"),
    [("claims", "b:k", "rubbish"), ("claims", "b:k", '{"key": 1}'), ("owners", "b", "{}"), ("epoch", "version", "x")],
)
def test_read_of_nonsense_is_a_fault(room: Space, name: str, field: str, rubbish: str) -> None:
    a = room.member("a")
    room.member("b")
    room.client.hset(room.key(name), field, rubbish)
    assert "the shared ledger at" in a.read().fault
    assert not a.reserve(claim("m", 1.0), 1)


def test_keys_of_another_kind_are_a_fault(room: Space) -> None:
    a = room.member("a")
    room.client.set(room.key("claims"), "text")
    assert "WRONGTYPE" in a.read().fault
    assert not a.publish()
    room.client.delete(room.key("claims"))
    assert a.publish()
    assert a.read().fault == ""


def test_server_that_is_no_redis_is_a_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            with door.accept()[0] as guest:
                guest.recv(100)
                guest.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"redis://127.0.0.1:{door.getsockname()[1]}"
        ledger = RedisLedger(SharedLedgerConfig(backend="redis", url=url, owner="a"))
        assert not ledger.publish()
        assert "does not answer" in ledger.read().fault
        thread.join()
        ledger.close()


def test_thread_that_fails_refuses_entries_and_goes_on(room: Space) -> None:
    class Breaking(Wire):
        broken = False

        def call[T](self, parse: Callable[[Any], T], step: str, *args: str | bytes) -> T:
            if self.broken and step == "publish":
                raise RuntimeError("a bug")
            return super().call(parse, step, *args)

    config = room.config("a", **BRISK)
    wire = Breaking(config)
    a = RedisLedger(config, wire)
    room.made.append(a)
    a.open()
    until(lambda: usable(a))
    wire.broken = True
    a.update(claim("k", 1.0))
    until(lambda: "thread failed: RuntimeError('a bug')" in a.read().fault)
    wire.broken = False
    until(lambda: usable(a))
    assert room.stored() == {"a:k": 1.0}


def test_thread_tries_less_and_less_often_while_redis_is_away(room: Space) -> None:
    class Counting(Wire):
        tries = 0

        def call[T](self, parse: Callable[[Any], T], step: str, *args: str | bytes) -> T:
            self.tries += 1
            return super().call(parse, step, *args)

    config = room.config("a", url="redis://127.0.0.1:1")
    wire = Counting(config)
    a = RedisLedger(config, wire)
    room.made.append(a)
    a.open()
    started = time.monotonic()
    number = 0

    def a_second_of_notes() -> bool:
        nonlocal number
        number += 1
        a.update(claim("k", float(number)))
        return time.monotonic() - started > 1.0

    until(a_second_of_notes)
    assert number > 10
    assert 2 <= wire.tries <= 7  # at once twice, then after 0.05, 0.1, 0.2, 0.4 s


def test_close_says_what_was_noted_and_leaves_claims(room: Space) -> None:
    a, b = room.ledger("a"), room.member("b")
    a.open()
    reserve(a, claim("k", 1.0))
    a.update(claim("k", 0.0, 0.5))
    a.close()
    assert a.read().fault == "the shared ledger is closed"
    assert not a.reserve(claim("m", 1.0), b.read().token)
    assert list(b.read().claims) == [claim("k", 0.0, 0.5)]
    assert [status.alive for status in b.owners()] == [False, True]
    a.update(claim("k", 2.0))
    a.release("k")
    a.close()
    assert room.stored() == {"a:k": 0.5}


def test_close_without_redis_ends_in_time(server: PrivateRedis) -> None:
    with space(server.port, **BRISK) as room:
        a = room.ledger("a")
        a.open()
        server.signal(signal.SIGSTOP)
        started = time.perf_counter()
        a.close()
        assert time.perf_counter() - started < 8.0 * 0.5 + 2.0
        assert "closed" in a.read().fault
        server.signal(signal.SIGCONT)


def test_password_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = PrivateRedis(tmp_path, "--requirepass", "hunter2").start()
    config = SharedLedgerConfig(
        backend="redis", url=f"redis://127.0.0.1:{server.port}", owner="a", password_secret="LEDGER_PASSWORD"
    )
    try:
        with pytest.raises(ConfigError, match="LEDGER_PASSWORD"):
            RedisLedger(config)
        for password, registered in (("wrong", False), ("hunter2", True)):
            monkeypatch.setenv("LEDGER_PASSWORD", password)
            ledger = RedisLedger(config)
            assert ledger.publish() is registered
            assert password not in ledger.read().fault
            ledger.close()
    finally:
        server.kill()
