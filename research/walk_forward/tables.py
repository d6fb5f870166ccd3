"""The tables of a walk-forward: ``windows``, ``trials`` and ``stitched`` as rows and columns."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from research.results import NUMBER, TEXT, WHOLE
from research.walk_forward.choose import plateau_values
from research.walk_forward.history import day_of
from research.walk_forward.score import Score, objective_of
from research.walk_forward.space import Space
from research.walk_forward.study import Study

DAY, FLAG = pa.date32(), pa.bool_()
KINDS = ("rolling", "anchored")

WINDOWS = {"kind": TEXT} | dict.fromkeys(("is_start", "is_end", "oos_start", "oos_end"), DAY)
WINDOWS |= {"is_sharpe": NUMBER, "oos_sharpe": NUMBER, "ratio": NUMBER, "accepted": FLAG, "why_not": TEXT}
WINDOWS |= {"number": WHOLE, "eligible": WHOLE, "tried": WHOLE, "is_net": NUMBER, "oos_net": NUMBER}
WINDOWS |= {"is_trades": WHOLE, "oos_trades": WHOLE, "oos_max_drawdown_frac": NUMBER, "agrees": FLAG}

TRIALS = {"is_start": DAY, "is_end": DAY, "number": WHOLE, "objective": NUMBER, "plateau": NUMBER, "eligible": FLAG}
TRIALS |= dict.fromkeys(("sharpe", "sortino", "calmar", "net", "expectancy_r", "max_drawdown_frac"), NUMBER)
TRIALS |= {"trades": WHOLE}

STITCHED = {"kind": TEXT, "day": DAY, "window": WHOLE, "return_frac": NUMBER, "equity": NUMBER}

type Row = dict[str, Any]
type Schema = dict[str, Any]


def columns_of(space: Space) -> Schema:
    """Return a column per parameter, named by its dotted key."""
    kinds = {bool: FLAG, int: WHOLE, float: NUMBER, str: TEXT}
    return {one.key: kinds[type(one.values[0])] for one in space.dimensions}


def window_rows(study: Study) -> list[Row]:
    """Return one row per window and kind."""
    result = study.result
    rows = []
    for kind, windows in zip(KINDS, (result.windows, result.anchored.windows), strict=True):
        for window in windows:
            values = msgspec.structs.asdict(window)
            absent = {one.key: None for one in study.space.dimensions}
            rows.append({"kind": kind, "agrees": not window.differences} | values | absent | window.parameters)
    return rows


def trial_rows(study: Study) -> Iterator[Row]:
    """Yield one row per sample and parameter set."""
    plan = study.result.plan
    for (start, end), scores in study.scores.items():
        numbers = np.array(sorted(scores), np.int64)
        values = np.array([objective_of(scores[int(n)], plan.objective) for n in numbers])
        means = plateau_values(study.space, numbers, values, grid=plan.sampler == "grid")
        for number, value, mean in zip(numbers.tolist(), values.tolist(), means.tolist(), strict=True):
            score: Score = scores[number]
            own = {"is_start": start, "is_end": end, "number": number, "objective": value, "plateau": mean}
            own["eligible"] = score.trades >= plan.min_trades and bool(np.isfinite(value))
            yield own | msgspec.structs.asdict(score) | study.space.parameters(number)


def stitched_rows(study: Study) -> Iterator[Row]:
    """Yield one row per day and kind; equity begins with the starting balance."""
    start = study.result.start_equity
    for kind, one in study.stitched.items():
        for day, window, value, equity in zip(one.days, one.windows, one.returns, one.equity, strict=True):
            yield {
                "kind": kind,
                "day": day_of(int(day)),
                "window": int(window),
                "return_frac": float(value),
                "equity": start * float(equity),
            }
