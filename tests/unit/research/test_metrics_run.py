import json
import math

import numpy as np
import pandas as pd
import pytest
from synthetic_run import make_equity, make_prices, make_trades

from research.kpi import KPI_ROWS, kpi_result
from research.run_metrics import compute_metrics

ROWS = {row.key: row for row in KPI_ROWS}
TRADE_COLUMNS = ["entry_ts", "exit_ts", "gross_pnl", "fees", "funding", "slippage", "net_pnl", "r_multiple"]


def stamps(*moments: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(list(moments), tz="UTC").as_unit("ns")


def hand_made() -> tuple[pd.DataFrame, pd.DataFrame]:
    trades = pd.DataFrame(
        {
            "entry_ts": stamps("2024-01-01 06:00", "2024-01-02 06:00", "2024-01-02 08:00"),
            "exit_ts": stamps("2024-01-01 12:00", "2024-01-02 12:00", "2024-01-02 20:00"),
            "gross_pnl": [32.0, -8.0, 1.0],
            "fees": [1.0, 1.0, 1.0],
            "funding": [1.0, 1.0, 0.0],
            "slippage": [0.5, 0.5, 0.5],
            "net_pnl": [30.0, -10.0, 0.0],
            "r_multiple": [3.0, -1.0, 0.0],
        }
    )
    equity = pd.DataFrame(
        {
            "ts": stamps("2024-01-01 08:00", "2024-01-01 16:00", "2024-01-02 16:00", "2024-01-04 00:00"),
            "equity": [1010.0, 1030.0, 1020.0, 1020.0],
            "open_positions": [1, 0, 1, 0],
        }
    )
    return trades, equity


def test_compute_metrics_of_a_hand_made_run_gives_worked_literals() -> None:
    result = compute_metrics(*hand_made(), 1000.0, 365)
    values = {row["key"]: row["value"] for row in result["kpis"]}
    returns = np.array([0.03, -10 / 1030, 0.0, 0.0])  # 3 January carries forward
    assert values["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365))
    assert values["sortino"] == pytest.approx(returns.mean() / (10 / 1030 / 2) * math.sqrt(365))
    assert values["max_drawdown_frac"] == pytest.approx(10 / 1030)
    assert values["calmar"] == pytest.approx((1.02 ** (365 / 4) - 1) / (10 / 1030))
    assert values["win_rate"] == pytest.approx(1 / 3)
    assert values["profit_factor"] == pytest.approx(3.0)
    assert values["expectancy_r"] == pytest.approx(2 / 3)
    assert values["recovery_factor"] == pytest.approx(2.0)
    passed = {row["key"] for row in result["kpis"] if row["passed"]}
    assert passed == set(ROWS) - {"win_rate", "recovery_factor"}
    other = result["other"]
    assert other["trades_per_day"] == pytest.approx(3 / 4)
    assert other["exposure_frac"] == 0.5
    assert other["avg_hold_hours"] == pytest.approx(8.0)
    assert other["fee_to_pnl_frac"] == pytest.approx(3 / 33)
    assert (other["wins"], other["losses"], other["break_evens"]) == (1, 1, 1)
    assert (result["annual_days"], other["start_equity"], other["end_equity"]) == (365, 1000.0, 1020.0)
    assert other["longest_drawdown_days"] == pytest.approx(56 / 24)  # from 1 January 16:00 to the end


def test_compute_metrics_counts_the_start_equity_as_the_first_peak() -> None:
    trades, equity = hand_made()
    result = compute_metrics(trades, equity.assign(equity=[900.0, 950.0, 920.0, 990.0]), 1000.0, 365)
    assert result["kpis"][2]["value"] == pytest.approx(0.1)
    assert result["other"]["max_drawdown_quote"] == pytest.approx(100.0)
    assert result["other"]["longest_drawdown_days"] == pytest.approx(64 / 24)


def test_compute_metrics_for_equities_counts_only_days_with_rows() -> None:
    other = compute_metrics(*hand_made(), 1000.0, 252)["other"]
    assert other["days"] == 3
    assert other["years"] == pytest.approx(3 / 252)


def test_compute_metrics_without_trades_meets_no_target_and_is_json() -> None:
    trades, equity = hand_made()
    flat = equity.assign(equity=1000.0, open_positions=0)
    result = json.loads(json.dumps(compute_metrics(trades.head(0), flat, 1000.0, 365), allow_nan=False))
    assert [row["passed"] for row in result["kpis"]] == [False] * 8
    assert {row["note"] for row in result["kpis"]} == {"not met: no trades"}
    shown = {row["key"]: row["display"] for row in result["kpis"]}
    assert shown == dict.fromkeys(ROWS, "n/a") | {"max_drawdown_frac": "0.0 %"}


def test_compute_metrics_of_nothing_at_all_is_json() -> None:
    equity = pd.DataFrame(columns=["ts", "equity", "open_positions"])
    result = compute_metrics(pd.DataFrame(columns=TRADE_COLUMNS), equity, 1000.0, 252)
    json.dumps(result, allow_nan=False)
    assert result["other"]["end_equity"] == 1000.0
    assert not any(row["passed"] for row in result["kpis"])


def test_compute_metrics_refuses_another_annual_factor() -> None:
    with pytest.raises(ValueError, match="365 or 252, was 360"):
        compute_metrics(*hand_made(), 1000.0, 360)


def test_compute_metrics_does_not_depend_on_the_order_of_trades() -> None:
    prices = make_prices(500, 1)
    trades = make_trades(prices, 40)
    equity = make_equity(trades, next(iter(prices.values())).ts_ns)
    shuffled = trades.sample(frac=1.0, random_state=1)
    ours, theirs = (compute_metrics(t, equity, 10_000.0, 365) for t in (trades, shuffled))
    assert [row["display"] for row in ours["kpis"]] == [row["display"] for row in theirs["kpis"]]
    assert ours["other"]["longest_losing_streak"] == theirs["other"]["longest_losing_streak"]


@pytest.mark.parametrize(
    ("key", "value", "passed"),
    [
        ("sharpe", 1.5, False),
        ("sharpe", 1.51, True),
        ("sortino", 2.0, False),
        ("sortino", 2.01, True),
        ("max_drawdown_frac", 0.15, False),
        ("max_drawdown_frac", 0.1499, True),
        ("calmar", 2.0, False),
        ("calmar", 2.01, True),
        ("win_rate", 0.349, False),
        ("win_rate", 0.35, True),
        ("win_rate", 0.51, True),
        ("profit_factor", 1.5, False),
        ("profit_factor", math.inf, True),
        ("expectancy_r", 0.5, False),
        ("expectancy_r", 0.51, True),
        ("recovery_factor", 3.0, False),
        ("recovery_factor", 3.01, True),
        ("sharpe", math.nan, False),
    ],
)
def test_kpi_targets_both_sides_of_each_inequality(key: str, value: float, passed: bool) -> None:
    assert kpi_result(ROWS[key], value, has_trades=True)["passed"] is passed


def test_kpi_result_names_what_is_not_a_number() -> None:
    infinite = kpi_result(ROWS["profit_factor"], math.inf, has_trades=True)
    undefined = kpi_result(ROWS["sharpe"], math.nan, has_trades=True)
    above = kpi_result(ROWS["win_rate"], 0.6, has_trades=True)
    assert (infinite["value"], infinite["display"], infinite["passed"]) == (None, "∞", True)
    assert (undefined["value"], undefined["display"], undefined["note"]) == (None, "n/a", "not met: undefined")
    assert (above["note"], above["target"]) == ("above the band", "35-50 %")


def test_kpi_rows_are_those_of_spec_3_4_in_its_order() -> None:
    assert [row.name.lower() for row in KPI_ROWS] == [
        "sharpe ratio",
        "sortino ratio",
        "max drawdown",
        "calmar ratio",
        "win rate",
        "profit factor",
        "expectancy (r)",
        "recovery factor",
    ]
