"""A resolved configuration written as TOML loads as the same configuration with the same hash."""

import datetime as dt
import string
import tempfile
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.dump import to_toml
from configs.load import CONFIG_DIR, load_run
from configs.run import RunConfig

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
IDS = st.text(string.ascii_uppercase + "-", min_size=1, max_size=8).map(lambda name: f"{name}.X")


@st.composite
def spans(draw: st.DrawFn) -> dict[str, str]:
    days = draw(st.lists(st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1)), max_size=2, unique=True).map(sorted))
    return dict(zip(draw(st.sampled_from([("start", "end"), ("end", "start")])) if len(days) < 2 else ("start", "end"),
                    map(str, days), strict=False))  # fmt: skip


@st.composite
def configurations(draw: st.DrawFn) -> RunConfig:
    signal, htf = draw(st.sampled_from([("15m", "1h"), ("30m", "4h"), ("1h", "12h"), ("4h", "1d"), ("1d", "1w")]))
    tp1 = draw(st.floats(2.0, 40.0))
    fast = draw(st.integers(2, 100))
    optional = {
        "risk_frac": st.none() | st.floats(0.0, 0.01, exclude_min=True),
        "max_positions": st.none() | st.integers(1, 100),
    }
    values = {
        "name": draw(TEXT),
        "profile": draw(TEXT),
        "catalog": draw(TEXT),
        "instruments": draw(st.lists(IDS, min_size=1, max_size=4, unique=True)),
        "account": {"starting_balance": draw(st.floats(1e-3, 1e12)), "currency": draw(TEXT)},
        "timeframe": {"signal": signal, "htf": htf},
        "data": {"fills": draw(st.sampled_from(["finest", "signal"])),
                 "max_gap_hours": draw(st.none() | st.floats(1e-6, 1e5))},
        "strategy": {"ema_fast_bars": fast, "ema_slow_bars": draw(st.integers(fast + 1, 5000)),
                     "require_volume": draw(st.booleans()), "volume_multiple": draw(st.floats(0.0, 100.0))},
        "exits": {"tp1_r": tp1, "tp2_r": draw(st.floats(tp1, 100.0, exclude_min=True)),
                  "stop_floor_frac": draw(st.floats(1e-9, 0.5))},
        "risk": {name: draw(strategy) for name, strategy in optional.items()}
        | {"crypto": {"max_leverage": draw(st.floats(1e-6, 10.0)), "max_positions": draw(st.integers(1, 100))}},
        "costs": {"seed": draw(st.integers(0, 2**62)), "funding_8h_frac": draw(st.floats(-0.01, 0.01))},
        "venue": {"backstop": draw(st.booleans())},
    }  # fmt: skip
    return msgspec.convert(values | draw(spans()), RunConfig)


def reload(text: str) -> RunConfig:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load_run(path)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(configurations())
def test_config_written_as_toml_loads_as_the_same(config: RunConfig) -> None:
    text = to_toml(config)
    again = reload(text)
    assert again == config
    assert again.hash == config.hash
    assert text.startswith(f"# resolved configuration, hash {config.hash}\n")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(configurations())
def test_config_written_as_toml_names_every_value_and_leaves_none_out(config: RunConfig) -> None:
    written = tomllib.loads(to_toml(config))

    def without_none(values: dict) -> dict:
        return {key: without_none(value) if isinstance(value, dict) else value
                for key, value in values.items() if value is not None}  # fmt: skip

    expected = without_none(msgspec.to_builtins(config))
    expected["instruments"] = list(expected["instruments"])
    assert written == expected


@settings(max_examples=30, deadline=None, derandomize=True)
@given(configurations(), configurations())
def test_config_hash_is_equal_exactly_when_all_but_the_catalog_is(one: RunConfig, other: RunConfig) -> None:
    same = msgspec.structs.replace(one, catalog=other.catalog)
    assert same.hash == one.hash
    assert (one.hash == other.hash) == (same == other)


@pytest.mark.parametrize("name", ["🚀", 'a "b" \\c', "x\ny\t\r", "\x7f\x00\x1f", "[t] # = é"])
def test_config_with_any_text_loads_as_the_same(name: str) -> None:
    config = RunConfig(instruments=("A.X",), name=name, catalog=name)
    assert reload(to_toml(config)) == config


@pytest.mark.parametrize("path", sorted((CONFIG_DIR / "backtest").rglob("*.toml")), ids=lambda path: path.stem)
def test_config_shipped_written_as_toml_loads_as_the_same(path: Path) -> None:
    config = load_run(path)
    assert reload(to_toml(config)) == config
