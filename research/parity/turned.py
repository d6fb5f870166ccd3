"""What a search may turn: every such parameter away from its default in one variation at least."""

from collections.abc import Iterator
from typing import Any

import msgspec

from configs.run import RunConfig


def variations(config: RunConfig) -> Iterator[tuple[str, RunConfig]]:
    """Yield what a search may turn, one at a time, beside the configuration as it is: every one must agree too."""
    yield "as configured", config
    for name, changes in TURNED.items():
        values = {part: msgspec.structs.replace(getattr(config, part), **fields) for part, fields in changes.items()}
        yield name, msgspec.structs.replace(config, **values)


# Each parameter that a search may touch is changed in one of these, many at a time: a difference names the variation.
TURNED: dict[str, dict[str, dict[str, Any]]] = {
    "other windows": {
        "strategy": {
            "donchian_bars": 34,
            "ema_fast_bars": 12,
            "ema_slow_bars": 40,
            "atr_bars": 10,
            "rsi_bars": 9,
            "volume_ma_bars": 30,
            "baseline_days": 20,
        }
    },
    "other thresholds": {
        "strategy": {
            "atr_ratio_min_frac": 0.001,
            "atr_ratio_max_frac": 0.06,
            "rsi_long_min": 45.0,
            "rsi_long_max": 85.0,
            "volume_multiple": 1.2,
            "require_volume": False,
            "min_score": 3,
        }
    },
    "other exits": {
        "exits": {
            "stop_atr": 2.5,
            "stop_floor_frac": 0.01,
            "tp1_atr": 2.0,
            "tp2_atr": 9.0,
            "tp1_r": 2.0,
            "tp2_r": 5.0,
            "tp1_quantity_frac": 0.35,
            "breakeven_frac": 0.001,
            "trail_atr": 3.0,
            "max_hold_secs": 300_000,
        }
    },
    "other limits": {
        "risk": {
            "risk_frac": 0.004,
            "max_positions": 2,
            "max_heat_frac": 0.02,
            "max_share_of_heat_frac": 0.25,
            "max_atr_scalar": 1.1,
            "max_volume_24h_frac": 0.002,
            "max_adv_frac": 0.002,
            "max_trades_per_day": 3,
            "max_correlation": 0.5,
            "operator": "simulated",
        }
    },
    "breakers off": {"risk": {"breakers": False}},
    "venue fees": {"costs": {"maker_frac": 0.0002, "taker_frac": 0.0005}, "risk": {"breakers": False}},
    "simulated operator": {"risk": {"operator": "simulated"}},
}
