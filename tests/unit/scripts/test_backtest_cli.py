"""``scripts/backtest.py`` as a user meets it: real processes, real files."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "scripts"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}  # a user has it not
TABLES = ("signals", "decisions", "trades", "equity", "stops", "missed", "breakers")
FILES = {f"{name}.parquet" for name in TABLES} | {"config.toml", "metrics.json", "journal.jsonl", "report.html"}
FILES |= {"attribution.json"}
RUN_NAME = re.compile(r"[0-9a-f]{12}-\d{8}")
DEADLINE_SECS = 120.0


def command(*arguments: object, script: Path = SCRIPTS / "backtest.py") -> list[str]:
    return [sys.executable, str(script), *map(str, arguments)]


def run(*arguments: object, cwd: Path, script: Path = SCRIPTS / "backtest.py") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, script=script), cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def start(*arguments: object, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments), cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def assert_whole(folder: Path, *, complete: bool) -> dict:
    """Read every file of a run and return its metrics."""
    assert {file.name for file in folder.iterdir()} == FILES
    for name in TABLES:
        pq.read_table(folder / f"{name}.parquet")
    for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines():
        json.loads(line)
    assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")[-200:]
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["complete"] is complete
    assert metrics["counts"]["trades"] == pq.read_metadata(folder / "trades.parquet").num_rows
    return metrics


# --- it works ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the command with no arguments at all, in an empty folder."""
    folder = tmp_path_factory.mktemp("home")
    return run(cwd=folder), folder


def test_backtest_without_arguments_runs_the_sample(sample_run) -> None:
    done, folder = sample_run
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in folder.iterdir()] == ["runs"]  # no links, no catalog: only the run
    (one,) = (folder / "runs").iterdir()
    assert RUN_NAME.fullmatch(one.name)
    metrics = assert_whole(one, complete=True)
    assert one.name.startswith(f"{metrics['config_hash']}-")
    assert metrics["counts"]["trades"] > 50
    assert f"report: runs/{one.name}/report.html" in done.stdout
    assert f"{metrics['counts']['trades']} trades" in done.stdout


def test_backtest_prints_the_eight_targets(sample_run) -> None:
    out = sample_run[0].stdout
    assert re.search(r"Spec 3\.4: \d of 8 targets met", out)
    for name in ("Sharpe", "Sortino", "drawdown", "Calmar", "Win rate", "Profit factor", "Expectancy", "Recovery"):
        assert name in out


def test_backtest_twice_at_once_is_whole_byte_identical_and_linked(sample_run, tmp_path: Path) -> None:
    both = [start("--out", "out", cwd=tmp_path) for _ in range(2)]
    for process in both:
        _, error = process.communicate(timeout=DEADLINE_SECS)
        assert (process.returncode, error) == (0, "")
    out = tmp_path / "out"
    (one,) = (path for path in out.iterdir() if not path.is_symlink())  # one run, nothing hidden left behind
    assert RUN_NAME.fullmatch(one.name)
    assert_whole(one, complete=True)
    (before,) = (sample_run[1] / "runs").iterdir()
    assert one.name == before.name
    for name in ("trades.parquet", "signals.parquet", "decisions.parquet", "equity.parquet", "journal.jsonl"):
        assert (one / name).read_bytes() == (before / name).read_bytes(), name
    assert_links(out, one.name)

    assert run("--out", "out", "--start", "2012-10-01", "--set", "instruments=IBM.US", cwd=tmp_path).returncode == 0
    (other,) = (path for path in out.iterdir() if not path.is_symlink() and path != one)
    assert_links(out, other.name)  # the links show the newest run, the earlier one stays


def assert_links(out: Path, run_name: str) -> None:
    links = {path.name: path.readlink() for path in out.iterdir() if path.is_symlink()}
    assert links == {name: Path(run_name) / name for name in FILES}


def test_backtest_check_lookahead_says_a_verdict_and_writes_nothing(tmp_path: Path) -> None:
    done = run("--check-lookahead", "--start", "2012-09-01", "--set", "instruments=IBM.US,MSFT.US", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.match(r"no look-ahead: [1-9]\d* signals are the same with the data cut at ", done.stdout)
    assert list(tmp_path.iterdir()) == []


# --- it helps ---------------------------------------------------------------------------------------------------------


def test_backtest_help_is_quick_and_imports_nothing_heavy(tmp_path: Path) -> None:
    best = float("inf")
    for _ in range(3):  # the machine is shared: the best of three is the program's own time
        began = time.perf_counter()
        done = run("--help", cwd=tmp_path)
        best = min(best, time.perf_counter() - began)
    assert (done.returncode, done.stderr) == (0, "")
    assert best < 1.5
    for option in ("--catalog", "--out", "--start", "--end", "--set", "--check-lookahead", "example:"):
        assert option in done.stdout
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", str(SCRIPTS / "backtest.py"), "--help"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in listed.stderr.splitlines()}
    assert "argparse" in imported  # the list is one
    assert imported & {"nautilus_trader", "numba", "numpy", "pandas", "plotly", "pyarrow", "rich", "ccxt"} == set()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["--set", "strategy.donchian_bar=3"],
                     "error: --set: unknown key 'strategy.donchian_bar'; did you mean 'donchian_bars'?", id="typo"),
        pytest.param(["nosuch.toml"], "error: nosuch.toml: no such configuration file", id="missing-file"),
        pytest.param(["--set", "instruments=APPL.US"], "error: instruments: 'APPL.US' is not in catalog ",
                     id="unknown-instrument"),
        pytest.param(["--start", "2030-01-01"], "error: AAPL.US: no candles between start 2030-01-01, end (none); ",
                     id="span-without-candles"),
        pytest.param(["--start", "2012-01-01", "--end", "2011-01-01"],
                     "error: --end: end must be after start (2012-01-01), was 2011-01-01", id="end-before-start"),
        pytest.param(["--start", "soon"], "error: --start: start must be a date like 2024-01-31", id="bad-date"),
        pytest.param(["--set", "foo"], "error: --set foo: must be KEY=VALUE", id="bad-set"),
        pytest.param(["--set", "risk.risk_frac=0.02"],
                     "error: --set: risk.risk_frac: expected `float` <= 0.01, was 0.02", id="out-of-range"),
        pytest.param(["--catalog", "nowhere"], "error: nowhere: no catalog here", id="no-catalog"),
    ],
)  # fmt: skip
def test_backtest_with_bad_input_says_so_in_one_line(tmp_path: Path, arguments: list[str], expected: str) -> None:
    done = run(*arguments, "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(expected)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
    if "APPL" in done.stderr:
        assert "did you mean 'AAPL.US'?" in done.stderr


def test_backtest_typo_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("instruments = ['AAPL.US']\n[exits]\nstop_atrs = 2.0\n", encoding="utf-8")
    done = run(path.name, "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: mine.toml: unknown key 'exits.stop_atrs'; did you mean 'stop_atr'?")
    assert list(tmp_path.iterdir()) == [path]


def test_backtest_out_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    done = run("--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --out out: cannot be written to (")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


# --- it stops ---------------------------------------------------------------------------------------------------------

FAILING = '''
import sys
sys.path.insert(0, {root!r})

from research import command, simulation
from strategies.breakout.breakout import BreakoutRules


class FailingRules(BreakoutRules):
    """The rules, with a bug at the twentieth bar."""

    bars = 0

    def on_bar(self, close_ns, high, low, close, volume):
        self.bars += 1
        if self.bars == 20:
            raise ZeroDivisionError("a bug in the rules at bar 20")
        return super().on_bar(close_ns, high, low, close, volume)


if __name__ == "__main__":
    simulation.BreakoutRules = FailingRules
    sys.exit(command.main(sys.argv[1:]))
'''


def test_backtest_stops_at_an_exception_in_a_callback(tmp_path: Path) -> None:
    script = tmp_path / "failing.py"
    script.write_text(FAILING.format(root=str(ROOT)), encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    options = ("--start", "2012-06-01", "--set", "data.warmup=none", "--out", "out")
    done = run(*options, cwd=work, script=script)
    assert done.returncode == 1
    assert "Traceback (most recent call last):" in done.stderr
    assert "ZeroDivisionError: a bug in the rules at bar 20" in done.stderr
    assert "in on_bar" in done.stderr
    assert "error: the run stopped" in done.stderr.splitlines()[-1]
    assert "report:" not in done.stdout
    assert [path for path in (work / "out").rglob("*") if path.is_file()] == []


def write_random_walk(path: Path, rows: int) -> None:
    """Write 15 min candles of a random walk: enough work for a few seconds."""
    rng = np.random.default_rng(7)
    close = 30_000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, rows)))
    opened = np.r_[30_000.0, close[:-1]]
    wick = 1.0 + np.abs(rng.normal(0.0, 0.001, (2, rows)))
    high, low = np.maximum(opened, close) * wick[0], np.minimum(opened, close) / wick[1]
    ts_ms = 1_577_836_800_000 + 900_000 * np.arange(rows)
    table = np.c_[ts_ms, opened, high, low, close, 1000.0 * rng.lognormal(0.0, 1.0, rows)]
    formats = ["%d", "%.2f", "%.2f", "%.2f", "%.2f", "%.3f"]
    np.savetxt(path, table, formats, ",", header="ts,open,high,low,close,volume", comments="")


LONG_RUN = """\
include = ["strategies/breakout.toml", "profiles/intraday.toml"]
instruments = ["BTCUSDT-PERP.BINANCE"]
catalog = "catalog"
"""


def test_backtest_interrupted_leaves_a_readable_partial_run(tmp_path: Path) -> None:
    write_random_walk(tmp_path / "walk.csv", 60_000)
    options = ("--instrument", "BTCUSDT-PERP.BINANCE", "--interval", "15m", "--catalog", "catalog")
    loaded = run("file", "walk.csv", *options, cwd=tmp_path, script=SCRIPTS / "load_catalog.py")
    assert loaded.returncode == 0, loaded.stderr
    (tmp_path / "long.toml").write_text(LONG_RUN, encoding="utf-8")
    process = start("long.toml", "--out", "out", cwd=tmp_path)
    try:
        wait_for_journal(process, tmp_path / "out")
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=DEADLINE_SECS)
    finally:
        process.kill()
    assert (process.returncode, error) == (130, "")
    assert "interrupted: this run is partial" in out
    (one,) = (path for path in (tmp_path / "out").iterdir() if not path.is_symlink())
    assert RUN_NAME.fullmatch(one.name.removesuffix("-partial"))
    assert one.name.endswith("-partial")
    metrics = assert_whole(one, complete=False)
    equity = pq.read_table(one / "equity.parquet")
    assert 0 < len(equity) < metrics["data"]["BTCUSDT-PERP.BINANCE"]["signal_bars"]
    assert f"{one.name}/report.html" in out


def wait_for_journal(process: subprocess.Popen[str], out: Path) -> None:
    """Return once events are in the journal of the hidden folder: the run is under way."""
    deadline = time.monotonic() + DEADLINE_SECS
    while not any(file.stat().st_size for file in out.glob(".*/journal.jsonl")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
