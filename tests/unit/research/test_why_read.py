import json
import math
from pathlib import Path

import pytest
from why_journal import BTC, CONFIG, DAY, HOUR, NOON, SEC, T0, Handmade, make_near, make_signal

from errors import DataError
from research.why.find import find_journal
from research.why.read import read_history
from risk.messages import Check

GOOD = '{"timestamp_utc":"2024-01-10T00:00:00.000000001Z","module":"m","event_type":"E","asset":"","severity":"INFO",'
GOOD += '"details":{}}\n'


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "journal.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_read_sorts_every_event_by_what_it_is_about(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.near(make_near())
    held = made.open(make_signal())
    made.alert(held, "ALERT_STOP_UNFILLED", "jumped")
    made.close(held)
    made.breaker("daily_loss", "TRIPPED", NOON)
    made.refuse(make_signal(at=NOON + HOUR, side=-1), Check("daily_loss", False, 0.03, 0.031))
    made.write(NOON, "HAND_REFUSED", {"any": "thing"})  # nothing is explained by it
    history = made.read(end=T0 + DAY)
    assert (len(history.signals), len(history.near), len(history.answers)) == (2, 1, 2)
    assert [one.what.kind for one in history.trade_events] == [
        "ENTRY_WORKING", "ENTRY_FILLED", "ENTRY_ENDED", "STOP_FILLED"
    ]  # fmt: skip
    assert [one.net for one in history.results.values()] == [-22.0]
    assert [one.kind for one in history.breakers] == ["TRIPPED"]
    assert list(history.alerts) == [history.trade_events[0].what.trade_id]
    assert (history.begin_ns, history.end_ns, history.complete) == (T0 - 9 * DAY, T0 + DAY, True)
    assert history.started["config"]["name"] == CONFIG.name
    assert not history.is_cut


def test_read_takes_null_for_nan(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.near(make_near(rsi=math.nan))
    signal = make_signal(atr_baseline=math.nan, rsi=math.nan)
    check = Check("unknown_atr_baseline", False, 0.0, math.nan)
    made.refuse(signal, check, equity=math.nan, heat_before=math.nan)
    assert b"null" in made.finish().read_bytes()
    history = read_history(made.path)
    found = history.answers[signal.signal_id].what
    assert math.isnan(history.near[0].seen["rsi"])
    assert math.isnan(history.signals[signal.signal_id].what.atr_baseline)
    assert [math.isnan(value) for value in (found.observed, found.equity, found.heat_before)] == [True] * 3
    assert math.isnan(found.checks[-1].observed)
    assert found.refusal.rule == "unknown_atr_baseline"


@pytest.mark.parametrize("cut", [1, 10, 100, 400])
def test_read_a_last_line_that_is_cut_is_left_out(tmp_path: Path, cut: int) -> None:
    made = Handmade(tmp_path)
    made.signal(make_signal())
    made.signal(make_signal(at=NOON + HOUR))
    whole = made.finish().read_bytes()
    history = read_history(write(tmp_path, whole[: -1 - cut]))
    assert history.is_cut
    assert list(history.signals) == [f"breakout/{BTC}/{NOON}"]
    assert history.complete is None
    assert history.end_ns == NOON


def test_read_a_whole_last_line_without_its_end_counts(tmp_path: Path) -> None:
    history = read_history(write(tmp_path, GOOD.rstrip()))
    assert (history.lines, history.is_cut) == (1, False)
    assert history.begin_ns == history.end_ns == T0 + 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("hello\n", "not a line of a journal: JSON is malformed", id="text"),
        pytest.param(GOOD[:50] + "\n", "not a line of a journal: input data was truncated", id="cut in the middle"),
        pytest.param('{"a": 1}\n', "not a line of a journal: object missing required field `timestamp_utc`", id="keys"),
        pytest.param(GOOD.replace('"m"', "3"), "not a line of a journal: expected `str`, got `int`", id="type"),
        pytest.param("\n", "not a line of a journal: input data was truncated", id="empty"),
        pytest.param(GOOD.replace('"E"', '"RISK_REJECTED"'), "RISK_REJECTED cannot be read: object missing", id="body"),
        pytest.param(GOOD.replace('"E"', '"RUN_STARTED"').replace("{}", "3"), "RUN_STARTED cannot be read", id="start"),
        pytest.param(GOOD.replace('"m"', '"alerts"'), "E cannot be read: object missing", id="alert"),
    ],
)  # fmt: skip
def test_read_anything_else_is_an_error_that_names_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = write(tmp_path, GOOD + line + GOOD)
    with pytest.raises(DataError) as caught:
        read_history(path)
    assert str(caught.value).startswith(f"{path}:2: {said}")


def test_read_a_null_where_text_belongs_is_an_error(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.signal(make_signal())
    text = made.finish().read_text().replace(f'"{BTC}","strategy"', 'null,"strategy"')
    with pytest.raises(DataError, match=r"journal\.jsonl:2: SIGNAL_LONG cannot be read: expected `str`"):
        read_history(write(tmp_path, text))


def test_read_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"journal\.jsonl:1: not a line of a journal"):
        read_history(write(tmp_path, b"\xff\xfe\x00\n"))


def test_read_an_empty_journal_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the journal is empty"):
        read_history(write(tmp_path, ""))
    with pytest.raises(DataError, match="the journal is empty"):
        read_history(write(tmp_path, '{"timesta'))


def test_read_a_wrong_timestamp_says_what_is_allowed(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("2024-01-10T", "yesterday"))
    with pytest.raises(DataError, match=r"timestamp_utc must be like 2024-01-31T.*, was 'yesterday00:00"):
        read_history(path)


def test_read_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)"):
        read_history(tmp_path)


def test_read_a_second_start_forgets_that_the_first_run_ended(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.write(NOON, "RUN_ENDED", {"complete": True}, module="backtest")
    made.write(NOON + SEC, "RUN_STARTED", {"config": {"name": "second"}}, module="backtest")
    history = read_history(made.finish())
    assert (history.complete, history.started["config"]["name"]) == (None, "second")


def test_read_an_old_journal_without_checks(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    signal = made.refuse(make_signal(), Check("drawdown", False, 0.15, 0.16))
    lines = [json.loads(line) for line in made.finish().read_text().splitlines()]
    for line in lines:
        line["details"].pop("checks", None)
    history = read_history(write(tmp_path, "".join(f"{json.dumps(line)}\n" for line in lines)))
    answer = history.answers[signal.signal_id].what
    assert answer.checks == ()
    assert answer.refusal == Check("drawdown", False, 0.15, 0.16)


# --- where a journal is -----------------------------------------------------------------------------------------------


def test_find_journal_in_a_run_beside_it_or_through_a_link(tmp_path: Path) -> None:
    path = Handmade(tmp_path / "runs" / "abc-20240101").finish()
    link = tmp_path / "journal.jsonl"
    link.symlink_to(path)
    assert find_journal(path.parent) == path
    assert find_journal(path) == path
    assert find_journal(tmp_path) == link


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("runs/abc-2024010", "no such run or journal; did you mean 'abc-20240101'?"),
        ("runs/nothing", "no such run or journal (there are: .abd-x, abc-20240101)"),
        ("runs", "no journal.jsonl in this folder (runs in it: .abd-x, abc-20240101)"),
        ("empty", "no journal.jsonl in this folder"),
        ("nowhere/run", "no such run or journal"),
    ],
)
def test_find_journal_that_is_not_there_says_what_is(tmp_path: Path, name: str, said: str) -> None:
    Handmade(tmp_path / "runs" / "abc-20240101").finish()
    Handmade(tmp_path / "runs" / ".abd-x").finish()  # a killed run keeps its working name
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError) as caught:
        find_journal(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {said}"
