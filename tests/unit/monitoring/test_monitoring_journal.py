"""Every event is one line of JSON with the fields of Spec 4.2.5."""

import json
import math
from pathlib import Path

import msgspec
import pytest

from monitoring.journal import Journal, iso_utc


class Details(msgspec.Struct):
    text: str
    number: float


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_journal_writes_one_line_per_event(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.write(0, "risk_engine", "RISK_REJECTED", "BTC.X", Details("a\nb", 1.5))
        journal.write(1, "execution_engine", "ALERT", "", {"x": [1, 2]}, "CRITICAL")
    assert read(path) == [
        {
            "timestamp_utc": "1970-01-01T00:00:00.000000000Z",
            "module": "risk_engine",
            "event_type": "RISK_REJECTED",
            "asset": "BTC.X",
            "severity": "INFO",
            "details": {"text": "a\nb", "number": 1.5},
        },
        {
            "timestamp_utc": "1970-01-01T00:00:00.000000001Z",
            "module": "execution_engine",
            "event_type": "ALERT",
            "asset": "",
            "severity": "CRITICAL",
            "details": {"x": [1, 2]},
        },
    ]


def test_journal_writes_unknown_numbers_as_null(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.write(0, "m", "e", "a", Details("", math.nan))
        journal.write(0, "m", "e", "a", Details("", math.inf))
    assert [line["details"]["number"] for line in read(tmp_path / "j")] == [None, None]


def test_journal_appends_to_what_is_there(tmp_path: Path) -> None:
    for number in range(2):
        with Journal(tmp_path / "j") as journal:
            journal.write(number, "m", "e", "a", None)
    assert len(read(tmp_path / "j")) == 2


def test_journal_is_on_disk_after_a_failure_inside(tmp_path: Path) -> None:
    def fail() -> None:
        with Journal(tmp_path / "j") as journal:
            journal.write(0, "m", "e", "a", None)
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert len(read(tmp_path / "j")) == 1


def test_journal_refuses_what_is_not_json_and_writes_no_half_line(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        with pytest.raises(TypeError):
            journal.write(0, "m", "e", "a", object())
        journal.write(0, "m", "e", "a", "fine")
    assert [line["details"] for line in read(tmp_path / "j")] == ["fine"]


@pytest.mark.parametrize(
    ("ts_ns", "text"),
    [
        pytest.param(1_709_164_799_999_999_999, "2024-02-28T23:59:59.999999999Z", id="last-nanosecond"),
        pytest.param(1_709_164_800_000_000_000, "2024-02-29T00:00:00.000000000Z", id="leap-day"),
        pytest.param(-1, "1969-12-31T23:59:59.999999999Z", id="before-1970"),
    ],
)
def test_iso_utc_keeps_nanoseconds(ts_ns: int, text: str) -> None:
    assert iso_utc(ts_ns) == text
