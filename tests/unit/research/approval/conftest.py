"""Every test has a home of its own, so that no test sees or makes a key of the user's."""

from pathlib import Path

import pytest
from finished_research import Research


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.setenv("COLUMNS", "220")
    for name in ("TIDEBREAK_APPROVAL_KEY", "TIDEBREAK_APPROVAL_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture
def research(tmp_path: Path) -> Research:
    return Research(tmp_path)
