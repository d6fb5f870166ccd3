import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.attribution.attribute import attribute
from research.attribution.benchmarks import Benchmark
from research.attribution.traits import traits_of
from research.report import write_report
from research.report.attribution import beaten
from research.report.run import load_run
from tests.unit.research.synthetic_run import write_run

DIMENSIONS = ["month", "weekday", "session", "volatility regime", "instrument", "side", "score", "hold time"]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "abc-20180101"
    write_report(path, prices=write_run(path, trades=150, bars=4000, instruments=2))
    return path


def test_attribution_json_adds_up(run_dir: Path) -> None:
    found = json.loads((run_dir / "attribution.json").read_text())
    trades = pd.read_parquet(run_dir / "trades.parquet")
    assert [one["dimension"] for one in found["breakdowns"]] == DIMENSIONS
    for one in found["breakdowns"]:
        assert sum(bucket["trades"] for bucket in one["buckets"]) == 150
        assert sum(bucket["net_quote"] for bucket in one["buckets"]) == pytest.approx(trades["net_pnl"].sum())
        assert all(bucket["few"] == (bucket["trades"] < 30) for bucket in one["buckets"])
    assert found["costs"]["net_quote"][2][2] == pytest.approx(trades["net_pnl"].sum())
    assert found["constraints"] == found["cliff"]["constraints"]


def test_benchmarks_agree_with_the_targets_table_and_say_what_is_missing(run_dir: Path) -> None:
    rows = {row["name"]: row for row in json.loads((run_dir / "attribution.json").read_text())["benchmarks"]}
    kpis = {row["key"]: row["value"] for row in json.loads((run_dir / "metrics.json").read_text())["kpis"]}
    assert rows["Strategy"]["sharpe"] == pytest.approx(kpis["sharpe"])
    assert rows["Buy and hold"]["alpha_error_frac"] > 0.0
    assert rows["S&P 500"]["why_not"].startswith("none of SPY.US")
    assert "AGG.US" in rows["60/40"]["why_not"]
    assert "not available: none of SPY.US" in (run_dir / "report.html").read_text()


def test_page_has_every_section_that_its_navigation_names(run_dir: Path) -> None:
    page = re.sub(r'<script type="text/plain".*?</script>', "", (run_dir / "report.html").read_text(), flags=re.DOTALL)
    for anchor in ("benchmarks", "conditions", "cliff", "sensitivity"):
        assert f'<a href="#{anchor}">' in page
        assert f'<section id="{anchor}">' in page
    assert page.count('<tr class="few">') > 3


def test_measures_that_a_run_did_not_record_are_named_as_missing(run_dir: Path) -> None:
    found = attribute(load_run(run_dir), {})
    assert {scan.note for scan in found.cliff.scans} == {"not recorded by this run"}
    assert "no atr_ratio" in next(one.note for one in found.breakdowns if one.dimension == "volatility regime")
    assert next(row for row in found.benchmarks if row.name == "Buy and hold").why_not


@pytest.mark.parametrize("count", [0, 1, 3])
def test_run_with_hardly_a_trade_has_a_page_all_the_same(tmp_path: Path, count: int) -> None:
    prices = write_run(tmp_path, trades=9, bars=300, instruments=1)
    trades = pd.read_parquet(tmp_path / "trades.parquet")
    trades.head(count).to_parquet(tmp_path / "trades.parquet")
    write_report(tmp_path, prices=prices)
    found = json.loads((tmp_path / "attribution.json").read_text())
    assert found["cliff"]["verdict"] == "too few"
    assert found["cliff"]["overall"]["trades"] == count


def test_traits_come_from_the_signal_of_the_same_side(tmp_path: Path) -> None:
    at = pd.Timestamp("2024-01-03", tz="UTC")
    signals = pd.DataFrame(
        {"ts": at, "instrument_id": "X", "side": ["LONG", "SHORT"], "score": [4, 5], "atr_ratio": [0.01, 0.02],
         "rsi": [60.0, 30.0], "volume": [30.0, 40.0], "volume_ma": [10.0, 0.0], "close": [103.0, 97.0],
         "bb_mid": 100.0, "atr": 2.0}
    )  # fmt: skip
    trades = pd.DataFrame({"signal_ts": at, "instrument_id": "X", "side": ["SHORT", "LONG", "LONG"], "net_pnl": 1.0})
    found = traits_of(trades, signals)
    assert found["score"].tolist() == [5.0, 4.0, 4.0]
    assert found["rsi_with_side"].tolist() == [70.0, 60.0, 60.0]
    assert found["trend_atr"].tolist() == [1.5, 1.5, 1.5]
    assert found["volume_ratio"].fillna(-1.0).tolist() == [-1.0, 3.0, 3.0]


def test_better_than_nothing_is_not_called_better() -> None:
    own = Benchmark(name="Strategy", sharpe=0.2)
    assert beaten([own, Benchmark(name="60/40", why_not="none")]).startswith("It cannot be compared")
    text = beaten([own, Benchmark(name="S&P 500", sharpe=0.5, alpha_t=0.3), Benchmark(name="Hold", sharpe=0.1)])
    assert text == "Sharpe 0.20: worse than S&P 500 (0.50), better than Hold. No alpha that could be told from luck."
    assert "luck" not in beaten([own, Benchmark(name="Hold", sharpe=0.1, alpha_t=2.5)])


def test_cost_table_of_the_page_marks_the_run_itself(run_dir: Path) -> None:
    page = (run_dir / "report.html").read_text()
    assert page.count('title="this run"') == 1
    assert np.isfinite(json.loads((run_dir / "attribution.json").read_text())["costs"]["before_costs_quote"])
