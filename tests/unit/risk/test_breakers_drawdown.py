"""Drawdown of 15 % from the peak: shut down until a restart that names a new peak (Spec 5.5; D29)."""

import math

import msgspec
import pytest
from breaker_values import DAY_NS, MON, THU, TUE, WED, Breakers, at, kinds

from risk.breakers.events import HandReset
from risk.breakers.state import from_values, to_values
from risk.messages import BreakerEvent


def shut_down() -> Breakers:
    breakers = Breakers()
    breakers.see((at(MON), 50_000.0), (at(TUE), 42_500.0))
    return breakers


@pytest.mark.parametrize(
    ("equities", "closed"),
    [
        pytest.param([42_500.01], False, id="D29-a-cent-under-15-percent"),
        pytest.param([42_500.0], True, id="D29-exactly-15-percent"),
        pytest.param([60_000.0, 51_000.01], False, id="D29-from-a-later-peak-a-cent-under"),
        pytest.param([60_000.0, 51_000.0], True, id="D29-from-a-later-peak"),
        pytest.param([49_000.0, 55_000.0, 46_750.01], False, id="D29-peak-not-opening"),
        pytest.param(
            [49_000.0, 48_000.0, 47_000.0, 46_000.0, 45_000.0, 44_000.0, 43_000.0, 42_500.0], True, id="D29-slow"
        ),
    ],
)
@pytest.mark.parametrize("days", [0.01, 1.0, 8.0], ids=["in-a-day", "over-days", "over-weeks"])
def test_drawdown_counts_from_the_peak(equities: list[float], closed: bool, days: float) -> None:
    breakers = Breakers()
    breakers.see(*((at(MON) + round(n * days * DAY_NS), one) for n, one in enumerate([50_000.0, *equities])))
    assert ("drawdown" in breakers.closed) is closed


def test_drawdown_peak_survives_a_restart() -> None:
    breakers = Breakers()
    breakers.see((at(MON), 60_000.0), (at(TUE), 52_000.0))
    kept = msgspec.json.encode(to_values(breakers.state))
    breakers.state = from_values(msgspec.json.decode(kept))
    breakers.see((at(WED), 51_000.0))
    assert "drawdown" in breakers.closed


def test_drawdown_tells_how_far_it_fell() -> None:
    breakers = shut_down()
    (told,) = [event for event in breakers.told if event.breaker == "drawdown"]
    assert told == BreakerEvent(ts_ns=at(TUE), breaker="drawdown", kind="TRIPPED", observed=0.15, limit=0.15)
    breakers.see((at(WED), 30_000.0), (at(THU), 45_000.0))
    check = breakers.checks["drawdown"]
    assert (check.passed, check.observed, check.limit) == (False, 0.15, 0.15), "what closed it, not what is now"


def test_drawdown_shows_the_fall_so_far_while_open() -> None:
    breakers = Breakers()
    breakers.see((at(MON), 50_000.0), (at(TUE), 45_000.0))
    assert breakers.checks["drawdown"].observed == 0.1


def test_drawdown_stays_closed_whatever_equity_does() -> None:
    breakers = shut_down()
    breakers.see((at(WED), 30_000.0), (at(THU), 90_000.0), (at(MON + 100), 90_000.0))
    assert "drawdown" in breakers.closed
    assert kinds(breakers.told, "drawdown") == ["TRIPPED"]


def test_drawdown_keeps_the_old_peak_while_it_is_closed() -> None:
    breakers = shut_down()
    breakers.see((at(WED), 90_000.0), (at(THU), 50_000.0))
    assert float(breakers.state[0].peak) == 50_000.0
    breakers.reset(at(THU), "drawdown", 50_000.0)
    breakers.see((at(THU, 13.0), 42_500.01))
    assert "drawdown" not in breakers.closed, "90 000 was never a peak"
    breakers.see((at(THU, 14.0), 42_500.0))
    assert "drawdown" in breakers.closed


@pytest.mark.parametrize(
    ("equity", "closed"),
    [
        pytest.param(38_250.01, False, id="D29-a-cent-under-15-percent-of-45000"),
        pytest.param(38_250.0, True, id="D29-15-percent-of-45000"),
    ],
)
def test_drawdown_counts_from_the_peak_that_a_hand_names(equity: float, closed: bool) -> None:
    breakers = shut_down()
    assert breakers.reset(at(WED), "drawdown", 45_000.0) == [
        BreakerEvent(
            ts_ns=at(WED),
            breaker="drawdown",
            kind="RESET",
            observed=0.15,
            limit=0.15,
            operator="ana",
            reason="looked into it",
        )
    ]
    assert "drawdown" not in breakers.closed
    breakers.see((at(THU), equity))
    assert ("drawdown" in breakers.closed) is closed


@pytest.mark.parametrize(
    ("equity", "closed"),
    [
        pytest.param(36_125.01, False, id="D29-a-cent-under-15-percent-of-42500"),
        pytest.param(36_125.0, True, id="D29-15-percent-of-42500"),
    ],
)
def test_drawdown_peak_named_below_equity_is_equity(equity: float, closed: bool) -> None:
    breakers = shut_down()
    breakers.reset(at(WED), "drawdown", 10_000.0)
    breakers.see((at(THU), equity))
    assert ("drawdown" in breakers.closed) is closed


@pytest.mark.parametrize(
    ("peak", "refused"),
    [
        pytest.param(0.0, "above 0), was 0.0", id="none-named"),
        pytest.param(-50_000.0, "was -50000.0", id="negative"),
        pytest.param(math.nan, "was nan", id="nan"),
        pytest.param(math.inf, "was inf", id="inf"),
        pytest.param(60_000.0, "from a peak of 60,000.00 the last equity, 42,500.00, is 29.2% down", id="too-high"),
        pytest.param(50_000.0, "must be under 50,000.00", id="exactly-15-percent-down"),
        pytest.param(49_999.99, "", id="a-cent-less"),
    ],
)
def test_drawdown_peak_must_be_one_to_start_from(peak: float, refused: str) -> None:
    breakers = shut_down()
    wish = HandReset(at(WED), "drawdown", "ana", "looked into it", peak)
    assert refused in breakers.refusal(wish)
    assert (breakers.refusal(wish) == "") == (refused == "")
    breakers.apply(wish)
    assert ("drawdown" in breakers.closed) is (refused != "")


def test_drawdown_limit_can_be_tighter() -> None:
    breakers = Breakers(max_drawdown_frac=0.1)
    breakers.see((at(MON), 50_000.0), (at(TUE), 45_000.0))
    assert "drawdown" in breakers.closed
