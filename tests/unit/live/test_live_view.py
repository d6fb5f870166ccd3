"""What a live system knows of its markets: ages, spreads, hours, and why nothing may be entered."""

import math

import numpy as np

from live.halts import Halts
from live.view import HOUR_NS, LiveView
from risk.returns import HourlyReturns

NAMES = ["A.X", "B.X"]
NS = 1_000_000_000


def view(halts: Halts | None = None) -> tuple[LiveView, HourlyReturns]:
    returns = HourlyReturns(NAMES, 30)
    return LiveView(NAMES, returns, halts or Halts()), returns


def test_before_the_first_quote_data_is_infinitely_old() -> None:
    found, _ = view()

    assert math.isinf(found.data_age_secs("A.X", 10 * NS))
    found.on_quote("A.X", 10 * NS, 99.0, 101.0)
    assert found.data_age_secs("A.X", 41 * NS) == 31.0
    assert math.isinf(found.data_age_secs("B.X", 41 * NS))


def test_an_hours_last_price_counts_once_the_hour_is_over() -> None:
    found, returns = view()
    price = np.random.default_rng(1).normal(0.0, 0.01, (2, 300)).cumsum(axis=1)
    for hour in range(300):
        for row, name in enumerate(NAMES):
            mid = 100.0 * math.exp(price[row, hour])
            found.on_quote(name, hour * HOUR_NS + NS, 1.0, 2.0)  # not the last of its hour
            found.on_quote(name, hour * HOUR_NS + 2 * NS, mid - 0.5, mid + 0.5)
    found.advance(300 * HOUR_NS)

    peers = returns.peers()
    peers.add("B.X")
    alike = returns.most_alike("A.X", peers, 300 * HOUR_NS, 200)

    assert alike.hours >= 298
    assert abs(alike.value - np.corrcoef(np.diff(price))[0, 1]) < 1e-6


def test_a_reason_halts_its_instrument_only_and_everywhere_means_all() -> None:
    halts = Halts()
    found, _ = view(halts)

    assert halts.hold("gap", "bars were lost", "A.X")
    assert not halts.hold("gap", "bars are still lost", "A.X")
    assert found.halted("A.X") == "bars are still lost"
    assert found.halted("B.X") == ""
    halts.hold("start", "starting")
    assert found.halted("B.X") == "starting"
    assert halts.all() == ["A.X: bars are still lost", "starting"]
    assert halts.release("start")
    assert not halts.release("start")
    assert found.halted("B.X") == ""


def test_the_spread_is_that_of_the_newest_quote() -> None:
    found, _ = view()
    found.on_quote("A.X", 10 * NS, 99.0, 101.0)

    assert found.spread_frac("A.X") == 0.02
