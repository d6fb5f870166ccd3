"""A stop that is not known to rest at the venue is watched here (Spec 5.1)."""

from types import SimpleNamespace
from typing import Any

import pytest
from trades import plan, px

from execution.lifecycle import advance, begin
from execution.stop_watch import StopWatch
from execution.trade import EntryEnded, EntryFilled, Trade


def watched(side: int, price: float, *, rests: bool) -> list[str]:
    """Return what a watch closes of a trade with its stop 3 from 100."""
    trade, _ = advance(begin(plan(side))[0], EntryFilled(1, 4.0, 100.0))
    trade, _ = advance(trade, EntryEnded(2))
    closed: list[str] = []
    alarms: Any = SimpleNamespace(is_set=lambda *_: False, set=lambda *_: None, silence=lambda *_: None)

    def close(one: Trade) -> None:
        closed.append(one.plan.trade_id)

    watch = StopWatch(alarms=alarms, find=lambda _: trade, now_ns=lambda: 0, alert=lambda *_: None, close=close)
    watch.watch(trade, px(side, price), rests=rests)
    return closed


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("price", "closed"), [(97.25, []), (97.0, ["t"]), (96.95, ["t"])])
def test_breach_of_a_stop_that_does_not_rest_closes_at_once(side: int, price: float, closed: list[str]) -> None:
    assert watched(side, price, rests=False) == closed


@pytest.mark.parametrize("side", [1, -1])
def test_breach_of_a_resting_stop_is_the_venues_until_it_is_far_through_its_limit(side: int) -> None:
    assert watched(side, 96.95, rests=True) == []
    assert watched(side, 96.0, rests=True) == ["t"]
