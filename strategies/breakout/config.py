"""The parameters of the momentum breakout, with the specification's values as defaults."""

from typing import Annotated

import msgspec
from msgspec import Meta

Bars = Annotated[int, Meta(ge=2, le=5000)]
Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Frac = Annotated[float, Meta(ge=0.0, le=1.0)]


class BreakoutConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the momentum breakout with trend filter (Spec 2.3, 3.1, 3.2)."""

    donchian_bars: Bars = 20  # Spec 2.3.2
    ema_fast_bars: Bars = 20  # Spec 2.3.1, on the higher time frame
    ema_slow_bars: Bars = 50
    atr_bars: Bars = 14  # Spec 2.3.4
    atr_ratio_min_frac: Frac = 0.003
    atr_ratio_max_frac: Frac = 0.04
    rsi_bars: Bars = 14  # Spec 3.1
    rsi_long_min: Percent = 50.0  # Spec 3.2; shorts use the mirror image, 100 - x (D9)
    rsi_long_max: Percent = 75.0
    volume_ma_bars: Bars = 20  # Spec 2.3.3
    volume_multiple: Annotated[float, Meta(ge=0.0, le=100.0)] = 1.5
    require_volume: bool = True  # D9
    bollinger_bars: Bars = 20  # Spec 3.1: context only
    bollinger_std: Annotated[float, Meta(gt=0.0, le=10.0)] = 2.0
    min_score: Annotated[int, Meta(ge=2, le=5)] = 4  # Spec 3.2
    baseline_days: Annotated[int, Meta(ge=1, le=365)] = 30  # D17

    def __post_init__(self) -> None:
        """Refuse pairs that contradict each other."""
        if self.ema_fast_bars >= self.ema_slow_bars:
            raise ValueError(
                f"ema_fast_bars must be below ema_slow_bars ({self.ema_slow_bars}), "
                f"was {self.ema_fast_bars} (Spec 2.3.1)"
            )
        if self.atr_ratio_min_frac > self.atr_ratio_max_frac:
            raise ValueError(
                f"atr_ratio_min_frac must not exceed atr_ratio_max_frac ({self.atr_ratio_max_frac}), "
                f"was {self.atr_ratio_min_frac} (Spec 2.3.4)"
            )
        if self.rsi_long_min > self.rsi_long_max:
            raise ValueError(
                f"rsi_long_min must not exceed rsi_long_max ({self.rsi_long_max}), was {self.rsi_long_min} (Spec 3.2)"
            )
