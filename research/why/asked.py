"""The risk rules of one decision, in the order of ``risk.review``: passed, refused, or not asked any more."""

import math
from functools import cache
from typing import Literal

import msgspec

from configs.run import RunConfig
from research.why.history import Answer
from research.why.wording import Bound, asked_as, wording_of
from risk.book import Book
from risk.breakers.catalogue import HALTS, checks
from risk.breakers.state import limits_record, new_state
from risk.config import RiskConfig
from risk.messages import Check, Market, Signal
from risk.review import candidate_of, review

type State = Literal["passed", "refused", "not asked"]

BREAKERS = {breaker.name for breaker in HALTS}
UNORDERED = ("memory", "exception")  # what refuses outside the review


class RiskRule(msgspec.Struct, frozen=True, kw_only=True):
    """One risk rule of one decision; numbers are NaN where nothing was observed.

    Attributes
    ----------
    headroom : float
        How far ``observed`` was from the limit, in its unit; negative beyond it.
    """

    rule: str
    state: State
    unit: str
    bound: str
    source: str
    limit: float = math.nan
    observed: float = math.nan
    headroom: float = math.nan
    note: str = ""


def risk_rules(answer: Answer, config: RunConfig | None) -> tuple[RiskRule, ...]:
    """Return what was asked, in order, and behind it what was not."""
    asked = answer.checks or (() if answer.approved else (answer.refusal,))
    rows = [rule_of(check) for check in asked]
    if answer.approved or (answer.rule in UNORDERED):
        return tuple(rows)
    seen = {asked_as(check.rule) for check in asked}
    on = config is None or config.risk.breakers
    last = max((order().index(name) for name in seen if name in order()), default=-1)
    left = [name for name in order()[last + 1 :] if on or name not in BREAKERS]
    return tuple(rows + [_not_asked(name) for name in left])


def rule_of(check: Check) -> RiskRule:
    """Return one check with its unit and headroom."""
    words = wording_of(check.rule)
    way = check.observed - check.limit if words.bound is Bound.AT_LEAST else check.limit - check.observed
    return RiskRule(
        rule=check.rule,
        state="passed" if check.passed else "refused",
        unit=words.unit,
        bound=words.bound,
        source=words.source,
        limit=check.limit,
        observed=check.observed,
        headroom=way,
        note=check.note,
    )


def _not_asked(name: str) -> RiskRule:
    words = wording_of(name)
    return RiskRule(rule=name, state="not asked", unit=words.unit, bound=words.bound, source=words.source)


@cache
def order() -> tuple[str, ...]:
    """Return the names of all rules in the order in which ``risk.review`` asks them: it is asked itself.

    A made-up entry that nothing speaks against is put through it.
    """
    market = Market(
        instrument_id="X", asset_class="crypto", tick=0.01, lot=1e-6, min_quantity=0.0, min_notional=0.0,
        multiplier=1.0, allow_short=True, real_volume=True, continuous=True,
    )  # fmt: skip
    plan = {"entry": 100.0, "stop": 99.0, "tp1": 102.0, "tp2": 104.0}
    texts = dict.fromkeys(("signal_id", "config_hash", "instrument_id", "strategy", "timeframe"), "X")
    whole = dict.fromkeys(("side", "score", "htf_trend", "ts_ns"), 1)
    numbers = dict.fromkeys(Signal.__struct_fields__, 1.0) | {"volume_24h": 1e9, "average_daily_volume": 1e9}
    signal = Signal(**numbers | plan | texts | whole)  # type: ignore[arg-type]
    config = RiskConfig()
    breakers = checks(new_state(), limits_record(config.breaker_limits, every_day=True))
    book = Book(ts_ns=1, equity=10_000.0, open_risk=0.0, reserved_risk=0.0, breakers=breakers)
    return tuple(check.rule for check in review(candidate_of(signal, market, 1.0), book, config).checks)
