"""``scripts/monte_carlo.py`` as a user meets it, on runs made by hand."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_runs import START_EQUITY, make_run, metrics_of, mixed, write_metrics

from research.monte_carlo.command import main

ROOT = Path(__file__).resolve().parents[4]
SCRIPT = ROOT / "scripts" / "monte_carlo.py"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("NUMBA_DISABLE_JIT", "COLUMNS")}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", mixed(80))


def answer(run: Path, *arguments: str) -> dict[str, Any]:
    assert main([str(run), "--paths", "500", *arguments]) == 0
    found: dict[str, Any] = json.loads((run / "monte_carlo" / "monte_carlo.json").read_text("utf-8"))
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return what is said to bad input."""
    assert main([str(one) for one in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


def test_command_leaves_the_numbers_that_an_approval_reads(run: Path) -> None:
    found = answer(run, "--target-income", "1000/month", "500/week", "--milestones", "0.2,0.1")
    assert found["kind"] == "monte_carlo"
    assert found["config_hash"] == "abc123"
    assert found["data"] == {"BTC.X": "aa", "ETH.X": "bb"}
    assert (found["paths"], found["seed"], found["trades"], found["complete"]) == (500, 1, 80, True)
    assert list(found["methods"]) == ["reorder", "resample", "block"]
    for one in found["methods"].values():
        assert set(one["ruin"]) == {"frac", "ci_low", "ci_high"}
        assert [mark["return_frac"] for mark in one["milestones"]] == [0.1, 0.2]
        assert list(one["percentiles"]["max_drawdown_frac"]) == ["p05", "p50", "p95"]
    assert found["methods"]["reorder"]["income"] == []
    assert [one["period"] for one in found["methods"]["block"]["income"]] == ["month", "week"]
    assert found["run"] == str(run.resolve())
    assert found["warnings"] == []


def test_own_order_is_what_the_trades_did(run: Path) -> None:
    found = answer(run)
    own = found["own_order"]
    fracs = mixed(80)
    end = pd.Series(fracs).add(1.0).prod() - 1.0
    assert own["final_return_frac"] == pytest.approx(end)
    reorder = found["methods"]["reorder"]["percentiles"]["final_return_frac"]
    assert reorder["p05"] == pytest.approx(end)
    assert reorder["p95"] == pytest.approx(end)


def test_same_seed_leaves_the_same_bytes_and_another_seed_others(run: Path, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("a", "b", "c")}
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        assert main([str(run), "--paths", "300", "--seed", seed, "--out", str(folders[name])]) == 0
    for file in ("monte_carlo.json", "monte_carlo.html"):
        first, same, other = ((folder / file).read_bytes() for folder in folders.values())
        assert first == same
        assert first != other
    assert sorted(one.name for one in folders["a"].iterdir()) == ["monte_carlo.html", "monte_carlo.json"]
    assert not (run / "monte_carlo").exists()


def test_terminal_tells_table_sentence_and_next_step(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer(run, "--target-income", "1000/month")
    out = capsys.readouterr().out
    text = " ".join(out.split())
    assert "Max drawdown" in text
    assert "Ruin: under half" in text
    assert "1,000.00 a month" in text
    assert "plan for a drawdown of" in text
    assert "next: " in text
    assert max(map(len, out.splitlines())) <= 80 or "page:" in out


def test_few_trades_are_called_unreliable_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path / "run", mixed(29))
    found = answer(run)
    assert not found["reliable"]
    assert not found["verdict"]["passed"]
    assert "unreliable: 29 trades" in " ".join(capsys.readouterr().out.split())
    page = (run / "monte_carlo" / "monte_carlo.html").read_text("utf-8")
    assert "Unreliable, too few trades." in page
    assert '<span class="pill no">unreliable</span>' in page


def test_thirty_trades_are_judged(tmp_path: Path) -> None:
    found = answer(make_run(tmp_path / "run", mixed(30)))
    assert found["reliable"]
    assert found["verdict"]["passed"]


def test_single_trade_has_no_sharpe_ratio_and_is_no_failure(tmp_path: Path) -> None:
    found = answer(make_run(tmp_path / "run", [0.01]))
    assert found["methods"]["resample"]["percentiles"]["sharpe"] == {"p05": None, "p50": None, "p95": None}
    assert found["own_order"]["sharpe"] is None


@pytest.mark.parametrize("way", ["name", "metrics"])
def test_partial_run_is_marked_and_never_passes(tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]) -> None:
    if way == "name":
        run = make_run(tmp_path / "abc123-20240101-partial", mixed(80))
    else:
        run = make_run(tmp_path / "run", mixed(80), complete=False)
    found = answer(run)
    assert not found["complete"]
    assert not found["verdict"]["passed"]
    assert found["warnings"][0].startswith("partial run: ")
    assert "partial run" in capsys.readouterr().out


def test_shut_halted_and_breakerless_runs_are_called_what_they_are(tmp_path: Path) -> None:
    trips = {"counts": {"trips": {"drawdown": 1, "daily_loss": 4}}, "shut": {"drawdown": "2024-02-01T00:00"}}
    warnings = answer(make_run(tmp_path / "shut", mixed(80), **trips))["warnings"]
    assert warnings[0].startswith("a selection: drawdown shut the run on 2024-02-01; these 80 trades")
    assert warnings[1] == "a selection: breakers held entries back or made them smaller (daily loss 4)"
    run = make_run(tmp_path / "off", mixed(80))
    (run / "config.toml").write_text("[risk]\nbreakers = false\n", "utf-8")
    assert answer(run)["warnings"] == ["breakers were off in this run: research only, no live system runs like this"]


def test_trades_that_do_not_add_up_to_the_run_are_told(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", mixed(80))
    write_metrics(run, metrics_of(80, 0.5))
    assert any("the run itself +50.0 %" in text for text in answer(run)["warnings"])


def test_overlapping_trades_are_told(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", mixed(80))
    trades = pd.read_parquet(run / "trades.parquet")
    trades["exit_ts"] += pd.Timedelta(hours=30)
    trades.to_parquet(run / "trades.parquet")
    assert any(
        text.startswith("99 % of the trades were entered while another was open") for text in answer(run)["warnings"]
    )


def test_trade_that_loses_more_than_all_counts_as_all(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", mixed(40))
    trades = pd.read_parquet(run / "trades.parquet")
    trades.loc[0, "net_pnl"] = -3.0 * START_EQUITY
    trades.to_parquet(run / "trades.parquet")
    found = answer(run)
    assert found["own_order"]["final_return_frac"] == -1.0
    assert not found["verdict"]["passed"]
    assert any(text.startswith("1 trades lost more than the whole account") for text in found["warnings"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--paths", "99"], "--paths must be from 100 to 1,000,000, was 99"),
        (["--paths", "1000001"], "--paths must be from 100 to 1,000,000, was 1000001"),
        (["--seed", "-1"], "--seed must be from 0 to 2**63 - 1, was -1"),
        (["--block-trades", "0.5"], "--block-trades must be a number of trades, 1 or more, was 0.5"),
        (["--block-trades", "nan"], "--block-trades must be a number of trades, 1 or more, was nan"),
        (["--block-trades", "inf"], "--block-trades must be a number of trades, 1 or more, was inf"),
        (["--block-trades", "81"], "--block-trades must be from 1 to 80, the trades of the run, was 81"),
        (["--milestones", "0"], "--milestones must be fractions above 0"),
        (["--target-income", "1000"], "--target-income must be an amount above 0 per month, year, week"),
    ],
)
def test_option_out_of_range_is_refused(
    run: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in refusal(capsys, run, *arguments)
    assert not (run / "monte_carlo").exists()


def test_folder_that_is_no_run_is_refused(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder of a run; did you mean 'run'?" in refusal(capsys, tmp_path / "rnu")
    assert "(runs in it: run)" in refusal(capsys, tmp_path)
    for name in ("metrics.json", "config.toml", "trades.parquet", "equity.parquet"):
        copy = shutil.copytree(run, tmp_path / f"without-{name}")
        (copy / name).unlink()
        assert f"no finished run: {name} missing" in refusal(capsys, copy)


def test_run_without_trades_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "the run has no trades" in refusal(capsys, make_run(tmp_path / "run", []))


def test_files_of_two_runs_are_refused(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_metrics(run, metrics_of(79, 0.0))
    assert "trades.parquet has 80 trades, metrics.json says 79" in refusal(capsys, run)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("metrics.json", "{", "metrics.json: cannot be read"),
        ("metrics.json", "[]", "metrics.json: must hold one JSON object, holds a list"),
        ("metrics.json", "{}", "metrics.json: not what a back-test writes: 'other' is missing"),
        ("config.toml", "= 3", "config.toml: cannot be read"),
        ("trades.parquet", "no parquet", "trades.parquet: cannot be read"),
    ],
)
def test_file_that_cannot_be_read_is_named(
    run: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, said: str
) -> None:
    (run / name).write_text(text, "utf-8")
    assert said in refusal(capsys, run)


@pytest.mark.parametrize("years", [0.0, None, -1.0])
def test_run_without_length_is_refused(run: Path, capsys: pytest.CaptureFixture[str], years: float | None) -> None:
    metrics = metrics_of(80, 0.0)
    metrics["other"]["years"] = years
    write_metrics(run, metrics)
    assert "other.years must be above 0" in refusal(capsys, run)


def test_number_that_is_none_is_refused_with_its_trade(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trades = pd.read_parquet(run / "trades.parquet")
    trades.loc[trades["trade_id"] == "T-7", "net_pnl"] = float("nan")
    trades.to_parquet(run / "trades.parquet")
    assert "trade T-7: needs a finite net_pnl" in refusal(capsys, run)
    trades.drop(columns="net_pnl").to_parquet(run / "trades.parquet")
    assert "columns net_pnl are missing" in refusal(capsys, run)
    trades.assign(exit_ts=pd.NaT).to_parquet(run / "trades.parquet")
    assert "a time is missing" in refusal(capsys, run)


def test_folder_that_cannot_be_written_is_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written to" in refusal(capsys, run, "--paths", 100, "--out", tmp_path / "file")


def test_script_runs_from_any_folder_and_help_is_light(run: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "run", "--paths", "200"],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "page:   run/monte_carlo/monte_carlo.html" in done.stdout
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from research.monte_carlo.command import parser; parser();"
        "print(sorted({'numba', 'numpy', 'pandas', 'rich', 'msgspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
