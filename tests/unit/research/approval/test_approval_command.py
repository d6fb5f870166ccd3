"""The command as a user meets it: exit code, table, files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from finished_research import Research

from research.approval.command import main
from research.identity import ROOT, trading_hash


def test_approval_writes_the_record_and_says_so(research: Research, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(research.arguments()) == 0
    text = capsys.readouterr().out
    path = research.root / "approvals" / f"{trading_hash(research.config)}.json"
    assert "approved: all " in text
    assert "not met" not in text
    assert f"record:   {path}" in text
    assert "candles end 2025-01-01" in text
    approval = json.loads(path.read_text())["approval"]
    assert approval["pieces"].keys() >= {"walk_forward", "monte_carlo", "run"}
    ruin = next(row for row in approval["rows"] if row["requirement"] == "ruin probability, block")
    assert (ruin["value"], ruin["bound"], ruin["passed"]) == (0.0121, 0.02, True)


def test_refusal_shows_every_failed_row_and_writes_nothing(
    research: Research, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    research.edit("wf/walk_forward.json", "windows/1/oos_sharpe", 0.2)
    research.edit("mc/monte_carlo.json", "methods/block/ruin/ci_high", 0.031)
    research.edit("run/metrics.json", "complete", False)
    assert main(research.arguments()) == 1
    text = capsys.readouterr().out
    assert text.count("not met") == 4  # three rows and the sentence
    assert "1 of 2 windows; 2023-01-01: in sample 2.000, out 0.200" in text
    assert "1.00%, at most 3.100%" in text
    assert "refused: 3 of " in text
    assert not (research.root / "approvals").exists()
    assert list(home.iterdir()) == []


def test_refusal_tells_of_an_approval_still_in_force(research: Research, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(research.arguments()) == 0
    research.edit("run/metrics.json", "complete", False)
    assert main(research.arguments()) == 1
    assert "an earlier approval is still in force" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--operator", "  "], "--operator must not be empty"),
        (["--reason", ""], "--reason must not be empty"),
        (["--valid-days", "367"], "--valid-days must be from 1 to 366, was 367"),
        (["--run", "nowhere"], "nowhere/metrics.json: cannot be read"),
        (["--set", "exits.stop_at=2"], "did you mean 'stop_atr'"),
        (["--earlier", "nowhere.json"], "no approval key"),
        (["--out", "/proc/none"], "--out /proc/none: cannot be written to"),
    ],
)
def test_bad_input_is_named_and_exits_2(
    research: Research, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(research.arguments(*more)) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_script_exits_as_the_command_does(research: Research) -> None:
    arguments = [
        sys.executable,
        str(ROOT / "scripts" / "approve.py"),
        *research.arguments("--set", "costs.taker_frac=0.0"),
    ]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "costs: fees a side" in done.stdout
