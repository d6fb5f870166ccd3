"""The benchmark of the back-test runs and prints its line."""

import json
from pathlib import Path

import pytest

from benchmarks.backtest import main


def test_benchmark_few_generated_bars_prints_one_json_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["--generated", "--bars", "5000", "--no-peer", "--repeat", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == {"benchmark", "value", "unit", "reference", "ratio", "detail"}
    assert found["value"] > 0
    assert found["reference"] > 0
    assert found["detail"]["bars"] == 5000
    assert found["detail"]["peak_rss_mb"] > 0
    assert found["detail"]["peer"] is None
