"""Five losses in a row: the next ten trades are half as large (Spec 5.5; D30)."""

import math

import pytest
from breaker_values import MON, Breakers, at, kinds

from risk.breakers.events import TradeEnded, TradeOpened
from risk.messages import BreakerEvent

NOON = at(MON)
NETS = {"l": -0.01, "w": 25.0, "e": 0.0, "n": math.nan}  # lost, won, broke even, not known


def live(breakers: Breakers, story: str) -> list[BreakerEvent]:
    """Live through trades: ``o`` one is opened, ``l w e n`` one ends."""
    return breakers.apply(*(TradeOpened(NOON) if what == "o" else TradeEnded(NOON, NETS[what]) for what in story))


@pytest.mark.parametrize(
    ("story", "factor"),
    [
        pytest.param("llll", 1.0, id="5.5-four-losses"),
        pytest.param("lllll", 0.5, id="5.5-five-losses"),
        pytest.param("llllwllll", 1.0, id="D30-a-gain-breaks-the-row"),
        pytest.param("llllellll", 1.0, id="D30-break-even-is-no-loss"),
        pytest.param("llllelllll", 0.5, id="5.5-five-after-that"),
        pytest.param("nnnnn", 0.5, id="D32-not-known-counts-as-a-loss"),
        pytest.param("lllll" + "o" * 9, 0.5, id="5.5-the-tenth-trade-is-still-half"),
        pytest.param("lllll" + "o" * 10, 1.0, id="5.5-the-eleventh-is-whole"),
        pytest.param("ooooolllll" + "o" * 9, 0.5, id="D30-trades-opened-before-do-not-count"),
        pytest.param("lllllwww", 0.5, id="D30-gains-do-not-end-it"),
        pytest.param("llllloooool" + "o" * 9, 0.5, id="D30-a-sixth-loss-starts-the-ten-anew"),
        pytest.param("llllloooool" + "o" * 10, 1.0, id="D30-ten-after-the-sixth"),
        pytest.param("lllll" + "o" * 10 + "l", 0.5, id="D30-a-sixth-after-the-ten-starts-them-anew"),
        pytest.param("lllllwllll" + "o" * 9, 0.5, id="D30-four-after-a-gain-start-nothing"),
        pytest.param("lllllwllll" + "o" * 10, 1.0, id="D30-and-prolong-nothing"),
        pytest.param("lllll" + "wo" * 10, 1.0, id="5.5-back-by-itself"),
    ],
)
def test_loss_streak_halves_the_next_ten_trades(story: str, factor: float) -> None:
    breakers = Breakers()
    live(breakers, story)
    assert breakers.factor == factor
    assert breakers.closed == set(), "a smaller trade is not a refused one"


@pytest.mark.parametrize(
    ("net", "factor"),
    [
        pytest.param(-1e-9, 0.5, id="D30-a-hair-below-0"),
        pytest.param(0.0, 1.0, id="D30-exactly-0"),
        pytest.param(-0.0, 1.0, id="D30-minus-0"),
    ],
)
def test_loss_streak_a_loss_is_a_net_result_below_zero(net: float, factor: float) -> None:
    breakers = Breakers()
    live(breakers, "llll")
    breakers.apply(TradeEnded(NOON, net))
    assert breakers.factor == factor


def test_loss_streak_tells_beginning_and_end() -> None:
    breakers = Breakers()
    assert live(breakers, "llll") == []
    assert live(breakers, "l") == [
        BreakerEvent(ts_ns=NOON, breaker="loss_streak", kind="TRIPPED", observed=5.0, limit=5.0)
    ]
    assert live(breakers, "l" + "o" * 9) == []
    (told,) = live(breakers, "o")
    assert (told.breaker, told.kind, told.limit) == ("loss_streak", "OPENED", 5.0)
    assert kinds(breakers.told, "loss_streak") == ["TRIPPED", "OPENED"]


def test_loss_streak_limits_can_be_tighter() -> None:
    breakers = Breakers(losses_in_a_row=2, reduced_size_factor=0.25, reduced_trades=12)
    live(breakers, "l")
    assert breakers.factor == 1.0
    live(breakers, "l" + "o" * 11)
    assert breakers.factor == 0.25
    live(breakers, "o")
    assert breakers.factor == 1.0
