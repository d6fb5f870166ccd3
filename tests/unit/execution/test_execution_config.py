"""Spec 2.4, 3.5.2, 5.1, 5.2, 7.4: the specification's numbers are the defaults, and contradictions are refused."""

from typing import Any

import msgspec
import pytest

from execution.config import CostConfig, EntryConfig, ExitConfig, VenueConfig

type AnyConfig = type[EntryConfig | ExitConfig | CostConfig | VenueConfig]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param(EntryConfig, {"reprice_secs": 15, "cancel_secs": 30, "on_timeout": "cancel"}, id="7.4-entry"),
        pytest.param(
            ExitConfig,
            {
                "stop_atr": 1.5,
                "stop_floor_frac": 0.005,
                "tp1_atr": 3.0,
                "tp2_atr": 6.0,
                "tp1_r": 2.0,
                "tp2_r": 4.0,
                "tp1_quantity_frac": 0.5,
                "breakeven_frac": 0.0005,
                "trail_atr": 2.0,
                "max_hold_secs": 86_400,
                "stop_limit_offset_frac": 0.001,
                "stop_unfilled_secs": 15,
                "stop_unfilled_frac": 0.005,
                "backstop_r": 2.0,
            },
            id="5.1-exits",
        ),
    ],
)
def test_defaults_are_the_specification(kind: AnyConfig, expected: dict[str, Any]) -> None:
    assert msgspec.structs.asdict(kind()) == expected


def test_costs_are_on_by_default() -> None:
    costs = CostConfig()
    assert (costs.maker_frac, costs.taker_frac, costs.slippage_frac) == (0.001, 0.001, 0.0005)  # 3.5.2, D34
    assert costs.touch_fill_probability == 0.0  # D35
    assert VenueConfig() == VenueConfig(stop_order="stop_market", backstop=False)


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        pytest.param(EntryConfig, {"reprice_secs": 31}, r"must not exceed cancel_secs \(30\), was 31", id="7.4"),
        pytest.param(ExitConfig, {"tp1_atr": 6.0}, "tp2 must lie beyond tp1", id="2.4.2-equal-atr"),
        pytest.param(ExitConfig, {"tp1_atr": 6.1}, "tp2 must lie beyond tp1", id="2.4.2-atr"),
        pytest.param(ExitConfig, {"tp1_r": 4.0}, "tp2 must lie beyond tp1", id="2.4.2-equal-r"),
        pytest.param(ExitConfig, {"tp1_r": 1.99}, "tp1_r must be at least 2.0", id="2.6-reward-under-2"),
    ],
)
def test_contradictions_are_refused(kind: AnyConfig, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(**fields)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param(EntryConfig, {"reprice_secs": 30}, id="7.4-reprice-at-the-cancel"),
        pytest.param(ExitConfig, {"tp1_atr": 5.9}, id="2.4.2-atr"),
        pytest.param(ExitConfig, {"tp1_r": 3.9}, id="2.4.2-r"),
        pytest.param(ExitConfig, {"tp1_r": 2.0}, id="2.6-reward-of-2"),
    ],
)
def test_values_at_their_limit_are_taken(kind: AnyConfig, fields: dict[str, Any]) -> None:
    assert msgspec.structs.asdict(kind(**fields)).items() >= fields.items()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param(EntryConfig, '{"on_timeout": "chase"}', id="7.4-on-timeout"),
        pytest.param(EntryConfig, '{"reprice_secs": 0}', id="7.4-zero-seconds"),
        pytest.param(ExitConfig, '{"stop_floor_frac": 0}', id="5.1-no-floor"),
        pytest.param(ExitConfig, '{"tp1_quantity_frac": 1.0}', id="5.2-all-on-tp1"),
        pytest.param(ExitConfig, '{"breakeven_frac": 0.11}', id="5.2-buffer"),
        pytest.param(ExitConfig, '{"trailing": 2.0}', id="unknown-key"),
        pytest.param(CostConfig, '{"slippage_frac": -0.0001}', id="D34-paid-to-trade"),
        pytest.param(VenueConfig, '{"stop_order": "soft"}', id="5.1-soft-stop"),
    ],
)
def test_values_out_of_range_fail_when_decoded(kind: AnyConfig, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=kind)
