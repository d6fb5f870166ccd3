"""The verdict: what passes, what does not, and that the sentence flatters nobody."""

import pytest

from research.monte_carlo.interval import Share, share_of
from research.monte_carlo.summary import Percentiles, Summary
from research.monte_carlo.verdict import judge


def summary(ruin: Share, median: float = 0.3, drawdown: float = 0.2, loss: float = 0.1) -> Summary:
    return Summary(
        percentiles={
            "final_return_frac": Percentiles(p05=-0.1, p50=median, p95=0.9),
            "max_drawdown_frac": Percentiles(p05=0.05, p50=0.1, p95=drawdown),
        },
        loss_frac=loss,
        unrecovered_frac=0.9,
        ruin=ruin,
        milestones=(),
        income=(),
    )


NONE, SOME, MANY = share_of(0, 10_000), share_of(180, 10_000), share_of(900, 10_000)


def judged(resample: Summary, block: Summary, *, reorder: Share = NONE, trades: int = 100, complete: bool = True):
    methods = {"reorder": summary(reorder), "resample": resample, "block": block}
    return judge(methods, trades=trades, years=3.0, complete=complete)


def test_ruin_passes_only_when_the_upper_limit_is_under_two_per_cent() -> None:
    assert judged(summary(NONE), summary(NONE)).passed
    near = judged(summary(SOME), summary(NONE))  # 1.8 % of paths, up to 2.08 %
    assert SOME.frac < 0.02 < SOME.ci_high
    assert not near.passed
    assert near.reasons == ("ruin probability up to 2.08 % (resample), must be under 2 %",)


@pytest.mark.parametrize("worse", ["resample", "block"])
def test_ruin_is_judged_on_the_worse_of_resample_and_block(worse: str) -> None:
    pair = {"resample": summary(NONE), "block": summary(NONE)} | {worse: summary(MANY)}
    found = judged(**pair)
    assert (found.passed, found.method, found.observed_frac) == (False, worse, MANY.ci_high)


def test_ruin_of_reordering_is_not_judged() -> None:
    assert judged(summary(NONE), summary(NONE), reorder=MANY).passed


def test_few_trades_and_partial_runs_never_pass() -> None:
    few = judged(summary(NONE), summary(NONE), trades=29)
    assert not few.passed
    assert few.sentence.startswith("Unreliable, too few trades. ")
    part = judged(summary(NONE), summary(NONE), complete=False)
    assert not part.passed
    assert part.sentence.startswith("Partial run. ")
    assert judged(summary(NONE), summary(NONE), trades=30).passed


def test_losing_with_little_ruin_begins_with_the_loss() -> None:
    found = judged(summary(NONE, median=-0.026, loss=0.61), summary(NONE))
    assert found.passed
    assert not found.earns
    assert found.sentence.startswith("Loses money: the median path loses 2.6 % in 3.0 years and 61 % of paths lose")


def test_sentence_takes_the_poorer_median_and_the_worst_drawdown() -> None:
    found = judged(summary(NONE, median=0.3), summary(NONE, median=0.12, drawdown=0.4))
    assert "the median path makes 12.0 % in 3.0 years" in found.sentence
    assert found.sentence.endswith("plan for a drawdown of 40.0 %.")
    assert (found.planning_drawdown_frac, found.planning_method) == (0.4, "block")


def test_sentence_of_likely_ruin_says_so_first() -> None:
    assert judged(summary(MANY), summary(NONE)).sentence.startswith("Too risky: ruin is too likely (up to 9.58 %")
