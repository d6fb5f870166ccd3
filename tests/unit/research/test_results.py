"""The rows that a run leaves (design/architecture.md), worked by hand."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.candles import Candles
from execution.config import ExitConfig
from execution.trade import Phase, Plan, Trade
from execution.trade_log import Costs, Missed, StopPoint
from research import results
from research.recorder import EquityRow

MINUTE = 60_000_000_000
PLAN = {
    "trade_id": "T", "signal_id": "breakout/X/5", "signal_ns": 5 * MINUTE, "instrument_id": "X.Y",
    "strategy": "breakout", "side": 1, "quantity": 10.0, "entry_px": 100.0, "stop_distance": 3.0, "tp1_distance": 6.0,
    "tp2_distance": 12.0, "tick": 0.01, "lot": 0.001, "min_quantity": 0.0, "min_notional": 0.0, "multiplier": 1.0,
    "exits": ExitConfig(), "entry_on_timeout": "cancel", "backstop": False,
}  # fmt: skip


def closed(side=1, *, entry_ns=6 * MINUTE, exit_ns=9 * MINUTE, exit_px=106.0, filled=10.0, **plan):
    return Trade(
        plan=Plan(**(PLAN | {"side": side} | plan)), phase=Phase.CLOSED, working=False, limit_px=100.0, filled=filled,
        entry_value=100.0 * filled, entry_ns=entry_ns, stop=100.05, stop_initial=100.0 - 3.0 * side,
        exit_filled=filled, exit_value=exit_px * filled, lowest_exit_px=exit_px, highest_exit_px=exit_px,
        exit_ns=exit_ns, exit_reason="TRAIL",
    )  # fmt: skip


def candles(lows_highs):
    low, high = np.array(lows_highs, np.float64).T
    return Candles(np.arange(len(low)) * MINUTE, low, high, low, high, np.ones(len(low)))


QUIET = candles([(100.0, 100.0)] * 20)


def row_of(trade, costs=None, fill=QUIET):
    [row] = results.trade_rows([(trade, costs or Costs(gross=60.0))], {"X.Y": (fill, MINUTE)})
    return row


def test_trade_row_net_is_gross_less_fees_and_funding():
    row = row_of(closed(), Costs(gross=60.0, fees=2.0, funding=1.0, slippage=0.5))
    assert (row["gross_pnl"], row["fees"], row["funding"], row["slippage"]) == (60.0, 2.0, 1.0, 0.5)
    assert row["net_pnl"] == 57.0
    assert row["r_multiple"] == pytest.approx(57.0 / 30.0)


def test_trade_row_risk_counts_multiplier_and_rate():
    row = row_of(closed(multiplier=50.0), Costs(gross=60.0, rate=0.01))
    assert row["r_multiple"] == pytest.approx(60.0 / (3.0 * 10.0 * 50.0 * 0.01))


@pytest.mark.parametrize(
    ("side", "name", "tp1", "tp2", "stop"), [(1, "LONG", 106, 112, 97), (-1, "SHORT", 94, 88, 103)]
)
def test_trade_row_levels_by_side(side, name, tp1, tp2, stop):
    row = row_of(closed(side))
    assert (row["side"], row["tp1"], row["tp2"], row["stop_initial"]) == (name, tp1, tp2, stop)
    assert (row["entry_px"], row["exit_px"], row["quantity"], row["exit_reason"]) == (100.0, 106.0, 10.0, "TRAIL")
    assert (row["signal_ts"], row["entry_ts"], row["exit_ts"]) == (5 * MINUTE, 6 * MINUTE, 9 * MINUTE)


@pytest.mark.parametrize(("side", "mae", "mfe"), [(1, 2.0, 3.0), (-1, 3.0, 2.0)])
def test_excursions_are_in_units_of_risk_and_at_least_zero(side, mae, mfe):
    fill = candles([(100.0, 100.0)] * 7 + [(94.0, 109.0)] + [(100.0, 100.0)] * 9)
    row = row_of(closed(side, exit_px=100.0), fill=fill)
    assert (row["mae_r"], row["mfe_r"]) == (mae, mfe)


@pytest.mark.parametrize(("number", "counts"), [(5, False), (6, True), (7, True), (8, False), (9, False)])
def test_excursions_look_only_at_bars_wholly_inside_the_trade(number, counts):
    rows = [(100.0, 100.0)] * 20
    rows[number] = (91.0, 100.0)  # bar n is open from minute n to n + 1; the trade from 6 to 9
    row = row_of(closed(exit_px=100.0, exit_ns=9 * MINUTE - 1), fill=candles(rows))
    assert row["mae_r"] == (3.0 if counts else 0.0)


def test_excursions_hold_the_exit_price():
    assert row_of(closed(exit_px=94.0))["mae_r"] == 2.0
    assert row_of(closed(exit_px=109.0))["mfe_r"] == 3.0


def test_excursions_of_a_trade_within_one_bar_are_those_of_its_exit():
    row = row_of(closed(entry_ns=6 * MINUTE + 1, exit_ns=6 * MINUTE + 2, exit_px=97.0))
    assert (row["mae_r"], row["mfe_r"]) == (1.0, 0.0)


def test_equity_table_measures_drawdown_from_the_peak_start_included():
    rows = [EquityRow(n, equity, equity, 0.0, 0) for n, equity in enumerate([90.0, 120.0, 90.0, 150.0])]
    drawdown = [row["drawdown_frac"] for row in results.equity_table(rows, 100.0)]
    assert drawdown == pytest.approx([0.1, 0.0, 0.25, 0.0])


def test_stop_and_missed_rows():
    assert results.stop_rows([StopPoint("T", 7, 97.0)]) == [{"trade_id": "T", "ts": 7, "stop": 97.0}]
    [row] = results.missed_rows([Missed(9, "S", "T", "X.Y", -1, 100.0, 10.0)])
    assert {name: row[name] for name in results.MISSED} == {
        "ts": 9, "signal_id": "S", "trade_id": "T", "instrument_id": "X.Y", "side": "SHORT", "limit_px": 100.0,
        "quantity": 10.0,
    }  # fmt: skip


def test_table_has_exactly_the_columns_of_its_schema(tmp_path):
    rows = [{"trade_id": "T", "ts": 1, "stop": math.nan, "other": 1}]
    results.write_table(tmp_path / "x.parquet", results.STOPS, rows)
    table = pq.read_table(tmp_path / "x.parquet")
    assert dict(zip(table.schema.names, table.schema.types, strict=True)) == results.STOPS
    assert table["ts"].type == pa.timestamp("ns", tz="UTC")


@pytest.mark.parametrize("schema", [results.SIGNALS, results.DECISIONS, results.TRADES, results.EQUITY, results.MISSED])
def test_table_without_rows_has_its_columns_too(tmp_path, schema):
    results.write_table(tmp_path / "x.parquet", schema, [])
    found = pq.read_schema(tmp_path / "x.parquet")
    assert (found.names, found.types) == (list(schema), list(schema.values()))


def test_sides_have_names():
    assert (results.side_name(1), results.side_name(-1)) == ("LONG", "SHORT")
