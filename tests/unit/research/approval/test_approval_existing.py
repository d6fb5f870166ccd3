"""A record that is there, as a user meets it: asked whether it holds, and taken back."""

from pathlib import Path

import pytest
from finished_research import Research, make_config

from configs.dump import to_toml
from research.approval.command import main
from research.identity import trading_hash

HAND = ("--operator", "B. Lead", "--reason", "venue changed its fees")


@pytest.fixture
def records(research: Research, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(research.arguments()) == 0
    capsys.readouterr()
    return research.root / "approvals"


def call(research: Research, *more: object) -> int:
    return main([str(research.file), *map(str, more)])


def test_check_of_a_good_record_says_who_and_until_when(
    records: Path, research: Research, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(records.rglob("*"))
    for place in (records, records / f"{trading_hash(research.config)}.json"):
        assert call(research, "--check", place) == 0
        out, error = capsys.readouterr()
        assert out.startswith(f"approved: {trading_hash(research.config)} (candidate) may trade live: ")
        assert "until:    " in out
        assert "by:       A. Trader, " in out
        assert error == ""
    assert sorted(records.rglob("*")) == before


def test_check_of_what_does_not_hold_says_why_and_exits_1(
    records: Path, research: Research, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(research, "--check", records, "--set", "exits.stop_atr=1.6") == 1
    assert "not approved: " in (text := capsys.readouterr().out)
    assert "no approval of configuration" in text
    path = records / f"{trading_hash(research.config)}.json"
    path.write_text(path.read_text().replace("A. Trader", "B. Trader"))
    assert call(research, "--check", records) == 1
    assert "altered after it was sealed" in capsys.readouterr().out


def test_revoked_record_lets_nothing_trade_from_wherever_it_is_read(
    records: Path, research: Research, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(research, "--revoke", records, *HAND) == 0
    assert "revoked: " in capsys.readouterr().out
    (kept,) = (records / "history").iterdir()
    for place in (records, kept):
        assert call(research, "--check", place) == 1
        assert "by B. Lead: venue changed its fees" in capsys.readouterr().out
    assert call(research, "--revoke", records, *HAND) == 1
    assert "nothing done: " in capsys.readouterr().out


def test_approval_after_a_revocation_holds(records: Path, research: Research) -> None:
    assert call(research, "--revoke", records, *HAND) == 0
    assert main(research.arguments("--reason", "fees are back")) == 0
    assert call(research, "--check", records) == 0


def test_mark_that_cannot_be_read_revokes_too(
    records: Path, research: Research, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(research, "--revoke", records, *HAND) == 0
    (mark,) = (records / "revoked").iterdir()
    mark.write_bytes(b"")
    assert call(research, "--check", records) == 1
    assert "does not say by whom" in capsys.readouterr().out


def test_revoking_needs_no_key(records: Path, research: Research, home: Path) -> None:
    (home / ".config" / "tidebreak" / "approval.key").unlink()
    assert call(research, "--revoke", records, *HAND) == 0


def test_record_of_another_configuration_is_not_revoked_by_mistake(
    records: Path, research: Research, capsys: pytest.CaptureFixture[str]
) -> None:
    path = records / f"{trading_hash(research.config)}.json"
    research.file.write_text(to_toml(make_config(exits={"stop_atr": 1.6})), encoding="utf-8")
    assert call(research, "--revoke", path, *HAND) == 2
    assert "exits.stop_atr: approved 1.5, given 1.6" in capsys.readouterr().err
    assert not (records / "revoked").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ((), "--walk-forward is missing"),
        (("--walk-forward", "w", "--run", "r", *HAND), "--monte-carlo is missing"),
        (("--revoke", "approvals", "--reason", "x"), "--operator must not be empty"),
        (("--revoke", "nowhere.json", *HAND), "nowhere.json: no such approval record"),
        (("--check", "approvals", "--set", "exits.stop_at=2"), "did you mean 'stop_atr'"),
    ],
)
def test_bad_input_is_named_and_exits_2(
    research: Research, more: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(research, *more) == 2
    assert message in capsys.readouterr().err
