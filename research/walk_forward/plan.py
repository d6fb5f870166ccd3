"""What is asked of a walk-forward, beside the configuration and the search space."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from errors import ConfigError
from research.walk_forward.windows import Lengths

type Sampler = Literal["grid", "random", "tpe"]
type Objective = Literal["sharpe", "sortino", "calmar", "net", "expectancy_r"]
type Rule = Literal["plateau", "best"]

DEFAULT_TRIALS = 1_000
MAX_TRIALS = 100_000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One search procedure; it is repeated in every window.

    Attributes
    ----------
    trials : int or None
        Parameter sets to draw; None for a grid, which takes all.
    choice : str
        "plateau": a set counts as the mean of itself and its neighbours, at most as itself; "best": by itself.
    min_trades : int
        A set with fewer trades in the sample cannot be chosen.
    """

    sampler: Sampler = "grid"
    trials: Annotated[int, Meta(ge=1, le=MAX_TRIALS)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 1
    objective: Objective = "sharpe"
    choice: Rule = "plateau"
    min_trades: Annotated[int, Meta(ge=1)] = 30
    lengths: Lengths = Lengths()
    allow_short: bool = False

    @property
    def drawn(self) -> int:
        """Return how many sets a sampler draws."""
        return self.trials or DEFAULT_TRIALS


def make_plan(**values: object) -> Plan:
    """Return a plan of values from a command line.

    Raises
    ------
    ConfigError
        A value is out of range; or ``trials`` are given for a grid.
    """
    try:
        plan = msgspec.convert(values, Plan)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        key = place.rstrip("`").removeprefix("lengths.").replace("_", "-")
        wrong = _lookup(values, place.rstrip("`"))
        raise ConfigError(f"--{key}: {message[:1].lower()}{message[1:]}, was {wrong}") from error
    if plan.sampler == "grid" and plan.trials is not None:
        raise ConfigError("--trials: a grid takes all its sets; with --sampler random or tpe a number of them is drawn")
    return plan


def _lookup(values: object, dotted: str) -> object:
    for name in filter(None, dotted.split(".")):
        values = values.get(name) if isinstance(values, dict) else values
    return values
