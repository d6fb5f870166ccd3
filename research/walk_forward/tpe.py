"""Optuna's tree-structured Parzen estimator over the steps of a space (extra ``research``); one search per span."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from configs.run import RunConfig
from errors import ConfigError
from research.walk_forward.plan import Plan
from research.walk_forward.score import Score, objective_of
from research.walk_forward.space import Space, is_valid

BATCH = 8  # asked before any of them is told: fixed, so that the search does not depend on the number of cores
WORST = -1e9  # told for a set that cannot be chosen: the sampler ranks, it does not measure

type Try = Callable[[Sequence[int]], Mapping[int, Score]]


def search(space: Space, config: RunConfig, plan: Plan, seed: int, attempt: Try) -> tuple[set[int], int]:
    """Return the sets that were tried and how often a refused combination was proposed.

    Parameters
    ----------
    seed : int
        The same one proposes the same sets when they score the same.
    attempt : callable
        Returns the scores of some sets; those finished earlier cost nothing, so that a search goes on where it was.

    Raises
    ------
    ConfigError
        Optuna is not installed.
    """
    optuna = _optuna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    tried: set[int] = set()
    refused = 0
    for first in range(0, plan.drawn, BATCH):
        asked = [study.ask() for _ in range(min(BATCH, plan.drawn - first))]
        numbers = [_number(space, trial) for trial in asked]
        valid = [number for number in dict.fromkeys(numbers) if is_valid(config, space.parameters(number))]
        scores = attempt(valid)
        for trial, number in zip(asked, numbers, strict=True):
            study.tell(trial, _told(scores[number], plan) if number in scores else WORST)
        refused += sum(number not in scores for number in numbers)
        tried.update(valid)
    return tried, refused


def _optuna() -> Any:
    try:
        import optuna  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError('--sampler tpe: Optuna is not installed: pip install "tidebreak[research]"') from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _number(space: Space, trial: Any) -> int:
    places = [
        trial.suggest_int(one.key, 0, len(one.values) - 1)
        if one.ordered
        else trial.suggest_categorical(one.key, list(range(len(one.values))))
        for one in space.dimensions
    ]
    return space.number(tuple(places))


def _told(score: Score, plan: Plan) -> float:
    value = objective_of(score, plan.objective)
    return value if math.isfinite(value) and score.trades >= plan.min_trades else WORST
