"""The overlaid equity curves as the page's script wants them."""

from collections.abc import Sequence

import numpy as np

from research import equity_curve
from research.comparison.runs import Compared
from research.report.chart_data import EQUITY_BUCKETS, extreme_rows
from research.report.payload import MS_NS, Payload
from research.run_metrics import to_ns


def build_payload(runs: Sequence[Compared]) -> Payload:
    """Return growth (equity over start equity, minus 1) and drawdown of each run, thinned to what a screen shows."""
    payload = Payload()
    payload.meta = {"runs": [f"{one.letter}: {one.run.name}" for one in runs]}
    for number, one in enumerate(runs):
        equity, start = one.run.equity["equity"].to_numpy(np.float64), one.run.start_equity
        rows = extreme_rows(equity, EQUITY_BUCKETS)
        falls = equity_curve.drawdown_fracs(np.concatenate(([start], equity)))[1:]
        payload.add_steps(f"{number}.ts", to_ns(one.run.equity["ts"])[rows] // MS_NS, 1000.0)
        payload.add(f"{number}.growth", equity[rows] / start - 1.0)
        payload.add(f"{number}.drawdown", falls[rows])
    return payload
