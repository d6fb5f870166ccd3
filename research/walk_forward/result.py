"""What a walk-forward found: ``walk_forward.json``, whose first keys ``research.approval`` judges."""

from datetime import date
from typing import Any

import msgspec

from research.overfitting.search_statistics import SearchStatistics
from research.walk_forward.certificate import Certificate
from research.walk_forward.plan import Plan
from research.walk_forward.space import Parameters, Value

type Figures = dict[str, float | int | None]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule takes in a window, and what came of it in the sweep.

    Attributes
    ----------
    value : float
        What it was judged by: its own objective ("best") or the mean with its neighbours ("plateau").
    """

    number: int
    parameters: Parameters
    value: float
    objective: float
    is_sharpe: float | None
    oos_sharpe: float | None
    is_trades: int
    oos_trades: int


class TestedWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window: the chosen parameters in the sample (sweep) and out of it (engine).

    Attributes
    ----------
    number : int or None
        Of the chosen set; None when none could be chosen.
    ratio : float or None
        Out-of-sample over in-sample Sharpe ratio; None where the latter is not positive.
    is_idle_days : int or None
        Days without a trade at the end of the sample: a breaker that waits for a hand may have ended it.
    differences : texts
        Where sweep and engine differ out of sample; must be empty.
    """

    is_start: date
    is_end: date
    oos_start: date
    oos_end: date
    is_sharpe: float | None
    oos_sharpe: float | None
    ratio: float | None
    parameters: Parameters
    accepted: bool
    why_not: str
    number: int | None
    eligible: int
    tried: int
    is_net: float | None
    oos_net: float | None
    is_trades: int | None
    oos_trades: int | None
    oos_max_drawdown_frac: float | None
    is_idle_days: int | None
    differences: tuple[str, ...]
    plateau: Candidate | None
    best: Candidate | None


class Stability(msgspec.Struct, frozen=True, kw_only=True):
    """How steady the choice of one parameter was over the windows."""

    key: str
    values: tuple[Value, ...]  # that could be chosen
    chosen: tuple[Value | None, ...]  # in each window
    distinct: int
    at_border: int  # windows in which the lowest or highest value was chosen: the range may be too narrow


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The windows of one way to take samples, rolling or anchored."""

    accepted: bool
    windows: tuple[TestedWindow, ...]
    stitched: Figures
    stability: tuple[Stability, ...]


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """How much was tried."""

    space: int  # combinations
    sets: int  # distinct ones that were tried
    refused: int  # combinations that contradict themselves, met on the way
    evaluations: int  # sets times samples


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A finished walk-forward; the same work gives the same bytes."""

    kind: str = "walk_forward"
    trading_hash: str  # of the configuration with the final parameters
    config_hash: str
    data: dict[str, str]
    code_hash: str
    certificate: Certificate
    short: bool
    accepted: bool
    windows: tuple[TestedWindow, ...]
    anchored: Run
    stitched: Figures
    search: SearchStatistics | None
    verdict: str
    warnings: tuple[str, ...]
    final: dict[str, Any]  # number, parameters and sample of the final choice
    stability: tuple[Stability, ...]
    tries: Tries
    plan: Plan
    base_config_hash: str
    name: str
    profile: str
    instruments: tuple[str, ...]
    currency: str
    start_equity: float
    annual_days: int
    first: date
    end: date
    signal: str
