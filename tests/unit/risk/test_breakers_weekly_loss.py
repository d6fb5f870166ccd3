"""Weekly loss: no entries for seven days and until a hand approves (Spec 5.5, 9.3; D24, D26)."""

import math

import pytest
from breaker_values import (
    FRI,
    MON,
    NEXT_MON,
    NEXT_TUE,
    NEXT_WED,
    SAT,
    SUN,
    THU,
    TUE,
    WED,
    Breakers,
    at,
    kinds,
)

from risk.breakers.events import HandReset
from risk.messages import BreakerEvent

OPEN = (at(MON, 1.0), 50_000.0)
TRIP = (at(WED), 46_000.0)  # 8 % down
SEVEN_DAYS = at(NEXT_WED)  # later


def tripped() -> Breakers:
    breakers = Breakers()
    breakers.see(OPEN, TRIP)
    return breakers


@pytest.mark.parametrize(
    ("equity", "told"),
    [
        pytest.param(47_500.01, [], id="9.3-a-cent-under-5-percent"),
        pytest.param(47_500.0, ["WARNING"], id="9.3-exactly-5-percent"),
        pytest.param(46_000.01, ["WARNING"], id="D26-a-cent-under-8-percent"),
        pytest.param(46_000.0, ["WARNING", "TRIPPED"], id="D26-exactly-8-percent"),
    ],
)
def test_weekly_loss_trips_at_its_share_of_the_opening(equity: float, told: list[str]) -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(WED), equity))
    assert kinds(breakers.told, "weekly_loss") == told
    assert ("weekly_loss" in breakers.closed) == ("TRIPPED" in told)


@pytest.mark.parametrize(
    ("looks", "closed"),
    [
        pytest.param([(at(SUN, 24.0) - 1, 46_000.0)], True, id="D24-the-last-moment-of-Sunday"),
        pytest.param([(at(NEXT_MON, 0.0), 46_000.0)], True, id="D24-Monday-00:00-still-belongs-to-the-week"),
        pytest.param([(at(SUN, 23.0), 48_000.0), (at(NEXT_MON, 1.0), 46_000.0)], False, id="D24-two-weeks"),
        pytest.param([(at(NEXT_MON, 0.0), 48_000.0), (at(SUN + 7), 44_160.01)], False, id="D24-a-cent-under-next-week"),
        pytest.param([(at(NEXT_MON, 0.0), 48_000.0), (at(SUN + 7), 44_160.0)], True, id="D24-8-percent-of-next-week"),
        pytest.param([(at(FRI), 48_000.0), (at(NEXT_TUE), 44_160.0)], True, id="D24-a-week-that-began-unseen"),
        pytest.param([(at(FRI), 48_000.0), (at(NEXT_TUE), 44_160.01)], False, id="D24-counts-from-the-last-look"),
        pytest.param([(at(TUE), 48_000.0), (at(FRI), 47_000.0), (at(SAT), 46_000.0)], True, id="D24-adds-up-over-days"),
    ],
)
def test_weekly_loss_weeks_start_on_monday(looks: list[tuple[int, float]], closed: bool) -> None:
    breakers = Breakers()
    breakers.see(OPEN, *looks)
    assert ("weekly_loss" in breakers.closed) is closed


@pytest.mark.parametrize(
    ("approved_ns", "look_ns", "opened_ns"),
    [
        pytest.param(None, at(MON + 60), None, id="never-approved"),
        pytest.param(at(WED, 13.0), at(NEXT_TUE), None, id="approved-but-too-early"),
        pytest.param(at(WED, 13.0), SEVEN_DAYS - 1, None, id="a-nanosecond-short-of-7-days"),
        pytest.param(at(WED, 13.0), SEVEN_DAYS, SEVEN_DAYS, id="exactly-7-days"),
        pytest.param(at(WED, 13.0), at(NEXT_WED, 20.0), SEVEN_DAYS, id="noticed-later"),
        pytest.param(SEVEN_DAYS - 1, SEVEN_DAYS, SEVEN_DAYS, id="approved-just-before"),
    ],
)
def test_weekly_loss_opens_after_seven_days_and_approval(
    approved_ns: int | None, look_ns: int, opened_ns: int | None
) -> None:
    breakers = tripped()
    if approved_ns is not None:
        assert kinds(breakers.reset(approved_ns, "weekly_loss"), "weekly_loss") == ["APPROVED"]
    assert "weekly_loss" in breakers.closed
    told = [event for event in breakers.see((look_ns, 46_000.0)) if event.breaker == "weekly_loss"]
    assert [event.ts_ns for event in told] == ([] if opened_ns is None else [opened_ns])
    assert [event.kind for event in told] == ([] if opened_ns is None else ["OPENED"])
    assert ("weekly_loss" in breakers.closed) is (opened_ns is None)


@pytest.mark.parametrize("late_ns", [SEVEN_DAYS, at(NEXT_WED + 20)], ids=["exactly-7-days", "weeks-later"])
def test_weekly_loss_opens_at_once_when_the_approval_comes_late(late_ns: int) -> None:
    breakers = tripped()
    breakers.see((late_ns, 46_000.0))
    assert "weekly_loss" in breakers.closed
    assert breakers.reset(late_ns, "weekly_loss") == [
        BreakerEvent(
            ts_ns=late_ns,
            breaker="weekly_loss",
            kind="RESET",
            observed=0.08,
            limit=0.08,
            operator="ana",
            reason="looked into it",
        )
    ]
    assert "weekly_loss" not in breakers.closed


def test_weekly_loss_tells_trip_and_approval() -> None:
    breakers = tripped()
    told = [event for event in breakers.told if event.breaker == "weekly_loss"]
    common = {"breaker": "weekly_loss", "observed": 0.08}
    assert told == [
        BreakerEvent(ts_ns=TRIP[0], kind="WARNING", limit=0.05, **common),
        BreakerEvent(ts_ns=TRIP[0], kind="TRIPPED", limit=0.08, **common),
    ]
    assert breakers.reset(at(THU), "weekly_loss") == [
        BreakerEvent(ts_ns=at(THU), kind="APPROVED", limit=0.08, operator="ana", reason="looked into it", **common)
    ]


def test_weekly_loss_is_approved_once() -> None:
    breakers = tripped()
    breakers.reset(at(THU), "weekly_loss")
    again = HandReset(at(FRI), "weekly_loss", "bob", "me too")
    assert "approved already" in breakers.refusal(again)
    assert breakers.apply(again) == []


def test_weekly_loss_goes_on_in_its_week_without_a_new_wait() -> None:
    breakers = tripped()
    breakers.reset(at(WED, 13.0), "weekly_loss")
    assert kinds(breakers.see((at(SUN), 44_000.0)), "weekly_loss") == []
    assert kinds(breakers.see((SEVEN_DAYS, 44_000.0)), "weekly_loss") == ["OPENED"]


def again_next_week(approve: bool) -> Breakers:
    """Lose 8 % once more, of 46 000, on the Tuesday after."""
    breakers = tripped()
    if approve:
        breakers.reset(at(THU), "weekly_loss")
    breakers.see((at(NEXT_MON, 0.0), 46_000.0), (at(NEXT_TUE, 6.0), 42_320.01))
    assert kinds(breakers.told, "weekly_loss").count("TRIPPED") == 1
    assert kinds(breakers.see((at(NEXT_TUE), 42_320.0)), "weekly_loss") == ["TRIPPED"]
    return breakers


def test_weekly_loss_in_a_new_week_begins_the_wait_anew() -> None:
    breakers = again_next_week(approve=False)
    breakers.reset(at(NEXT_TUE, 13.0), "weekly_loss")
    breakers.see((at(NEXT_TUE + 7) - 1, 42_320.0))
    assert "weekly_loss" in breakers.closed
    breakers.see((at(NEXT_TUE + 7), 42_320.0))
    assert "weekly_loss" not in breakers.closed


def test_weekly_loss_in_a_new_week_voids_the_approval() -> None:
    breakers = again_next_week(approve=True)
    breakers.see((at(NEXT_TUE + 20), 42_320.0))
    assert "weekly_loss" in breakers.closed
    assert breakers.refusal(HandReset(at(NEXT_TUE + 20), "weekly_loss", "ana", "looked into it")) == ""


def test_weekly_loss_can_open_and_close_in_one_look() -> None:
    breakers = tripped()
    breakers.reset(at(THU), "weekly_loss")
    breakers.see((at(NEXT_MON, 0.0), 46_000.0))
    assert kinds(breakers.see((SEVEN_DAYS, 42_320.0)), "weekly_loss") == ["OPENED", "WARNING", "TRIPPED"]
    assert "weekly_loss" in breakers.closed


def test_weekly_loss_trips_again_after_it_has_opened() -> None:
    breakers = tripped()
    breakers.reset(at(THU), "weekly_loss")
    breakers.see((SEVEN_DAYS, 46_000.0), (at(MON + 14, 0.0), 46_000.0))
    assert "weekly_loss" not in breakers.closed
    breakers.see((at(TUE + 14), 42_320.0), (at(TUE + 40), 42_320.0))
    assert "weekly_loss" in breakers.closed, "the first approval is no approval of this"


def test_weekly_loss_warns_once_a_week() -> None:
    breakers = Breakers()
    breakers.see(OPEN, (at(TUE), 47_500.0), (at(WED), 49_000.0), (at(THU), 47_400.0))
    assert kinds(breakers.told, "weekly_loss") == ["WARNING"]
    breakers.see((at(NEXT_MON, 0.0), 47_000.0), (at(NEXT_TUE), 44_650.0))
    assert kinds(breakers.told, "weekly_loss") == ["WARNING", "WARNING"]


def test_weekly_loss_halt_can_be_longer() -> None:
    breakers = Breakers(weekly_halt_days=10)
    breakers.see(OPEN, TRIP)
    breakers.reset(at(THU), "weekly_loss")
    breakers.see((at(WED + 10) - 1, 46_000.0))
    assert "weekly_loss" in breakers.closed
    breakers.see((at(WED + 10), 46_000.0))
    assert "weekly_loss" not in breakers.closed


@pytest.mark.parametrize("equity", [math.nan, math.inf], ids=["nan", "inf"])
def test_weekly_loss_unknown_equity_does_not_open_it(equity: float) -> None:
    breakers = tripped()
    breakers.reset(at(THU), "weekly_loss")
    assert breakers.see((at(NEXT_WED + 5), equity)) == []
    assert "weekly_loss" in breakers.closed
