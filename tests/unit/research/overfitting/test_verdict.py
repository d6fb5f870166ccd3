import math
import subprocess
import sys
import time

import msgspec
import numpy as np
import pytest

from errors import DataError
from research import metrics
from research.overfitting.search_statistics import SearchStatistics
from research.overfitting.verdict import judge_search
from tests.conftest import ROOT


def noise(seed: int, days: int = 500, trials: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (days, trials))


def best_of(returns: np.ndarray) -> int:
    return int(np.argmax(returns.mean(axis=0) / returns.std(axis=0)))


def test_the_best_of_noise_looks_like_luck() -> None:
    returns = noise(1)
    found = judge_search(returns, best_of(returns), 365, seed=1)
    assert found.verdict == "luck"
    assert found.summary == (
        f"Best of 60 trials (about {found.effective_trials:.0f} independent): Sharpe {found.sharpe:.2f} where luck "
        f"alone would be expected to show {found.expected_max_sharpe:.2f}; deflated Sharpe probability "
        f"{100 * (found.deflated_sharpe or 0):.0f} %, overfitting probability "
        f"{100 * (found.overfitting_probability or 0):.0f} %, SPA p = {found.spa_p:.2f}: this is what luck looks like."
    )
    assert found.sharpe == metrics.sharpe(returns[:, found.chosen], 365)
    assert found.probabilistic_sharpe is not None
    assert found.deflated_sharpe is not None
    assert found.probabilistic_sharpe > 0.9 > found.deflated_sharpe  # what deflating is for


def test_noise_is_hardly_ever_called_better_than_luck() -> None:
    verdicts = []
    for seed in range(40):
        returns = noise(seed, days=120, trials=20)
        verdicts.append(judge_search(returns, best_of(returns), 365, seed=1).verdict)
    assert verdicts.count("better than luck") <= 1
    assert verdicts.count("luck") >= 25


def test_a_true_winner_is_better_than_luck() -> None:
    returns = noise(2)
    returns[:, 9] += 0.004
    found = judge_search(returns, 9, 365, seed=1)
    assert found.verdict == "better than luck"
    assert "deflated Sharpe probability > 99 %, overfitting probability < 1 %, SPA p = 0.001" in found.summary
    assert found.summary.endswith(": luck alone does not explain this.")
    assert found.why_not_judged == ""


def test_another_than_the_best_is_named_so_and_its_own_sharpe_judged() -> None:
    returns = noise(3)
    returns[:, 9] += 0.004
    found = judge_search(returns, 10, 365, seed=1)
    assert found.summary.startswith("Chosen one, not the best, of 60 trials")
    assert found.verdict == "doubtful"
    assert found.summary.endswith(": doubtful: the deflated Sharpe probability is under 95 %.")
    assert not found.chosen_is_best


def test_trials_all_equally_good_leave_the_choice_doubtful() -> None:
    rng = np.random.default_rng(4)
    returns = rng.normal(0.003, 0.01, (500, 1)) + rng.normal(0.0, 0.0005, (500, 40))
    found = judge_search(returns, best_of(returns), 365, seed=1)
    assert found.verdict == "doubtful"
    assert "the overfitting probability is over 20 %" in found.summary


def test_many_copies_of_few_ideas_count_as_few() -> None:
    returns = np.repeat(noise(5, trials=6), 30, axis=1)
    found = judge_search(returns, best_of(returns), 365, seed=1)
    assert found.effective_trials == pytest.approx(6, rel=0.15)
    assert f"of 180 trials (about {found.effective_trials:.0f} independent)" in found.summary
    assert found.expected_max_sharpe == pytest.approx(1.267 * math.sqrt(365 / 499), rel=0.05)  # best of 6, not of 180


def test_neighbours_cannot_talk_the_bar_down() -> None:
    """A small spread between trials that share their luck does not also lower what a single one may show by luck."""
    rng = np.random.default_rng(6)
    returns = math.sqrt(0.95) * rng.normal(0, 0.01, (500, 1)) + math.sqrt(0.05) * noise(6, trials=200)
    found = judge_search(returns, best_of(returns), 365, seed=1)
    assert found.expected_max_sharpe == pytest.approx(found.expected_max_sharpe_raw, rel=0.2)


NOTHING = ("sharpe", "effective_trials", "deflated_sharpe", "overfitting_probability", "spa_p", "expected_max_sharpe")


@pytest.mark.parametrize(
    ("returns", "why"),
    [
        (noise(7)[:59], "59 days are too few, 60 needed"),
        (np.zeros((200, 3)), "the chosen trial has no variance (it never traded?) or a day without a return"),
        (np.full((200, 3), math.nan), "the chosen trial has no variance (it never traded?) or a day without a return"),
        (np.zeros((0, 4)), "0 days are too few, 60 needed"),
    ],
    ids=["short", "flat", "ruined", "no-days"],
)
def test_what_cannot_be_measured_is_not_judged_and_says_so(returns: np.ndarray, why: str) -> None:
    found = judge_search(returns, 1, 365, seed=1)
    assert found.verdict == "not judged"
    assert found.why_not_judged == why
    assert found.summary.endswith(f": not judged, which is no pass: {why}.")
    assert [getattr(found, name) for name in NOTHING] == [None] * len(NOTHING)


def test_a_single_trial_is_no_search_and_no_pass() -> None:
    found = judge_search(noise(8, trials=1) + 0.004, 0, 365, seed=1)
    assert found.verdict == "not judged"
    assert found.summary.startswith("A single trial: Sharpe ")
    assert found.summary.endswith(": not judged, which is no pass: one trial is not a search.")
    assert (found.expected_max_sharpe, found.overfitting_probability) == (0.0, None)
    assert found.deflated_sharpe == found.probabilistic_sharpe


def test_trials_that_cannot_be_measured_are_counted_and_named() -> None:
    returns = noise(9)
    returns[:, 9] += 0.004
    returns[:, 0] = 0.0
    returns[200:, 1] = math.nan
    found = judge_search(returns, 9, 365, seed=1)
    assert (found.trials, found.measured_trials) == (60, 58)
    assert "2 could not be measured" in found.summary
    lonely = judge_search(np.column_stack((returns[:, 9], np.zeros(500))), 0, 365, seed=1)
    assert lonely.summary.endswith("not judged, which is no pass: there is no second trial that could be measured.")


def test_beating_cash_is_not_beating_the_market() -> None:
    market = np.random.default_rng(10).normal(0.004, 0.01, 500)
    returns = market[:, None] * 0.5 + noise(10) * 0.2
    found = judge_search(returns, best_of(returns), 365, seed=1, benchmark_returns=market)
    assert found.spa_p is not None
    assert found.spa_p_benchmark is not None
    assert found.spa_p < 0.01
    assert found.spa_p_benchmark > 0.5
    assert judge_search(returns, 0, 365, seed=1).spa_p_benchmark is None


def test_a_search_that_only_holds_the_market_has_no_second_p() -> None:
    market = noise(11, trials=1)
    found = judge_search(np.hstack((market, market)), 0, 365, seed=1, benchmark_returns=market[:, 0])
    assert found.spa_p_benchmark is None


def test_same_seed_same_bytes_and_json_comes_back() -> None:
    returns = noise(12, trials=20)
    one, same = (msgspec.json.encode(judge_search(returns, 0, 252, seed=5)) for _ in range(2))
    assert one == same
    assert msgspec.json.decode(one, type=SearchStatistics) == judge_search(returns, 0, 252, seed=5)
    assert judge_search(returns, 0, 252, seed=6).spa_p != judge_search(returns, 0, 252, seed=5).spa_p


@pytest.mark.parametrize(
    ("returns", "chosen", "annual_days", "benchmark", "message"),
    [
        (noise(1)[0], 0, 365, None, r"shape \(days, trials >= 1\), was \(60,\)"),
        (np.zeros((80, 0)), 0, 365, None, r"was \(80, 0\)"),
        (noise(1), 60, 365, None, r"column in \[0, 60\), was 60"),
        (noise(1), -1, 365, None, "was -1"),
        (noise(1), 0, 360, None, "365 or 252, was 360"),
        (noise(1), 0, 365, np.zeros(499), "500 finite numbers"),
        (noise(1), 0, 365, np.full(500, math.nan), "500 finite numbers"),
    ],
)
def test_input_that_does_not_fit_is_refused(
    returns: np.ndarray, chosen: int, annual_days: int, benchmark: np.ndarray | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        judge_search(returns, chosen, annual_days, 1, benchmark)


def test_a_thousand_trials_of_seven_years_are_judged_in_seconds() -> None:
    returns = noise(13, days=2_500, trials=1_000)
    began = time.process_time()
    found = judge_search(returns, best_of(returns), 365, seed=1)
    assert found.blocks == 16
    assert time.process_time() - began < 30.0  # about 5 on two slow cores


def test_importing_the_package_costs_a_backtest_nothing() -> None:
    code = (
        "import sys, research.overfitting.verdict, research.overfitting.intervals;"
        "print([name for name in ('arch', 'optuna', 'scipy', 'statsmodels') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
