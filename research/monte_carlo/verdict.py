"""What the paths mean for an approval, in one sentence (Spec 8.3, D40)."""

from collections.abc import Mapping

import msgspec

from research.monte_carlo.cautions import FEW_TRADES
from research.monte_carlo.summary import Summary
from research.report.numbers import number, percent

RUIN_LIMIT_FRAC = 0.02
JUDGED = ("resample", "block")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether ruin is rare enough to trade live, and what drawdown to plan for.

    Attributes
    ----------
    passed : bool
        The upper confidence limit of the ruin probability, in the worse of resample and block, is under 2 %, from at
        least 30 trades of a complete run. Of profit it says nothing.
    observed_frac : float
        That upper limit.
    earns : bool
        The median path of resample and of block makes money.
    planning_drawdown_frac : float
        The largest of the three methods' 95th percentiles of the maximum drawdown; ``planning_method`` has it.
    """

    passed: bool
    limit_frac: float
    observed_frac: float
    method: str
    reasons: tuple[str, ...]
    earns: bool
    planning_drawdown_frac: float
    planning_method: str
    sentence: str


def judge(methods: Mapping[str, Summary], *, trades: int, years: float, complete: bool) -> Verdict:
    """Return the verdict; what cannot be judged does not pass."""
    worse = max(JUDGED, key=lambda name: methods[name].ruin.ci_high)
    observed = methods[worse].ruin.ci_high
    planning = max(methods, key=lambda name: planning_drawdown(methods[name]))
    planning_frac = planning_drawdown(methods[planning])
    reasons = _reasons(observed, worse, trades, complete)
    return Verdict(
        passed=not reasons,
        limit_frac=RUIN_LIMIT_FRAC,
        observed_frac=observed,
        method=worse,
        reasons=tuple(reasons),
        earns=median_return(methods[poorer_of(methods)]) > 0.0,
        planning_drawdown_frac=planning_frac,
        planning_method=planning,
        sentence=_sentence(methods, worse, trades=trades, years=years, complete=complete, planning_frac=planning_frac),
    )


def planning_drawdown(summary: Summary) -> float:
    """Return the 95th percentile of the maximum drawdown, a fraction (Spec 3.6)."""
    found = summary.percentiles["max_drawdown_frac"].p95
    return 0.0 if found is None else found


def poorer_of(methods: Mapping[str, Summary]) -> str:
    """Return which of resample and block has the poorer median path."""
    return min(JUDGED, key=lambda name: median_return(methods[name]))


def median_return(summary: Summary) -> float:
    """Return the median of the final returns, a fraction."""
    found = summary.percentiles["final_return_frac"].p50
    return -1.0 if found is None else found


def _reasons(observed: float, worse: str, trades: int, complete: bool) -> list[str]:
    found = []
    if not observed < RUIN_LIMIT_FRAC:
        found.append(
            f"ruin probability up to {percent(observed, 2)} ({worse}), must be under {percent(RUIN_LIMIT_FRAC, 0)}"
        )
    if trades < FEW_TRADES:
        found.append(f"unreliable: {trades} trades, at least {FEW_TRADES} are needed to judge")
    if not complete:
        found.append("partial run: not judged")
    return found


def _sentence(
    methods: Mapping[str, Summary], worse: str, *, trades: int, years: float, complete: bool, planning_frac: float
) -> str:
    poorer = methods[poorer_of(methods)]
    median, high = median_return(poorer), methods[worse].ruin.ci_high
    marks = ("Unreliable, too few trades. " if trades < FEW_TRADES else "") + ("" if complete else "Partial run. ")
    result = (
        f"the median path {'makes' if median > 0.0 else 'loses'} {percent(abs(median))} in {number(years, 1)} years "
        f"and {percent(poorer.loss_frac, 0)} of paths lose money"
    )
    ruin = (
        f"ruin is {'rare' if high < RUIN_LIMIT_FRAC else 'too likely'} (up to {percent(high, 2)} of paths, limit 2 %)"
    )
    if high < RUIN_LIMIT_FRAC and median <= 0.0:
        opening = f"Loses money: {result}; {ruin}"
    else:
        opening = f"{'Too risky: ' if high >= RUIN_LIMIT_FRAC else ''}{ruin}; {result}"
    return f"{marks}{opening[0].upper()}{opening[1:]}; plan for a drawdown of {percent(planning_frac)}."
