"""The final choice of a window in the engine itself, compared with what the sweep saw there.

The engine is the truth; the sweep only made the search affordable. A window in which the two differ counts for nothing.
"""

from collections.abc import Iterator
from datetime import date

import msgspec
import numpy as np
import numpy.typing as npt

from configs.run import RunConfig
from research.equity_curve import daily_closes
from research.inputs import load_inputs
from research.results import side_name, trade_rows
from research.simulation import Simulation, simulate
from research.sweep.sweep import Outcome
from research.walk_forward.history import History
from research.walk_forward.journal import Checked, Span
from research.walk_forward.score import score_of
from risk.facts import trades_every_day

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-6  # relative
SHOWN = 3  # differences that are written down
MONEY_FLOOR = 1.0  # results under one unit of account currency are compared as if they were one: they are rounded


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """One closed trade, as both simulations know it."""

    instrument: str
    side: int
    entry_ns: int
    exit_ns: int
    quantity: float
    entry_px: float
    exit_px: float
    net: float
    r_multiple: float


class EngineRun(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine did in a span: trades, and the last equity of each day."""

    deals: tuple[Deal, ...]
    equity: tuple[float, ...]


def check_in_engine(history: History, config: RunConfig, number: int, span: Span) -> Checked:
    """Return what a configuration does in a span in the engine, and where the sweep differs.

    Notes
    -----
    The engine starts on the first day with the starting balance and warm from the candles before, as the sweep does.
    Instruments without a candle in the span are left out of it.
    """
    run = run_engine(config, span, history.instruments_in(span), history.inputs.account)
    seen = history.outcome(config, span)
    r_multiples = np.array([deal.r_multiple for deal in run.deals])
    equity = np.array(run.equity)
    return Checked(
        span=span,
        number=number,
        score=score_of(equity, r_multiples, config.account.starting_balance, history.annual_days),
        equity=run.equity,
        differences=tuple(differences(run, swept(seen, list(history.inputs.markets)))),
    )


def run_engine(config: RunConfig, span: Span, instruments: tuple[str, ...], currency: str) -> EngineRun:
    """Return what a configuration does in a span in the engine."""
    if not instruments:
        return EngineRun(deals=(), equity=())
    own = msgspec.structs.replace(
        config,
        start=_text(span[0]),
        end=_text(span[1]),
        instruments=instruments,
        account=msgspec.structs.replace(config.account, currency=currency),
    )
    inputs = load_inputs(own)
    simulation = simulate(inputs)
    rows = simulation.recorder.equity_rows
    stamps = np.array([row.ts_ns for row in rows], np.int64)
    values = np.array([row.equity for row in rows])
    equity = daily_closes(stamps, values, trades_every_day(inputs.markets))[1]
    return EngineRun(deals=tuple(_deals(simulation)), equity=tuple(equity.tolist()))


def _deals(simulation: Simulation) -> Iterator[Deal]:
    fills = {one.instrument_id: (one.fill, one.fill_ns) for one in simulation.inputs.series}
    for row in trade_rows(simulation.log.closed, fills):
        yield Deal(
            instrument=row["instrument_id"],
            side=1 if row["side"] == side_name(1) else -1,
            entry_ns=row["entry_ts"],
            exit_ns=row["exit_ts"],
            quantity=row["quantity"],
            entry_px=row["entry_px"],
            exit_px=row["exit_px"],
            net=row["net_pnl"],
            r_multiple=row["r_multiple"],
        )


def swept(outcome: Outcome, names: list[str]) -> EngineRun:
    """Return what the sweep saw in the engine's words."""
    deals = tuple(
        Deal(
            instrument=names[int(one["instrument"])],
            side=int(one["side"]),
            entry_ns=int(one["entry_ns"]),
            exit_ns=int(one["exit_ns"]),
            quantity=float(one["quantity"]),
            entry_px=float(one["entry_px"]),
            exit_px=float(one["exit_px"]),
            net=float(one["net_pnl"]),
            r_multiple=float(one["r_multiple"]),
        )
        for one in outcome.trades
    )
    return EngineRun(deals=deals, equity=tuple(outcome.equity.tolist()))


def differences(engine: EngineRun, sweep: EngineRun) -> list[str]:
    """Return the first things in which two runs differ, in words; none when they agree to 1e-6 relative."""
    found = []
    if len(engine.deals) != len(sweep.deals):
        found.append(f"trades: {len(engine.deals)} in the engine, {len(sweep.deals)} in the sweep")
    for ours, theirs in zip(_sorted(engine), _sorted(sweep), strict=False):
        found += _differences_of(ours, theirs)
        if len(found) >= SHOWN:
            break
    if len(engine.equity) != len(sweep.equity):
        found.append(f"days: {len(engine.equity)} in the engine, {len(sweep.equity)} in the sweep")
    else:
        apart = [n for n, pair in enumerate(zip(engine.equity, sweep.equity, strict=True)) if not _same(*pair)]
        if apart:
            pair = f"{engine.equity[apart[0]]:.2f} in the engine, {sweep.equity[apart[0]]:.2f} in the sweep"
            found.append(f"equity on day {apart[0] + 1}: {pair}")
    return found[:SHOWN]


def _sorted(run: EngineRun) -> list[Deal]:
    return sorted(run.deals, key=lambda deal: (deal.entry_ns, deal.instrument))


def _differences_of(ours: Deal, theirs: Deal) -> Iterator[str]:
    who = f"{ours.instrument} {_moment(ours.entry_ns)}"
    for name in ("instrument", "side", "entry_ns", "exit_ns", "quantity", "entry_px", "exit_px", "net"):
        a, b = getattr(ours, name), getattr(theirs, name)
        alike = _same(a, b, MONEY_FLOOR if name == "net" else 0.0) if isinstance(a, float) else a == b
        if not alike:
            yield f"{who}: {name} {a} in the engine, {b} in the sweep"
            return


def _same(a: float, b: float, floor: float = 0.0) -> bool:
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b), floor)


def _moment(ns: int) -> str:
    return str(np.datetime64(ns, "ns"))[:16]


def _text(day: date) -> str:
    return day.isoformat()
