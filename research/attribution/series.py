"""Where the closes of an index or a bond come from: the run's own catalog, else the ones beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog import layout
from catalog.candles import INTERVAL_NS
from catalog.store import Store
from errors import DataError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY_NS = 86_400_000_000_000
MARGIN_DAYS = 7
MAX_HOLE_DAYS = 15
ROOT = Path(__file__).resolve().parent.parent.parent
STOCKS = ("SPY.US", "VOO.US", "IVV.US")
BONDS = ("AGG.US", "BND.US", "IEF.US", "TLT.US")


@dataclass(frozen=True, slots=True)
class Closes:
    """Closes of one instrument over a run, oldest first; empty with a reason when there are none.

    Parameters
    ----------
    ts_ns : int64 array of shape (n,)
        Close times, nanoseconds UTC.
    close : float64 array of shape (n,)
        Quote units.
    source : str
        Instrument, interval and catalog, or what was looked for.
    why_not : str
        Why there are none; empty when there are.
    """

    ts_ns: Ints
    close: Floats
    source: str
    why_not: str = ""

    def __len__(self) -> int:
        """Return the number of closes."""
        return len(self.ts_ns)


def missing(why_not: str) -> Closes:
    """Return no closes, with the reason."""
    return Closes(np.zeros(0, np.int64), np.zeros(0), "", why_not)


def find_closes(names: Sequence[str], catalogs: Sequence[Path], span_ns: tuple[int, int]) -> Closes:
    """Return the closes of the first of some instruments that covers a run.

    Parameters
    ----------
    names : sequence of str
        Instrument ids, the preferred one first.
    catalogs : sequence of Path
        Folders to look in, the run's own first (`catalogs_near`).
    span_ns : (first, last)
        The run, nanoseconds UTC. Covered means: closes from at most 7 days after the first to at most 7 days before the
        last, without a hole of more than 15 days.
    """
    reasons = []
    for name in names:
        for folder in catalogs:
            if (folder / layout.instrument_file(name, "definition.json")).exists():
                found = _read(folder, name, span_ns)
                if len(found):
                    return found
                reasons.append(found.why_not)
    looked = ", ".join(folder.name for folder in catalogs) or "no catalog"
    return missing("; ".join(reasons) or f"none of {', '.join(names)} is in a catalog ({looked})")


def catalogs_near(catalog: object) -> list[Path]:
    """Return the catalog that a configuration names and those in the same folder; none when it names none.

    ``sample`` is ``catalogs/sample`` of this repository; a relative path counts from the working directory, else from
    the repository.
    """
    if not isinstance(catalog, str) or not catalog:
        return []
    own = ROOT / "catalogs" / "sample" if catalog == "sample" else Path(catalog)
    own = own if own.is_dir() or own.is_absolute() else ROOT / own
    if not own.is_dir():
        return []
    beside = sorted(path for path in own.resolve().parent.iterdir() if (path / layout.OURS).is_dir())
    return [own, *(path for path in beside if path != own.resolve())]


def _read(folder: Path, name: str, span_ns: tuple[int, int]) -> Closes:
    try:
        store = Store(folder)
        fit = [interval for interval in store.intervals(name) if INTERVAL_NS[interval] <= DAY_NS]
        if not fit:
            return missing(f"{name} in {folder.name} has no candles of a day or less")
        interval = fit[-1]
        reach = MARGIN_DAYS * DAY_NS
        candles = store.candles(name, interval, span_ns[0] - reach, span_ns[1])
    except (DataError, OSError) as error:
        return missing(f"{name} in {folder.name} cannot be read ({error})")
    close_ns = candles.ts_open_ns + INTERVAL_NS[interval]
    why_not = _hole(close_ns, span_ns)
    if why_not:
        first, last = (_day(ns) for ns in store.span_ns(name, interval))
        return missing(f"{name} in {folder.name} ({first} to {last}) {why_not}")
    return Closes(close_ns, candles.close, f"{name}, {interval}, {folder.name}")


def _hole(close_ns: Ints, span_ns: tuple[int, int]) -> str:
    """Return how closes fail to cover a span; empty when they cover it."""
    reach = MARGIN_DAYS * DAY_NS
    if len(close_ns) == 0 or close_ns[0] > span_ns[0] + reach or close_ns[-1] < span_ns[1] - reach:
        return f"does not cover the run, {_day(span_ns[0])} to {_day(span_ns[1])}"
    gaps = np.diff(close_ns)
    if len(gaps) and gaps.max() > MAX_HOLE_DAYS * DAY_NS:
        return f"has a hole of {gaps.max() / DAY_NS:.0f} days from {_day(int(close_ns[gaps.argmax()]))}"
    return ""


def _day(ns: int) -> str:
    return str(np.datetime64(ns, "ns"))[:10]
