"""Clean candles in the order of D41 (Spec 8.2): pure, vectorised, every dropped row counted."""

import numpy as np
import numpy.typing as npt

from catalog.candles import INTERVAL_NS, Candles, IntArray
from catalog.gaps import find_holes
from catalog.report import CleaningReport
from catalog.schedule import Schedule, inside_sessions

BoolArray = npt.NDArray[np.bool_]
HOUR_NS = INTERVAL_NS["1h"]
GRID_CLASSES = ("crypto", "fx")


def clean(
    candles: Candles,
    interval: str,
    asset_class: str,
    schedule: Schedule,
    report: CleaningReport,
    *,
    phase_ns: int | None = None,
) -> Candles:
    """Return the rows that survive every rule, gaps counted but not filled; count into ``report``.

    Parameters
    ----------
    candles : Candles
        As the source gave them: any order, duplicates and NaN allowed.
    interval : str
        Key of ``INTERVAL_NS``.
    asset_class : str
        ``crypto``, ``fx``, ``equity`` or ``future``: decides whether a candle can be off the grid.
    schedule : Schedule
        Open windows of the market.
    report : CleaningReport
        Receives the counts.
    phase_ns : int, optional
        Phase of the grid when the catalog already holds candles; else the most frequent one of this file.

    Returns
    -------
    Candles
        Oldest first, unique. Real but extreme rows stay: no rule looks at returns.
    """
    report.rows_in = len(candles) + report.unparsable
    ordered = _sort(candles)
    kept = _apply(ordered, _first_of_stamp(ordered), report, "duplicates")
    if asset_class in GRID_CLASSES:
        keep = _on_grid(kept.ts_open_ns, interval, asset_class, phase_ns, report)
        kept = _apply(kept, keep, report, "off_grid")
    kept = _apply(kept, possible(kept), report, "impossible")
    if asset_class == "equity":
        kept = _apply(kept, inside_sessions(schedule, kept.ts_open_ns, interval), report, "outside_session")
    kept = _drop_zero_volume(kept, report)
    _count(kept, interval, schedule, report)
    return kept


def possible(candles: Candles) -> BoolArray:
    """Return which candles could have traded: finite positive prices, Low <= Open, Close <= High, volume not negative.

    Examples
    --------
    >>> one = lambda x: np.array([x], dtype=float)
    >>> possible(Candles(np.array([0]), one(2), one(1), one(3), one(2), one(1))).tolist()
    [False]
    """
    low, high = candles.low, candles.high
    ok: BoolArray = (low > 0.0) & (high < np.inf)
    ok &= (candles.open >= low) & (candles.open <= high)
    ok &= (candles.close >= low) & (candles.close <= high)
    ok &= ~(candles.volume < 0.0) & (candles.volume != np.inf)
    return ok


def grid_phase_ns(ts_open_ns: IntArray, interval: str, asset_class: str) -> int | None:
    """Return the most frequent offset from the grid in nanoseconds, the smallest on a tie; None if there is no grid.

    FX days and four-hour candles follow New York time, so FX is judged on the hour at most.
    """
    if asset_class not in GRID_CLASSES or len(ts_open_ns) == 0:
        return None
    phases, counts = np.unique(ts_open_ns % _grid_ns(interval, asset_class), return_counts=True)
    return int(phases[np.argmax(counts)])


def _grid_ns(interval: str, asset_class: str) -> int:
    step = INTERVAL_NS[interval]
    return min(step, HOUR_NS) if asset_class == "fx" else step


def _sort(candles: Candles) -> Candles:
    ts = candles.ts_open_ns
    if len(ts) < 2 or bool((ts[1:] >= ts[:-1]).all()):
        return candles
    return candles.take(np.argsort(ts, kind="stable"))


def _first_of_stamp(candles: Candles) -> BoolArray:
    ts = candles.ts_open_ns
    first = np.ones(len(ts), np.bool_)
    np.not_equal(ts[1:], ts[:-1], out=first[1:])
    return first


def _on_grid(
    ts_open_ns: IntArray, interval: str, asset_class: str, phase_ns: int | None, report: CleaningReport
) -> BoolArray:
    phase = grid_phase_ns(ts_open_ns, interval, asset_class) if phase_ns is None else phase_ns
    if phase:
        report.notes.append(f"stamps sit {phase / 1e9:g} s after the {interval} grid: are they really open times?")
    keep: BoolArray = ts_open_ns % _grid_ns(interval, asset_class) == (phase or 0)
    return keep


def _apply(candles: Candles, keep: BoolArray, report: CleaningReport, rule: str) -> Candles:
    dropped = len(candles) - int(np.count_nonzero(keep))
    setattr(report, rule, dropped)
    return candles.take(keep) if dropped else candles


def _drop_zero_volume(candles: Candles, report: CleaningReport) -> Candles:
    """Drop candles without trades, unless the whole file knows no volume (a mark price, a bid series)."""
    traded = candles.volume > 0.0
    if len(candles) and not traded.any():
        report.has_volume = False
        report.notes.append("the file has no volume: the zero-volume rule was not applied, volume is stored as 0")
        flat = np.zeros(len(candles))
        return Candles(candles.ts_open_ns, candles.open, candles.high, candles.low, candles.close, flat)
    kept = _apply(candles, traded, report, "zero_volume")
    if report.zero_volume > len(candles) // 2:
        report.notes.append("most candles have volume 0 and were dropped: is this column the traded volume?")
    return kept


def _count(kept: Candles, interval: str, schedule: Schedule, report: CleaningReport) -> None:
    holes = find_holes(kept.ts_open_ns, interval, schedule)
    report.filled = int(holes.missing.sum())
    report.gaps, report.closures = len(holes.gaps_ns), holes.closures
    report.rows_out = len(kept) + report.filled
    if len(kept):
        report.first_open_ns, report.last_open_ns = int(kept.ts_open_ns[0]), int(kept.ts_open_ns[-1])
