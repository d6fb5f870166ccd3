"""What explains a difference between live and back-test, and what does not."""

from typing import Any

import pytest

from configs.load import load
from live.config import LiveConfig
from live.parity.decisions import compare_decisions, compare_signals
from live.parity.journal import Fill, Journey, Record
from live.parity.run import Gap, LiveRun
from live.parity.trades import compare_trades
from live.stage import ROOT
from risk.messages import Market

NAME, STEP_NS = "BTCUSDT-PERP.BINANCE", 900_000_000_000
KEY, LATER = (NAME, 2 * STEP_NS), (NAME, 4 * STEP_NS)
MARKET = Market(
    instrument_id=NAME, asset_class="crypto", tick=0.1, lot=0.001, min_quantity=0.001, min_notional=5.0, multiplier=1.0,
    allow_short=True, real_volume=True, continuous=True,
)  # fmt: skip


def run_of(record: Record, gaps: tuple[Gap, ...] = ()) -> LiveRun:
    return LiveRun(
        config=load(LiveConfig, ROOT / "configs" / "live" / "demo.toml"),
        markets={NAME: MARKET},
        warm_ns={NAME: (0, STEP_NS)},
        bars={},
        gaps=list(gaps),
        equity=50_000.0,
        start_ns=0,
        end_ns=100 * STEP_NS,
        record=record,
    )


def answer(rule: str = "", quantity: float = 1.0, note: str = "", equity: float = 50_000.0) -> dict[str, Any]:
    check = [rule, not rule, 1.0, 2.0, note]
    return {
        "approved": not rule, "rule": rule, "quantity": 0.0 if rule else quantity, "equity": equity, "observed": 2.0,
        "limit": 1.0, "checks": [check],
    }  # fmt: skip


def journey(price: float = 100.0, stop: float = 95.0, **fields: Any) -> Journey:
    values: dict[str, Any] = {
        "trade_id": "t", "instrument_id": NAME, "side": 1, "begun_ns": KEY[1], "limit_px": price, "stop": stop,
        "entries": [Fill(KEY[1] + 1, "ENTRY_FILLED", 1.0, price)],
    }  # fmt: skip
    return Journey(**(values | fields))


def causes(
    live: dict[str, Any], backtest: dict[str, Any], trades: tuple[dict[Any, Journey], dict[Any, Journey]] = ({}, {})
) -> list[str]:
    signals = {KEY: {"rsi": 60.0}, LATER: {"rsi": 60.0}}
    ours = Record(signals=signals, decisions={KEY: answer(), LATER: live}, trades=trades[0])
    theirs = Record(signals=signals, decisions={KEY: answer(), LATER: backtest}, trades=trades[1])
    return [one.cause for one in compare_decisions(run_of(ours), theirs)]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (answer("spread"), "spread: candles have no spread"),
        (answer("stale_data"), "stale_data: candles have no quotes that could be old"),
        (answer("readiness", note="no quote for more than 30 s"), "data age: entries were halted"),
        (answer("readiness", note="a callback failed: KeyError"), ""),
        (answer("readiness", note="order x has no answer"), ""),
        (answer("memory"), ""),
        (answer("short_selling"), ""),
        (answer("exception"), ""),
        (answer("api_errors"), ""),
        (answer("one_position"), ""),  # no trade differs: the account is the same
        (answer(quantity=2.0), ""),
    ],
    ids=lambda value: str(value["rule"] + value["checks"][0][4]) if isinstance(value, dict) else "",
)
def test_decision_differs_for_what_looks_at_quotes_only(live, expected):
    (cause,) = causes(live, answer())
    assert cause.startswith(expected)
    assert bool(cause) == bool(expected)


def test_account_that_traded_otherwise_explains_its_limits_and_sizes_only():
    apart = {KEY: journey(100.0)}, {KEY: journey(100.1)}
    same = {KEY: journey(100.0)}, {KEY: journey(100.0)}
    assert "the accounts differ since the trade of" in causes(answer("one_position"), answer(), apart)[0]
    assert causes(answer("one_position"), answer(), same) == [""]
    assert causes(answer("short_selling"), answer(), apart) == [""]
    assert "size: the accounts differ" in causes(answer(quantity=2.0, equity=1.0), answer(), apart)[0]
    assert causes(answer(quantity=2.0), answer(), apart) == [""]  # another size from the same equity
    assert causes(answer(), answer(), apart) == []


def test_decision_that_only_one_has_is_a_fault():
    signals = {KEY: {"rsi": 60.0}}
    (found,) = compare_decisions(run_of(Record(signals=signals)), Record(signals=signals, decisions={KEY: answer()}))
    assert found.cause == ""


def test_signal_that_only_one_has_is_a_fault_and_a_repaired_gap_is_named():
    (found,) = compare_signals(run_of(Record(), (Gap(NAME, STEP_NS, 1),)), Record(signals={KEY: {"rsi": 60.0}}))
    assert "its bar was lost by the stream" in found.what
    assert found.cause == ""


def differences(live: Journey | None, backtest: Journey | None) -> dict[str, str]:
    ours = Record(trades={} if live is None else {KEY: live})
    theirs = Record(trades={} if backtest is None else {KEY: backtest})
    return {one.what: one.cause for one in compare_trades(run_of(ours), theirs)[KEY]}


def test_trades_that_are_the_same_differ_in_nothing():
    assert differences(journey(), journey()) == {}


def test_entry_beyond_every_limit_that_was_set_is_not_explained():
    assert differences(journey(100.0), journey(101.0, 96.0))["entry price"]
    beyond = journey(100.0, entries=[Fill(KEY[1] + 1, "ENTRY_FILLED", 1.0, 100.2)], stop=95.2)
    assert differences(beyond, journey(101.0, 96.0))["entry price"] == ""
    chased = journey(100.0, entries=[Fill(KEY[1] + 1, "ENTRY_FILLED", 1.0, 100.2)], stop=95.2, repriced_px=100.2)
    assert differences(chased, journey(101.0, 96.0))["entry price"]


def test_stop_at_another_distance_is_not_explained():
    assert differences(journey(100.0, 95.0), journey(101.0, 96.0))["stop"]
    assert differences(journey(100.0, 94.0), journey(101.0, 96.0))["stop"] == ""


def test_exit_for_another_reason_needs_another_stop():
    stopped = {"fees": 0.0, "funding": 0.0, "net": 0.0, "reason": "STOP"}
    aimed = stopped | {"reason": "TP2"}
    assert differences(journey(result=stopped), journey(result=aimed))["exit"] == ""
    assert differences(journey(result=stopped), journey(101.0, 96.0, result=aimed))["exit"]


def test_trade_that_the_live_run_does_not_have_is_not_explained():
    assert differences(None, journey())["trade"] == ""
    assert differences(journey(), None)["trade"]
