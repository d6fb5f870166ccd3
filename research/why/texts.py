"""Numbers and rules as a reader sees them: shares in per cent, money with its currency, times UTC to the minute."""

import math
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from research.report.numbers import compact, duration, money, number, percent, price, stamp
from research.why.asked import RiskRule
from research.why.gates import StrategyRule
from research.why.wording import Bound, Unit, wording_of
from risk.messages import Check

NS = 1_000_000_000
NONE = "–"
MAX_EXTRA = 7
SIGNS = {Bound.BELOW: "<", Bound.AT_MOST: "≤", Bound.AT_LEAST: "≥"}
STATES = {  # what 0, +1 and -1 mean
    Unit.SWITCH: ("off", "on", "on"),
    Unit.FAULT: ("none", "fault", "fault"),
    Unit.SIDE: ("flat", "long", "short"),
}


class Account(NamedTuple):
    """What money is counted in, and what the account was worth; NaN when that does not matter."""

    currency: str = ""
    equity: float = math.nan


def clock(ts_ns: int) -> str:
    """Return a moment in UTC to the minute.

    >>> clock(1_704_067_259_000_000_000)
    '2024-01-01 00:00'
    """
    return stamp(datetime.fromtimestamp(ts_ns // NS, UTC))


def lasted(length_ns: int) -> str:
    """Return a length of time; under a minute in seconds.

    >>> lasted(15 * NS), lasted(900 * NS)
    ('15 s', '15 min')
    """
    secs = round(length_ns / NS)
    return f"{secs} s" if secs < 60 else duration(secs / 3600.0)


def side_of(side: int) -> str:
    """Return long or short."""
    return "long" if side > 0 else "short"


def amount(value: float, account: Account, extra: int = 0, *, plus: bool = False) -> str:
    """Return account money with its currency, with ``extra`` decimals.

    >>> amount(-1234.5, Account("USDT"))
    '−1,234.50 USDT'
    """
    text = number(value, 2 + extra, plus) if extra else money(value, plus)
    return f"{text} {account.currency}".rstrip()


def share(value: float, account: Account) -> str:
    """Return money as a share of equity, in brackets; nothing when either is unknown."""
    frac = value / account.equity if account.equity > 0.0 else math.nan
    return f" ({percent(frac, 2)} of equity)" if math.isfinite(frac) else ""


def value_text(unit: str, value: float, account: Account, extra: int = 0) -> str:
    """Return a number of a risk rule in its unit, with ``extra`` decimals; a dash for one that was not observed.

    >>> value_text("fraction", 0.15008, Account()), value_text("fraction", 0.15008, Account(), 1)
    ('15.01 %', '15.008 %')
    """
    if math.isnan(value):
        return NONE
    kind = Unit(unit)
    if kind in STATES:
        return STATES[kind][0 if value == 0.0 else 1 if value > 0.0 else 2]
    text = {
        Unit.FRAC: lambda: percent(value, 2 + extra),
        Unit.MONEY: lambda: amount(value, account, extra),
        Unit.RISK: lambda: amount(value, account, extra) + share(value, account),
        Unit.NUMBER: lambda: number(value, 2 + extra),
        Unit.MULTIPLE: lambda: f"{compact(round(value, 2 + extra))} ×",
        Unit.SECS: lambda: f"{compact(round(value, 2 + extra))} s",
        Unit.HOURS: lambda: f"{compact(value)} hours",
    }.get(kind)
    return text() if text is not None else number(value, 6 + extra) if extra else compact(value)


class RowTexts(NamedTuple):
    """The cells of one risk rule."""

    observed: str
    limit: str
    headroom: str


def row_texts(rule: RiskRule, account: Account) -> RowTexts:
    """Return observed value, limit and headroom of a rule that was asked; money with its currency at the limit only."""
    unit = Unit(rule.unit)
    if unit in STATES:
        limit = value_text(unit, rule.limit, account)
        allowed = {"short": "long or short", "flat": "long only"}.get(limit, limit)
        return RowTexts(value_text(unit, rule.observed, account), allowed, NONE)
    extra = _extra(unit, rule.observed, rule.limit, account)
    bare, named = Account(), Account(account.currency)
    limit = value_text(unit, rule.limit, named, extra)
    return RowTexts(
        observed=value_text(unit, rule.observed, bare, extra),
        limit=limit if limit == NONE else f"{SIGNS[Bound(rule.bound)]} {limit}",
        headroom=value_text(unit, rule.headroom, bare, extra),
    )


def apart(rule: str, observed: float, limit: float, account: Account) -> tuple[str, str]:
    """Return observed value and limit of a risk rule, with as few decimals as tell them apart.

    >>> apart("daily_loss", 0.03003, 0.03, Account())
    ('3.003 %', '3.000 %')
    """
    unit = wording_of(rule).unit
    extra = _extra(unit, observed, limit, account)
    return value_text(unit, observed, account, extra), value_text(unit, limit, account, extra)


def _extra(unit: str, one: float, other: float, account: Account) -> int:
    for extra in range(MAX_EXTRA):
        if value_text(unit, one, account, extra) != value_text(unit, other, account, extra):
            return extra
    return 0


def refusal_text(check: Check, account: Account) -> str:
    """Return why a risk rule said no, as half a sentence.

    >>> refusal_text(Check("correlation", False, 0.75, 0.8829, "BTC.X"), Account())
    'correlated 0.88 with BTC.X, at most 0.75 may be (Spec 5.6, D16)'
    """
    words = wording_of(check.rule)
    observed, limit = apart(check.rule, check.observed, check.limit, account)
    said = words.refused.format(observed=observed, limit=limit, note=check.note or "?")
    return f"{said} ({words.source})" if words.source else said


def seen_text(rule: StrategyRule) -> str:
    """Return what a rule of the strategy saw, with as many decimals as tell it apart from its limits."""
    value = rule.observed
    match rule.rule:
        case "trend":
            return "up" if value > 0 else "down" if value < 0 else "unknown"
        case "volume":
            mean = rule.mean if rule.mean is not None and rule.mean > 0.0 else math.nan
            least = rule.at_least / mean if rule.at_least is not None else None
            return f"{compact(value)} = {number(value / mean, _decimals(value / mean, 2, least))} × its mean"
        case "atr_band":
            digits = _decimals(100.0 * value, 2, *(100.0 * one for one in _limits(rule)))
            return f"{percent(value, digits)} of price"
        case "rsi_band":
            return number(value, _decimals(value, 1, *_limits(rule)))
        case "score":
            return compact(value)
    return price(value)


def _limits(rule: StrategyRule) -> list[float]:
    return [one for one in (rule.at_least, rule.at_most) if one is not None]


def _decimals(value: float, least: int, *limits: float | None) -> int:
    """Return the decimals with which a value does not look like a limit that it is not at."""
    others = [one for one in limits if one is not None and one != value]
    for digits in range(least, least + MAX_EXTRA):
        if all(number(value, digits) != number(one, digits) for one in others):
            return digits
    return least


def needs_text(rule: StrategyRule) -> str:
    """Return what a rule of the strategy asks for; empty when the configuration is not known."""
    low, high = rule.at_least, rule.at_most
    if low is None and high is None:
        return ""
    if low is None:
        return "down" if rule.rule == "trend" else f"below {price(high)}, the channel"
    match rule.rule:
        case "trend":
            return "up"
        case "volume":
            return f"above {compact(low)}, {number(low / rule.mean if rule.mean else None)} × its mean"
        case "atr_band" | "rsi_band":
            text = partial(percent, digits=2) if rule.rule == "atr_band" else compact
            return f"{text(low)} to {text(high)}"
    return f"at least {compact(low)}" if rule.rule == "score" else f"above {price(low)}, the channel"


def failed_text(rule: StrategyRule) -> str:
    """Return why a rule of the strategy made no signal, as half a sentence."""
    return f"{rule.rule} {seen_text(rule)}, needs {needs_text(rule)}"
