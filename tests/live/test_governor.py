"""One rate budget for several processes, on real Redis; and what our client does with what the venue says of it."""

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.binance.errors import NotSentError, VenueUnknownError
from adapters.binance.usdm import BinanceUsdm
from adapters.config import RateBudgetConfig
from adapters.governor import Governor, ProcessLedger, open_budget
from adapters.pacing import MINUTE_MS, Pauses, Standing, admit, note
from adapters.shared_budget import SCRIPT, RedisLedger
from risk.messages import ApiCall
from tests.live.ledger_server import HOST, NEVER_AGAIN, PORT
from tests.live.loopback import Answer, Asked, Loopback
from tests.live.venue import ROOT

PAUSES = Pauses(1000, 120_000)
WORKER = """
import sys
from adapters.binance.errors import NotSentError
from adapters.config import RateBudgetConfig
from adapters.governor import open_budget
budget = open_budget(RateBudgetConfig(backend="redis", namespace=sys.argv[1], weight_per_minute=1000, max_wait_secs=0.0,
                                      timeout_secs=2.0))
print("ready", flush=True)
sys.stdin.readline()
granted = 0
for _ in range(200):
    try:
        budget.take(3, urgent=False)
        granted += 3
    except NotSentError:
        pass
print(granted, flush=True)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[redis.Redis]:
    client = redis.Redis(host=HOST, port=PORT, decode_responses=True)
    try:
        client.ping()
    except redis.RedisError:
        pytest.skip(f"no Redis at {HOST}:{PORT}")
    yield client
    client.close()


@pytest.fixture
def namespace(server: redis.Redis) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex}"
    yield name
    server.delete(f"{{{name}}}:standing")


def config(namespace: str, **values: object) -> RateBudgetConfig:
    given = {"backend": "redis", "namespace": namespace, "weight_per_minute": 1000, "max_wait_secs": 0.0} | values
    return RateBudgetConfig(timeout_secs=2.0, **given)  # type: ignore[arg-type]


def now_ms(server: redis.Redis) -> int:
    secs, micros = server.time()
    return int(secs) * 1000 + int(micros) // 1000


def test_processes_together_get_the_budget_and_no_more(server: redis.Redis, namespace: str) -> None:
    if now_ms(server) % MINUTE_MS > MINUTE_MS - 8000:
        time.sleep(8.1)  # all within one minute
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, namespace],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    granted = [int(worker.communicate("go\n", timeout=30)[0]) for worker in workers]
    assert sum(granted) == 798  # of 800: a fifth is kept for cancels and stops
    assert sum(share > 0 for share in granted) > 1
    budget = open_budget(config(namespace))
    with pytest.raises(NotSentError, match="used up"):
        budget.take(3, urgent=False)
    budget.take(202, urgent=True)
    with pytest.raises(NotSentError, match="used up"):
        budget.take(1, urgent=True)


def test_ban_of_one_process_stops_all(namespace: str) -> None:
    banned, other = open_budget(config(namespace)), open_budget(config(namespace, max_wait_secs=60.0))
    other.take(1, urgent=False)
    banned.told(418, None, 30.0)
    with pytest.raises(NotSentError, match="banned by the venue") as found:
        other.take(1, urgent=True)
    assert found.value.banned


def test_pause_of_one_process_is_kept_by_all(namespace: str) -> None:
    first, other = open_budget(config(namespace)), open_budget(config(namespace, max_wait_secs=10.0))
    first.told(429, None, 0.5)
    begun = time.monotonic()
    other.take(1, urgent=False)
    assert time.monotonic() - begun >= 0.49


def test_without_redis_each_keeps_to_its_share_and_stops_still_go(namespace: str) -> None:
    alone = open_budget(config(namespace, url="redis://127.0.0.1:1/0"))
    alone.take(200, urgent=False)  # a quarter of 800
    with pytest.raises(NotSentError, match="used up"):
        alone.take(1, urgent=False)
    alone.take(800, urgent=True)


def test_ban_outlives_redis(namespace: str) -> None:
    ledger = RedisLedger(config(namespace), ProcessLedger(800, 1000, PAUSES))
    Governor(ledger, 0.0).told(418, None, 30.0)
    ledger.close()
    ledger._client = redis.Redis(host=HOST, port=1, retry=NEVER_AGAIN)
    with pytest.raises(NotSentError, match="banned"):
        Governor(ledger, 0.0).take(1, urgent=True)


AT_A_TIME_OF_OURS = SCRIPT.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
steps = st.one_of(
    st.tuples(st.just("admit"), st.integers(1, 60), st.sampled_from([80, 100])),
    st.tuples(
        st.just("note"),
        st.sampled_from(["fine", "busy", "banned", "failed"]),
        st.integers(0, 120),
        st.sampled_from([0, 1, 300, 90_000]),
        st.sampled_from([0.0, 0.25, 0.875]),
    ),
)


@settings(max_examples=100)
@given(st.lists(st.tuples(steps, st.sampled_from([0, 1, 299, 20_000, 59_999])), max_size=15))
def test_redis_does_what_the_rule_says(server: redis.Redis, story: list[tuple[tuple[Any, ...], int]]) -> None:
    """The rule is written twice, in Python and for Redis: the same steps must give the same standing."""
    key, at_ms, standing = f"test-{uuid.uuid4().hex}", 1_700_000_000_123, Standing()
    try:
        for (kind, *values), passed_ms in story:
            at_ms += passed_ms
            clock = at_ms // 1000, at_ms % 1000 * 1000
            if kind == "admit":
                answer = server.eval(AT_A_TIME_OF_OURS, 1, key, kind, *values, *clock)
                standing, wait_ms = admit(standing, at_ms, *values)
                assert answer == [wait_ms, int(standing.banned) if wait_ms and at_ms < standing.closed_ms else 0]
            else:
                word, used, retry_ms, chance = values
                pauses = PAUSES.first_ms, PAUSES.longest_ms, chance
                server.eval(AT_A_TIME_OF_OURS, 1, key, kind, word, used, retry_ms, *pauses, *clock)
                standing = note(standing, at_ms, word, used, retry_ms, PAUSES, chance)
            kept = {name: int(text) for name, text in server.hgetall(key).items()}
            assert Standing(**(kept | {"banned": bool(kept.get("banned", 0))})) == standing
    finally:
        server.delete(key)


def venue(answers: dict[str, Answer]) -> Loopback:
    def respond(asked: Asked) -> Answer:
        if asked.path == "/fapi/v1/time":
            return Answer(body=b'{"serverTime": %d}' % (time.time_ns() // 1_000_000))
        return answers.get(asked.path, Answer(body=b"[]"))

    return Loopback(respond)


def test_client_pauses_as_long_as_the_venue_says() -> None:
    with venue({}) as found:
        client = BinanceUsdm(found.url, "k", "s", budget=open_budget(RateBudgetConfig()))
        client.positions()
        found.first["/fapi/v3/positionRisk"] = [Answer(429, b'{"code":-1003}', {"Retry-After": "1"})]
        with pytest.raises(VenueUnknownError):
            client.positions()
        begun = time.monotonic()
        client.positions()
        assert time.monotonic() - begun >= 0.9


def test_client_sends_nothing_while_its_address_is_banned_and_says_so() -> None:
    calls: list[ApiCall] = []
    with venue({}) as found:
        client = BinanceUsdm(found.url, "k", "s", budget=open_budget(RateBudgetConfig()), on_call=calls.append)
        found.first["/fapi/v3/positionRisk"] = [Answer(418, b'{"code":-1003}', {"Retry-After": "60"})]
        with pytest.raises(VenueUnknownError):
            client.positions()
        asked = len(found.asked)
        with pytest.raises(NotSentError, match="banned"):
            client.positions(urgent=True)
        assert len(found.asked) == asked
    assert [call.banned for call in calls[-2:]] == [True, True]


def test_client_heeds_what_the_venue_has_counted() -> None:
    full = Answer(body=b"[]", headers={"X-MBX-USED-WEIGHT-1M": "1950"})
    with venue({"/fapi/v3/positionRisk": full}) as found:
        calls: list[ApiCall] = []
        budget = open_budget(RateBudgetConfig(max_wait_secs=0.0))
        client = BinanceUsdm(found.url, "k", "s", budget=budget, on_call=calls.append)
        client.positions()
        asked = len(found.asked)
        with pytest.raises(NotSentError, match="used up"):
            client.positions()
        assert len(found.asked) == asked
        assert not any(call.failed for call in calls)  # not asking is no error of the venue's API
        client.positions(urgent=True)
        client.cancel_order("BTCUSDT", "x")
        assert len(found.asked) == asked + 2
