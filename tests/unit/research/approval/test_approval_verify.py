"""What a live start asks: everything that is wrong stops it, and says what."""

import time
from pathlib import Path

import msgspec
import pytest
from finished_research import BTC, Research, make_config

from errors import ConfigError, StateError
from research.approval import Approval, verify_approval
from research.approval.command import main
from research.approval.record import Record
from research.approval.seal import load_key, seal, unseal
from research.identity import trading_hash


@pytest.fixture
def record(research: Research) -> Path:
    assert main(research.arguments()) == 0
    return research.root / "approvals" / f"{trading_hash(research.config)}.json"


def reseal(path: Path, **values: object) -> None:
    approval = unseal(path.read_bytes(), load_key(create=False), "")
    from research.approval.record import encode

    path.write_bytes(encode(seal(msgspec.structs.replace(approval, **values), load_key(create=False))))


def verify(path: Path, research: Research, days: float = 0.0) -> Approval:
    return verify_approval(path, research.config, now_ns=time.time_ns() + int(days * 86_400e9))


def test_approved_configuration_may_trade(record: Path, research: Research) -> None:
    for place in (record, record.parent):
        approval = verify(place, research)
        assert (approval.operator, approval.reason) == ("A. Trader", "reviewed")
        assert set(approval.instruments) == set(research.config.instruments)
    assert msgspec.json.decode(record.read_bytes(), type=Record).approval == approval


def test_live_configuration_in_another_environment_may_trade(record: Path, research: Research) -> None:
    live = make_config(
        *reversed(research.config.instruments),
        name="live",
        memory={"backend": "sqlite"},
        venue={"stop_order": "stop_limit"},
    )
    assert verify_approval(record.parent, live, now_ns=time.time_ns()).trading_hash == record.stem


def test_configuration_without_record_is_refused(record: Path) -> None:
    with pytest.raises(ConfigError, match=rf"no approval of configuration \w+ \(candidate\); there are: {record.stem}"):
        verify_approval(record.parent, make_config(exits={"stop_atr": 1.6}), now_ns=time.time_ns())
    with pytest.raises(ConfigError, match="no such approval record"):
        verify_approval(record.parent / "none", make_config(), now_ns=time.time_ns())


def test_record_of_another_configuration_says_what_differs(record: Path) -> None:
    other = make_config(BTC, exits={"stop_atr": 1.6}, risk={"risk_frac": 0.005})
    with pytest.raises(ConfigError) as error:
        verify_approval(record, other, now_ns=time.time_ns())
    text = str(error.value)
    assert "exits.stop_atr: approved 1.5, given 1.6" in text
    assert "risk.risk_frac: approved nothing, given 0.005" in text
    assert f"given {BTC}" in text


def test_record_under_another_name_does_not_pass_for_it(record: Path) -> None:
    other = make_config(exits={"stop_atr": 1.6})
    record.rename(record.with_name(f"{trading_hash(other)}.json"))
    with pytest.raises(ConfigError, match="is of another configuration"):
        verify_approval(record.parent, other, now_ns=time.time_ns())


@pytest.mark.parametrize("days", [-1.0, 92.0, 400.0])
def test_record_outside_its_time_is_refused(record: Path, research: Research, days: float) -> None:
    verify(record, research, 91.9)
    with pytest.raises(StateError, match="approve anew, or set the clock"):
        verify(record, research, days)


def test_record_of_other_code_is_refused(record: Path, research: Research) -> None:
    reseal(record, code_hash="0" * 64)
    with pytest.raises(StateError, match="approved with code 000000000000, this is"):
        verify(record, research)


def test_sealed_record_that_does_not_pass_is_refused(record: Path, research: Research) -> None:
    rows = verify(record, research).rows
    reseal(record, rows=(msgspec.structs.replace(rows[0], passed=False), *rows[1:]))
    with pytest.raises(StateError, match=f"not met when it was written: {rows[0].requirement}"):
        verify(record, research)


def test_record_whose_name_is_not_its_configuration_is_refused(record: Path, research: Research) -> None:
    reseal(record, trading_hash="0" * 12)
    with pytest.raises(StateError, match="names configuration 000000000000, holds"):
        verify(record, research)


def test_record_without_key_is_refused(record: Path, research: Research, home: Path) -> None:
    (home / ".config" / "tidebreak" / "approval.key").unlink()
    with pytest.raises(ConfigError, match="no approval key; copy it"):
        verify(record, research)
