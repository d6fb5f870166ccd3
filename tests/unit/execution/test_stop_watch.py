"""Stops are watched by the plan of their trade: a configuration that changed meanwhile does not count for it."""

from msgspec.structs import replace
from trades import plan

from execution.alarms import Alarms
from execution.config import ExitConfig
from execution.stop_watch import StopWatch
from execution.trade import Phase, Trade

NS = 1_000_000_000


class Clock:
    """A clock that only remembers its alarms."""

    def __init__(self) -> None:
        self.alarms: dict[str, int] = {}

    def set_time_alert_ns(self, name: str, at_ns: int, _callback: object) -> None:
        self.alarms[name] = at_ns

    def next_time_ns(self, name: str) -> int | None:
        return self.alarms.get(name)

    def cancel_timer(self, name: str) -> None:
        del self.alarms[name]


def watched(exits: ExitConfig) -> tuple[StopWatch, Trade, Clock, list[str]]:
    trade = Trade(
        plan=replace(plan(1), exits=exits), limit_px=100.0, phase=Phase.OPEN, filled=1.0, entry_value=100.0, stop=90.0
    )
    clock, closed = Clock(), list[str]()
    stops = StopWatch(
        alarms=Alarms(lambda: clock, lambda action: action()),
        find=lambda _trade_id: trade,
        now_ns=lambda: 1_000 * NS,
        alert=lambda _trade, _details: None,
        close=lambda one: closed.append(one.plan.trade_id),
    )
    return stops, trade, clock, closed


def test_time_to_fill_is_that_of_the_plan():
    stops, trade, clock, _ = watched(ExitConfig(stop_unfilled_secs=7))
    stops.on_triggered(trade.plan.trade_id)
    assert list(clock.alarms.values()) == [1_007 * NS]


def test_distance_at_which_a_stop_is_given_up_is_that_of_the_plan():
    for frac, expected in ((0.01, 0), (0.001, 1)):
        stops, trade, _, closed = watched(ExitConfig(stop_unfilled_frac=frac, stop_limit_offset_frac=0.001))
        stops.watch(trade, 90.0 * 0.999 * 0.995, rests=True)
        assert len(closed) == expected


def test_limit_behind_a_stop_is_that_of_the_plan():
    for offset, expected in ((0.02, 0), (0.001, 1)):
        stops, trade, clock, _ = watched(ExitConfig(stop_limit_offset_frac=offset, stop_unfilled_frac=0.05))
        stops.watch(trade, 89.0, rests=True)
        assert len(clock.alarms) == expected
