"""What the search for conditions leaves behind, as it stands in ``attribution.json``."""

import msgspec

from research.attribution.bucket import Bucket


class Constraint(msgspec.Struct, frozen=True, kw_only=True):
    """A condition to keep out of (``kind`` avoid) or the only one to trade under (``kind`` only).

    Attributes
    ----------
    ci : (float, float)
        90 % interval of ``expectancy_r``, R.
    other_trades, other_expectancy_r
        The trades outside the condition.
    p_adjusted : float
        Share of shufflings in which any condition looked as extreme: it counts everything that was looked at.
    """

    kind: str
    condition: str
    trades: int
    expectancy_r: float
    ci: tuple[float, float]
    other_trades: int
    other_expectancy_r: float
    p_adjusted: float
    sentence: str


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """The worst side of the worst threshold of one measure; ``note`` says why there is none."""

    measure: str
    condition: str = ""
    trades: int = 0
    expectancy_r: float | None = None
    other_expectancy_r: float | None = None
    p_adjusted: float | None = None
    note: str = ""


class Cliff(msgspec.Struct, frozen=True, kw_only=True):
    """Where the strategy stops working, and how that was looked for.

    Attributes
    ----------
    verdict : str
        ``too few``, ``works nowhere``, ``loses``, ``unproven`` or ``makes money``.
    sentence : str
        The same in plain words.
    overall, remaining : Bucket
        All trades; those that the constraints allow (None without constraints).
    tested : int
        Conditions looked at, thresholds included.
    level : float
        ``p_adjusted`` up to which a condition is named.
    block : str
        ``four weeks``, ``week`` or ``day``: what was shuffled as one, and what an interval counts.
    """

    verdict: str
    sentence: str
    overall: Bucket
    remaining: Bucket | None
    constraints: list[Constraint]
    scans: list[Scan]
    tested: int
    draws: int
    seed: int
    level: float
    block: str
