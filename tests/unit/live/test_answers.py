"""Orders without an answer: frozen, looked up, never taken for refused before the venue can no longer take them."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.binance.errors import VenueRefusedError, VenueUnknownError
from adapters.binance.usdm import NO_SUCH_ORDER
from live.answers import Answers
from live.errands import Errands
from live.halts import Halts

NAME, TRADE = "BTCUSDT-PERP.BINANCE", "BTCUSDTP7b5ms6k2o0"
SECOND = 1_000_000_000


class Venue:
    """What the venue says of any order: open or not, nothing, or no answer."""

    def __init__(self) -> None:
        self.says: str = "absent"

    def order(self, _symbol: str, _client_id: str, **_how: bool) -> Any:
        if self.says == "silent":
            raise VenueUnknownError("GET", "no answer")
        return None if self.says == "absent" else SimpleNamespace(is_open=self.says == "open")

    def algo_order(self, _client_id: str, **_how: bool) -> Any:
        raise VenueRefusedError("GET", NO_SUCH_ORDER, "no such order")


class Bench:
    """Answers with one order in flight, and what it was led to."""

    def __init__(self, leg: str, age_s: float) -> None:
        self.order_id = f"{TRADE}-{leg}1"
        self.order = SimpleNamespace(
            client_order_id=self.order_id,
            instrument_id=NAME,
            ts_last=time.time_ns() - int(age_s * SECOND),
            venue_order_id=None,
            is_closed=False,
        )
        self.venue, self.halts, self.errands = Venue(), Halts(), Errands()
        self.absent: list[str] = []
        self.unanswered: list[str] = []
        self.audited: list[str] = []
        caretaker = SimpleNamespace(on_absent=self.absent.append, on_unanswered=self.unanswered.append)
        client: Any = self.venue
        self.answers = Answers(
            limit_ns=3 * SECOND,
            orders=lambda: [self.order],
            desk=lambda: SimpleNamespace(caretaker=caretaker),  # type: ignore[arg-type, return-value]  # all it is asked
            audit=self.audited.append,
            halts=self.halts,
            client=client,
            errands=self.errands,
            tell=lambda *_words: None,
        )

    def look(self, times: int = 1) -> None:
        """Look, and take what the venue said."""
        for _ in range(times):
            self.answers._asked_ns.clear()  # as if a second had passed
            self.answers.look((NAME,))
            time.sleep(0.02)
            self.errands.collect()


@pytest.mark.parametrize(("age_s", "halted"), [(2.9, False), (3.1, True)])
def test_instrument_is_frozen_once_an_order_waits_too_long(age_s: float, halted: bool) -> None:
    bench = Bench("EN", age_s)
    bench.look()
    assert bool(bench.halts.of(NAME)) is halted
    assert not bench.halts.of("ETHUSDT-PERP.BINANCE")


def test_order_the_venue_may_still_take_is_not_called_absent() -> None:
    bench = Bench("EN", 6.5)
    bench.look(times=5)
    assert bench.absent == []


def test_order_unknown_after_the_venues_window_is_absent_at_the_second_look() -> None:
    bench = Bench("EN", 7.5)
    bench.look()
    assert bench.absent == []
    bench.look()
    assert bench.absent == [bench.order_id]
    bench.look()
    assert not bench.halts.of(NAME)


@pytest.mark.parametrize("says", ["open", "silent"])
def test_order_that_is_there_or_of_which_nothing_is_said_stays_unanswered(says: str) -> None:
    bench = Bench("SL", 60.0)
    bench.venue.says = says
    bench.look(times=4)
    assert (bench.absent, bench.unanswered) == ([], [])
    assert bench.halts.of(NAME)


def test_order_that_is_done_at_the_venue_has_its_trade_audited_and_frees_the_instrument() -> None:
    bench = Bench("MK", 60.0)
    bench.venue.says = "closed"
    bench.look(times=2)
    assert bench.audited == [TRADE]
    assert not bench.halts.of(NAME)


def test_stop_that_is_not_there_is_told_at_once() -> None:
    bench = Bench("SL", 1.1)
    bench.look()
    assert bench.unanswered == [bench.order_id]
