"""The benchmark of the recorder runs and prints its line."""

import json

import pytest

from benchmarks.recorder import main


def test_recorder_benchmark_of_a_moment_prints_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rows-per-sec", "200", "--seconds", "0.3"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == {"benchmark", "value", "unit", "reference", "ratio", "detail"}
    assert found["detail"]["rows"] == found["detail"]["rows_in_parquet"] == 60
    assert found["detail"]["dropped"] == found["detail"]["failed"] == 0


def test_recorder_benchmark_refuses_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--seconds", "0"])
    assert ended.value.code == 2
    assert "above 0" in capsys.readouterr().err
