"""Against the papers' own examples and against scipy, which knows nothing of this project."""

import doctest
import importlib
import math

import numpy as np
import pytest
from scipy import integrate, stats

from research.overfitting.deflated_sharpe import deflated_sharpe, expected_max_normal, expected_max_sharpe
from research.overfitting.effective_trials import effective_trials
from research.overfitting.sharpe_probability import (
    DailyMoments,
    daily_moments,
    minimum_track_days,
    probabilistic_sharpe,
)

MODULES = ["too_good", "sharpe_probability", "deflated_sharpe", "stationary_bootstrap", "cscv"]
DAY = 1 / math.sqrt(250)  # the 2014 paper counts 250 days a year


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"research.overfitting.{name}"))
    assert (result.failed, result.attempted > 0) == (0, True)


@pytest.mark.parametrize(
    ("skewness", "kurtosis", "expected"), [(-2.448, 10.164, 0.913), (0.0, 3.0, 0.982)], ids=["fat-tails", "normal"]
)
def test_psr_agrees_with_the_fund_of_24_months_in_bailey_2012(
    skewness: float, kurtosis: float, expected: float
) -> None:
    assert probabilistic_sharpe(DailyMoments(24, 0.458, skewness, kurtosis)) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("per_year", "skewness", "kurtosis", "years"),
    [(250, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)],
    ids=["daily", "weekly", "monthly", "monthly-hedge-funds"],
)
def test_track_record_agrees_with_bailey_2012(per_year: int, skewness: float, kurtosis: float, years: float) -> None:
    moments = DailyMoments(0, 2 / math.sqrt(per_year), skewness, kurtosis)
    assert minimum_track_days(moments, 1 / math.sqrt(per_year)) / per_year == pytest.approx(years, abs=5e-3)


@pytest.mark.parametrize(
    ("trials", "skewness", "kurtosis", "expected"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_dsr_agrees_with_bailey_2014(trials: int, skewness: float, kurtosis: float, expected: float) -> None:
    moments = DailyMoments(1250, 2.5 * DAY, skewness, kurtosis)
    assert deflated_sharpe(moments, 0.5 * DAY**2, trials) == pytest.approx(expected, abs=5e-5)


def test_expected_maximum_agrees_with_bailey_2014() -> None:
    assert expected_max_sharpe(0.5 * DAY**2, 100) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize("trials", [5, 10, 100, 1_000, 100_000])
def test_expected_maximum_agrees_with_its_integral(trials: int) -> None:
    def tail(x: float) -> float:
        return float(x * trials * stats.norm.pdf(x) * stats.norm.cdf(x) ** (trials - 1))

    exact = integrate.quad(tail, -12, 12, limit=500)[0]
    assert expected_max_normal(trials) == pytest.approx(exact, rel=0.04)


@pytest.mark.parametrize("trials", [0, 0.5, 1.0])
def test_nothing_chosen_expects_nothing(trials: float) -> None:
    assert expected_max_normal(trials) == 0.0


def test_moments_and_normal_curve_agree_with_scipy() -> None:
    returns = np.random.default_rng(1).standard_t(4, 700) * 0.01 + 0.001
    found = daily_moments(returns)
    assert found.skewness == pytest.approx(stats.skew(returns))
    assert found.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False))
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1))
    error = math.sqrt((1 - found.skewness * found.sharpe + (found.kurtosis - 1) / 4 * found.sharpe**2) / 699)
    assert probabilistic_sharpe(found, 0.02) == pytest.approx(stats.norm.cdf((found.sharpe - 0.02) / error))


def test_minimum_track_record_is_where_the_probability_reaches_the_confidence() -> None:
    returns = np.random.default_rng(2).normal(0.001, 0.01, 400)
    moments = daily_moments(returns)
    days = minimum_track_days(moments, 0.0, 0.95)
    at = DailyMoments(days, moments.sharpe, moments.skewness, moments.kurtosis)  # type: ignore[arg-type]
    assert probabilistic_sharpe(at) == pytest.approx(0.95)


@pytest.mark.parametrize(
    "returns", [[], [0.01], [0.01] * 50, [0.01, math.nan] * 20], ids=["none", "one", "flat", "nan"]
)
def test_undefined_track_records_are_nan(returns: list[float]) -> None:
    moments = daily_moments(np.array(returns))
    assert math.isnan(probabilistic_sharpe(moments))
    assert math.isnan(minimum_track_days(moments))
    assert math.isnan(deflated_sharpe(moments, 0.01, 10))


def test_a_loser_never_has_a_track_record_long_enough() -> None:
    assert minimum_track_days(DailyMoments(500, -0.02, 0.0, 3.0)) == math.inf


@pytest.mark.parametrize(("groups", "copies"), [(1, 50), (8, 25), (60, 5), (300, 1)])
def test_copies_of_a_trial_count_once(groups: int, copies: int) -> None:
    own = np.random.default_rng(groups).normal(1.0, 1.0, (1_500, groups))
    count = effective_trials(np.repeat(own, copies, axis=1), seed=1)
    assert count == pytest.approx(groups, rel=0.12)
    assert count == pytest.approx(effective_trials(own, seed=1), rel=1e-6)


def test_effective_trials_expect_what_the_best_of_correlated_trials_shows() -> None:
    rng = np.random.default_rng(5)
    best = []
    for _ in range(150):  # 60 trials that share nine tenths of their variance
        shared, own = rng.normal(size=(250, 1)), rng.normal(size=(250, 60))
        returns = math.sqrt(0.9) * shared + math.sqrt(0.1) * own
        best.append((returns.mean(axis=0) / returns.std(axis=0)).max())
    count = effective_trials(returns, seed=1)
    assert 1.5 < count < 6.0
    assert expected_max_sharpe(1 / 249, count) == pytest.approx(np.mean(best), abs=0.012)
