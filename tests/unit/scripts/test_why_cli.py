"""``scripts/why.py`` as a user meets it: real processes on a run of the bundled sample."""

import contextlib
import io
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from research.why.asked import order
from research.why.command import main
from research.why.gates import refusing
from research.why.held import held_at
from research.why.history import History
from research.why.read import read_history
from research.why.run_facts import RunFacts, load_facts
from research.why.story import tell_signal
from research.why.wording import asked_as

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "scripts"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("NUMBA_DISABLE_JIT", "COLUMNS")}
HEAVY = {"nautilus_trader", "numba", "numpy", "pandas", "plotly", "pyarrow", "rich", "msgspec"}
DEADLINE_SECS = 60.0


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(SCRIPTS / "why.py"), *map(str, arguments)]


def why(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=ENVIRONMENT | environment, capture_output=True, text=True, check=False
    )


def asked(*arguments: object) -> dict:
    """Return the JSON document of an answer that is given in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(out.getvalue())


def within(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the command in this process, where many are tried: exit code, output, errors."""
    code = main([str(one) for one in arguments])
    return code, *capsys.readouterr()


class Run(NamedTuple):
    """A run of the sample and what it left."""

    folder: Path
    history: History
    facts: RunFacts
    decisions: list[dict]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the bundled sample once."""
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "backtest.py")], cwd=home, env=ENVIRONMENT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder,) = (home / "runs").iterdir()
    history = read_history(folder / "journal.jsonl")
    return Run(folder, history, load_facts(history), pq.read_table(folder / "decisions.parquet").to_pylist())


@pytest.fixture(scope="module")
def refused(run: Run) -> dict[str, dict]:
    """Return the last refusal of every rule that refused."""
    return {one["rule"]: one for one in run.decisions if not one["approved"]}


# --- what it says is what was decided ---------------------------------------------------------------------------------


def same(one: float, other: float | None) -> bool:
    return one == other or (math.isnan(one) and (other is None or math.isnan(other)))


def test_why_names_the_decision_of_every_signal(run: Run) -> None:
    assert len(run.decisions) > 150
    for decision in run.decisions:
        story = tell_signal(run.history, run.facts, decision["signal_id"])
        states = [one.state for one in story.risk_rules]
        assert tuple(asked_as(one.rule) for one in story.risk_rules) == order()
        if decision["approved"]:
            assert set(states) == {"passed"}
            assert (story.size.quantity, story.size.risk) == (decision["quantity"], decision["risk_quote"])
            assert story.size.sized_by == decision["sized_by"]
        else:
            no = states.index("refused")
            assert states == ["passed"] * no + ["refused"] + ["not asked"] * (len(states) - no - 1)
            rule = story.risk_rules[no]
            assert rule.rule == decision["rule"]
            assert same(rule.limit, decision["limit"])
            assert same(rule.observed, decision["observed"])
        assert story.equity == decision["equity"]
        assert story.notes == ()


def test_why_finds_what_made_up_the_heat_of_every_decision(run: Run) -> None:
    held = 0
    for decision in run.decisions:
        trades = held_at(run.history, run.history.answers[decision["signal_id"]].line)
        assert sum(one.risk for one in trades) == pytest.approx(decision["heat_before"], rel=1e-9, abs=1e-9)
        held += len(trades)
    assert held > 50


def test_why_finds_the_trades_behind_every_count(run: Run) -> None:
    counted = [one for one in run.decisions if one["rule"] in ("one_position", "asset_class_positions")]
    assert len(counted) > 50
    for decision in counted:
        story = tell_signal(run.history, run.facts, decision["signal_id"])
        assert len(story.held) == decision["observed"]
        if decision["rule"] == "one_position":
            assert {one.instrument_id for one in story.held} == {decision["instrument_id"]}


def test_why_dates_every_refusal_by_a_breaker(run: Run) -> None:
    halted = [one for one in run.decisions if one["rule"] == "drawdown"]
    assert halted
    for decision in halted:
        period = tell_signal(run.history, run.facts, decision["signal_id"]).breaker
        assert period.observed == decision["observed"]
        assert period.covers(run.history.answers[decision["signal_id"]].what.ts_ns)


def test_why_tells_missed_entries_and_results_as_the_tables_do(run: Run) -> None:
    trades = {one["trade_id"]: one for one in pq.read_table(run.folder / "trades.parquet").to_pylist()}
    missed = {one["signal_id"] for one in pq.read_table(run.folder / "missed.parquet").to_pylist()}
    fates = {
        one["signal_id"]: tell_signal(run.history, run.facts, one["signal_id"]).fate
        for one in run.decisions
        if one["approved"]
    }
    assert {name for name, fate in fates.items() if fate.outcome == "missed"} == missed
    closed = {fate.trade_id: fate for fate in fates.values() if fate.outcome == "closed"}
    assert set(closed) == set(trades)
    for trade_id, fate in closed.items():
        assert (fate.why, fate.result.net) == (trades[trade_id]["exit_reason"], trades[trade_id]["net_pnl"])
        assert fate.entry == pytest.approx(trades[trade_id]["entry_px"])
        assert fate.filled == pytest.approx(trades[trade_id]["quantity"])


def test_why_says_halved_exactly_where_the_size_was(run: Run) -> None:
    seen = set()
    for decision in run.decisions:
        size = tell_signal(run.history, run.facts, decision["signal_id"]).size
        if size is not None and size.sized_by == "risk":
            frac = min(0.01 * size.atr_scalar * (0.5 if size.halved else 1.0), 0.015)  # D17, D21, D23, D30
            assert 0.9 * frac < size.risk_frac <= frac * (1.0 + 1e-9)  # rounded down to whole shares
            seen.add(size.halved)
    assert seen == {True, False}


def test_why_finds_a_rule_behind_every_breakout_and_none_behind_a_signal(run: Run) -> None:
    assert len(run.history.near) > 1000
    assert all(refusing(near, run.facts.config) for near in run.history.near)
    assert not any(refusing(noted.what, run.facts.config) for noted in run.history.signals.values())


# --- it answers -------------------------------------------------------------------------------------------------------


def test_why_without_options_counts_as_the_run_did(run: Run) -> None:
    counts = json.loads((run.folder / "metrics.json").read_text())["counts"]
    found = asked(run.folder)
    assert found["kind"] == "overview"
    assert {one["name"]: one["count"] for one in found["refused"]} == counts["refused"]
    assert (found["signals"], found["approved"], found["traded"]) == (
        counts["signals"], counts["approved"], counts["trades"]
    )  # fmt: skip
    assert sum(one["count"] for one in found["missed"]) == counts["missed_entries"]
    assert found["breakouts"] == len(run.history.near)
    assert found["run"].startswith("sample ")
    page = why(run.folder)
    assert (page.returncode, page.stderr) == (0, "")
    for rule, count in counts["refused"].items():
        assert re.search(rf"^{rule} +{count} ", page.stdout, re.MULTILINE)


def test_why_commands_it_prints_can_be_run(run: Run) -> None:
    page = why(run.folder).stdout
    commands = [line for line in page.splitlines() if line.startswith("python scripts/why.py ")]
    assert len(commands) == 6
    for line in (commands[0], commands[-1]):
        done = why(*line.removeprefix("python scripts/why.py ").split())
        assert (done.returncode, done.stderr) == (0, "")
    assert asked(run.folder)["next"] == commands


def test_why_signal_by_id_part_or_journal_is_the_same_story(run: Run, refused: dict[str, dict]) -> None:
    name = refused["one_position"]["signal_id"]
    whole = asked(run.folder, "--signal", name)
    assert whole["kind"] == "signal"
    assert whole["headline"].startswith("Refused by one_position: ")
    by_part = asked(run.folder / "journal.jsonl", "--signal", name.rpartition("/")[0][-6:] + name[-20:])
    assert {**by_part, "next": []} == {**whole, "next": []}


def test_why_signal_names_rule_limit_and_observed(run: Run, refused: dict[str, dict]) -> None:
    for rule, decision in refused.items():
        found = asked(run.folder, "--signal", decision["signal_id"])
        (row,) = (one for one in found["risk_rules"] if one["state"] == "refused")
        assert (row["rule"], row["limit"], row["observed"]) == (rule, decision["limit"], decision["observed"])


@pytest.mark.parametrize("columns", [80, 140])
def test_why_pages_fit_the_terminal(
    run: Run,
    refused: dict[str, dict],
    columns: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    name = refused["asset_class_positions"]["signal_id"]
    for options in ((), ("--signal", name), ("--instrument", "ibm", "--day", "2012-02-10")):
        code, page, error = within(capsys, run.folder, *options)
        assert (code, error) == (0, "")
        body = page.splitlines()[1:]  # the first line is the path of the journal
        wide = [line for line in body if len(line) > columns and not line.startswith("python scripts/why.py ")]
        assert wide == []
        assert "…" not in page


def test_why_day_of_a_refusal_and_of_nothing(run: Run, refused: dict[str, dict]) -> None:
    one = refused["one_position"]
    found = asked(run.folder, "--instrument", one["instrument_id"], "--day", f"{one['ts']:%Y-%m-%d}")
    assert found["kind"] == "day"
    assert one["signal_id"] in {brief["signal_id"] for brief in found["signals"]}
    assert "one_position 1" in found["headline"]
    quiet = asked(run.folder, "--instrument", "goog", "--day", "2001-01-03")
    assert quiet["headline"] == "No trade, because the candles of GOOG.US begin 2004-08-19 00:00"


def test_why_numbers_that_are_not_known_are_null(run: Run) -> None:
    text = why(run.folder, "--signal", run.decisions[0]["signal_id"], "--json").stdout
    (spread,) = (one for one in json.loads(text)["risk_rules"] if one["rule"] == "spread")
    assert (spread["observed"], spread["headroom"], spread["note"]) == (None, None, "no quotes in candles")
    assert not re.search(r"\b(NaN|Infinity)\b", text)


def test_why_of_a_killed_run_explains_what_there_is(run: Run, tmp_path: Path) -> None:
    whole = (run.folder / "journal.jsonl").read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(whole[: len(whole) // 2])
    done = why(cut)
    assert (done.returncode, done.stderr) == (0, "")
    assert "note: the last line of the journal is cut short: the run was killed" in done.stdout
    assert "by rule of the strategy" in done.stdout  # RUN_STARTED is in it


def test_why_of_a_bare_journal_has_no_limits_of_the_strategy(run: Run, tmp_path: Path) -> None:
    bare = tmp_path / "journal.jsonl"
    lines = (run.folder / "journal.jsonl").read_text().splitlines(keepends=True)
    bare.write_text("".join(line for line in lines if '"RUN_' not in line))
    found = asked(tmp_path, "--signal", run.decisions[0]["signal_id"])
    assert found["notes"] == [
        "no limits of the strategy's rules: the journal has no RUN_STARTED and there is no config.toml beside it"
    ]
    shutil.copy(run.folder / "config.toml", tmp_path)
    assert asked(tmp_path, "--signal", run.decisions[0]["signal_id"])["notes"] == []


# --- it helps, and it stops -------------------------------------------------------------------------------------------


def test_why_help_is_quick_and_imports_nothing_heavy() -> None:
    best = float("inf")
    for _ in range(3):  # the machine is shared: the best of three is the program's own time
        began = time.perf_counter()
        done = why("--help")
        best = min(best, time.perf_counter() - began)
    assert (done.returncode, done.stderr) == (0, "")
    assert best < 1.0
    for option in ("RUN_OR_JOURNAL", "--signal", "--instrument", "--day", "--json", "example:"):
        assert option in done.stdout
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", str(SCRIPTS / "why.py"), "--help"],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in listed.stderr.splitlines()}
    assert "argparse" in imported  # the list is one
    assert imported & HEAVY == set()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--signal", "nosuch"], "error: --signal nosuch: none of the ", id="unknown signal"),
        pytest.param(["--signal", "IBM"], "error: --signal IBM: ", id="many"),
        pytest.param(["--instrument", "XYZ", "--day", "2012-02-10"], "error: --instrument XYZ: not in ", id="other"),
        pytest.param(["--instrument", "US", "--day", "2012-02-10"],
                     "error: --instrument US: 4 instruments are called so: AAPL.US, GOOG.US, IBM.US", id="all"),
        pytest.param(["--instrument", "IBM", "--day", "1999-01-01"], "error: --day: 1999-01-01 is outside", id="span"),
        pytest.param(["--instrument", "IBM", "--day", "soon"],
                     "error: --day: must be a date like 2024-01-31, was 'soon'", id="date"),
        pytest.param(["--instrument", "IBM"], "error: --instrument needs --day DATE too", id="no day"),
        pytest.param(["--day", "2012-02-10"], "error: --day needs --instrument X too", id="no instrument"),
        pytest.param(["--signal", "x", "--day", "2012-02-10"], "error: --signal names one signal: leave ", id="both"),
    ],
)  # fmt: skip
def test_why_with_bad_options_says_so_in_one_line(
    run: Run, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, error = within(capsys, run.folder, *options)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert error.startswith(said)


def test_why_unknown_signal_shows_close_ones(run: Run) -> None:
    name = run.decisions[0]["signal_id"]
    done = why(run.folder, "--signal", name + "1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"close to it: {name}" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("nosuch", None, "no such run or journal", id="missing"),
        pytest.param("notes.txt", "hello\n", "1: not a line of a journal: JSON is malformed", id="not a journal"),
        pytest.param("empty.jsonl", "", "the journal is empty", id="empty"),
    ],
)
def test_why_of_something_else_says_what_it_is(
    tmp_path: Path, name: str, text: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    code, out, error = within(capsys, tmp_path / name)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert error.startswith(f"error: {tmp_path / name}:")
    assert said in error


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_why_into_a_closed_pipe_is_quiet(run: Run, options: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        command(run.folder, *options), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert (process.wait(DEADLINE_SECS), error) == (0, "")


def test_why_interrupted_is_quiet(tmp_path: Path) -> None:
    pipe = tmp_path / "journal.jsonl"
    os.mkfifo(pipe)  # a journal that never comes
    process = subprocess.Popen(
        command(pipe), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        writer = open_when_read(pipe, process)
        out, error = interrupt(process)
        os.close(writer)
    finally:
        process.kill()
    assert (process.returncode, out, error) == (130, "", "")


def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl-C, and once more when nothing happens: one just before a blocking read is not seen in it."""
    for _ in range(int(DEADLINE_SECS / 5.0)):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5.0)
    raise AssertionError("it does not end")


def open_when_read(pipe: Path, process: subprocess.Popen[str]) -> int:
    """Open a pipe for writing as soon as the process reads it."""
    deadline = time.monotonic() + DEADLINE_SECS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):  # nobody reads yet
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.02)
    raise AssertionError("the journal was not opened")


def test_why_on_a_terminal_of_few_signs_does_not_fail(run: Run) -> None:
    done = why(run.folder, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "one_position" in done.stdout
