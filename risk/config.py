"""Risk limits, with the specification's values as defaults (Spec 2.5, 2.6, 5.3, 5.6, 7.4, 11.3)."""

from typing import Annotated

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


class RiskConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits that the gate enforces on every entry."""

    risk_frac: Annotated[float, Meta(gt=0.0, le=0.01)] | None = None  # absent: the tier's (Spec 11.3, D23)
    max_positions: Count | None = None  # absent: the tier's
    max_heat_frac: Annotated[float, Meta(gt=0.0, le=0.05)] = 0.05  # Spec 2.6
    max_share_of_heat_frac: Annotated[float, Meta(gt=0.0, le=0.3)] = 0.3  # Spec 5.6, D21
    max_atr_scalar: Annotated[float, Meta(ge=1.0, le=1.5)] = 1.5  # Spec 5.3
    max_volume_24h_frac: Annotated[float, Meta(gt=0.0, le=0.01)] = 0.01  # Spec 7.4
    max_adv_frac: Annotated[float, Meta(gt=0.0, le=0.01)] = 0.01  # Spec 11.3
    crypto: CryptoLimits = CryptoLimits()
    fx: FxLimits = FxLimits()
    equity: EquityLimits = EquityLimits()
    future: FutureLimits = FutureLimits()

    def of_class(self, asset_class: AssetClass) -> ClassLimits:
        """Return the limits of one asset class."""
        limits: ClassLimits = getattr(self, asset_class)
        return limits
