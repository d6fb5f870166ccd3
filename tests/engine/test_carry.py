"""What holding costs in the whole simulation: funding, rollover, borrowing, conversion (Spec 3.5.2, D34)."""

import numpy as np
import pytest
from handmade import BTC, ETH, FREE, HOUR, SHARE, START, USDJPY, Say, calm, candles, join, mirrored, play

HOURLY = {"timeframe": {"signal": "1h", "htf": "4h"}, "interval": "1h", "exits": {"max_hold_secs": 10 * 86_400}}
NO_FEES = {"maker_frac": 0.0, "taker_frac": 0.0, "slippage_frac": 0.0}
ENTERED = [*calm(2), (100.0, 100.5, 99.5, 100.0)]  # filled in the third hour


def rows_of(side, rows, around=100.0):
    return rows if side > 0 else mirrored(rows, around)


@pytest.mark.parametrize("side", [1, -1])
def test_configured_funding_is_paid_by_longs_every_8_hours(side):
    played = play(rows_of(side, [*ENTERED, *calm(15)]), {1: Say(side)}, costs=NO_FEES, **HOURLY)  # 08:00 and 16:00
    assert played.trade["funding"] == pytest.approx(side * 2 * 0.0001 * 100 * 100)
    assert played.final_equity == pytest.approx(30_000.0 - side * 2.0)


def test_real_funding_takes_the_place_of_the_configured_rate():
    real = np.array([START + 8 * HOUR], np.int64), np.array([0.0005])
    played = play([*ENTERED, *calm(15)], {1: Say()}, costs=NO_FEES, funding={BTC: real}, **HOURLY)
    assert played.trade["funding"] == pytest.approx(100 * 100 * (0.0005 + 0.0001))


def test_negative_funding_is_received_by_longs():
    real = np.array([START + 8 * HOUR], np.int64), np.array([-0.0005])
    played = play([*ENTERED, *calm(8)], {1: Say()}, costs=NO_FEES, funding={BTC: real}, **HOURLY)
    assert played.trade["funding"] == pytest.approx(-5.0)
    assert played.trade["net_pnl"] == pytest.approx(5.0)


def test_funding_of_one_trade_is_not_charged_to_the_next():
    rows = [*ENTERED, *calm(8), (100.0, 100.0, 96.0, 100.0), (100.0, 100.5, 99.5, 100.0), *calm(4)]
    played = play(rows, {1: Say(), 11: Say()}, costs=NO_FEES, **HOURLY)
    assert [trade["exit_reason"] for trade in played.trades] == ["STOP", "SHUTDOWN"]
    assert [trade["funding"] for trade in played.trades] == pytest.approx([1.0, trade_value(played.trades[1])])


def trade_value(trade):
    return trade["quantity"] * 100.0 * 0.0001


def test_funding_is_that_of_each_instrument():
    rates = {name: (np.array([START + 8 * HOUR], np.int64), np.array([rate])) for name, rate in
             ((BTC, 0.0002), (ETH, 0.0007))}  # fmt: skip
    both = {name: candles([*ENTERED, *calm(8)], "1h") for name in (BTC, ETH)}
    played = play(both, {BTC: {1: Say()}, ETH: {1: Say()}}, costs=NO_FEES, funding=rates, **HOURLY)
    assert {t["instrument_id"]: t["funding"] for t in played.trades} == pytest.approx({BTC: 2.0, ETH: 7.0})


FX_ROWS = [(p0 + 50, p1 + 50, p2 + 50, p3 + 50) for p0, p1, p2, p3 in ENTERED]
YEN = {"account": {"starting_balance": 3_000_000.0, "currency": "JPY"}, "risk": {"risk_frac": 0.01}}


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("days", "nights"), [(1, 1), (2, 2), (3, 5), (5, 7), (8, 8)], ids=["Mon", "Tue", "Wed", "Fri", "next Mon"]
)
def test_fx_rollover_is_charged_each_weekday_and_three_times_on_wednesday(side, days, nights):
    rows = rows_of(side, [*FX_ROWS, *calm(24 * days - 4, 150.0)], 150.0)
    played = play({USDJPY: candles(rows, "1h")}, {1: Say(side, atr=0.5)}, costs=NO_FEES, **(HOURLY | YEN))
    trade = played.trade
    assert trade["quantity"] == 40_000.0  # 30,000 yen at risk, 0.75 yen distance
    assert trade["funding"] == pytest.approx(nights * 40_000 * 150 * 0.00002)
    assert played.final_equity == pytest.approx(3_000_000.0 + trade["net_pnl"])


def test_fx_results_are_converted_to_the_account():
    rows = [*FX_ROWS, (150.0, 150.0, 145.0, 145.5), *calm(2, 145.5)]
    played = play({USDJPY: candles(rows, "1h")}, {1: Say(atr=0.5)}, costs=FREE,
                  **(HOURLY | {"account": {"starting_balance": 30_000.0, "currency": "USD"}}))  # fmt: skip
    trade = played.trade
    assert trade["quantity"] == 60_000.0  # 300 dollars are 45,000 yen
    assert trade["gross_pnl"] == pytest.approx(-60_000 * 0.75 / 149.25, rel=0.05)
    assert played.final_equity == pytest.approx(30_000.0 + trade["net_pnl"], abs=0.05)


@pytest.mark.parametrize(("side", "nights"), [(1, 0), (-1, 2)])
def test_shares_are_borrowed_by_shorts_only(side, nights):
    rows = rows_of(side, [*ENTERED, *calm(45)])
    played = play({SHARE: candles(rows, "1h")}, {1: Say(side)}, costs=NO_FEES | {"borrow_equity_daily_frac": 0.001},
                  **HOURLY)  # fmt: skip
    assert played.trade["quantity"] == 100.0
    assert played.trade["funding"] == pytest.approx(nights * 100 * 100 * 0.001)
    assert played.final_equity == pytest.approx(30_000.0 + played.trade["net_pnl"])


def test_shares_are_borrowed_over_a_weekend_though_no_session_reaches_21_hours():
    first = candles(mirrored([*ENTERED, *calm(3)]), "1h", START + 4 * 24 * HOUR + 14 * HOUR)  # Friday 14:00 to 20:00
    second = candles(calm(3), "1h", START + 7 * 24 * HOUR + 14 * HOUR)
    played = play({SHARE: join(first, second)}, {1: Say(-1)}, costs=NO_FEES | {"borrow_equity_daily_frac": 0.001},
                  data={"max_gap_hours": 240.0}, **HOURLY)  # fmt: skip
    assert played.trade["funding"] == pytest.approx(3 * 100 * 100 * 0.001)
