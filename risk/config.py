"""Risk limits, with the specification's values as defaults (Spec 2.5, 2.6, 5.3, 5.6, 7.4, 11.3)."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from risk.messages import AssetClass

Leverage = Annotated[float, Meta(gt=0.0, le=10.0)]
Count = Annotated[int, Meta(ge=1, le=100)]


class ClassLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of one asset class."""

    max_leverage: Leverage
    max_positions: Count


class CryptoLimits(ClassLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Crypto (Spec 2.5, 5.6; D18, D20)."""

    max_leverage: Leverage = 3.0
    max_positions: Count = 2


class FxLimits(ClassLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Forex (Spec 2.5, 5.6)."""

    max_leverage: Leverage = 10.0
    max_positions: Count = 2


class EquityLimits(ClassLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares (Spec 2.5, 5.6)."""

    max_leverage: Leverage = 1.0
    max_positions: Count = 1


class FutureLimits(ClassLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Futures (D18, D20)."""

    max_leverage: Leverage = 10.0
    max_positions: Count = 2


class BreakerLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a breaker closes, and for how long (Spec 5.4, 5.5, 7.2, 9.3). They can be made tighter, not looser."""

    daily_loss_frac: Annotated[float, Meta(gt=0.0, le=0.03)] = 0.03  # D25
    daily_warning_frac: Annotated[float, Meta(gt=0.0, le=0.02)] = 0.02
    suspension_days: Annotated[int, Meta(ge=1, le=3)] = 3
    weekly_loss_frac: Annotated[float, Meta(gt=0.0, le=0.08)] = 0.08  # D26
    weekly_alert_frac: Annotated[float, Meta(gt=0.0, le=0.05)] = 0.05
    weekly_halt_days: Annotated[int, Meta(ge=7, le=365)] = 7
    max_drawdown_frac: Annotated[float, Meta(gt=0.0, le=0.15)] = 0.15  # D29
    api_error_frac: Annotated[float, Meta(gt=0.0, le=0.10)] = 0.10  # D27
    api_alert_frac: Annotated[float, Meta(gt=0.0, le=0.05)] = 0.05
    api_min_requests: Annotated[int, Meta(ge=1, le=20)] = 20
    api_window_secs: Annotated[int, Meta(ge=300, le=3600)] = 300
    slippage_alert_multiple: Annotated[float, Meta(gt=1.0, le=3.0)] = 3.0  # D28
    slippage_halt_multiple: Annotated[float, Meta(gt=1.0, le=5.0)] = 5.0
    slippage_alerts: Annotated[int, Meta(ge=1, le=5)] = 5
    losses_in_a_row: Annotated[int, Meta(ge=1, le=5)] = 5  # D30
    reduced_size_factor: Annotated[float, Meta(gt=0.0, le=0.5)] = 0.5
    reduced_trades: Annotated[int, Meta(ge=10, le=1000)] = 10

    def __post_init__(self) -> None:
        """Refuse a warning that would come after what it warns of."""
        pairs = (
            ("daily_warning_frac", "daily_loss_frac"),
            ("weekly_alert_frac", "weekly_loss_frac"),
            ("api_alert_frac", "api_error_frac"),
            ("slippage_alert_multiple", "slippage_halt_multiple"),
        )
        for first, second in pairs:
            if getattr(self, first) > getattr(self, second):
                raise ValueError(
                    f"{first} must not exceed {second} ({getattr(self, second)}), was {getattr(self, first)} (Spec 9.3)"
                )


class RiskConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits that the gate enforces on every entry."""

    risk_frac: Annotated[float, Meta(gt=0.0, le=0.01)] | None = None  # absent: the tier's (Spec 11.3, D23)
    max_positions: Count | None = None  # absent: the tier's
    max_heat_frac: Annotated[float, Meta(gt=0.0, le=0.05)] = 0.05  # Spec 2.6
    max_share_of_heat_frac: Annotated[float, Meta(gt=0.0, le=0.3)] = 0.3  # Spec 5.6, D21
    max_atr_scalar: Annotated[float, Meta(ge=1.0, le=1.5)] = 1.5  # Spec 5.3
    max_volume_24h_frac: Annotated[float, Meta(gt=0.0, le=0.01)] = 0.01  # Spec 7.4
    max_adv_frac: Annotated[float, Meta(gt=0.0, le=0.01)] = 0.01  # Spec 11.3
    min_reward_to_risk: Annotated[float, Meta(ge=2.0, le=100.0)] = 2.0  # Spec 2.6
    max_trades_per_day: Annotated[int, Meta(ge=1, le=20)] = 20  # Spec 2.6
    max_correlation: Annotated[float, Meta(gt=0.0, le=0.75)] = 0.75  # Spec 5.6, D16
    correlation_days: Annotated[int, Meta(ge=9, le=365)] = 30
    min_common_hours: Annotated[int, Meta(ge=200, le=8760)] = 200
    max_spread_multiple: Annotated[float, Meta(gt=1.0, le=2.0)] = 2.0  # Spec 7.2, D33
    max_data_age_secs: Annotated[float, Meta(gt=0.0, le=30.0)] = 30.0  # Spec 4.2.1
    breakers: bool = True  # off: research only, to see what they change
    breaker_limits: BreakerLimits = BreakerLimits()
    operator: Literal["none", "simulated"] = "none"  # back-test only: who gives the resets that ask for a hand
    crypto: CryptoLimits = CryptoLimits()
    fx: FxLimits = FxLimits()
    equity: EquityLimits = EquityLimits()
    future: FutureLimits = FutureLimits()

    def of_class(self, asset_class: AssetClass) -> ClassLimits:
        """Return the limits of one asset class."""
        limits: ClassLimits = getattr(self, asset_class)
        return limits
