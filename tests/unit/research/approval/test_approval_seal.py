"""The key is kept close, and the history of records is never written over."""

import stat
from pathlib import Path

import pytest
from finished_research import Research, make_config

from errors import ConfigError, StateError
from research.approval.command import main
from research.approval.seal import KEY, KEY_FILE, load_key
from research.identity import ROOT, trading_hash

SECRET = "s" * 32


def test_key_is_made_once_and_for_its_owner_only(home: Path) -> None:
    path = home / ".config" / "tidebreak" / "approval.key"
    first, second = load_key(create=True), load_key(create=True)
    assert (first.made, second.made) == (True, False)
    assert first.id == second.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_key_is_never_made_by_verifying(home: Path) -> None:
    with pytest.raises(ConfigError, match="no approval key"):
        load_key(create=False)
    assert list(home.iterdir()) == []


def test_key_does_not_show_itself() -> None:
    key = load_key(create=False, environ={KEY: SECRET})
    assert SECRET not in f"{key!r} {key} {key.id}"


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(SECRET)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match=r"others may read or write the key \(mode 0640\)"):
        load_key(create=False, environ={KEY_FILE: str(path)})
    path.chmod(0o600)
    assert load_key(create=False, environ={KEY_FILE: str(path)}).id == load_key(create=False, environ={KEY: SECRET}).id


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({KEY: ""}, "at least 32 characters, this one has 0"),
        ({KEY: "s" * 31}, "at least 32 characters, this one has 31"),
        ({KEY_FILE: str(ROOT / "configs" / "approval.key")}, "must lie outside the repository"),
    ],
)
def test_key_that_protects_nothing_is_refused(environ: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_key(create=True, environ=environ)


def test_second_approval_keeps_the_first(research: Research) -> None:
    out = research.root / "approvals"
    final = out / f"{trading_hash(research.config)}.json"
    assert main(research.arguments()) == 0
    first = final.read_bytes()
    assert main(research.arguments("--reason", "once more")) == 0
    assert final.read_bytes() != first
    kept = [path.read_bytes() for path in (out / "history").iterdir()]
    assert sorted(kept) == sorted([first, final.read_bytes()])


def test_record_from_elsewhere_is_kept_too(research: Research) -> None:
    final = research.root / "approvals" / f"{trading_hash(research.config)}.json"
    final.parent.mkdir()
    final.write_bytes(b"put here by hand")
    assert main(research.arguments()) == 0
    assert b"put here by hand" in [path.read_bytes() for path in (final.parent / "history").iterdir()]


def test_earlier_record_makes_its_instruments_known(research: Research, tmp_path: Path) -> None:
    assert main(research.arguments()) == 0
    record = research.root / "approvals" / f"{trading_hash(research.config)}.json"
    (tmp_path / "next").mkdir()
    other = Research(tmp_path / "next", make_config(strategy={"donchian_bars": 30}))
    other.assets = []
    assert main(other.arguments()) == 1
    assert main(other.arguments("--earlier", str(record))) == 0
    record.write_bytes(record.read_bytes().replace(b"reviewed", b"Reviewed"))
    assert main(other.arguments("--earlier", str(record))) == 2


def test_altered_record_is_refused_with_its_name(research: Research, monkeypatch: pytest.MonkeyPatch) -> None:
    from research.approval import verify_approval

    assert main(research.arguments()) == 0
    monkeypatch.setenv(KEY, SECRET)
    with pytest.raises(StateError, match="sealed with key"):
        verify_approval(research.root / "approvals", research.config, now_ns=0)
