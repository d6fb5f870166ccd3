"""The third day in a row with a daily loss of 3 %: suspended until a hand resets it (Spec 5.4; D25)."""

import pytest
from breaker_values import FRI, MON, SAT, SUN, THU, TUE, WED, Breakers, at, kinds

from risk.messages import BreakerEvent


def live(breakers: Breakers, story: str, first: int = 0) -> None:
    """Live through days: ``h`` 4 % lost, ``m`` 1 % lost, ``g`` 1 % won, ``f`` nothing moves, ``u`` nobody looks."""
    equity = float(breakers.state[0].equity) or 50_000.0
    for day, what in enumerate(story, first):
        if what == "u":
            continue
        breakers.see((at(day, 0.5), equity))
        equity *= {"h": 0.96, "m": 0.99, "g": 1.01, "f": 1.0}[what]
        breakers.see((at(day, 20.0), equity))


@pytest.mark.parametrize(
    ("story", "suspended"),
    [
        pytest.param("hh", False, id="D25-two"),
        pytest.param("hhh", True, id="D25-three"),
        pytest.param("hhmh", False, id="D25-a-day-without-a-hit-breaks-the-row"),
        pytest.param("hmhh", False, id="D25-broken-after-the-first"),
        pytest.param("hhfh", False, id="D25-an-unmoved-day-of-a-daily-market-breaks-it-too"),
        pytest.param("hhuh", False, id="D25-and-so-does-a-day-nobody-saw"),
        pytest.param("hhmhhh", True, id="D25-a-new-row-of-three"),
        pytest.param("hhhm", True, id="D25-stays-suspended"),
    ],
)
def test_suspension_wants_three_days_in_a_row(story: str, suspended: bool) -> None:
    breakers = Breakers(every_day=True)
    live(breakers, story)
    assert ("suspension" in breakers.closed) is suspended
    assert kinds(breakers.told, "suspension") == ["TRIPPED"] * suspended


@pytest.mark.parametrize(
    ("story", "suspended"),
    [
        pytest.param("hhffh", True, id="D25-an-unmoved-weekend-neither-counts-nor-breaks"),
        pytest.param("hhuuh", True, id="D25-nor-one-that-nobody-saw"),
        pytest.param("hffffhffh", True, id="D25-unmoved-days-between-all-three"),
        pytest.param("hhff", False, id="D25-an-unmoved-day-does-not-count"),
        pytest.param("hhmh", False, id="D25-a-day-that-moved-breaks-it"),
        pytest.param("hhgh", False, id="D25-so-does-a-good-day"),
        pytest.param("hhffmh", False, id="D25-a-day-that-moved-after-a-weekend-breaks-it"),
    ],
)
def test_suspension_of_a_market_with_weekends(story: str, suspended: bool) -> None:
    breakers = Breakers(every_day=False)
    live(breakers, story)
    assert ("suspension" in breakers.closed) is suspended


def test_suspension_tells_how_many_days() -> None:
    breakers = Breakers()
    live(breakers, "hhh")
    told = [event for event in breakers.told if event.breaker == "suspension"]
    assert told == [BreakerEvent(ts_ns=at(WED, 20.0), breaker="suspension", kind="TRIPPED", observed=3.0, limit=3.0)]
    assert (breakers.checks["suspension"].observed, breakers.checks["suspension"].limit) == (3.0, 3.0)


@pytest.mark.parametrize("noticed_ns", [at(WED, 24.0) - 1, at(WED, 24.0)], ids=["just-before", "at-midnight"])
def test_suspension_also_when_the_third_day_is_noticed_at_its_end(noticed_ns: int) -> None:
    breakers = Breakers()
    live(breakers, "hh")
    breakers.see((at(WED, 0.0), 46_080.0))
    told = breakers.see((noticed_ns, 44_697.6))
    assert kinds(told, "suspension") == ["TRIPPED"]
    assert "suspension" in breakers.closed


def test_suspension_every_day_seen_only_at_midnight() -> None:
    breakers = Breakers()
    breakers.see((at(MON, 0.0), 50_000.0), (at(TUE, 0.0), 48_500.0), (at(WED, 0.0), 47_045.0))
    assert breakers.closed == set()
    breakers.see((at(THU, 0.0), 45_633.0))
    assert breakers.closed == {"suspension", "weekly_loss"}


def test_suspension_outlasts_midnight_and_opens_by_hand_only() -> None:
    breakers = Breakers()
    live(breakers, "hhh")
    live(breakers, "mm", first=THU)
    assert "suspension" in breakers.closed
    assert kinds(breakers.reset(at(SAT), "suspension"), "suspension") == ["RESET"]
    assert "suspension" not in breakers.closed


@pytest.mark.parametrize(
    ("story", "suspended"),
    [pytest.param("hh", False, id="D25-two-more"), pytest.param("hhh", True, id="D25-three-more")],
)
def test_suspension_counts_anew_after_a_reset(story: str, suspended: bool) -> None:
    breakers = Breakers()
    live(breakers, "hhh")
    breakers.reset(at(WED, 21.0), "suspension")
    live(breakers, story, first=THU)
    assert ("suspension" in breakers.closed) is suspended


def test_suspension_a_fourth_day_is_not_told_again() -> None:
    breakers = Breakers()
    live(breakers, "hhhh")
    assert kinds(breakers.told, "suspension") == ["TRIPPED"]


def test_suspension_shows_what_closed_it_after_a_quiet_day() -> None:
    breakers = Breakers()
    live(breakers, "hhh")
    live(breakers, "mm", first=THU)
    check = breakers.checks["suspension"]
    assert (check.passed, check.observed, check.limit) == (False, 3.0, 3.0)


def test_suspension_reset_tells_what_closed_it() -> None:
    breakers = Breakers()
    live(breakers, "hhh")
    (told,) = breakers.reset(at(FRI), "suspension")
    assert (told.observed, told.limit, told.operator, told.reason) == (3.0, 3.0, "ana", "looked into it")


def test_suspension_limit_can_be_tighter() -> None:
    breakers = Breakers(suspension_days=1)
    live(breakers, "h", first=SUN)
    assert "suspension" in breakers.closed
