"""Spec 2.3, 3.1, 3.2: the specification's numbers are the defaults, and contradictions are refused."""

import msgspec
import pytest

from strategies.breakout.breakout import parameter_record
from strategies.breakout.config import BreakoutConfig

SPEC = {
    "donchian_bars": 20,
    "ema_fast_bars": 20,
    "ema_slow_bars": 50,
    "atr_bars": 14,
    "atr_ratio_min_frac": 0.003,
    "atr_ratio_max_frac": 0.04,
    "rsi_bars": 14,
    "rsi_long_min": 50.0,
    "rsi_long_max": 75.0,
    "volume_ma_bars": 20,
    "volume_multiple": 1.5,
    "require_volume": True,
    "bollinger_bars": 20,
    "bollinger_std": 2.0,
    "min_score": 4,
    "baseline_days": 30,
}


def test_defaults_are_the_specification() -> None:
    assert msgspec.structs.asdict(BreakoutConfig()) == SPEC


def test_every_parameter_reaches_the_compiled_rules() -> None:
    changed = {name: (not value if isinstance(value, bool) else value + 1) for name, value in SPEC.items()}
    record = parameter_record(BreakoutConfig(**changed), htf_ns=7, max_gap_ns=9)
    names = record.dtype.names or ()
    assert {name: record[name][0].item() for name in names} == changed | {"htf_ns": 7, "max_gap_ns": 9}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"ema_fast_bars": 50}, "ema_fast_bars must be below", id="2.3.1-equal"),
        pytest.param({"ema_fast_bars": 51}, "ema_fast_bars must be below", id="2.3.1-above"),
        pytest.param({"atr_ratio_min_frac": 0.0401}, "atr_ratio_min_frac must not exceed", id="2.3.4-band"),
        pytest.param({"rsi_long_min": 75.1}, "rsi_long_min must not exceed", id="3.2-band"),
    ],
)
def test_pairs_that_contradict_each_other_are_refused(fields: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BreakoutConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"ema_fast_bars": 49}, id="2.3.1-below"),
        pytest.param({"atr_ratio_min_frac": 0.04}, id="2.3.4-one-point-band"),
        pytest.param({"rsi_long_min": 75.0}, id="3.2-one-point-band"),
    ],
)
def test_pairs_at_their_limit_are_taken(fields: dict[str, float]) -> None:
    BreakoutConfig(**fields)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"donchian_bars": 1}', id="window-of-one"),
        pytest.param('{"min_score": 6}', id="3.2-scale-ends-at-5"),
        pytest.param('{"atr_ratio_max_frac": 1.01}', id="frac-above-1"),
        pytest.param('{"rsi_long_max": 101}', id="rsi-above-100"),
        pytest.param('{"bollinger_std": 0}', id="bollinger-zero"),
        pytest.param('{"donchian": 20}', id="unknown-key"),
    ],
)
def test_values_out_of_range_fail_when_decoded(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=BreakoutConfig)
