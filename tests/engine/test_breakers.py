"""Breakers in the whole simulation: what closes them, what that does to entries and positions (Spec 5.4, 5.5)."""

import pytest
from handmade import BTC, ETH, HOUR, MINUTE, START, Say, calm, candles, join, play

from research.operator import NAME

STEP = 15 * MINUTE
DAY_BARS = 96


def losing(count, price=100.0):
    """Return bars of ``count`` trades that are stopped out, and the bars at which their signals come.

    Each loses 1 % of 30,000 and its costs: the signal bar, the bar that fills the entry, the bar that hits the stop.
    """
    rows, says = [], {}
    for _ in range(count):
        says[len(rows)] = Say()
        rows += [
            (price,) * 4,
            (price, price + 0.5, price - 0.5, price),
            (price - 1, price - 0.8, price - 4, price - 3.5),
        ]
        price -= 3.5
    return rows, says, price


def rules(played):
    return [decision.rule for decision in played.simulation.recorder.decisions]


def breakers(played, *kinds):
    return [(one.breaker, one.kind) for one in played.simulation.recorder.breakers if one.kind in kinds]


def test_daily_loss_halts_entries_until_midnight_and_no_longer():
    rows, says, price = losing(3)
    rows += calm(DAY_BARS - len(rows) + 8, price)
    says |= {20: Say(), DAY_BARS - 2: Say(), DAY_BARS - 1: Say()}  # bar 95 closes at 00:00 UTC
    played = play(rows, says)
    assert rules(played) == ["", "", "", "daily_loss", "daily_loss", ""]
    assert breakers(played, "WARNING", "TRIPPED", "OPENED") == [
        ("daily_loss", "WARNING"),
        ("daily_loss", "TRIPPED"),
        ("daily_loss", "OPENED"),
    ]
    opened = played.simulation.recorder.breakers[-1]
    assert opened.ts_ns == START + 24 * HOUR
    assert {"ALERT_DAILY_LOSS", "BREAKER_TRIPPED", "BREAKER_OPENED"} <= set(played.events())


def test_daily_loss_leaves_the_stop_and_targets_of_open_positions():
    rows, says, price = losing(3)
    eth = [*calm(7), (100.0, 100.5, 99.5, 100.0), *calm(2), (100.0, 106.5, 100.0, 106.0), (106.0, 113.0, 106.0, 112.0)]
    rows += calm(len(eth) - len(rows) + 2, price)
    played = play(
        {BTC: candles(rows), ETH: candles([*eth, *calm(2, 112.0)])},
        {BTC: says, ETH: {6: Say(score=5)}},
    )
    assert ("daily_loss", "TRIPPED") in breakers(played, "TRIPPED")
    by_name = {trade["instrument_id"]: trade for trade in played.trades}
    assert by_name[ETH]["exit_reason"] == "TP2"


def test_working_entry_is_cancelled_when_a_breaker_closes():
    rows, says, price = losing(3)
    eth = [*calm(8), *calm(30, 101.0)]  # the entry at 100 is never traded through; ETH would work two bars long
    rows += calm(len(eth) - len(rows), price)
    played = play(
        {BTC: candles(rows), ETH: candles(eth)},
        {BTC: says, ETH: {7: Say(score=5)}},
        entry={"reprice_secs": 15, "cancel_secs": 7200},
    )
    kinds = [line["event_type"] for line in played.journal if line["asset"] == ETH]
    assert "ENTRY_HALTED" in kinds
    assert [missed.instrument_id for missed in played.simulation.log.missed] == [ETH]
    halted = next(line for line in played.journal if line["event_type"] == "ENTRY_HALTED")
    tripped = next(line for line in played.journal if line["event_type"] == "BREAKER_TRIPPED")
    assert halted["timestamp_utc"][:19] == tripped["timestamp_utc"][:19]


def big_loss(interval="15m", **risk):
    """Return a run whose first trade loses 16 % at once: a jump far over its stop, with ETH open beside it."""
    n = 15 if interval == "1m" else 1
    btc = [*calm(n), (100.0, 100.5, 99.5, 100.0), *calm(2 * n - 1), (55.0, 55.0, 54.0, 54.0), *calm(1000 * n, 54.0)]
    eth = [*calm(n), (100.0, 100.5, 99.5, 100.0), *calm(1002 * n, 100.0)]
    return play(
        {BTC: candles(btc, interval), ETH: candles(eth, interval)},
        {BTC: {0: Say(score=5)}, ETH: {0: Say(), 50: Say(), 500: Say(), 900: Say()}},
        interval=interval,
        risk=risk,
    )


@pytest.mark.parametrize("interval", ["15m", "1m"])
def test_shutdown_closes_other_positions_at_market_and_refuses_entries_to_the_end(interval):
    played = big_loss(interval)
    assert {name for name, _ in breakers(played, "TRIPPED")} == {"daily_loss", "weekly_loss", "drawdown"}
    by_name = {trade["instrument_id"]: trade for trade in played.trades}
    assert (by_name[BTC]["exit_reason"], by_name[ETH]["exit_reason"]) == ("STOP", "SHUTDOWN")
    shut_ns = next(b.ts_ns for b in played.simulation.recorder.breakers if b.breaker == "drawdown")
    assert shut_ns <= by_name[ETH]["exit_ts"] <= shut_ns + STEP
    assert rules(played) == ["", "", "drawdown", "drawdown", "drawdown"]
    assert played.simulation.strategy.cache.orders_open() == []
    alerts = [line for line in played.journal if line["event_type"] == "ALERT_SHUTDOWN"]
    assert [alert["severity"] for alert in alerts] == ["CRITICAL"]


def test_without_breakers_the_same_run_goes_on():
    played = big_loss(breakers=False)
    assert breakers(played, "TRIPPED") == []
    assert {trade["exit_reason"] for trade in played.trades} == {"STOP", "MAX_HOLD"}
    assert "drawdown" not in rules(played)


def test_simulated_operator_resets_by_name_and_entries_go_on_after_seven_days():
    played = big_loss(operator="simulated")
    hands = [one for one in played.simulation.recorder.breakers if one.kind == "RESET"]
    assert {one.breaker for one in hands} == {"weekly_loss", "drawdown"}
    assert {one.operator for one in hands} == {NAME}
    assert all(one.reason for one in hands)
    tripped_ns = next(b.ts_ns for b in played.simulation.recorder.breakers if b.kind == "TRIPPED")
    assert min(one.ts_ns for one in hands) >= tripped_ns + 6 * 24 * HOUR
    refused = [rule for rule in rules(played) if rule]
    assert refused[:2] == ["drawdown", "drawdown"]
    assert rules(played)[-1] == ""


def test_five_losses_halve_the_next_trade():
    spread = {BTC: join(*[candles(losing(1, 100.0 - 3.5 * n)[0], start_ns=START + n * 26 * HOUR) for n in range(6)])}
    says = {3 * n: Say() for n in range(6)}
    played = play(spread, says, data={"max_gap_hours": 48.0})
    decisions = played.simulation.recorder.decisions
    assert [d.approved for d in decisions] == [True] * 6
    risk_frac = [d.risk_quote / d.equity for d in decisions]
    assert risk_frac[:5] == pytest.approx([0.01] * 5, rel=0.01)
    assert risk_frac[5] == pytest.approx(0.005, rel=0.01)


def test_results_on_the_bus_are_those_of_the_trade_list():
    rows, says, price = losing(2)
    played = play([*rows, *calm(3, price)], says)
    closed = [line["details"] for line in played.journal if line["event_type"] == "TRADE_CLOSED"]
    assert [one["net"] for one in closed] == pytest.approx([trade["net_pnl"] for trade in played.trades])
    assert all(one["net"] == pytest.approx(one["gross"] - one["fees"] - one["funding"]) for one in closed)


def test_order_larger_than_the_bar_takes_slippage_as_the_breaker_sees_it():
    thin = [*calm(1), (100.0, 100.5, 99.5, 100.0, 1e6), (99.0, 99.2, 96.0, 96.5, 30.0), *calm(3, 96.5)]
    played = play(thin, {0: Say(), 4: Say()})
    assert ("slippage", "TRIPPED") in breakers(played, "TRIPPED")
    assert "SLIPPAGE_ALERT" in played.events()
    assert rules(played) == ["", "slippage"]


def test_stop_that_was_jumped_is_no_slippage():
    jumped = [*calm(1), (100.0, 100.5, 99.5, 100.0), (95.0, 95.5, 94.0, 95.0), *calm(3, 95.0)]
    played = play(jumped, {0: Say()})
    assert "ALERT_STOP_UNFILLED" in played.events()
    assert "SLIPPAGE_ALERT" not in played.events()
