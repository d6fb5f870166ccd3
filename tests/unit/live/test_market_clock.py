"""The market's clock of a replay: real delays shrink, moments map both ways."""

import http.server
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import StateError
from live.clock import MarketClock, Pace, pace_of


class Alarm:
    """The engine's clock: remembers what it was asked for."""

    def __init__(self) -> None:
        self.set: dict[str, int] = {}

    def set_time_alert_ns(self, name: str, at_ns: int, callback: object, allow_past: bool) -> None:
        assert allow_past
        assert callable(callback)
        self.set[name] = at_ns

    def next_time_ns(self, name: str) -> int | None:
        return self.set.get(name)

    def cancel_timer(self, name: str) -> None:
        del self.set[name]


@given(st.integers(0, 2**60), st.integers(0, 2**60), st.sampled_from([1.0, 60.0, 600.0]), st.integers(0, 10**15))
def test_a_moment_of_the_market_comes_no_earlier_than_it_is_due(
    start: int, real: int, speed: float, ahead: int
) -> None:
    pace = Pace(start, real, speed)

    assert pace.market_ns(pace.real_ns(start + ahead)) >= start + ahead - 1024 * speed


def test_without_a_replay_the_markets_time_is_real() -> None:
    pace = pace_of("")

    assert pace.is_real
    assert pace.market_ns(1_700_000_000_000_000_123) == 1_700_000_000_000_000_123


def test_fifteen_seconds_of_a_market_that_runs_sixty_times_as_fast_are_a_quarter_of_a_second() -> None:
    engine = Alarm()
    clock = MarketClock(lambda: engine, Pace(0, 4_000_000_000_000_000_000, 60.0))
    now_ns = 0

    clock.set_time_alert_ns("reprice", now_ns + 15_000_000_000, lambda _event: None)

    assert engine.set["reprice"] == 4_000_000_000_000_000_000 + 250_000_000
    assert clock.next_time_ns("reprice") == 15_000_000_000
    assert clock.next_time_ns("timeout") is None
    clock.cancel_timer("reprice")
    assert not engine.set


def test_an_alarm_that_is_overdue_rings_at_once() -> None:
    engine = Alarm()
    MarketClock(lambda: engine, Pace()).set_time_alert_ns("late", 5, lambda _event: None)

    assert engine.set["late"] > 1_700_000_000_000_000_000


class Answer(http.server.BaseHTTPRequestHandler):
    """Answer with what the server was told."""

    def do_GET(self) -> None:
        body = self.server.body  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("body", [b"nonsense", b"{}", b'{"market_ms": "x", "speed": 1}', b"[]"])
def test_what_is_no_simulated_venue_is_told_by_its_address(body: bytes) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.body = body  # type: ignore[attr-defined]
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/clock"

        with pytest.raises(StateError, match=f"{url}: no clock of a simulated venue"):
            pace_of(url)
