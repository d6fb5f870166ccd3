"""The benchmark of the gate runs and prints its line."""

import json

import pytest

from benchmarks.gate import main


def test_gate_benchmark_of_few_closes_prints_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--closes", "3"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == {"benchmark", "value", "unit", "reference", "ratio", "detail"}
    assert found["value"] > 0
    assert 10 <= found["detail"]["approved_at_each_close"] < 50  # the others fail at the very last question


def test_gate_benchmark_refuses_no_closes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--closes", "0"])
    assert ended.value.code == 2
    assert "--closes must be at least 1, was 0" in capsys.readouterr().err
