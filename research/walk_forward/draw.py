"""Which parameter sets are tried: all of a grid, or some at random; those that a configuration refuses are counted."""

import numpy as np

from configs.run import RunConfig
from errors import ConfigError
from research.walk_forward.plan import MAX_TRIALS, Plan
from research.walk_forward.space import Space, is_valid

MAX_LISTED = 200_000
MAX_MISSES = 1_000  # draws per set wanted before a space counts as empty


class Drawn:
    """Numbers of the sets to try, ascending, and how many combinations were refused on the way."""

    def __init__(self, numbers: tuple[int, ...], refused: int) -> None:
        self.numbers = numbers
        self.refused = refused


def draw(space: Space, config: RunConfig, plan: Plan) -> Drawn:
    """Return the sets of a grid or of a random draw; the same for the same seed.

    Raises
    ------
    ConfigError
        The grid is too large, or no combination is allowed.
    """
    if plan.sampler == "grid":
        drawn = _grid(space, config)
        if len(drawn.numbers) > MAX_TRIALS:
            raise ConfigError(f"the grid has {len(drawn.numbers):,} sets, at most {MAX_TRIALS:,}: {_ADVICE}")
    elif space.size <= MAX_LISTED:
        drawn = _some(_grid(space, config), plan)
    else:
        drawn = _random(space, config, plan)
    if not drawn.numbers:
        raise ConfigError(f"search space: the configuration refuses all {space.size:,} combinations of its values")
    return drawn


_ADVICE = "use larger steps, or --sampler random --trials 1000"


def _grid(space: Space, config: RunConfig) -> Drawn:
    if space.size > MAX_LISTED:
        raise ConfigError(f"the grid has {space.size:,} combinations, at most {MAX_LISTED:,}: {_ADVICE}")
    numbers = tuple(n for n in range(space.size) if is_valid(config, space.parameters(n)))
    return Drawn(numbers, space.size - len(numbers))


def _some(every: Drawn, plan: Plan) -> Drawn:
    if len(every.numbers) <= plan.drawn:
        return every
    taken = np.random.default_rng(plan.seed).choice(len(every.numbers), plan.drawn, replace=False)
    return Drawn(tuple(every.numbers[n] for n in sorted(taken.tolist())), every.refused)


def _random(space: Space, config: RunConfig, plan: Plan) -> Drawn:
    rng = np.random.default_rng(plan.seed)
    found: set[int] = set()
    refused: set[int] = set()
    for _miss in range(MAX_MISSES * plan.drawn):
        number = space.number(tuple(int(rng.integers(len(one.values))) for one in space.dimensions))
        (found if is_valid(config, space.parameters(number)) else refused).add(number)
        if len(found) == plan.drawn:
            break
    return Drawn(tuple(sorted(found)), len(refused))
