import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from errors import ConfigError, DataError
from research.comparison.command import main
from research.comparison.figures import common_lines, common_span_ns, metric_lines
from research.comparison.matching import match_trades
from research.comparison.page import render
from research.comparison.runs import Compared, cautions, load_runs
from research.comparison.settings import config_differences
from research.comparison.verdict import verdict
from tests.unit.research.synthetic_run import write_run

BAD = "<img src=x onerror=alert(1)>"


def change(folder: Path, **more: object) -> None:
    path = folder / "metrics.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | more))


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Two runs of the same trades; the second one lacks the first three and left two others elsewhere."""
    found = [tmp_path / "one", tmp_path / "two"]
    for folder in found:
        write_run(folder, trades=40, bars=1500, instruments=2)
    trades = pd.read_parquet(found[1] / "trades.parquet")
    trades.loc[10, "exit_px"] *= 1.01
    trades.loc[11, "exit_reason"] = "MANUAL"
    trades.drop(index=[0, 1, 2]).to_parquet(found[1] / "trades.parquet")
    config = (found[1] / "config.toml").read_text().replace("max_heat_frac = 0.05", "max_heat_frac = 0.03\nnew = true")
    (found[1] / "config.toml").write_text(config)
    return found


def test_trades_are_matched_by_instrument_signal_and_side(folders: list[Path]) -> None:
    first, second = (one.run.trades for one in load_runs(folders))
    found = match_trades(first, second)
    assert (len(found.both), len(found.only_first), len(found.only_second)) == (37, 3, 0)
    assert sorted(found.differing["differs"]) == ["exit", "reason"]
    mirrored = match_trades(second, first)
    assert (len(mirrored.both), len(mirrored.only_first), len(mirrored.only_second)) == (37, 0, 3)


def test_other_side_of_the_same_signal_is_another_trade(folders: list[Path]) -> None:
    trades = load_runs(folders)[0].run.trades
    flipped = trades.assign(side=np.where(trades["side"] == "LONG", "SHORT", "LONG"))
    assert len(match_trades(trades, flipped).both) == 0


def test_two_trades_of_one_signal_are_matched_one_to_one(folders: list[Path]) -> None:
    trades = load_runs(folders)[0].run.trades
    twice = pd.concat([trades, trades.head(1)], ignore_index=True)
    found = match_trades(twice, trades)
    assert (len(found.both), len(found.only_first)) == (40, 1)


def test_configurations_differ_key_by_key(folders: list[Path]) -> None:
    assert config_differences(load_runs(folders)) == {
        "risk.max_heat_frac": ["0.05", "0.03"],
        "risk.new": ["(absent)", "true"],
    }


def test_differences_are_to_the_first_run_and_in_points(folders: list[Path]) -> None:
    metrics = json.loads((folders[1] / "metrics.json").read_text())
    metrics["other"]["total_return_frac"] = 0.5
    change(folders[1], **metrics)
    runs = load_runs(folders)
    line = next(one for one in metric_lines(runs) if one.name == "Total return")
    first = runs[0].run.metrics["other"]["total_return_frac"]
    assert line.differences() == [0.0, pytest.approx(0.5 - first)]
    assert line.show_difference(-0.123) == "−12.3 pts"
    assert line.show_difference(0.123) == "+12.3 pts"


def test_money_of_different_currencies_is_not_subtracted(folders: list[Path]) -> None:
    change(folders[1], currency="USD")
    runs = load_runs(folders)
    money = [one for one in metric_lines(runs) if "own currency" in one.name]
    assert len(money) == 5
    assert all(one.differences() == [None, None] for one in money)
    assert any("different currencies (USDT, USD)" in text for text in cautions(runs))


def test_common_days_are_measured_from_the_equity_at_their_start(folders: list[Path]) -> None:
    runs = load_runs(folders)
    equity = runs[1].run.equity
    equity.iloc[700:].to_parquet(folders[1] / "equity.parquet")
    runs = load_runs(folders)
    span = common_span_ns(runs)
    assert span is not None
    values = equity["equity"].to_numpy()
    line = next(one for one in common_lines(runs, span) if one.name == "Return")
    assert line.values[0] == pytest.approx(values[-1] / values[699] - 1.0)
    assert any("different spans" in text for text in cautions(runs))


def test_runs_without_a_common_day_have_no_winner(folders: list[Path]) -> None:
    equity = load_runs(folders)[1].run.equity
    equity.assign(ts=equity["ts"] + pd.Timedelta(days=4000)).to_parquet(folders[1] / "equity.parquet")
    runs = load_runs(folders)
    assert common_span_ns(runs) is None
    assert "They share no days" in verdict(runs)
    assert "The runs share no days" in render(runs)


def with_return(folders: list[Path], *returns: float) -> list[Compared]:
    for folder, value in zip(folders, returns, strict=True):
        metrics = json.loads((folder / "metrics.json").read_text())
        metrics["other"]["total_return_frac"] = value
        start = metrics["other"]["start_equity"]
        change(folder, **metrics)
        equity = pd.read_parquet(folder / "equity.parquet")
        equity["equity"] = np.linspace(start, start * (1.0 + value), len(equity))
        equity.to_parquet(folder / "equity.parquet")
    return load_runs(folders)


@pytest.mark.parametrize(
    ("returns", "text"),
    [
        ((-0.2, -0.1), "Both lose money. {} B lost least: −10.0 % (against A −20.0 %)."),
        ((0.2, -0.1), "A makes money, the other does not. {} A did best: +20.0 % (against B −10.0 %)."),
        ((0.1, 0.2), "Both make money. {} B did best: +20.0 % (against A +10.0 %)."),
        ((-0.1, 0.0), "None of them makes money. {} B did best by doing nothing: 0.0 % (against A −10.0 %)."),
        ((0.1, 0.1), "Both make money. {} they return the same."),
    ],
)  # fmt: skip
def test_verdict_flatters_nobody(folders: list[Path], returns: tuple[float, float], text: str) -> None:
    assert verdict(with_return(folders, *returns)) == text.format("Over their common days")


def test_gain_of_a_run_that_was_shut_says_so(folders: list[Path]) -> None:
    change(folders[0], shut={"drawdown": "2018-01-20T04:00"})
    assert verdict(with_return(folders, 0.2, -0.1)).startswith("A (shut down since 2018-01-20) makes money")
    assert verdict(with_return(folders, 0.2, 0.1)).startswith("Both make money: A (shut down since 2018-01-20).")


@pytest.mark.parametrize(
    ("other", "quantity", "differs"), [(1.0001, 2.0, ""), (1.0001, 1.0, "exit"), (1.001, 2.0, "exit")]
)
def test_average_exit_of_another_size_may_move_by_its_rounding(
    folders: list[Path], other: float, quantity: float, differs: str
) -> None:
    one = load_runs(folders)[0].run.trades.head(1)
    two = one.assign(exit_px=one["exit_px"] * other, quantity=one["quantity"] * quantity)
    assert match_trades(one, two).both["differs"].tolist() == [differs]


def test_page_asks_the_network_for_nothing_and_escapes(folders: list[Path]) -> None:
    change(folders[0], run=BAD)
    page = render(load_runs(folders))
    visible = re.sub(r'<script type="text/plain".*?</script>', "", page, flags=re.DOTALL)
    assert BAD not in visible
    assert "https://" not in visible
    assert "http://" not in visible
    assert "Only in A, not in B: 3" in visible
    assert page == render(load_runs(folders))


def test_command_writes_the_page_and_tells(
    folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new" / "page.html"
    assert main([*map(str, folders), "--out", str(page)]) == 0
    assert page.exists()
    told = capsys.readouterr().out
    assert "risk.max_heat_frac: 0.05 | 0.03" in told
    assert "37 shared, 2 of them at another price or exit; 3 only in A, 0 only in B" in told


def test_command_refuses_what_it_cannot_compare(
    folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = map(str, folders)
    for wrong, text in (
        ([one], "give 2 to 6"),
        ([one] * 7, "give 2 to 6"),
        ([one, one], "the same run as"),
        ([one, str(tmp_path)], "no run here"),
        ([one, two, "--out", str(tmp_path)], "cannot be written"),
    ):
        assert main(wrong) == 2
        assert text in capsys.readouterr().err


@pytest.mark.parametrize("name", ["metrics.json", "config.toml", "trades.parquet"])
def test_damaged_run_is_named(folders: list[Path], name: str) -> None:
    (folders[1] / name).write_text("{")
    with pytest.raises(DataError, match="two: cannot be read"):
        load_runs(folders)


def test_six_runs_fit_and_one_without_trades_too(folders: list[Path], tmp_path: Path) -> None:
    more = [tmp_path / f"run{i}" for i in range(4)]
    for folder in more:
        write_run(folder, trades=5, bars=300, instruments=1)
    empty = pd.read_parquet(more[0] / "trades.parquet").head(0)
    empty.to_parquet(more[0] / "trades.parquet")
    assert render(load_runs([*folders, *more])).count("<th") > 20
    with pytest.raises(ConfigError):
        load_runs([*folders, *more, tmp_path])
