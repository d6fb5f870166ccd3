"""The strategy's rules of one breakout, asked again: the compiled gates themselves, on the numbers in the journal."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeGuard

import msgspec

from compiled import Records, record_of
from configs.run import RunConfig
from risk.messages import NearSignal, Signal
from strategies.breakout.breakout import BreakoutRules, parameter_record
from strategies.breakout.config import BreakoutConfig
from strategies.breakout.rules import OPINION, gates

# The rules in the order of the specification, and where what they look at stands.
SEEN_IN = {
    "breakout": "close",
    "trend": "htf_trend",
    "volume": "volume",
    "atr_band": "atr_ratio",
    "rsi_band": "rsi",
    "score": "score",
}


class StrategyRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the strategy and what it saw.

    Attributes
    ----------
    required : bool, optional
        Whether a signal needs it; a rule that is not required only adds to the score. None: configuration unknown.
    passed : bool, optional
    observed : float
    at_least, at_most : float, optional
        The limits, in units of ``observed``. ``strict``: observed must lie beyond, not at, the limit.
    mean : float, optional
        Of the volume: what the limit is a multiple of.
    """

    rule: str
    observed: float
    required: bool | None = None
    passed: bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    strict: bool = False
    mean: float | None = None

    @property
    def refuses(self) -> bool:
        """Return whether this rule alone is enough to make no signal of the breakout."""
        return self.required is True and self.passed is False


def rules_of(found: Signal | NearSignal, config: RunConfig | None) -> tuple[StrategyRule, ...]:
    """Return the strategy's rules in the order of the specification, with the limits of the configuration.

    Without a configuration, or for a strategy that is none of ours, only what was seen.
    """
    seen = _seen(found)
    bare = [_bare(name, found.side, seen) for name in SEEN_IN]
    if not _is_known(config, found):
        return tuple(bare)
    passed = _passed(found.side, seen, config)
    return tuple(
        msgspec.structs.replace(
            one,
            required=_is_required(one.rule, config),
            passed=passed[one.rule],
            **_bounds(one.rule, found.side, seen, config),
        )
        for one in bare
    )


def refusing(found: Signal | NearSignal, config: RunConfig | None) -> tuple[str, ...]:
    """Return the names of the rules that make no signal of a breakout; none without a configuration."""
    if not _is_known(config, found):
        return ()
    passed = _passed(found.side, _seen(found), config)
    return tuple(name for name, ok in passed.items() if not ok and _is_required(name, config))


def _is_known(config: RunConfig | None, found: Signal | NearSignal) -> TypeGuard[RunConfig]:
    return config is not None and found.strategy == BreakoutRules.name


def _passed(side: int, seen: Mapping[str, float], config: RunConfig) -> dict[str, bool]:
    """Ask the compiled gates, and what brought them up: without a breakout nothing is in the journal."""
    parameters = _parameters(config.strategy, config.timeframe.htf_ns)
    trend, volume, atr_band, rsi_band = gates(parameters, side, record_of(OPINION, dict(seen)))
    return {
        "breakout": side * (seen["close"] - _channel(side, seen)) > 0.0,
        "trend": trend,
        "volume": volume,
        "atr_band": atr_band,
        "rsi_band": rsi_band,
        "score": seen["score"] >= config.strategy.min_score,
    }


def _is_required(rule: str, config: RunConfig) -> bool:
    """Return whether a signal needs a rule; the others only add to the score (D9)."""
    return config.strategy.require_volume if rule == "volume" else rule != "rsi_band"


@lru_cache(maxsize=8)
def _parameters(config: BreakoutConfig, htf_ns: int) -> Records:
    return parameter_record(config, htf_ns=htf_ns, max_gap_ns=0)  # no gate looks at gaps


def _seen(found: Signal | NearSignal) -> dict[str, float]:
    values = msgspec.structs.asdict(found) if isinstance(found, Signal) else found.seen
    seen = {name: float(values.get(name, math.nan)) for name in OPINION.names or ()}
    for name in ("score", "htf_trend"):  # a record's whole numbers know no NaN; 0 speaks for neither side
        seen[name] = seen[name] if math.isfinite(seen[name]) else 0.0
    return seen


def _channel(side: int, seen: Mapping[str, float]) -> float:
    return seen["donchian_upper"] if side > 0 else seen["donchian_lower"]


def _bare(rule: str, side: int, seen: Mapping[str, float]) -> StrategyRule:
    """Return a rule with what it saw and, of a breakout, the channel: that needs no configuration."""
    found = StrategyRule(rule=rule, observed=seen[SEEN_IN[rule]])
    if rule == "volume":
        return msgspec.structs.replace(found, mean=seen["volume_ma"])
    if rule != "breakout":
        return found
    low, high = (_channel(side, seen), None) if side > 0 else (None, _channel(side, seen))
    return msgspec.structs.replace(found, at_least=low, at_most=high, strict=True)


def _bounds(rule: str, side: int, seen: Mapping[str, float], config: RunConfig) -> dict[str, Any]:
    """Return the limits that the configuration sets to one rule (Spec 2.3, 3.2; D9)."""
    p = config.strategy
    match rule:
        case "trend":
            return {"at_least": 1.0} if side > 0 else {"at_most": -1.0}
        case "volume":
            return {"at_least": p.volume_multiple * seen["volume_ma"], "strict": True}
        case "atr_band":
            return {"at_least": p.atr_ratio_min_frac, "at_most": p.atr_ratio_max_frac}
        case "rsi_band":
            low, high = p.rsi_long_min, p.rsi_long_max
            band = (low, high) if side > 0 else (100.0 - high, 100.0 - low)
            return {"at_least": band[0], "at_most": band[1]}
        case "score":
            return {"at_least": float(p.min_score)}
    return {}
