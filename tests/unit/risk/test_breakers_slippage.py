"""Fills far worse than expected: no entries until a hand resets it (Spec 5.5, 7.2; D28)."""

import math

import pytest
from breaker_values import MON, Breakers, at, kinds

from risk.breakers.events import OrderFilled
from risk.messages import BreakerEvent

NOON = at(MON)
EXPECTED = 0.001
ALARM, GOOD, FAR = 3.01, 3.0, 5.01


def fill(breakers: Breakers, *multiples: float) -> list[BreakerEvent]:
    """Fill orders at multiples of the slippage that was expected."""
    return breakers.apply(*(OrderFilled(NOON, EXPECTED, multiple * EXPECTED) for multiple in multiples))


@pytest.mark.parametrize(
    ("multiples", "closed"),
    [
        pytest.param([5.0], False, id="5.5-exactly-5x"),
        pytest.param([5.01], True, id="5.5-over-5x"),
        pytest.param([1.0, 0.0, 500.0], True, id="5.5-far-over-5x"),
        pytest.param([ALARM] * 4, False, id="7.2-four-in-a-row"),
        pytest.param([ALARM] * 5, True, id="7.2-five-in-a-row"),
        pytest.param([5.0] * 5, True, id="7.2-five-of-exactly-5x"),
        pytest.param([GOOD] * 20, False, id="7.2-exactly-3x-is-no-alert"),
        pytest.param([*[ALARM] * 4, GOOD, *[ALARM] * 4], False, id="7.2-exactly-3x-breaks-the-row"),
        pytest.param([*[ALARM] * 4, -2.0, *[ALARM] * 4], False, id="7.2-better-than-hoped-breaks-the-row"),
        pytest.param([*[ALARM] * 4, GOOD, *[ALARM] * 5], True, id="7.2-five-after-a-good-one"),
    ],
)
def test_slippage_trips_on_one_far_beyond_or_five_in_a_row(multiples: list[float], closed: bool) -> None:
    breakers = Breakers()
    told = fill(breakers, *multiples)
    assert ("slippage" in breakers.closed) is closed
    assert kinds(told, "slippage") == ["TRIPPED"] * closed


@pytest.mark.parametrize(
    ("multiples", "observed"),
    [
        pytest.param([6.0], 6.0, id="5.5-one-far-beyond"),
        pytest.param([4.0, 4.0, 4.0, 4.0, 3.5], 3.5, id="7.2-the-fifth"),
    ],
)
def test_slippage_tells_the_multiple_that_closed_it(multiples: list[float], observed: float) -> None:
    breakers = Breakers()
    (told,) = fill(breakers, *multiples)
    assert (told.ts_ns, told.breaker, told.kind, told.limit) == (NOON, "slippage", "TRIPPED", 5.0)
    assert told.observed == pytest.approx(observed)
    assert fill(breakers, 90.0) == []
    check = breakers.checks["slippage"]
    assert check.observed == told.observed
    assert (check.passed, check.limit) == (False, 5.0)


def test_slippage_shows_nothing_while_open() -> None:
    breakers = Breakers()
    fill(breakers, *[ALARM] * 4)
    check = breakers.checks["slippage"]
    assert (check.passed, check.observed, check.limit) == (True, 0.0, 5.0)


@pytest.mark.parametrize(
    ("after", "closed"),
    [
        pytest.param([ALARM] * 4, False, id="7.2-the-row-starts-anew"),
        pytest.param([ALARM] * 5, True, id="7.2-five-more"),
        pytest.param([FAR], True, id="5.5-one-far-beyond"),
    ],
)
def test_slippage_after_a_reset(after: list[float], closed: bool) -> None:
    breakers = Breakers()
    fill(breakers, *[ALARM] * 5)
    (told,) = breakers.reset(NOON, "slippage")
    assert (told.kind, told.operator, told.reason) == ("RESET", "ana", "looked into it")
    assert breakers.closed == set()
    fill(breakers, *after)
    assert ("slippage" in breakers.closed) is closed


def test_slippage_good_fills_open_nothing() -> None:
    breakers = Breakers()
    fill(breakers, FAR, *[0.0] * 50)
    assert breakers.closed == {"slippage"}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [pytest.param(0.001, math.nan, id="D32-actual"), pytest.param(math.nan, 0.001, id="D32-expected")],
)
def test_slippage_that_is_not_known_counts_as_alarming(expected: float, actual: float) -> None:
    breakers = Breakers()
    fills = [OrderFilled(NOON, expected, actual)] * 5
    breakers.apply(*fills[:4])
    assert breakers.closed == set()
    breakers.apply(fills[4])
    assert breakers.closed == {"slippage"}


def test_slippage_limits_can_be_tighter() -> None:
    breakers = Breakers(slippage_alert_multiple=2.0, slippage_halt_multiple=4.0, slippage_alerts=2)
    fill(breakers, 2.0, 2.1)
    assert breakers.closed == set()
    fill(breakers, 2.1)
    assert breakers.closed == {"slippage"}
    breakers.reset(NOON, "slippage")
    fill(breakers, 4.1)
    assert breakers.closed == {"slippage"}
