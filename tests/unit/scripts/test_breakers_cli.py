"""``scripts/breakers.py`` as an operator meets it, on the memory of a real run; in real processes where it succeeds."""

import contextlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from operations.breakers_command import main

ROOT = Path(__file__).resolve().parents[3]
HAND = ("--operator", "A. Trader", "--reason", "looked into it")


def run(script: str, *arguments: object, cwd: Path, columns: int = 110) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *map(str, arguments)],
        cwd=cwd, env=environment | {"COLUMNS": str(columns)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def within(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, where many are tried: a process of its own takes a second."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(one) for one in arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of the bundled sample that ended in a drawdown shutdown, with its memory."""
    folder = tmp_path_factory.mktemp("finished")
    done = run("backtest.py", "--set", "memory.backend=sqlite", cwd=folder)
    assert done.returncode == 0, done.stderr
    (one,) = (folder / "runs").iterdir()
    return one


@pytest.fixture
def place(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of the run that a test may change."""
    return shutil.copytree(finished, tmp_path / "run")


def status(place: Path) -> dict:
    done = within("--state", place, "status", "--json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def closed(place: Path) -> list[str]:
    return [row["name"] for row in status(place)["breakers"] if row["closed"]]


def lines(place: Path) -> list[tuple[str, dict]]:
    with contextlib.closing(sqlite3.connect(place / "risk.sqlite")) as connection:
        rows = connection.execute("SELECT event_type, details FROM tidebreak_journal ORDER BY id").fetchall()
    return [(kind, json.loads(details)) for kind, details in rows]


def test_status_shows_every_limit_with_value_cap_and_headroom_on_one_screen(place: Path) -> None:
    done = run("breakers.py", "--state", place, "status", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout
    for name in ("kill_switch", "drawdown", "suspension", "weekly_loss", "daily_loss", "api_errors", "slippage"):
        assert name in shown
    for name in ("portfolio_heat", "heat_share", "max_positions", "trades_per_day", "asset_class_positions equity"):
        assert name in shown
    for name in ("max_correlation 0.75", "max_spread_multiple 2", "ENTRIES HALTED: drawdown", "system stopped"):
        assert name in shown
    assert len(shown.splitlines()) <= 50


def test_status_numbers_are_those_of_the_run(place: Path) -> None:
    found = status(place)
    rows = {row["name"]: row for row in found["limits"]}
    assert rows["portfolio_heat"]["cap"] == pytest.approx(0.05 * found["equity"])
    assert rows["heat_share"]["cap"] == pytest.approx(0.015 * found["equity"])
    metrics = json.loads((place / "metrics.json").read_text(encoding="utf-8"))
    assert found["equity"] == pytest.approx(metrics["other"]["end_equity"])
    assert (found["running"], found["positions"]) == (False, [])


def test_reset_of_a_shutdown_names_a_new_peak_and_is_journalled(place: Path) -> None:
    assert closed(place) == ["drawdown"]
    peak = round(status(place)["equity"]) + 100
    done = run("breakers.py", "--state", place, "reset", "drawdown", "--peak", peak, *HAND, cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done: reset drawdown\n", "")
    assert closed(place) == []
    assert status(place)["peak"] == peak
    kind, details = lines(place)[-1]
    assert (kind, details["operator"], details["reason"]) == ("BREAKER_RESET", "A. Trader", "looked into it")


def test_kill_and_resume_of_a_stopped_system(place: Path) -> None:
    assert run("breakers.py", "--state", place, "kill", "--close-positions", *HAND, cwd=place).returncode == 0
    assert closed(place) == ["kill_switch", "drawdown"]
    assert run("breakers.py", "--state", place, "resume", *HAND, cwd=place).returncode == 0
    assert closed(place) == ["drawdown"]
    assert [kind for kind, _ in lines(place)[-2:]] == ["BREAKER_TRIPPED", "BREAKER_RESET"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(("reset", "drawdown", "--peak", 60_000), 2, "--operator and --reason are required", id="no-hand"),
        pytest.param(("kill", "--operator", "x", "--reason", " "), 2, "are required", id="empty-reason"),
        pytest.param(("reset", "drawdwn", *HAND), 1, "did you mean 'drawdown'?", id="typo"),
        pytest.param(("reset", "drawdown", *HAND), 1, "drawdown needs the new equity peak", id="no-peak"),
        pytest.param(("reset", "drawdown", "--peak", 1e9, *HAND), 1, "the peak must be under", id="peak-too-high"),
        pytest.param(("reset", "drawdown", "--peak", "nan", *HAND), 2, "--peak must be an amount", id="peak-nan"),
        pytest.param(("reset", "daily_loss", *HAND), 1, "by itself at 00:00 UTC", id="opens-by-itself"),
        pytest.param(("reset", "suspension", *HAND), 1, "is not closed: there is nothing to reset", id="open"),
        pytest.param(("resume", *HAND), 1, "kill_switch is not closed", id="nothing-to-resume"),
        pytest.param(("release", "other", *HAND), 2, "nothing is shared", id="no-shared-ledger"),
    ],
)
def test_what_may_not_be_is_refused_with_words_and_changes_nothing(
    place: Path, arguments: tuple[object, ...], code: int, said: str
) -> None:
    before = closed(place)
    done = within("--state", place, *arguments, cwd=place)
    assert done.returncode == code
    assert said in done.stderr
    assert closed(place) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param((), "state/risk.sqlite: no memory here", id="never-started"),
        pytest.param(("--state", "nowhere"), "nowhere: no memory here", id="missing"),
        pytest.param(("--state", "text.txt"), "not a database", id="no-database"),
        pytest.param(("--config", "missing.toml"), "missing.toml: no such configuration file", id="no-config"),
        pytest.param(("--config", "none.toml"), "memory.backend is none", id="no-memory-configured"),
        pytest.param(("--state", "postgresql://u:pw@h/d"), "password", id="password"),
    ],
)
def test_wrong_place_is_named(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    (tmp_path / "text.txt").write_text("this is text, and more of it than a page of a database would need" * 100)
    (tmp_path / "none.toml").write_text('instruments = ["A.US"]\n')
    done = within(*options, "status", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_account_that_nobody_has_used_says_so(place: Path) -> None:
    done = run("breakers.py", "--state", place, "--account", "other", "status", cwd=place)
    assert (done.returncode, "no system has been started on it yet" in done.stderr) == (2, True)


def test_help_is_quick_and_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; sys.argv=['x','--help']; sys.path.insert(0, %r)\nimport operations.breakers_command as c\n"
    code += "try: c.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print([m for m in ('numpy','numba','sqlalchemy','rich','nautilus_trader') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code % str(ROOT)], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
