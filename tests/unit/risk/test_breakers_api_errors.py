"""A venue that fails too often: no entries until a hand resets it (Spec 5.5, 9.3; D27)."""

import numpy as np
import pytest
from breaker_values import MON, Breakers, at, kinds

from risk.breakers.api_errors import ApiMeter
from risk.breakers.events import ApiBanned, ApiCounted
from risk.messages import BreakerEvent

NOON = at(MON)
NS = 1_000_000_000


@pytest.mark.parametrize(
    ("requests", "errors", "told"),
    [
        pytest.param(20, 0, [], id="no-error"),
        pytest.param(20, 1, [], id="9.3-exactly-5-percent"),
        pytest.param(100, 5, [], id="9.3-exactly-5-percent-of-100"),
        pytest.param(100, 6, ["WARNING"], id="9.3-6-percent"),
        pytest.param(20, 2, ["WARNING"], id="D27-exactly-10-percent"),
        pytest.param(100, 10, ["WARNING"], id="D27-exactly-10-percent-of-100"),
        pytest.param(30, 3, ["WARNING"], id="D27-exactly-10-percent-of-30"),
        pytest.param(100, 11, ["WARNING", "TRIPPED"], id="D27-11-percent"),
        pytest.param(20, 3, ["WARNING", "TRIPPED"], id="D27-15-percent-of-exactly-20"),
        pytest.param(19, 19, [], id="D27-all-of-19"),
        pytest.param(1, 1, [], id="D27-the-first"),
    ],
)
def test_api_errors_trip_above_their_share_of_enough_requests(requests: int, errors: int, told: list[str]) -> None:
    breakers = Breakers()
    assert kinds(breakers.apply(ApiCounted(NOON, requests, errors)), "api_errors") == told
    assert ("api_errors" in breakers.closed) == ("TRIPPED" in told)


def test_api_errors_tell_rate_and_limit() -> None:
    breakers = Breakers()
    assert breakers.apply(ApiCounted(NOON, 25, 5)) == [
        BreakerEvent(ts_ns=NOON, breaker="api_errors", kind="WARNING", observed=0.2, limit=0.05),
        BreakerEvent(ts_ns=NOON, breaker="api_errors", kind="TRIPPED", observed=0.2, limit=0.1),
    ]
    breakers.apply(ApiCounted(NOON + 1, 25, 0))
    check = breakers.checks["api_errors"]
    assert (check.passed, check.observed, check.limit) == (False, 0.2, 0.1), "what closed it, not what is now"


@pytest.mark.parametrize(
    "calm", [ApiCounted(NOON, 100, 5), ApiCounted(NOON, 19, 10)], ids=["5-percent-again", "too-few-to-tell"]
)
def test_api_errors_warn_again_after_the_first_warning_is_over(calm: ApiCounted) -> None:
    breakers = Breakers()
    bad = ApiCounted(NOON, 100, 6)
    assert kinds(breakers.apply(bad, bad), "api_errors") == ["WARNING"]
    assert breakers.apply(calm) == []
    assert kinds(breakers.apply(bad), "api_errors") == ["WARNING"]


def test_api_errors_show_the_rate_so_far_while_open() -> None:
    breakers = Breakers()
    breakers.apply(ApiCounted(NOON, 100, 7))
    assert breakers.checks["api_errors"].observed == 0.07
    breakers.apply(ApiCounted(NOON, 5, 5))
    assert breakers.checks["api_errors"].observed == 0.0, "five requests say nothing"


def test_api_errors_http_418_trips_at_once() -> None:
    breakers = Breakers()
    assert breakers.apply(ApiBanned(NOON)) == [
        BreakerEvent(ts_ns=NOON, breaker="api_errors", kind="TRIPPED", observed=1.0, limit=0.1)
    ]
    assert breakers.apply(ApiBanned(NOON + 1)) == []
    assert breakers.closed == {"api_errors"}


def test_api_errors_a_ban_does_not_hide_what_closed_it() -> None:
    breakers = Breakers()
    breakers.apply(ApiCounted(NOON, 100, 11), ApiBanned(NOON), ApiCounted(NOON, 100, 99))
    assert breakers.checks["api_errors"].observed == 0.11


def test_api_errors_stay_closed_until_a_hand_resets_them() -> None:
    breakers = Breakers()
    breakers.apply(ApiCounted(NOON, 100, 11), ApiCounted(NOON, 1000, 0))
    breakers.see((NOON, 50_000.0), (at(MON + 30), 50_000.0))
    assert breakers.closed == {"api_errors"}
    (told,) = breakers.reset(at(MON + 30), "api_errors")
    assert (told.kind, told.observed, told.operator, told.reason) == ("RESET", 0.11, "ana", "looked into it")
    assert breakers.closed == set()


def test_api_errors_trip_again_when_nothing_has_changed() -> None:
    breakers = Breakers()
    breakers.apply(ApiCounted(NOON, 100, 11))
    breakers.reset(NOON, "api_errors")
    assert kinds(breakers.apply(ApiCounted(NOON, 100, 12)), "api_errors") == ["TRIPPED"]


@pytest.mark.parametrize(
    ("secs", "counted"),
    [pytest.param(299.999999999, (2, 1), id="D27-inside"), pytest.param(300.0, (1, 0), id="D27-exactly-5-min-ago")],
)
def test_api_meter_window_slides(secs: float, counted: tuple[int, int]) -> None:
    meter = ApiMeter(300)
    assert meter.add(NOON, failed=True) == (1, 1)
    assert meter.add(NOON + round(secs * NS), failed=False) == counted


def test_api_meter_counts_what_is_in_the_window() -> None:
    draw = np.random.default_rng(5)
    times = NOON + np.cumsum(draw.choice([0, NS, 7 * NS, 40 * NS, 300 * NS], 400, p=[0.2, 0.4, 0.3, 0.09, 0.01]))
    failures = draw.random(400) < 0.3
    meter = ApiMeter(300)
    for end, now in enumerate(times, 1):
        inside = [bool(failures[i]) for i in range(end) if times[i] > now - 300 * NS]
        assert meter.add(int(now), failed=bool(failures[end - 1])) == (len(inside), sum(inside))
