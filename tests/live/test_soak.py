"""A minute of soak: every bar seen, orders follow, nothing fails."""

import json

import pytest

from live.soak.command import main


@pytest.mark.long
def test_minute_of_ten_instruments_misses_nothing(tmp_path, capsys):
    main(["--minutes", "1.5", "--instruments", "10", "--speed", "60", "--record", "--state", str(tmp_path)])
    found = json.loads(capsys.readouterr().out)
    assert found["bars"]["missed"] == []
    assert found["bars"]["taken"] >= 40
    assert found["node_exit"] == 0
    assert "CALLBACK_FAILED" not in found["alerts"]
    assert found["recorder"]["written"] > 1000
    assert found["recorder"]["dropped"] == found["recorder"]["failed"] == 0
    assert found["bar_to_order"]["orders"] >= 1
    assert (tmp_path / "recorded" / "data" / "trades").is_dir()
