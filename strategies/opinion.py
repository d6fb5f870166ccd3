"""What every strategy's rules answer: a value, never an order."""

import msgspec


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say at one bar close, with every number they looked at (Spec 3.1, 4.2.2)."""

    side: int
    score: int
    close: float
    atr: float
    atr_ratio: float
    rsi: float
    volume: float
    volume_ma: float
    donchian_upper: float
    donchian_lower: float
    htf_trend: int
    bb_lower: float
    bb_mid: float
    bb_upper: float
    atr_baseline: float
    volume_24h: float
    average_daily_volume: float


class Unconfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A breakout that a gate or the score did not confirm, and what was seen: no signal, kept to explain why not."""

    side: int
    seen: dict[str, float]
