"""What is collected for the trade list: fees, slippage, gross result, stop path, missed entries (D34, D35)."""

from types import SimpleNamespace
from typing import Any

import pytest
from trades import STOP, TP1, BarClosed, EntryEnded, EntryFilled, ExitFilled, Leg, after_tp1, follow, opened, px, start

from execution.trade_log import Costs, Missed, StopPoint, TradeLog
from risk.rates import Pair, Rates

RATES = Rates("USD", {"X.SIM": Pair("X", "EUR"), "EURUSD.SIM": Pair("EUR", "USD")}, lambda _id: 2.0)


class Money:
    """A commission: a number with a currency."""

    def __init__(self, amount: float, code: str) -> None:
        self.amount = amount
        self.currency = SimpleNamespace(code=code)

    def __float__(self) -> float:
        return self.amount


def fill(quantity: float, price: float, commission: Money | None = None) -> Any:
    return SimpleNamespace(last_qty=quantity, last_px=price, commission=commission)


def make_log(carried: list[str] | None = None) -> TradeLog:
    def carry(instrument_id: str) -> float:
        if carried is not None:
            carried.append(instrument_id)
        return 0.75

    return TradeLog(rates=RATES, carry=carry)


@pytest.mark.parametrize("side", [pytest.param(1, id="long-side"), pytest.param(-1, id="short-side")])
def test_costs_of_a_trade_in_account_currency(side: int) -> None:
    carried: list[str] = []
    log, trade = make_log(carried), opened(side, multiplier=10.0)
    log.on_fill(trade, Leg.ENTRY, fill(4.0, px(side, 100.0), Money(3.0, "USD")), px(side, 99.0))
    log.on_fill(trade, TP1, fill(2.0, px(side, 106.0), Money(1.0, "EUR")), px(side, 106.0))
    log.on_fill(trade, STOP, fill(2.0, px(side, 96.0)), px(side, 97.0))
    done, _ = follow(trade, ExitFilled(2, TP1, 2.0, px(side, 106.0)), ExitFilled(3, STOP, 2.0, px(side, 96.0)))
    log.on_closed(done)
    # a unit of 10 contracts at 2 USD per EUR: entry 1 * 4 * 20, stop 1 * 2 * 20; gross (6 - 4) * 2 * 20
    expected = Costs(fees=3.0 + 2.0, slippage=80.0 + 40.0, funding=0.75, gross=80.0, rate=2.0)
    assert log.closed == [(done, expected)]
    assert carried == ["X.SIM"]


def test_better_than_hoped_is_negative_slippage() -> None:
    log, trade = make_log(), opened()
    log.on_fill(trade, Leg.ENTRY, fill(4.0, 99.5), 100.0)
    log.on_closed(trade)
    assert log.closed[0][1].slippage == -0.5 * 4.0 * 2.0


def test_a_trade_without_costs_is_still_listed() -> None:
    log, trade = make_log(), opened()
    log.on_closed(trade)
    assert log.closed == [(trade, Costs(funding=0.75))]


def test_stop_path_holds_each_new_stop_once() -> None:
    log = make_log()
    log.on_stop(start(), 1)  # nothing filled: no stop
    trade = opened()
    log.on_stop(trade, 2)
    log.on_stop(trade, 3)
    trade, _ = follow(trade, ExitFilled(4, TP1, 2.0, 106.0))
    log.on_stop(trade, 4)
    trade, _ = follow(trade, BarClosed(5, 110.0, 2.0))
    log.on_stop(trade, 5)
    assert log.stops == [StopPoint("t", 2, 97.0), StopPoint("t", 4, 100.25), StopPoint("t", 5, 106.0)]


def test_stop_paths_of_trades_at_the_same_time_do_not_repeat() -> None:
    log = make_log()
    one, other = opened(), opened(-1, trade_id="u")
    for ts_ns in (1, 2, 3):
        log.on_stop(one, ts_ns)
        log.on_stop(other, ts_ns)
    assert log.stops == [StopPoint("t", 1, 97.0), StopPoint("u", 1, 103.0)]


def test_stop_path_of_a_finished_trade_is_forgotten() -> None:
    log, trade = make_log(), after_tp1()
    log.on_stop(trade, 1)
    log.on_closed(trade)
    log.on_stop(trade, 2)
    assert [point.ts_ns for point in log.stops] == [1, 2]


def test_missed_entry_keeps_its_last_limit() -> None:
    log = make_log()
    trade, _ = follow(start(-1), EntryEnded(2))
    log.on_missed(trade, 2)
    assert log.missed == [Missed(2, "s", "t", "X.SIM", -1, 100.0, 4.0)]
    assert log.closed == []


def test_gross_counts_from_the_average_entry() -> None:
    log = make_log()
    trade, _ = follow(start(), EntryFilled(1, 1.0, 100.0), EntryFilled(1, 3.0, 104.0))
    log.on_fill(trade, Leg.ENTRY, fill(1.0, 100.0), 100.0)  # an entry earns nothing
    log.on_fill(trade, STOP, fill(4.0, 100.0), 100.0)
    log.on_closed(trade)
    assert log.closed[0][1].gross == -3.0 * 4.0 * 2.0
