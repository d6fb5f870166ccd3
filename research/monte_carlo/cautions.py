"""What a reader must know of the trades before believing paths that are made of them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.monte_carlo.trades import overlap_frac
from research.report.numbers import percent

Floats = npt.NDArray[np.float64]

FEW_TRADES = 30
NOTABLE_GAP_FRAC = 0.02
NOTABLE_OVERLAP_FRAC = 0.1


def cautions(
    metrics: dict[str, Any],
    config: dict[str, Any],
    trades: pd.DataFrame,
    fracs: Floats,
    *,
    total_return_frac: float,
    complete: bool,
) -> tuple[str, ...]:
    """Return the warnings of a run, the gravest first."""
    found = [_partial(complete), _few(len(fracs)), *_selection(metrics, config, len(fracs)), _wiped_out(fracs)]
    found += [_gap(fracs, total_return_frac), _overlap(trades)]
    return tuple(text for text in found if text)


def _partial(complete: bool) -> str:
    return "" if complete else "partial run: it was stopped before the end of its data; nothing here may approve it"


def _few(count: int) -> str:
    if count >= FEW_TRADES:
        return ""
    return f"unreliable: {count} trades are fewer than {FEW_TRADES}; they can hardly show how bad a bad month is"


def _selection(metrics: dict[str, Any], config: dict[str, Any], count: int) -> list[str]:
    """Return what halts did to the sample: trades that a breaker let through are not all trades there were."""
    shut = metrics.get("shut") or {}
    trips = {name: number for name, number in ((metrics.get("counts") or {}).get("trips") or {}).items() if number}
    found = [
        f"a selection: {name.replace('_', ' ')} shut the run on {since[:10]}; these {count} trades are those before, "
        "and what a longer run would have met is not among them (their frequency is taken over the whole span)"
        for name, since in shut.items()
    ]
    others = [f"{name.replace('_', ' ')} {number}" for name, number in trips.items() if name not in shut]
    if others:
        found.append(f"a selection: breakers held entries back or made them smaller ({', '.join(others)})")
    if (config.get("risk") or {}).get("breakers") is False:
        found.append("breakers were off in this run: research only, no live system runs like this")
    return found


def _wiped_out(fracs: Floats) -> str:
    lost = int((fracs < -1.0).sum())
    return f"{lost} trades lost more than the whole account; each counts as losing all of it" if lost else ""


def _gap(fracs: Floats, total_return_frac: float) -> str:
    """Return a warning when the trades, one after the other, do not end where the run ended."""
    compounded = float(np.prod(1.0 + np.maximum(fracs, -1.0))) - 1.0
    if not abs(compounded - total_return_frac) > NOTABLE_GAP_FRAC:
        return ""
    own, whole = percent(compounded, plus=True), percent(total_return_frac, plus=True)
    return (
        f"one after the other the trades return {own}, the run itself {whole}: "
        "trades that were open together, or at the end, make the difference"
    )


def _overlap(trades: pd.DataFrame) -> str:
    share = overlap_frac(trades)
    if not share > NOTABLE_OVERLAP_FRAC:
        return ""
    return (
        f"{percent(share, 0)} of the trades were entered while another was open: reorder and resample take their "
        "losses apart, only the block bootstrap keeps them together"
    )
