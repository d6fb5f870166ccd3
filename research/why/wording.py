"""What each risk rule asks, in words: the unit of its numbers, the side they must stay on, why it says no."""

from enum import StrEnum

import msgspec

UNKNOWN = "unknown_"


class Unit(StrEnum):
    """What the numbers of a rule are."""

    FRAC = "fraction"
    MONEY = "account currency"
    RISK = "risk, account currency"
    QUOTE = "quote currency"
    COUNT = "count"
    MULTIPLE = "multiple"
    NUMBER = "number"
    QUANTITY = "quantity"
    SECS = "seconds"
    HOURS = "hours"
    SWITCH = "0 is off"
    FAULT = "0 is no fault"
    SIDE = "+1 long, -1 short"


class Bound(StrEnum):
    """Where ``observed`` must be for an entry to pass."""

    BELOW = "below"
    AT_MOST = "at most"
    AT_LEAST = "at least"


class Wording(msgspec.Struct, frozen=True):
    """One rule in words; ``refused`` may name ``{observed}``, ``{limit}`` and ``{note}``."""

    unit: Unit
    bound: Bound
    source: str
    refused: str


WORDINGS = {
    "shared_ledger": Wording(
        Unit.FAULT, Bound.AT_MOST, "D19, D32", "the ledger that processes share cannot be used: {note}"
    ),
    "kill_switch": Wording(Unit.SWITCH, Bound.AT_MOST, "Spec 5.5, D31", "an operator has stopped all entries"),
    "drawdown": Wording(
        Unit.FRAC, Bound.BELOW, "Spec 5.5, D29", "equity fell {observed} below its peak, the limit is {limit}"
    ),
    "suspension": Wording(
        Unit.COUNT, Bound.BELOW, "Spec 5.4, D25", "{observed} days in a row reached the daily loss, {limit} suspend"
    ),
    "weekly_loss": Wording(
        Unit.FRAC, Bound.BELOW, "Spec 5.5, D26", "the week had lost {observed}, the limit is {limit}"
    ),
    "daily_loss": Wording(Unit.FRAC, Bound.BELOW, "Spec 5.4, D25", "the day had lost {observed}, the limit is {limit}"),
    "api_errors": Wording(
        Unit.FRAC, Bound.AT_MOST, "Spec 5.5, D27", "{observed} of the venue's answers were errors, the limit is {limit}"
    ),
    "slippage": Wording(
        Unit.MULTIPLE,
        Bound.AT_MOST,
        "Spec 7.2, D28",
        "a fill slipped {observed} the expected amount (one above {limit} halts, or a row of alerts)",
    ),
    "known_numbers": Wording(Unit.FAULT, Bound.AT_MOST, "D32", "a number that the gate needs is not known"),
    "stale_data": Wording(
        Unit.SECS, Bound.AT_MOST, "Spec 4.2.1, D32", "data was missing or old for {observed}, at most {limit} may be"
    ),
    "review_required": Wording(
        Unit.MONEY, Bound.AT_MOST, "Spec 11.3, D23", "equity of {observed} is above {limit}: review the strategy first"
    ),
    "short_selling": Wording(Unit.SIDE, Bound.AT_LEAST, "D18", "this market cannot be sold short"),
    "reward_to_risk": Wording(
        Unit.MULTIPLE,
        Bound.AT_LEAST,
        "Spec 2.6, D13",
        "the first target is {observed} as far away as the stop, at least {limit} it must be",
    ),
    "spread": Wording(
        Unit.MULTIPLE,
        Bound.AT_MOST,
        "Spec 7.2, D33",
        "the spread is {observed} its hourly mean, at most {limit} may be",
    ),
    "unknown_spread": Wording(
        Unit.MULTIPLE, Bound.AT_MOST, "D32, D33", "the spread, or its mean over the last hour, is not known"
    ),
    "one_position": Wording(
        Unit.COUNT, Bound.BELOW, "D15d", "the strategy holds this instrument already, or is entering it"
    ),
    "max_positions": Wording(
        Unit.COUNT, Bound.BELOW, "Spec 2.6, D20", "{observed} positions are open or working, {limit} are allowed"
    ),
    "asset_class_positions": Wording(
        Unit.COUNT, Bound.BELOW, "Spec 5.6, D20", "{observed} of class {note} open or working, {limit} allowed"
    ),
    "trades_per_day": Wording(
        Unit.COUNT, Bound.BELOW, "Spec 2.6", "{observed} trades opened today or working, {limit} are allowed"
    ),
    "correlation": Wording(
        Unit.NUMBER, Bound.AT_MOST, "Spec 5.6, D16", "correlated {observed} with {note}, at most {limit} may be"
    ),
    "unknown_correlation": Wording(
        Unit.HOURS,
        Bound.AT_LEAST,
        "Spec 5.6, D16",
        "only {observed} in common with {note}, {limit} are needed: the pair counts as correlated",
    ),
    "minimum_quantity": Wording(
        Unit.QUANTITY, Bound.AT_LEAST, "Spec 7.4, D18", "sized to {observed}, the venue takes no less than {limit}"
    ),
    "minimum_notional": Wording(
        Unit.QUOTE, Bound.AT_LEAST, "Spec 7.4, D18", "worth {observed}, the venue takes no less than {limit}"
    ),
    "heat_share": Wording(
        Unit.RISK, Bound.AT_MOST, "Spec 5.6, D21", "its risk of {observed} is above one position's share, {limit}"
    ),
    "portfolio_heat": Wording(
        Unit.RISK, Bound.AT_MOST, "Spec 2.6, D19", "all stops together would lose {observed}, the budget is {limit}"
    ),
    "loss_streak": Wording(
        Unit.COUNT, Bound.BELOW, "Spec 5.5, D30", "{observed} losses in a row, {limit} halve the size"
    ),
    "memory": Wording(Unit.FAULT, Bound.AT_MOST, "D32", "the approval could not be written down: {note}"),
    "exception": Wording(Unit.NUMBER, Bound.AT_MOST, "D32", "a rule failed: {note}"),
}

SIZED_BY = {
    "risk": "the risk per trade (Spec 2.5, D17)",
    "leverage": "the leverage cap (Spec 2.5, D18)",
    "volume_24h": "the share of 24 h volume (Spec 7.4, D18)",
    "average_daily_volume": "the share of average daily volume (Spec 11.3, D18)",
}


def wording_of(rule: str) -> Wording:
    """Return the words of a rule; of one that is not known here plain numbers.

    >>> wording_of("unknown_conversion_rate").refused
    'conversion rate is not known, or not above 0: {observed}'
    """
    if rule in WORDINGS:
        return WORDINGS[rule]
    if rule.startswith(UNKNOWN):
        name = rule.removeprefix(UNKNOWN).replace("_", " ")
        return Wording(Unit.NUMBER, Bound.AT_LEAST, "D32", f"{name} is not known, or not above 0: {{observed}}")
    return Wording(Unit.NUMBER, Bound.AT_MOST, "", "observed {observed}, limit {limit}")


def asked_as(rule: str) -> str:
    """Return the place of a rule among those that are asked: some refuse under a name that says more.

    >>> asked_as("unknown_equity"), asked_as("unknown_spread"), asked_as("drawdown")
    ('known_numbers', 'spread', 'drawdown')
    """
    if not rule.startswith(UNKNOWN):
        return rule
    bare = rule.removeprefix(UNKNOWN)
    return bare if bare in WORDINGS else "known_numbers"
