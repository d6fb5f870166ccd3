"""The refused entries, counted by rule and by day, week, month or quarter."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.run_metrics import to_ns

type Unit = Literal["day", "week", "month", "quarter"]

UNITS: tuple[tuple[float, Unit, str], ...] = (  # up to so many days, so wide a bar
    (45.0, "day", "D"),
    (400.0, "week", "W-SUN"),
    (8 * 365.25, "month", "M"),
    (float("inf"), "quarter", "Q"),
)
MAX_RULES = 8
OTHER = "other"
UNNAMED = "(no rule named)"
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class RefusalBars:
    """Counts per bar.

    Attributes
    ----------
    edges_ns : int64 array of shape (bars + 1,)
        Where bars begin, and where the last one ends, nanoseconds UTC.
    counts : dict of rule to int64 array of shape (bars,)
        The most frequent rule first; what is beyond eight rules last, as ``other``.
    """

    unit: Unit
    edges_ns: npt.NDArray[np.int64]
    counts: dict[str, npt.NDArray[np.int64]]


def refused_entries(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions that said no, each with the name of a rule."""
    refused = decisions[~decisions["approved"].astype(bool)]
    rules = refused["rule"].astype("object").fillna("").replace("", UNNAMED)
    return refused.assign(rule=rules)


def refusal_bars(refused: pd.DataFrame, span_ns: tuple[int, int] | None) -> RefusalBars:
    """Return the counts over the run's span and over any refusal beyond it.

    What is stamped exactly where two bars meet belongs to the earlier one: stamps are bar closes.

    Parameters
    ----------
    refused : DataFrame, at least one row
        What `refused_entries` returns.
    span_ns : (first, last) or None
        Nanoseconds UTC; None takes the span of the refusals.
    """
    ts_ns = to_ns(refused["ts"]) - 1
    moments = np.append(ts_ns, np.array(span_ns or (), dtype=np.int64) - 1)
    first, last = int(moments.min()), int(moments.max())
    unit, frequency = next((unit, name) for days, unit, name in UNITS if last - first <= days * DAY_NS)
    edges_ns = _edges_ns(first, last, frequency)
    slots = np.searchsorted(edges_ns, ts_ns, side="right") - 1
    rules = _most_frequent(refused["rule"])
    names = sorted(set(rules), key=lambda name: (name == OTHER, -int((rules == name).sum()), name))
    bars = len(edges_ns) - 1
    return RefusalBars(unit, edges_ns, {name: np.bincount(slots[rules == name], minlength=bars) for name in names})


def _edges_ns(first_ns: int, last_ns: int, frequency: str) -> npt.NDArray[np.int64]:
    first, last = pd.Timestamp(first_ns), pd.Timestamp(last_ns)
    periods = pd.period_range(first.to_period(frequency), last.to_period(frequency) + 1, freq=frequency)
    return to_ns(pd.Series(periods.to_timestamp(how="start")))


def _most_frequent(rules: "pd.Series[str]") -> npt.NDArray[np.object_]:
    """Return the rules with the rare ones, beyond ``MAX_RULES``, as ``other``."""
    counted = rules.value_counts()
    kept = sorted(counted.index, key=lambda name: (-int(counted[name]), name))[:MAX_RULES]
    return rules.where(rules.isin(kept), OTHER).to_numpy(dtype=object)
