"""How entries are worked, exits are placed and costs are charged: values only."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Frac = Annotated[float, Meta(ge=0.0, le=1.0)]
SmallFrac = Annotated[float, Meta(ge=0.0, le=0.1)]
Multiple = Annotated[float, Meta(gt=0.0, le=100.0)]
Secs = Annotated[int, Meta(ge=1, le=366 * 86_400)]


class EntryConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limit entry: at best bid or ask, repriced once, cancelled (Spec 7.4, D11)."""

    reprice_secs: Secs = 15
    cancel_secs: Secs = 30  # in a bar back-test never less than one fill bar: 30 s cannot be seen inside a bar
    on_timeout: Literal["cancel", "market"] = "cancel"  # D11: "market" is Spec 4.2.4's other reading

    def __post_init__(self) -> None:
        """Refuse a reprice that would come after the cancel."""
        if self.reprice_secs > self.cancel_secs:
            raise ValueError(f"reprice_secs must not exceed cancel_secs ({self.cancel_secs}), was {self.reprice_secs}")


class ExitConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stop, targets, trail and time-out of a trade (Spec 2.4, 5.1, 5.2; D12 - D15c)."""

    stop_atr: Multiple = 1.5
    stop_floor_frac: Annotated[float, Meta(gt=0.0, le=0.5)] = 0.005
    tp1_atr: Multiple = 3.0
    tp2_atr: Multiple = 6.0
    tp1_r: Multiple = 2.0  # D13
    tp2_r: Multiple = 4.0
    tp1_quantity_frac: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.5
    breakeven_frac: SmallFrac = 0.0005  # Spec 5.2
    trail_atr: Multiple = 2.0
    max_hold_secs: Secs = 86_400  # D15c; the profile sets it
    stop_limit_offset_frac: SmallFrac = 0.001  # Spec 5.1
    stop_unfilled_secs: Secs = 15  # D15: whichever is first
    stop_unfilled_frac: SmallFrac = 0.005
    backstop_r: Multiple = 2.0  # D15

    def __post_init__(self) -> None:
        """Refuse targets in the wrong order and a reward under 2:1 (Spec 2.6)."""
        if self.tp2_atr <= self.tp1_atr or self.tp2_r <= self.tp1_r:
            raise ValueError(
                f"tp2 must lie beyond tp1: tp2_atr {self.tp2_atr} > tp1_atr {self.tp1_atr} "
                f"and tp2_r {self.tp2_r} > tp1_r {self.tp1_r} (Spec 2.4.2)"
            )
        if self.tp1_r < 2.0:
            raise ValueError(f"tp1_r must be at least 2.0 (minimum reward to risk, Spec 2.6), was {self.tp1_r}")


class CostConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What trading costs in a back-test (Spec 3.5.2, D34, D35). On by default."""

    maker_frac: SmallFrac = 0.001
    taker_frac: SmallFrac = 0.001
    slippage_frac: SmallFrac = 0.0005
    participation_frac: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.1  # share of a bar's volume that may fill us
    touch_fill_probability: Frac = 0.0  # D35: chance that a limit which is only touched fills
    funding_8h_frac: Annotated[float, Meta(ge=-0.01, le=0.01)] = 0.0001  # perpetuals without funding data: longs pay
    rollover_fx_daily_frac: Annotated[float, Meta(ge=0.0, le=0.01)] = 0.00002  # both sides pay the mark-up
    borrow_equity_daily_frac: Annotated[float, Meta(ge=0.0, le=0.01)] = 0.00001  # shorts pay
    seed: Annotated[int, Meta(ge=0)] = 7


class VenueConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may rest at the venue (Spec 5.1, design/venues.md)."""

    stop_order: Literal["stop_market", "stop_limit"] = "stop_market"
    backstop: bool = False  # a second, wider stop-market behind a stop-limit (D15)
    amend_stop: Literal["modify", "replace"] = "modify"  # replace: the successor rests before its predecessor goes
