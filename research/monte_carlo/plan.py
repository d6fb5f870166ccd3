"""What is asked of a Monte Carlo, checked before anything is read."""

import math
from typing import Self

import msgspec

from errors import ConfigError

MIN_PATHS, MAX_PATHS = 100, 1_000_000
MILESTONES = (0.1, 0.25, 0.5, 1.0)
MONTHS_PER_YEAR, WEEKS_PER_YEAR = 12.0, 365.25 / 7.0
PERIODS = {"month": MONTHS_PER_YEAR, "year": 1.0, "week": WEEKS_PER_YEAR}


class Income(msgspec.Struct, frozen=True, kw_only=True):
    """An income that is to be taken out regularly, in the account's currency."""

    amount: float
    period: str

    @property
    def per_year(self) -> float:
        """Return the amount in a year."""
        return self.amount * PERIODS[self.period]


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many paths, and what is counted on them.

    Attributes
    ----------
    block_trades : float, optional
        Mean block length; None lets `research.monte_carlo.block_length` choose.
    milestones : tuple of float
        Total returns as fractions, each above 0, rising.
    """

    paths: int = 10_000
    seed: int = 1
    block_trades: float | None = None
    milestones: tuple[float, ...] = MILESTONES
    incomes: tuple[Income, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if not MIN_PATHS <= self.paths <= MAX_PATHS:
            raise ConfigError(f"--paths must be from {MIN_PATHS} to {MAX_PATHS:,}, was {self.paths}")
        if not 0 <= self.seed < 2**63:
            raise ConfigError(f"--seed must be from 0 to 2**63 - 1, was {self.seed}")
        if self.block_trades is not None and not (math.isfinite(self.block_trades) and self.block_trades >= 1.0):
            raise ConfigError(f"--block-trades must be a number of trades, 1 or more, was {self.block_trades:g}")

    @classmethod
    def parse(
        cls, *, paths: int, seed: int, block_trades: float | None, milestones: str | None, incomes: list[str]
    ) -> Self:
        """Return the plan of a command line.

        Raises
        ------
        ConfigError
            A value is out of its range or cannot be read.
        """
        marks = MILESTONES if milestones is None else parse_milestones(milestones)
        return cls(
            paths=paths,
            seed=seed,
            block_trades=block_trades,
            milestones=marks,
            incomes=tuple(parse_income(text) for text in incomes),
        )


def parse_milestones(text: str) -> tuple[float, ...]:
    """Return milestones, rising and each once.

    >>> parse_milestones("0.5,0.1")
    (0.1, 0.5)
    """
    values = {
        _number(part, "--milestones", "fractions above 0, like 0.1,0.5 (0.1 is +10 %)") for part in text.split(",")
    }
    return tuple(sorted(values))


def parse_income(text: str) -> Income:
    """Return a target income.

    >>> parse_income("1000/month").per_year
    12000.0
    """
    allowed = f"an amount above 0 per {', '.join(PERIODS)}, like 1000/month"
    amount, slash, period = text.partition("/")
    if not slash or period not in PERIODS:
        raise ConfigError(f"--target-income must be {allowed}, was '{text}'")
    return Income(amount=_number(amount, "--target-income", allowed), period=period)


def _number(text: str, option: str, allowed: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0.0):
        raise ConfigError(f"{option} must be {allowed}, was '{text.strip()}'")
    return value
