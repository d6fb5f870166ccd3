"""The arrays behind the risk charts: heat, refusals by rule, breaker periods."""

from collections.abc import Sequence

import numpy as np

from research.report.breaker_spans import BreakerSpan, Ending, level_of, plain
from research.report.chart_data import EQUITY_BUCKETS, extreme_rows
from research.report.payload import MS_NS, Payload
from research.report.refusal_bars import refusal_bars, refused_entries
from research.report.run import Run
from research.run_metrics import to_ns

HEAT_STEP_FRAC = 1e-5


def add_risk(payload: Payload, run: Run, spans: Sequence[BreakerSpan]) -> None:
    """Add what ``assets/breakers.js`` and ``assets/risk.js`` draw."""
    _add_heat(payload, run)
    _add_refusals(payload, run)
    _add_spans(payload, run, spans)


def _add_heat(payload: Payload, run: Run) -> None:
    known = run.equity.dropna(subset=["heat_frac"])
    heat = known["heat_frac"].to_numpy(np.float64)
    rows = extreme_rows(heat, EQUITY_BUCKETS)
    payload.add_steps("h.ts", to_ns(known["ts"])[rows] // MS_NS, 1000.0)
    payload.add_steps("h.frac", heat[rows], HEAT_STEP_FRAC)
    payload.meta["max_heat_frac"] = run.max_heat_frac


def _add_refusals(payload: Payload, run: Run) -> None:
    refused = refused_entries(run.decisions)
    payload.meta["refusal_rules"] = []
    if len(refused) == 0:
        return
    bars = refusal_bars(refused, run.span_ns)
    payload.meta |= {"refusal_rules": list(bars.counts), "refusal_unit": bars.unit}
    payload.add_steps("r.edges", bars.edges_ns // MS_NS, 1000.0)
    for index, counts in enumerate(bars.counts.values()):
        payload.add_steps(f"r.{index}", counts, 1.0)


def _add_spans(payload: Payload, run: Run, spans: Sequence[BreakerSpan]) -> None:
    names = sorted({span.breaker for span in spans}, key=lambda name: (level_of(name), name))
    last_ns = run.span_ns[1] if run.span_ns else 0
    payload.meta["breakers"] = [{"name": plain(name), "level": int(level_of(name))} for name in names]
    payload.add_steps("b.begin", [span.begin_ns // MS_NS for span in spans], 1000.0)
    payload.add_steps("b.end", [min(span.end_ns, max(last_ns, span.begin_ns)) // MS_NS for span in spans], 1000.0)
    payload.add_steps("b.name", [names.index(span.breaker) for span in spans], 1.0)
    payload.add_steps("b.never", [span.ending is Ending.NEVER for span in spans], 1.0)
