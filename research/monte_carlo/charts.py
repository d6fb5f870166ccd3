"""The arrays behind the page's charts: fans and distributions, a few kilobytes however many paths there are."""

import numpy as np
import numpy.typing as npt

from research.monte_carlo.paths import trace_one
from research.monte_carlo.study import Outcome
from research.monte_carlo.summary import RUIN_LEVEL_FRAC, distributions
from research.monte_carlo.wording import METHOD_NAMES
from research.report.payload import Payload

Floats = npt.NDArray[np.float64]

BINS = 60
SHOWN = (0.001, 0.999)  # of all paths; what lies further out is counted in the outermost bins
DRAWN = {
    "final_return_frac": ("resample", "block"),  # reordering has one end and one Sharpe ratio: the line in the chart
    "max_drawdown_frac": ("reorder", "resample", "block"),
    "recovery_trades": ("reorder", "resample", "block"),
    "sharpe": ("resample", "block"),
}


def build_payload(outcome: Outcome) -> Payload:
    """Return everything that the page's script draws."""
    study, payload = outcome.study, Payload()
    payload.meta = {
        "methods": list(METHOD_NAMES),
        "names": list(METHOD_NAMES.values()),
        "ruin": RUIN_LEVEL_FRAC,
        "own": {key: _number(getattr(study.own_order, key)) for key in DRAWN},
        "drawn": {key: list(names) for key, names in DRAWN.items()},
    }
    payload.add("own", trace_one(outcome.fracs))
    for name, paths in outcome.paths.items():
        payload.add(f"{name}.grid", paths.grid)
        for row, quantile in enumerate(paths.fan):
            payload.add(f"{name}.fan.{row}", quantile)
    found = {name: distributions(paths.records, outcome.pace) for name, paths in outcome.paths.items()}
    for key, names in DRAWN.items():
        _add_histograms(payload, key, {name: found[name][key] for name in names})
    return payload


def _add_histograms(payload: Payload, key: str, values: dict[str, Floats]) -> None:
    """Add the share of paths in every bin, the bins being the same for all methods."""
    known = {name: one[np.isfinite(one)] for name, one in values.items()}
    edges = bin_edges(np.concatenate(list(known.values())))
    payload.add(f"{key}.x", (edges[1:] + edges[:-1]) / 2.0)
    for name, one in known.items():
        counts = np.histogram(np.clip(one, edges[0], edges[-1]), edges)[0]
        payload.add(f"{key}.{name}", counts / max(len(one), 1))


def bin_edges(values: Floats) -> Floats:
    """Return the edges of at most 60 equal bins; whole numbers get bins of whole width.

    >>> bin_edges(np.array([1.0, 3.0])).tolist()
    [0.5, 1.5, 2.5, 3.5]
    """
    if len(values) == 0:
        return np.array([0.0, 1.0])
    low, high = (float(q) for q in np.quantile(values, SHOWN, method="nearest"))
    if np.all(values == np.rint(values)):
        width = max(1.0, float(np.ceil((high - low + 1.0) / BINS)))
        return low - 0.5 + width * np.arange(np.floor((high - low) / width) + 2.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = low - 0.005, high + 0.005
    return np.linspace(low, high, BINS + 1)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
