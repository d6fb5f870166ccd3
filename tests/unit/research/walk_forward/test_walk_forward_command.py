"""The command: exit codes and what it says."""

import json
import re
from pathlib import Path

import pytest
from sample_search import CONFIG, ROOT, sample_config

from research.inputs import load_inputs
from research.parity.certificate import issue
from research.walk_forward.command import main

SPACE = "strategy.donchian_bars = [10, 20]\nexits.stop_atr = [1.5, 2.0]\n"
SPAN = ["--set", "start=2004-01-01", "--set", "end=2006-01-01"]
SHORT = ["--in-months", "12", "--step-months", "6", "--min-trades", "1", *SPAN]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text(SPACE, encoding="utf-8")
    return tmp_path


def call(*more: str) -> int:
    return main([str(CONFIG), "--space", "space.toml", *more])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--trials", "5"], "--trials: a grid takes all its sets"),
        (["--sampler", "random", "--trials", "0"], "--trials: expected `int` >= 1, was 0"),
        (["--jobs", "0"], "--jobs must be at least 1, was 0"),
        (["--min-trades", "0"], "--min-trades"),
        (["--set", "strategy.donchian=3"], "unknown key 'strategy.donchian'"),
        (["--space", "spaces.toml"], "no such search space; did you mean 'space.toml'"),
        ([], "no certificate.*scripts/parity.py"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(
    more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*more) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert re.search(says, err)


@pytest.fixture
def certified(home: Path) -> None:
    issue(load_inputs(sample_config()), signals=1, trades=1, variations=(), folder=home / "certificates")


@pytest.mark.usefixtures("certified")
def test_short_candles_are_refused_with_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--set", "start=2011-01-01") == 2
    assert "whole months" in capsys.readouterr().err


@pytest.mark.usefixtures("certified")
def test_a_search_writes_its_folder_and_a_second_call_repeats_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*SHORT, "--out", "out") == 0
    said = capsys.readouterr()
    (folder,) = (home / "out").iterdir()
    found = json.loads((folder / "walk_forward.json").read_bytes())
    assert found["verdict"].split(":")[0] in said.out
    assert "parameter sets: 4 to do" in said.err
    tables = {"windows.parquet", "trials.parquet", "stitched.parquet"}
    assert {path.name for path in folder.iterdir()} == tables | {
        "config.toml",
        "walk_forward.json",
        "walk_forward.html",
        "work",
    }
    before = (folder / "walk_forward.json").read_bytes()
    assert call(*SHORT, "--out", "out") == 0
    assert "finished before and not repeated" in capsys.readouterr().out
    assert (folder / "walk_forward.json").read_bytes() == before


def test_help_names_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0
    example = capsys.readouterr().out
    assert "configs/search/breakout_small.toml" in example
    assert (ROOT / "configs/search/breakout_small.toml").is_file()
