"""The benchmark of the Monte Carlo runs and prints its line."""

import json

import pytest

from benchmarks.monte_carlo import main


def test_monte_carlo_benchmark_of_few_paths_prints_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--paths", "300", "--trades", "100", "--repeat", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == {"benchmark", "value", "unit", "reference", "ratio", "detail"}
    assert 0.0 < found["value"] < 1.0
    assert set(found["detail"]["methods"]) == {"reorder", "resample", "block"}


def test_monte_carlo_benchmark_refuses_no_paths(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--paths", "0"])
    assert ended.value.code == 2
    assert "--paths must be at least 1, was 0" in capsys.readouterr().err
