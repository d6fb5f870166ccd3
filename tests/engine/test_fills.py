"""Entries and their fills in the whole simulation (Spec 3.5.2, 7.4; D11, D15b, D34, D35)."""

import msgspec
import pytest
from handmade import BTC, DEFINITIONS, FREE, FUTURE, MINUTE, SPOT, START, Say, calm, candles, mirrored, play

# The signal is at the close of bar 1, at 100: stop 97, first target 106, second 112, 100 units at risk of 300.
SIGNAL = calm(2)
THROUGH = (100.0, 100.5, 99.5, 100.0)
TOUCHED = (100.0, 100.5, 100.0, 100.2)
NEVER = (100.2, 100.5, 100.2, 100.3)
HOLD = {"exits": {"max_hold_secs": 3600}}


def test_entry_fills_at_its_limit_when_the_price_goes_through():
    played = play([*SIGNAL, THROUGH, *calm(2)], {1: Say()})
    assert played.fills()[0] == ("ENTRY", 100.0, 100.0)
    assert played.simulation.log.missed == []


@pytest.mark.parametrize(
    ("bar", "limit"), [(TOUCHED, 100.0), (NEVER, 100.2)], ids=["touched", "repriced, then touched"]
)
def test_entry_that_is_not_traded_through_is_a_missed_trade(bar, limit):
    played = play([*SIGNAL, bar, (100.2, 100.5, 95.0, 99.0), *calm(2)], {1: Say()})
    assert played.trades == []
    [missed] = played.simulation.log.missed
    assert (missed.limit_px, missed.quantity, missed.side) == (limit, 100.0, 1)
    assert missed.ts_ns == START + 3 * 15 * MINUTE  # a bar after the signal
    assert played.final_equity == 30_000.0


@pytest.mark.parametrize(("probability", "fills"), [(0.0, 0), (1.0, 1)])
def test_touched_entry_fills_with_the_configured_probability(probability, fills):
    costs = {"touch_fill_probability": probability}
    played = play([*SIGNAL, TOUCHED, *calm(2, 100.2)], {1: Say()}, costs=costs)
    assert len(played.trades) == fills
    assert len(played.simulation.log.missed) == 1 - fills


def test_touched_entry_draws_the_same_lot_in_every_run():
    costs = {"touch_fill_probability": 0.5}
    rows = [*calm(1), *([(100.0, 100.0, 100.0, 100.0), TOUCHED] * 20)]
    says = {n: Say() for n in range(1, 40, 2)}
    filled = [{trade["trade_id"] for trade in play(rows, says, costs=costs, **HOLD).trades} for _ in range(2)]
    assert filled[0] == filled[1]
    assert filled[0]
    assert filled[0] != {trade["trade_id"] for trade in play(rows, says, costs=costs | {"seed": 8}, **HOLD).trades}


def test_entry_is_repriced_once_to_the_best_price_after_15_seconds():
    bar = (100.2, 100.6, 100.1, 100.3)  # opens at 100.2, falls under it later: the repriced limit fills
    played = play([*SIGNAL, bar, *calm(2, 100.3)], {1: Say()})
    assert played.fills()[0] == ("ENTRY", 100.0, 100.2)
    assert played.trade["stop_initial"] == 97.2  # protection is anchored at the fill
    assert played.events().count("ENTRY_REPRICED") == 1


def test_entry_on_one_minute_bars_has_one_bar_to_fill():
    rows = [*calm(15), *calm(1, 100.2), (100.2, 100.2, 99.0, 99.5), *calm(13, 99.5)]
    played = play({BTC: candles(rows, "1m")}, {0: Say()}, interval="1m")
    assert played.trades == []
    assert len(played.simulation.log.missed) == 1


def test_entry_on_timeout_market_enters_at_the_price_then_with_slippage():
    played = play([*SIGNAL, (101.0, 101.5, 101.0, 101.2), *calm(2, 101.2)], {1: Say()},
                  entry={"on_timeout": "market"})  # fmt: skip
    assert played.fills()[0] == ("ENTRY", 100.0, 101.26)  # 101.2 * 1.0005, to the tick above
    assert played.trade["stop_initial"] == pytest.approx(98.26)
    assert played.trade["slippage"] >= 100 * 0.06


def test_entry_takes_a_share_of_the_volume_and_the_rest_is_cancelled():
    played = play([*SIGNAL, (100.0, 100.5, 99.5, 100.0, 400.0), *calm(3)], {1: Say()})
    assert played.fills()[0] == ("ENTRY", 40.0, 100.0)
    assert played.trade["quantity"] == 40.0
    targets = [order for order in played.orders if "-T" in str(order.client_order_id)]
    assert [float(order.quantity) for order in targets] == [20.0, 20.0]


def test_part_filled_entry_is_protected_at_once():
    stopped_later_in_the_bar = (100.0, 100.2, 96.0, 99.0, 400.0)
    played = play([*SIGNAL, stopped_later_in_the_bar, *calm(3)], {1: Say()})
    assert [(leg, quantity) for leg, quantity, _ in played.fills()] == [("ENTRY", 40.0), ("STOP", 40.0)]
    assert played.simulation.account.equity() == pytest.approx(30_000.0 + played.trade["net_pnl"])


def test_part_fill_below_the_smallest_order_is_closed_at_market(monkeypatch):
    monkeypatch.setitem(DEFINITIONS, SPOT, msgspec.structs.replace(DEFINITIONS[SPOT], min_notional="1000"))
    rows = [*SIGNAL, (100.0, 100.5, 99.5, 100.0, 50.0), *calm(3)]
    played = play({SPOT: candles(rows)}, {1: Say()})
    assert (played.trade["quantity"], played.trade["exit_reason"]) == (5.0, "MANUAL")


@pytest.mark.parametrize("side", [1, -1])
def test_market_exit_beyond_the_share_of_the_volume_pays_more_slippage(side):
    thin = (100.0, 100.0, 100.0, 100.0, 400.0)  # 40 of 100 at one slippage, 40 at two, 20 at three
    rows = [*SIGNAL, THROUGH, *([thin] * 6)]
    played = play(mirrored(rows) if side < 0 else rows, {1: Say(side)}, **HOLD)
    exits = played.fills()[1:]
    assert exits == [("MARKET", 40.0, 100 - side * 0.05), ("MARKET", 40.0, 100 - side * 0.1),
                     ("MARKET", 20.0, 100 - side * 0.15)]  # fmt: skip
    assert played.trade["exit_reason"] == "MAX_HOLD"
    assert played.trade["slippage"] == pytest.approx(40 * 0.05 + 40 * 0.1 + 20 * 0.15)


def test_fees_are_charged_per_side_on_what_was_traded():
    rows = [*SIGNAL, THROUGH, (100.0, 106.5, 100.0, 106.0), (106.0, 113.0, 106.0, 112.0), *calm(2, 112.0)]
    costs = {"maker_frac": 0.001, "taker_frac": 0.002}
    played = play(rows, {1: Say()}, costs=costs)
    assert played.trade["fees"] == pytest.approx(0.001 * (100 * 100 + 50 * 106 + 50 * 112))
    stopped = play([*SIGNAL, THROUGH, (100.0, 100.0, 96.0, 96.0), *calm(2, 96)], {1: Say()}, costs=costs)
    assert stopped.trade["fees"] == pytest.approx(0.001 * 100 * 100 + 0.002 * 100 * 96.95)


def test_future_counts_its_multiplier_in_fees_and_results():
    rows = [(p0 + 4900, p1 + 4900, p2 + 4900, p3 + 4900) for p0, p1, p2, p3 in
            [*SIGNAL, THROUGH, (100, 100, 60, 60), *calm(2, 60)]]  # fmt: skip
    played = play({FUTURE: candles(rows)}, {1: Say(atr=20.0)}, account={"starting_balance": 450_000.0})
    trade = played.trade  # distance 30 points of 50: 1500 a contract; 0.75 % of 450,000 is 3375: two contracts
    assert (trade["quantity"], trade["entry_px"], trade["stop_initial"]) == (2.0, 5000.0, 4970.0)
    assert trade["exit_px"] == 4967.5  # 4970 less 0.05 %, to the tick below
    assert trade["gross_pnl"] == pytest.approx(2 * 50 * -32.5)
    assert trade["fees"] == pytest.approx(0.001 * 100 * (5000 + 4967.5))


def test_no_costs_leave_the_bare_result():
    rows = [*SIGNAL, THROUGH, (100.0, 106.5, 100.0, 106.0), (106.0, 113.0, 106.0, 112.0), *calm(2, 112.0)]
    assert play(rows, {1: Say()}, costs=FREE).trade["net_pnl"] == pytest.approx(50 * 6 + 50 * 12)
