"""Several instruments, one account: who gets the place, what is reserved, what stops a run."""

import functools

import pytest
from handmade import BTC, ETH, FREE, FUTURE, MINUTE, SHARE, START, Say, calm, candles, play

from research import simulation as module
from research.feed import chunks

ENTERED = [*calm(2), (100.0, 100.5, 99.5, 100.0)]
ONE_CRYPTO = {"risk": {"crypto": {"max_leverage": 3.0, "max_positions": 1}}}


def decisions(played):
    return {d.signal.instrument_id: (d.approved, d.rule) for d in played.simulation.recorder.decisions}


@pytest.mark.parametrize("names", [(BTC, ETH), (ETH, BTC)])
@pytest.mark.parametrize(("best", "other"), [(BTC, ETH), (ETH, BTC)])
def test_best_score_gets_the_last_place_whatever_the_order_of_instruments(names, best, other):
    rows = {name: candles([*ENTERED, *calm(3)]) for name in names}
    played = play(rows, {best: {1: Say(score=5)}, other: {1: Say(score=4)}}, **ONE_CRYPTO)
    assert decisions(played) == {best: (True, ""), other: (False, "asset_class_positions")}
    assert [trade["instrument_id"] for trade in played.trades] == [best]


def test_two_of_a_class_may_be_open():
    rows = {name: candles([*ENTERED, *calm(3)]) for name in (BTC, ETH)}
    played = play(rows, {BTC: {1: Say()}, ETH: {1: Say()}})
    assert len(played.trades) == 2
    assert {approved for approved, _ in decisions(played).values()} == {True}


def test_second_signal_of_an_open_position_is_refused():
    played = play([*ENTERED, *calm(3)], {1: Say(), 3: Say(-1)})
    assert [d.rule for d in played.simulation.recorder.decisions] == ["", "one_position"]
    assert len(played.trades) == 1


def test_place_of_a_missed_entry_is_free_at_the_next_bar():
    missed = [*calm(2), (100.0, 101.0, 100.0, 100.0)]
    played = play([*missed, (100.0, 100.5, 99.5, 100.0), *calm(2)], {1: Say(), 2: Say()}, **ONE_CRYPTO)
    first, second = played.simulation.recorder.decisions
    assert (first.approved, second.approved) == (True, True)
    assert second.heat_before == 0.0
    assert len(played.simulation.log.missed) == 1


def test_heat_counts_reserved_then_open_risk_and_is_given_back():
    path = [
        *ENTERED,
        (100.0, 106.5, 100.0, 106.0),
        (106.0, 106.0, 106.0, 106.0),
        (106.0, 113.0, 106.0, 112.0),
        *calm(2),
    ]
    played = play(path, {1: Say()}, costs=FREE, atr=lambda _n: 10.0)
    [decision] = played.simulation.recorder.decisions
    assert (decision.heat_before, decision.heat_after) == pytest.approx((0.0, 300.0))
    heat = {row.ts_ns: row.heat_frac * row.equity for row in played.simulation.recorder.equity_rows}
    values = [heat[START + n * 15 * MINUTE] for n in range(3, 8)]
    assert values == pytest.approx([300.0, 0.0, 0.0, 0.0, 0.0])  # open; at break-even nothing can be lost; closed


def test_heat_noted_at_the_signal_bar_holds_what_was_reserved_there():
    played = [play([*ENTERED, *calm(3)], {1: Say()}) for _ in range(12)]
    assert {one.simulation.recorder.equity_rows[1].heat_frac for one in played} == {0.01}


def test_second_entry_is_weighed_against_the_risk_reserved_for_the_first():
    rows = {name: candles([*ENTERED, *calm(3)]) for name in (BTC, ETH)}
    played = play(rows, {BTC: {1: Say(score=5)}, ETH: {1: Say()}}, risk={"max_heat_frac": 0.015,
                  "max_share_of_heat_frac": 0.3})  # fmt: skip
    first, second = played.simulation.recorder.decisions
    assert second.heat_before == pytest.approx(first.risk_quote)


def test_instruments_of_two_venues_share_one_equity():
    rows = {name: candles([*ENTERED, (99.0, 99.0, 96.0, 96.5), *calm(2, 96.5)]) for name in (SHARE, FUTURE)}
    played = play(rows, {name: {1: Say()} for name in rows})
    assert {trade["instrument_id"] for trade in played.trades} == {SHARE, FUTURE}
    assert [decision.equity for decision in played.simulation.recorder.decisions] == [30_000.0, 30_000.0]
    assert played.final_equity == pytest.approx(30_000.0 + sum(trade["net_pnl"] for trade in played.trades))


# --- runs -------------------------------------------------------------------------------------------------------------


class BrokenError(Exception):
    pass


@pytest.mark.parametrize("number", [0, 3, 9])
def test_exception_in_the_rules_stops_the_run(number):
    def atr(bar):
        if bar == number:
            raise BrokenError
        return 2.0

    with pytest.raises(BrokenError):
        play(calm(10), {}, atr=atr)


def break_the_gate(simulation):
    def weigh(_signal):
        raise BrokenError

    simulation.gate.officer._weigh = weigh


def test_exception_in_the_gate_stops_the_run():
    with pytest.raises(BrokenError):
        play(calm(10), {2: Say()}, prepare=break_the_gate)


def test_exception_behind_the_last_bar_stops_the_run():
    with pytest.raises(BrokenError):
        play(calm(10), {9: Say()}, prepare=break_the_gate)


def test_exception_in_the_fill_model_stops_the_run():
    def prepare(simulation):
        simulation.fills._bars = {}

    with pytest.raises(KeyError):
        play([*ENTERED, *calm(3)], {1: Say()}, prepare=prepare)


@pytest.mark.parametrize("interval", ["15m", "1m"])
@pytest.mark.parametrize("rows", [1, 7, 40])
def test_size_of_the_chunks_changes_nothing(monkeypatch, interval, rows):
    path = [*calm(15), (100, 100.5, 99.5, 100), *calm(6), (100, 106.5, 100, 106), *calm(20, 106), (106, 106, 99, 99)]
    data = {BTC: candles([*path, *calm(20, 99.0)], interval)}
    number = 0 if interval == "1m" else 14
    whole = play(data, {number: Say()}, interval=interval)
    monkeypatch.setattr(module, "chunks", functools.partial(chunks, rows=rows))
    parts = play(data, {number: Say()}, interval=interval)
    assert len(whole.trades) == 1
    assert parts.trades == whole.trades
    assert parts.journal == whole.journal
    rows_of = [[(r.ts_ns, r.equity, r.cash) for r in run.simulation.recorder.equity_rows] for run in (whole, parts)]
    assert rows_of[0] == rows_of[1]


@pytest.mark.parametrize("interval", ["15m", "1m"])
def test_equity_is_noted_at_every_signal_bar_and_ends_where_the_account_does(interval):
    per_bar = 15 if interval == "1m" else 1
    rows = [*calm(per_bar), (100, 100.5, 99.5, 100), *calm(9 * per_bar - 1, 101.0)]
    played = play({BTC: candles(rows, interval)}, {0: Say()}, interval=interval)
    noted = played.simulation.recorder.equity_rows
    assert [row.ts_ns for row in noted] == [START + n * 15 * MINUTE for n in range(1, 11)]
    assert noted[-1].equity == played.final_equity
    assert (noted[-1].open_positions, noted[-1].heat_frac) == (0, 0.0)
    assert noted[-2].equity - noted[-2].cash == pytest.approx(100.0)  # unrealized: 100 units, one up
