"""What is known about luck in a finished search: one struct that goes into JSON."""

from typing import Literal

import msgspec

type Verdict = Literal["better than luck", "doubtful", "luck", "not judged"]


class SearchStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of `research.overfitting.verdict.judge_search`; None is not known, and never a pass.

    Sharpe ratios are per year, probabilities and p-values in [0, 1], lengths in days.
    """

    verdict: Verdict = "not judged"
    summary: str = ""  # one sentence for people
    why_not_judged: str = ""  # what made the numbers impossible; empty when they were computed

    trials: int  # all that were tried
    measured_trials: int  # those with a return for every day, and variance
    effective_trials: float | None = None  # independent trials that are as lucky as these
    days: int
    annual_days: int
    chosen: int  # column
    chosen_is_best: bool  # no trial has a higher Sharpe ratio

    sharpe: float | None = None  # of the chosen trial
    expected_max_sharpe: float | None = None  # that the best of `effective_trials` worthless ones is expected to show
    expected_max_sharpe_raw: float | None = None  # the same with `trials`, as if all were independent
    probabilistic_sharpe: float | None = None  # probability that the true ratio is above 0, the search ignored
    deflated_sharpe: float | None = None  # above `expected_max_sharpe`
    deflated_sharpe_raw: float | None = None  # above `expected_max_sharpe_raw`
    minimum_track_days: float | None = None  # to be above 0 with 95 %, the search ignored; None also when it never is

    overfitting_probability: float | None = None
    degradation_slope: float | None = None  # Sharpe outside per unit of Sharpe inside
    loss_probability: float | None = None  # that the best of one half loses in the other
    blocks: int | None = None

    spa_p: float | None = None  # Hansen, against cash
    reality_check_p: float | None = None  # White, against cash
    spa_p_benchmark: float | None = None  # Hansen, against the benchmark's returns; None without one
    mean_block_days: float | None = None
    draws: int
    seed: int
