"""The history of a walk-forward, ready for any parameter set in any span of days."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import numpy.typing as npt

from configs.run import RunConfig
from errors import ConfigError
from research.equity_curve import DAY_NS
from research.identity import data_hash
from research.inputs import Inputs, load_inputs
from research.sweep.sweep import Outcome, Sweep
from research.walk_forward.journal import Span, Tried
from research.walk_forward.score import returns_of, score_of
from research.walk_forward.space import Space, with_parameters

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter set in some spans."""

    number: int
    spans: tuple[Span, ...]


type Done = tuple[Tried, Floats | None]  # a score, and daily returns where they are kept


class History:
    """Candles of one configuration and the sweep over them.

    Parameters
    ----------
    config : RunConfig
        Its strategy, exits and risk limits are those that the space leaves alone.
    """

    def __init__(self, config: RunConfig, inputs: Inputs | None = None) -> None:
        if config.data.warmup != "history":
            raise ConfigError(
                'data.warmup: a walk-forward warms every window up with the candles before it: must be "history", '
                f'was "{config.data.warmup}"'
            )
        self.config = config
        self.inputs = inputs or load_inputs(config)
        self.sweep = Sweep(self.inputs)

    @property
    def annual_days(self) -> int:
        """Return the daily returns in a year (D36)."""
        return 365 if self.sweep.every_day else 252

    @property
    def fingerprints(self) -> dict[str, str]:
        """Return what names the candles of each instrument."""
        return {one.instrument_id: one.fingerprint for one in self.inputs.series}

    @property
    def data(self) -> str:
        """Return one name for all candles."""
        return data_hash(self.fingerprints)

    @property
    def whole_days(self) -> Span:
        """Return the first whole day of any instrument's candles and the day after the last one."""
        first_ns = min(int(one.fill.ts_open_ns[0]) for one in self.inputs.series)
        last_ns = max(int(one.fill.ts_open_ns[-1]) + one.fill_ns for one in self.inputs.series)
        return day_of(-(-first_ns // DAY_NS)), day_of(last_ns // DAY_NS)

    def spans_of_candles(self) -> Mapping[str, Span]:
        """Return the first and the last day of each instrument's candles."""
        found = {}
        for one in self.inputs.series:
            first, last = int(one.fill.ts_open_ns[0]), int(one.fill.ts_open_ns[-1])
            found[one.instrument_id] = (day_of(first // DAY_NS), day_of(last // DAY_NS))
        return found

    def instruments_in(self, span: Span) -> tuple[str, ...]:
        """Return the instruments that have candles in a span."""
        part = self.sweep.span_of(ns_of(span[0]), ns_of(span[1]))
        there = (self.sweep.data.rows[part.first : part.end] >= 0).any(axis=0)
        return tuple(name for name, has in zip(self.inputs.markets, there, strict=True) if has)

    def days(self, span: Span) -> Ints:
        """Return the UTC days (since 1970) that the daily values of a span belong to (D36)."""
        part = self.sweep.span_of(ns_of(span[0]), ns_of(span[1]))
        days = np.unique(self.sweep.data.times[part.first : part.end] // DAY_NS)
        return np.arange(days[0], days[-1] + 1) if self.sweep.every_day and len(days) else days

    def outcome(self, config: RunConfig, span: Span) -> Outcome:
        """Return what a configuration does in a span."""
        return self.sweep.run(config, self.sweep.span_of(ns_of(span[0]), ns_of(span[1])))

    def work(self, space: Space, job: Job, longest: Span) -> list[Done]:
        """Return the scores of a parameter set, and its returns in the longest sample."""
        config = with_parameters(self.config, space.parameters(job.number))
        start_equity = config.account.starting_balance
        found: list[Done] = []
        for span in job.spans:
            outcome = self.outcome(config, span)
            score = score_of(outcome.equity, outcome.trades["r_multiple"], start_equity, self.annual_days)
            kept = returns_of(outcome.equity, start_equity) if span == longest else None
            found.append((Tried(span=span, number=job.number, score=score), kept))
        return found


def day_of(days: int) -> date:
    """Return a day by its number since 1970-01-01."""
    return datetime.fromtimestamp(days * 86_400, UTC).date()


def ns_of(day: date) -> int:
    """Return midnight at the begin of a day, nanoseconds UTC."""
    return (day - date(1970, 1, 1)).days * DAY_NS
