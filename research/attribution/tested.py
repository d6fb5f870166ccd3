"""The conditions that are tested: every group known before an entry, and every threshold of four measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.attribution.bucket import FEW_TRADES
from research.attribution.conditions import NO_SCORE, Dimension
from research.attribution.regime import UNKNOWN

Mask = npt.NDArray[np.bool_]

MIN_SHARE_FRAC = 0.10
LEVELS = np.arange(0.05, 0.96, 0.05)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number known at the signal that is searched for a threshold: column of `traits_of`, name, how it is written."""

    column: str
    name: str
    show: Callable[[float], str]


MEASURES = (
    Measure("atr_ratio", "ATR ratio", lambda value: f"{100.0 * value:.2f} %"),
    Measure("rsi_with_side", "RSI towards the trade (100 - RSI for shorts)", lambda value: f"{value:.1f}"),
    Measure("volume_ratio", "volume over its average", lambda value: f"{value:.2f}"),
    Measure("trend_atr", "trend strength (close from its 20-bar mean)", lambda value: f"{value:.2f} ATR"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """Trades that share something known before their entry.

    Parameters
    ----------
    dimension : str
        Name of the dimension or the measure.
    label : str
        Its group, or ``above 1.20`` / ``at most 1.20``.
    mask : bool array of shape (trades,)
        The trades under it.
    threshold : float, optional
        For a measure; None for a group.
    """

    dimension: str
    label: str
    mask: Mask
    threshold: float | None = None

    @property
    def text(self) -> str:
        """Return it as a part of a sentence: ``weekday is Tue``."""
        return f"{self.dimension} is {self.label}"


def group_conditions(dimensions: Sequence[Dimension]) -> list[Condition]:
    """Return the groups of at least 30 trades that leave at least 30 outside, of what is known before an entry."""
    found = [
        Condition(dimension.name, label, dimension.mask(label))
        for dimension in dimensions
        if dimension.is_known
        for label in dimension.present()
        if label not in {UNKNOWN, NO_SCORE}
    ]
    return [one for one in found if _is_big(one.mask, FEW_TRADES)]


def threshold_conditions(traits: pd.DataFrame, measure: Measure) -> list[Condition]:
    """Return both sides of every threshold of a measure: its 5 % to 95 % quantiles, 30 trades and 10 % on each side.

    Trades without the number are on neither side. Empty when it is not recorded.
    """
    values = traits[measure.column].to_numpy(np.float64)
    known = np.isfinite(values)
    if not known.any():
        return []
    smallest = max(FEW_TRADES, int(np.ceil(MIN_SHARE_FRAC * known.sum())))
    found = []
    for level in np.unique(np.quantile(values[known], LEVELS, method="lower")).tolist():
        under, over = known & (values <= level), known & (values > level)
        if min(under.sum(), over.sum()) >= smallest:
            shown = measure.show(level)
            found.append(Condition(measure.name, f"at most {shown}", under, level))
            found.append(Condition(measure.name, f"above {shown}", over, level))
    return found


def _is_big(mask: Mask, smallest: int) -> bool:
    return bool(mask.sum() >= smallest and (~mask).sum() >= smallest)
