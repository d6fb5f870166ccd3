"""Daily loss: no entries until 00:00 UTC (Spec 5.4, 5.5, 9.3; D24, D25)."""

import math

import pytest
from breaker_values import DAY_NS, MON, THU, TUE, WED, Breakers, at, kinds

from risk.messages import BreakerEvent

OPEN = (at(MON, 0.25), 50_000.0)


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        pytest.param([49_000.01], [], id="9.3-a-cent-under-2-percent"),
        pytest.param([49_000.0], ["WARNING"], id="9.3-exactly-2-percent"),
        pytest.param([48_500.01], ["WARNING"], id="D25-a-cent-under-3-percent"),
        pytest.param([48_500.0], ["WARNING", "TRIPPED"], id="D25-exactly-3-percent"),
        pytest.param([40_000.0], ["WARNING", "TRIPPED"], id="D25-far-beyond"),
        pytest.param([49_000.0, 48_500.0], ["WARNING", "TRIPPED"], id="D25-one-after-the-other"),
        pytest.param([48_500.0, 50_500.0, 48_000.0], ["WARNING", "TRIPPED"], id="D25-said-once-a-day"),
        pytest.param([52_000.0, 50_440.0], [], id="D24-loss-counts-from-the-opening-not-from-the-top"),
        pytest.param([51_000.0], [], id="D24-a-gain"),
    ],
)
def test_daily_loss_trips_at_its_share_of_the_opening(looks: list[float], told: list[str]) -> None:
    breakers = Breakers()
    breakers.see(OPEN, *((at(MON, 1.0 + hour), equity) for hour, equity in enumerate(looks)))
    assert kinds(breakers.told, "daily_loss") == told
    assert ("daily_loss" in breakers.closed) == ("TRIPPED" in told)


def test_daily_loss_tells_what_it_saw() -> None:
    breakers = Breakers()
    breakers.see(OPEN)
    warned = breakers.see((at(MON, 3.0), 49_000.0))
    assert warned == [BreakerEvent(ts_ns=at(MON, 3.0), breaker="daily_loss", kind="WARNING", observed=0.02, limit=0.02)]
    tripped = breakers.see((at(MON, 4.0), 48_000.0))
    assert tripped == [
        BreakerEvent(ts_ns=at(MON, 4.0), breaker="daily_loss", kind="TRIPPED", observed=0.04, limit=0.03)
    ]
    breakers.see((at(MON, 5.0), 47_500.0), (at(MON, 6.0), 49_900.0))
    check = breakers.checks["daily_loss"]
    assert (check.passed, check.limit, check.observed) == (False, 0.03, 0.04), "what closed it, not what is now"


def test_daily_loss_shows_the_loss_so_far_while_open() -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(MON), 49_500.0))
    check = breakers.checks["daily_loss"]
    assert (check.passed, check.limit, check.observed) == (True, 0.03, 0.01)


@pytest.mark.parametrize(
    ("noticed_ns", "closed"),
    [
        pytest.param(at(MON, 23.99), True, id="D25-same-day"),
        pytest.param(at(TUE, 0.0) - 1, True, id="D25-a-nanosecond-before-midnight"),
        pytest.param(at(TUE, 0.0), False, id="D25-at-midnight"),
        pytest.param(at(TUE, 0.0) + 1, False, id="D25-a-nanosecond-after-midnight"),
        pytest.param(at(TUE, 9.0), False, id="D25-noticed-in-the-morning"),
        pytest.param(at(TUE, 24.0), False, id="D25-noticed-at-the-next-midnight"),
    ],
)
def test_daily_loss_opens_at_midnight_and_says_that_midnight(noticed_ns: int, closed: bool) -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(MON, 10.0), 48_000.0))
    told = breakers.see((noticed_ns, 48_000.0))
    assert ("daily_loss" in breakers.closed) is closed
    opened = BreakerEvent(ts_ns=at(TUE, 0.0), breaker="daily_loss", kind="OPENED", observed=0.04, limit=0.03)
    assert told == ([] if closed else [opened])


def test_daily_loss_noticed_days_later_opened_at_the_first_midnight() -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(MON, 10.0), 48_000.0))
    (opened,) = breakers.see((at(THU, 9.0), 48_000.0))
    assert opened.ts_ns == at(TUE, 0.0)


def test_daily_loss_seen_at_midnight_belongs_to_the_day_that_ends() -> None:
    breakers = Breakers()
    breakers.see(OPEN)
    told = breakers.see((at(TUE, 0.0), 48_500.0))
    assert kinds(told, "daily_loss") == ["WARNING", "TRIPPED", "OPENED"]
    assert {event.ts_ns for event in told} == {at(TUE, 0.0)}
    assert breakers.closed == set()


@pytest.mark.parametrize(
    ("equity", "closed"),
    [
        pytest.param(47_045.01, False, id="D24-a-cent-under-3-percent-of-48500"),
        pytest.param(47_045.0, True, id="D24-3-percent-of-48500"),
    ],
)
def test_daily_loss_seen_at_midnight_is_what_the_new_day_starts_from(equity: float, closed: bool) -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(TUE, 0.0), 48_500.0), (at(TUE, 1.0), equity))
    assert ("daily_loss" in breakers.closed) is closed


@pytest.mark.parametrize(
    ("equity", "closed"),
    [
        pytest.param(48_306.01, False, id="D24-a-cent-under-3-percent-of-49800"),
        pytest.param(48_306.0, True, id="D24-3-percent-of-49800"),
    ],
)
@pytest.mark.parametrize("day", [TUE, WED], ids=["next-day", "two-days-later"])
def test_daily_loss_of_a_day_that_began_unseen_counts_from_the_last_look(day: int, equity: float, closed: bool) -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(MON, 20.0), 49_800.0), (at(day, 9.0), equity))
    assert ("daily_loss" in breakers.closed) is closed


def test_daily_loss_between_two_looks_at_midnight_counts_for_the_new_day() -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(TUE, 0.0), 49_500.0))
    assert kinds(breakers.see((at(TUE, 0.0), 48_015.0)), "daily_loss") == ["WARNING", "TRIPPED"]
    assert breakers.checks["daily_loss"].observed == pytest.approx(0.03)


def test_daily_loss_warns_again_the_next_day() -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(MON), 49_000.0), (at(TUE, 0.0), 49_000.0), (at(TUE), 48_020.0))
    assert kinds(breakers.told, "daily_loss") == ["WARNING", "WARNING"]


def test_daily_loss_limit_can_be_tighter() -> None:
    breakers = Breakers(daily_loss_frac=0.02, daily_warning_frac=0.01)
    assert kinds(breakers.see(OPEN, (at(MON), 49_500.0)), "daily_loss") == ["WARNING"]
    assert kinds(breakers.see((at(MON, 13.0), 49_000.0)), "daily_loss") == ["TRIPPED"]


@pytest.mark.parametrize("equity", [math.nan, math.inf, -math.inf], ids=["nan", "inf", "minus-inf"])
@pytest.mark.parametrize("ts_ns", [at(MON, 11.0), at(TUE, 0.0), at(TUE), at(MON) + 40 * DAY_NS])
def test_daily_loss_unknown_equity_changes_nothing(ts_ns: int, equity: float) -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(MON, 10.0), 48_000.0))
    before = breakers.state.tobytes()
    assert breakers.see((ts_ns, equity)) == []
    assert breakers.state.tobytes() == before
    assert breakers.closed == {"daily_loss"}, "what is not known opens nothing either"


@pytest.mark.parametrize("equity", [math.nan, math.inf], ids=["nan", "inf"])
def test_daily_loss_starts_with_the_first_known_equity(equity: float) -> None:
    breakers = Breakers()
    breakers.see((at(MON, 1.0), equity), (at(MON, 2.0), 50_000.0), (at(MON, 3.0), 48_500.01))
    assert breakers.closed == set()
    breakers.see((at(MON, 4.0), 48_500.0))
    assert breakers.closed == {"daily_loss"}
