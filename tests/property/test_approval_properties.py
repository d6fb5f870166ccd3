"""No change of a sealed record goes unseen: any byte, any field, any other key."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.run import RunConfig
from errors import StateError
from research.approval.record import Approval, Piece, Record, Row, encode
from research.approval.seal import ApprovalKey, seal, unseal
from research.approval.verify import verify_approval
from research.identity import code_hash, data_hash, trading_hash, trading_part

SECRET = "a secret of more than 32 characters"
KEY = ApprovalKey(SECRET, "here")
CONFIG = RunConfig(instruments=("BTCUSDT-PERP.BINANCE",))
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
APPROVAL = Approval(
    trading_hash=trading_hash(CONFIG),
    configuration=trading_part(CONFIG),
    code_hash=code_hash(),
    data_hash=data_hash({"BTCUSDT-PERP.BINANCE": "b" * 64}),
    data={"BTCUSDT-PERP.BINANCE": "b" * 64},
    pieces={"run": Piece(path="runs/x/metrics.json", sha256="a" * 64, config_hash="0123456789ab")},
    rows=(Row(requirement="ruin", observed="1 %", limit="< 2 %", passed=True, value=0.01, bound=0.02),),
    figures={"search": {"trials": 1000, "deflated": None}, "anchored": [1.5, -0.25]},
    notes=("naïve “note”",),
    operator="A. Trader",
    reason="reviewed",
    approved_at=NOW,
    expires_at=NOW + dt.timedelta(days=92),
)
DATA = encode(seal(APPROVAL, KEY))
PATHS: list[tuple[str | int, ...]] = []


def leaves(value: Any, path: tuple[str | int, ...]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        PATHS.append(path)
        return
    for key, item in items:
        leaves(item, (*path, key))


leaves(msgspec.json.decode(DATA), ())


def test_record_reads_back_as_it_was() -> None:
    assert unseal(DATA, KEY, "file") == APPROVAL


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(place: int, change: int) -> None:
    changed = bytearray(DATA)
    changed[place] ^= change
    with pytest.raises(StateError):
        unseal(bytes(changed), KEY, "file")


def test_every_single_bit_is_guarded() -> None:
    for place in range(0, len(DATA), 3):
        changed = bytearray(DATA)
        changed[place] ^= 1 << place % 8
        with pytest.raises(StateError):
            unseal(bytes(changed), KEY, "file")


@given(st.integers(0, len(DATA)), st.binary(min_size=1, max_size=3) | st.just(b" ") | st.just(b"\n"))
def test_any_inserted_byte_is_refused(place: int, more: bytes) -> None:
    changed = DATA[:place] + more + DATA[place:]
    with pytest.raises(StateError):
        unseal(changed, KEY, "file")


@given(st.integers(0, len(DATA) - 1), st.integers(1, 20))
def test_any_removed_piece_is_refused(place: int, length: int) -> None:
    with pytest.raises(StateError):
        unseal(DATA[:place] + DATA[place + length :], KEY, "file")


@given(st.sampled_from(PATHS), st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-1, 1) | st.text(max_size=5))
def test_any_changed_field_is_refused_however_well_written(path: tuple[str | int, ...], value: Any) -> None:
    document = msgspec.json.decode(DATA)
    place = document
    for key in path[:-1]:
        place = place[key]
    if type(place[path[-1]]) is type(value) and place[path[-1]] == value:
        return
    place[path[-1]] = value
    changed = msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"
    with pytest.raises(StateError):
        unseal(changed, KEY, "file")


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=32, max_size=40))
def test_no_other_key_opens_or_makes_a_record(secret: str) -> None:
    other = ApprovalKey(secret, "there")
    with pytest.raises(StateError, match="sealed with key"):
        unseal(DATA, other, "file")
    forged = seal(APPROVAL, other)
    named = Record(approval=APPROVAL, seal=msgspec.structs.replace(forged.seal, key_id=KEY.id))
    with pytest.raises(StateError, match="altered"):
        unseal(encode(named), KEY, "file")


@settings(max_examples=20)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_live_start_refuses_a_changed_file(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "approval_properties"
    folder.mkdir(exist_ok=True)
    path: Path = folder / f"{APPROVAL.trading_hash}.json"
    changed = bytearray(DATA)
    changed[place] ^= change
    now_ns = int(NOW.timestamp()) * 10**9
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIDEBREAK_APPROVAL_KEY", SECRET)
        path.write_bytes(DATA)
        assert verify_approval(folder, CONFIG, now_ns=now_ns) == APPROVAL
        path.write_bytes(bytes(changed))
        with pytest.raises(StateError):
            verify_approval(folder, CONFIG, now_ns=now_ns)
