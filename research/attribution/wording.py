"""Findings in plain words."""

from research.attribution.bucket import FEW_TRADES, Bucket

LUCK = "luck alone shows something as extreme somewhere in"


def in_r(value: float | None) -> str:
    """Return an expectancy: ``+0.12 R``, or ``n/a``.

    >>> in_r(-0.123), in_r(0.001), in_r(None)
    ('-0.12 R', '0.00 R', 'n/a')
    """
    if value is None:
        return "n/a"
    text = f"{value:+.2f}"
    return f"{text.lstrip('+-') if float(text) == 0.0 else text} R"


def range_r(bucket: Bucket) -> str:
    """Return the expectancy of a group with its interval and size."""
    interval = "too few periods for an interval"
    if bucket.low_r is not None:
        interval = f"90 % interval {in_r(bucket.low_r)} to {in_r(bucket.high_r)}"
    return f"{in_r(bucket.expectancy_r)} a trade over {bucket.trades:,} trades ({interval})"


def avoid_sentence(condition: str, inside: Bucket, outside: Bucket, p_adjusted: float) -> str:
    """Return a deployment constraint: do not enter while a condition holds."""
    return (
        f"Do not enter when {condition}: {range_r(inside)}, against {in_r(outside.expectancy_r)} otherwise; "
        f"{LUCK} {chance(p_adjusted)} of shufflings."
    )


def only_sentence(condition: str, inside: Bucket, outside: Bucket, p_adjusted: float) -> str:
    """Return a deployment constraint: enter under one condition only."""
    return (
        f"Enter only when {condition}: {range_r(inside)}, against {in_r(outside.expectancy_r)} otherwise; "
        f"{LUCK} {chance(p_adjusted)} of shufflings."
    )


def chance(p_value: float) -> str:
    """Return a p-value in per cent, never 0.

    >>> chance(0.0005), chance(0.0312)
    ('0.05 %', '3.1 %')
    """
    return f"{100.0 * p_value:.2g} %"


def verdict_sentence(verdict: str, overall: Bucket, remaining: Bucket | None, tested: int) -> str:
    """Return what was found, good or bad, in one or two sentences."""
    all_of_it = range_r(overall)
    if verdict == "too few":
        return f"Too few trades to say under which conditions it works: {overall.trades:,}, {FEW_TRADES} are needed."
    if verdict == "works nowhere" and tested == 0:
        return f"It loses, and there are too few trades to look for a condition under which it works: {all_of_it}."
    if verdict == "works nowhere":
        return f"It loses, and no condition was found under which it works ({tested:,} looked at): {all_of_it}."
    begin = {
        "loses": "As a whole it loses",
        "unproven": "As a whole it is not proven to make or to lose money",
        "makes money": "As a whole it makes money",
    }[verdict]
    return f"{begin}: {all_of_it}. {_found(remaining, tested)}"


def _found(remaining: Bucket | None, tested: int) -> str:
    if remaining is None and tested == 0:
        return "There are too few trades to look for a condition under which it stops working."
    if remaining is None:
        return f"No condition was found under which it stops working ({tested:,} looked at)."
    text = f"The trades that the constraints below allow made {range_r(remaining)}"
    if remaining.expectancy_r is None or remaining.expectancy_r <= 0.0:
        return f"{text}: even those do not make money."
    return f"{text}; they were chosen on these very trades, so expect less, and test them on others first."
