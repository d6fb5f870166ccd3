"""Waiting and trying again."""

import datetime as dt

import pytest

from catalog.sources.retry import Backoff, TryLaterError, parse_retry_after, retrying
from errors import FatalError, RetryableError


class Flaky:
    """Fail with each of ``errors`` once, then answer."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_retrying_doubles_the_wait_and_stops_at_the_answer() -> None:
    waits: list[float] = []
    flaky = Flaky(*[TryLaterError("busy")] * 4)
    assert retrying(flaky, Backoff(base_secs=1.0, cap_secs=5.0), waits.append, draw=lambda: 0.0) == "answer"
    assert waits == [0.5, 1.0, 2.0, 2.5]


def test_retrying_waits_as_long_as_the_server_asks() -> None:
    waits: list[float] = []
    retrying(Flaky(TryLaterError("busy", 7.0)), Backoff(), waits.append)
    assert waits == [7.0]


def test_retrying_gives_up_after_the_last_retry_and_says_how_often() -> None:
    flaky = Flaky(*[TryLaterError("host: busy")] * 9)
    with pytest.raises(RetryableError, match="host: busy, after 3 attempts; try again later"):
        retrying(flaky, Backoff(retries=2), lambda _: None)
    assert flaky.calls == 3


def test_retrying_does_not_wait_for_a_ban() -> None:
    waits: list[float] = []
    with pytest.raises(RetryableError, match="asks to wait 3600 s"):
        retrying(Flaky(TryLaterError("banned", 3600.0)), Backoff(longest_ask_secs=300.0), waits.append)
    assert waits == []


def test_retrying_lets_a_refusal_for_good_through_at_once() -> None:
    flaky = Flaky(FatalError("no"))
    with pytest.raises(FatalError):
        retrying(flaky, Backoff(), lambda _: None)
    assert flaky.calls == 1


@pytest.mark.parametrize(
    ("header", "secs"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 01 Jan 2024 00:01:30 GMT", 90.0),
        ("Sun, 31 Dec 2023 23:59:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, secs: float | None) -> None:
    assert parse_retry_after(header, now=dt.datetime(2024, 1, 1, tzinfo=dt.UTC)) == secs
