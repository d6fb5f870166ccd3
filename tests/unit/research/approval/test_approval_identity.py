"""The names of code, data and configuration change with what decides a result and with nothing else."""

from pathlib import Path
from typing import Any

import pytest
from finished_research import BTC, ETH, make_config

from errors import ConfigError
from research.identity import FILES, ROOMS, code_hash, data_hash, trading_hash


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_text(name)
    for room in ROOMS:
        (tmp_path / room / "deep").mkdir(parents=True)
        (tmp_path / room / "deep" / "rule.py").write_text("x = 1\n")
    (tmp_path / "research" / "report").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "path",
    ["risk/deep/rule.py", "risk/shared_ledger.lua", "requirements.lock", "research/simulation.py",
     "research/walk_forward/judge.py", "configs/run.py", "catalog/resample.py"],
)  # fmt: skip
def test_code_hash_changes_with_what_decides_a_result(sources: Path, path: str) -> None:
    before = code_hash(sources)
    (sources / path).parent.mkdir(exist_ok=True)
    (sources / path).write_text("x = 2\n")
    assert code_hash(sources) != before


@pytest.mark.parametrize(
    "path", ["research/report/page.py", "tests/test_x.py", "risk/notes.md", "risk/.#rule.py", "operations/x.py"]
)
def test_code_hash_stays_with_what_only_shows(sources: Path, path: str) -> None:
    before = code_hash(sources)
    (sources / path).parent.mkdir(exist_ok=True)
    (sources / path).write_text("x = 2\n")
    assert code_hash(sources) == before


def test_code_hash_when_a_file_moves_changes(sources: Path) -> None:
    before = code_hash(sources)
    (sources / "risk/deep/rule.py").rename(sources / "risk/deep/other.py")
    assert code_hash(sources) != before


def test_code_hash_without_lock_refuses(sources: Path) -> None:
    (sources / "requirements.lock").unlink()
    with pytest.raises(ConfigError, match=r"requirements\.lock: cannot be read"):
        code_hash(sources)


def test_data_hash_knows_which_candles_are_whose() -> None:
    assert data_hash({"A": "1", "B": "2"}) == data_hash({"B": "2", "A": "1"})
    assert data_hash({"A": "1", "B": "2"}) != data_hash({"A": "2", "B": "1"})
    assert len(data_hash({})) == 64


@pytest.mark.parametrize(
    "values",
    [
        {"name": "live"},
        {"start": "2020-01-01", "end": "2021-01-01"},
        {"catalog": "catalogs/other"},
        {"account": {"starting_balance": 1e6, "currency": "USDT"}},
        {"memory": {"backend": "sqlite"}},
        {"ledger": {"backend": "redis", "owner": "one"}},
        {"venue": {"stop_order": "stop_limit", "backstop": True}},
        {"risk": {"operator": "simulated"}},
        {"costs": {"seed": 8}},
        {"data": {"fills": "signal"}},
    ],
    ids=str,
)
def test_trading_hash_of_another_environment_is_the_same(values: dict[str, Any]) -> None:
    assert trading_hash(make_config(**values)) == trading_hash(make_config())


@pytest.mark.parametrize(
    "values",
    [
        {"profile": "swing"},
        {"timeframe": {"signal": "1h"}},
        {"strategy": {"donchian_bars": 21}},
        {"entry": {"on_timeout": "market"}},
        {"exits": {"stop_atr": 1.6}},
        {"risk": {"breakers": False}},
        {"risk": {"max_heat_frac": 0.04}},
        {"risk": {"breaker_limits": {"daily_loss_frac": 0.02}}},
        {"costs": {"taker_frac": 0.0}},
    ],
    ids=str,
)
def test_trading_hash_of_another_way_to_trade_differs(values: dict[str, Any]) -> None:
    assert trading_hash(make_config(**values)) != trading_hash(make_config())


def test_trading_hash_names_instruments_in_any_order() -> None:
    assert trading_hash(make_config(BTC, ETH)) == trading_hash(make_config(ETH, BTC))
    assert trading_hash(make_config(BTC)) != trading_hash(make_config(BTC, ETH))
