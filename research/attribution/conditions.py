"""The groups that trades are sorted into; all but the hold time are known before an entry."""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.attribution.regime import CALM, NORMAL, UNKNOWN, WILD
from research.run_metrics import HOUR_NS, to_ns

Mask = npt.NDArray[np.bool_]

SESSIONS = (("Asia 00-08", 0, 8), ("Europe 08-13", 8, 13), ("US 13-21", 13, 21), ("late 21-24", 21, 24))
"""UTC hours ``[from, to)`` in summer and winter alike, so that a session is the same bars all year. London opens at
08:00 UTC in winter and 07:00 in summer (that hour counts as Asia), New York trades within 13:30-21:00."""
HOLDS = (("under 1 h", 1.0), ("1-4 h", 4.0), ("4-12 h", 12.0), ("12-24 h", 24.0), ("1-3 d", 72.0), ("3-10 d", 240.0))
OVER = "10 d and more"
NO_SCORE = "not recorded"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to sort trades.

    Parameters
    ----------
    name : str
        As a reader sees it.
    labels : tuple of str
        Groups in their order; a trade in none of them has the label "".
    of_trade : array of shape (trades,)
        Label of each trade.
    is_known : bool
        Whether it is known before the entry: only then can it be a condition to trade under.
    note : str
        What a reader must know, or why there is nothing to sort by.
    """

    name: str
    labels: tuple[str, ...]
    of_trade: npt.NDArray[np.object_]
    is_known: bool = True
    note: str = ""

    def mask(self, label: str) -> Mask:
        """Return which trades have a label, shape (trades,)."""
        return np.asarray(self.of_trade == label, dtype=np.bool_)

    def only(self, kept: Mask) -> "Dimension":
        """Return the dimension of some of the trades."""
        return replace(self, of_trade=self.of_trade[kept])

    def present(self) -> list[str]:
        """Return the labels that have trades, in order."""
        return [label for label in self.labels if self.mask(label).any()]


def dimensions(traits: pd.DataFrame) -> list[Dimension]:
    """Return every way to sort the trades of `research.attribution.traits.traits_of`."""
    return [build(traits) for build in BUILDERS.values()]


def _month(traits: pd.DataFrame) -> Dimension:
    months = _bar_days(traits).month
    names = tuple(calendar.month_abbr[1:])
    return Dimension("month", names, _objects(calendar.month_abbr[month] for month in months), note=BAR_DAY)


def _weekday(traits: pd.DataFrame) -> Dimension:
    days = _bar_days(traits).day_of_week
    names = tuple(calendar.day_abbr)
    return Dimension("weekday", names, _objects(calendar.day_abbr[day] for day in days), note=BAR_DAY)


def _session(traits: pd.DataFrame) -> Dimension:
    hours = to_ns(traits["signal_ts"]) // HOUR_NS % 24
    names = tuple(name for name, _, _ in SESSIONS)
    found = [next(name for name, begin, end in SESSIONS if begin <= hour < end) for hour in hours]
    note = "UTC hours of the signal, the same in summer and winter."
    if len(hours) and (hours == hours[0]).all():
        note += " All signals come at one hour of the day, so there is nothing to compare."
    return Dimension("session", names, _objects(found), note=note)


def _volatility(traits: pd.DataFrame) -> Dimension:
    labels = traits["regime"].where(traits["regime"].isin([CALM, NORMAL, WILD]), UNKNOWN)
    note = "Terciles of the signal's ATR ratio among earlier signals of the same instrument; unknown for its first 30."
    if traits["atr_ratio"].isna().all():
        note = "Not available: the run's signals have no atr_ratio."
    return Dimension("volatility regime", (CALM, NORMAL, WILD, UNKNOWN), _objects(labels), note=note)


def _instrument(traits: pd.DataFrame) -> Dimension:
    names = traits["instrument_id"].astype(str)
    return Dimension("instrument", tuple(sorted(set(names))), _objects(names))


def _side(traits: pd.DataFrame) -> Dimension:
    return Dimension("side", ("LONG", "SHORT"), _objects(traits["side"].astype(str)))


def _score(traits: pd.DataFrame) -> Dimension:
    found = [NO_SCORE if np.isnan(score) else f"{score:g}" for score in traits["score"].to_numpy(np.float64)]
    labels = tuple(sorted(set(found) - {NO_SCORE}, key=float)) + ((NO_SCORE,) if NO_SCORE in found else ())
    return Dimension("score", labels, _objects(found))


def _hold(traits: pd.DataFrame) -> Dimension:
    hours = (to_ns(traits["exit_ts"]) - to_ns(traits["entry_ts"])) / HOUR_NS
    names = (*(name for name, _ in HOLDS), OVER)
    rows = np.searchsorted(np.array([below for _, below in HOLDS]), hours, side="right")
    note = "Known only afterwards: winners are held longer by design, so no rule for entries follows from it."
    return Dimension("hold time", names, _objects(names[row] for row in rows), is_known=False, note=note)


BAR_DAY = "UTC day of the signal's bar; a bar that closes at 00:00 belongs to the day before."
BUILDERS: Mapping[str, Callable[[pd.DataFrame], Dimension]] = {
    "month": _month,
    "weekday": _weekday,
    "session": _session,
    "volatility regime": _volatility,
    "instrument": _instrument,
    "side": _side,
    "score": _score,
    "hold time": _hold,
}


def _bar_days(traits: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(to_ns(traits["signal_ts"]) - 1, utc=True))


def _objects(values: object) -> npt.NDArray[np.object_]:
    return np.array(list(values), dtype=np.object_)  # type: ignore[call-overload]
