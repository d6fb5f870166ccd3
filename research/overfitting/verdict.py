"""Judge a finished search: every statistic of this package, and one plain sentence."""

import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from errors import DataError
from research.kpi import json_number
from research.metrics import sharpe
from research.overfitting import wording
from research.overfitting.cscv import MIN_DAYS, backtest_overfitting
from research.overfitting.deflated_sharpe import deflated_sharpe, expected_max_sharpe
from research.overfitting.effective_trials import effective_trials
from research.overfitting.search_statistics import SearchStatistics
from research.overfitting.sharpe_probability import daily_moments, minimum_track_days, probabilistic_sharpe
from research.overfitting.stationary_bootstrap import mean_block_length
from research.overfitting.superior_ability import superior_ability

Floats = npt.NDArray[np.float64]
type Numbers = dict[str, Any]  # fields of SearchStatistics

DRAWS = 1_000


def judge_search(
    trial_returns: Floats, chosen: int, annual_days: int, seed: int, benchmark_returns: Floats | None = None
) -> SearchStatistics:
    """Return how much of a search's chosen trial luck explains.

    Parameters
    ----------
    trial_returns : float64 array of shape (days, trials)
        Daily returns as fractions (D36), oldest first, one column for **every** trial made: what is left out makes
        the answer flatter. A column with a NaN (a ruined account) or without variance counts as a trial but cannot
        be measured.
    chosen : int
        Column of the trial that the search would use.
    annual_days : int
        365 or 252.
    seed : int
        Of all simulations: same input, same answer.
    benchmark_returns : float64 array of shape (days,), optional
        Buy and hold on the same days, for a second test beside cash.

    Returns
    -------
    SearchStatistics
        With fewer than 60 days, or a chosen trial that cannot be measured, every statistic is None, the verdict
        "not judged" and the sentence says why. A single trial has no overfitting probability and is not judged either.

    Raises
    ------
    DataError
        When the shapes do not fit, ``chosen`` is no column or ``annual_days`` is neither 365 nor 252.

    Notes
    -----
    The expected maximum takes the larger of the trials' own variance of Sharpe ratios and ``1 / (T - 1)``, that of
    one worthless trial: trials that resemble each other spread less, and `effective_trials` has counted that already.
    The raw pair is the paper's: own variance, all trials. Overfitting probability and SPA speak of the search's best
    trial, the Sharpe numbers of the chosen one. See `research.overfitting.wording.judge` for the verdict.
    """
    returns = np.asarray(trial_returns, dtype=np.float64)
    _check(returns, chosen, annual_days, benchmark_returns)
    sharpes = np.array([sharpe(column, 1) for column in returns.T])
    why = _why_not(len(returns), sharpes, chosen)
    numbers = {} if why else _sharpe_numbers(returns, sharpes, chosen, annual_days, seed)
    if not why:
        measured = returns[:, ~np.isnan(sharpes)]
        numbers |= _overfitting_numbers(measured) | _test_numbers(measured, returns[:, chosen], benchmark_returns, seed)
    best = not math.isnan(sharpes[chosen]) and bool(sharpes[chosen] >= np.nanmax(sharpes))
    stats = SearchStatistics(
        trials=len(sharpes), measured_trials=int((~np.isnan(sharpes)).sum()), days=len(returns),
        annual_days=annual_days, chosen=chosen, chosen_is_best=best, draws=DRAWS, seed=seed, why_not_judged=why,
        **numbers,
    )  # fmt: skip
    stats = msgspec.structs.replace(stats, verdict=wording.judge(stats))
    return msgspec.structs.replace(stats, summary=wording.sentence(stats))


def _check(returns: Floats, chosen: int, annual_days: int, benchmark: Floats | None) -> None:
    if returns.ndim != 2 or returns.shape[1] == 0:
        raise DataError(f"judge_search: trial_returns must have the shape (days, trials >= 1), was {returns.shape}")
    if not 0 <= chosen < returns.shape[1]:
        raise DataError(f"judge_search: chosen must be a column in [0, {returns.shape[1]}), was {chosen}")
    if annual_days not in {365, 252}:
        raise DataError(f"judge_search: annual_days must be 365 or 252, was {annual_days} (D36)")
    if benchmark is not None and not (np.shape(benchmark) == (len(returns),) and np.isfinite(benchmark).all()):
        raise DataError(
            f"judge_search: benchmark_returns must be {len(returns)} finite numbers, one per day of the trials, "
            f"had the shape {np.shape(benchmark)}"
        )


def _why_not(days: int, sharpes: Floats, chosen: int) -> str:
    if days < MIN_DAYS:
        return f"{days} days are too few, {MIN_DAYS} needed"
    if math.isnan(sharpes[chosen]):
        return "the chosen trial has no variance (it never traded?) or a day without a return"
    return ""


def _sharpe_numbers(returns: Floats, sharpes: Floats, chosen: int, annual_days: int, seed: int) -> Numbers:
    kept = sharpes[~np.isnan(sharpes)]
    moments = daily_moments(returns[:, chosen])
    own = float(kept.var(ddof=1)) if len(kept) > 1 else math.nan
    spread = max(1.0 / (len(returns) - 1.0), own) if len(kept) > 1 else 1.0 / (len(returns) - 1.0)
    effective = effective_trials(returns[:, ~np.isnan(sharpes)], seed)
    year = math.sqrt(annual_days)
    return _known(
        sharpe=moments.sharpe * year,
        effective_trials=effective,
        expected_max_sharpe=expected_max_sharpe(spread, effective) * year,
        expected_max_sharpe_raw=expected_max_sharpe(own, len(sharpes)) * year,
        probabilistic_sharpe=probabilistic_sharpe(moments),
        deflated_sharpe=deflated_sharpe(moments, spread, effective),
        deflated_sharpe_raw=deflated_sharpe(moments, own, len(sharpes)),
        minimum_track_days=minimum_track_days(moments),
    )


def _overfitting_numbers(measured: Floats) -> Numbers:
    found = backtest_overfitting(measured)
    if found is None:
        return {}
    return {"blocks": found.blocks} | _known(
        overfitting_probability=found.overfitting_probability,
        degradation_slope=found.degradation_slope,
        loss_probability=found.loss_probability,
    )


def _test_numbers(measured: Floats, chosen: Floats, benchmark: Floats | None, seed: int) -> Numbers:
    """Return p-values; one block length for all trials, the longer of the chosen trial's and the average trial's."""
    block = max(mean_block_length(chosen), mean_block_length(measured.mean(axis=1)))
    cash = superior_ability(measured, block, DRAWS, seed)
    numbers: Numbers = {"spa_p": cash.spa_p, "reality_check_p": cash.reality_check_p, "mean_block_days": block}
    if benchmark is not None:
        excess = measured - np.asarray(benchmark, dtype=np.float64)[:, None]
        varied = excess[:, [not math.isnan(sharpe(column, 1)) for column in excess.T]]
        if varied.shape[1]:
            numbers["spa_p_benchmark"] = superior_ability(varied, block, DRAWS, seed).spa_p
    return numbers


def _known(**values: float) -> Numbers:
    return {key: json_number(value) for key, value in values.items()}
