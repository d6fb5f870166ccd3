"""Decisions and trades of engine and sweep, side by side; the first difference with what surrounds it."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from catalog.instruments import currency
from compiled import Records
from research import results
from research.equity_curve import daily_closes
from research.inputs import Inputs
from research.results import side_name
from research.simulation import Simulation, simulate
from research.sweep.records import REASONS, RULES
from research.sweep.sweep import Outcome, Sweep
from risk.messages import Decision

MONEY = 1e-9  # relative, of what is compared or of one unit of money: results of a trade, added up in floats
EXACT = 1e-9  # relative: prices and quantities are the same tick and lot


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing in which engine and sweep differ.

    Attributes
    ----------
    what : str
        Such as ``trade 12 of ETHUSDT-PERP.BINANCE``.
    fields : dict
        Name to what the engine has and what the sweep has.
    before : tuple of str
        What both had last.
    """

    what: str
    fields: dict[str, tuple[Any, Any]]
    before: tuple[str, ...] = ()


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, and the first difference; None when there is none."""

    signals: int
    approved: int
    trades: int
    missed: int
    end_equity: float
    difference: Difference | None


def compare(inputs: Inputs, sweep: Sweep | None = None) -> Parity:
    """Run engine and sweep on the same inputs and compare what they did.

    Raises
    ------
    ConfigError
        The sweep does not simulate such a configuration.
    """
    sweep = sweep or Sweep(inputs)
    found = sweep.run(inputs.config, decisions=True)
    simulation = simulate(inputs)
    fills = {one.instrument_id: (one.fill, one.fill_ns) for one in inputs.series}
    trades = results.trade_rows(simulation.log.closed, fills)
    names = list(inputs.markets)
    decisions = simulation.recorder.decisions
    missed = {one.signal_id for one in simulation.log.missed}
    unit = 10.0 ** -currency(inputs.account).precision
    end_equity = simulation.recorder.equity_rows[-1].equity if simulation.recorder.equity_rows else math.nan
    difference = first_difference(
        [_engine_decision(one, missed) for one in decisions],
        [_sweep_decision(one, names) for one in found.decided],
        "signal",
        unit,
    ) or first_difference(
        [_engine_trade(row) for row in trades], [_sweep_trade(one, names) for one in found.trades], "trade", unit
    )
    return Parity(
        signals=len(decisions),
        approved=sum(one.approved for one in decisions),
        trades=len(trades),
        missed=len(missed),
        end_equity=end_equity,
        difference=difference or _days(simulation, found, sweep.every_day, unit),
    )


def first_difference(
    engine: Sequence[dict[str, Any]], sweep: Sequence[dict[str, Any]], what: str, unit: float
) -> Difference | None:
    """Return the first row in which two lists differ, None when they are equal.

    ``unit`` is the smallest amount of the account's currency: equity must be the same to it.
    """
    for number, (a, b) in enumerate(zip(engine, sweep, strict=False)):
        fields = {name: (a[name], b[name]) for name in a if not _same(name, a[name], b[name], unit)}
        if fields:
            before = tuple(_line(row) for row in engine[max(0, number - 2) : number])
            return Difference(what=f"{what} {number + 1}: {_line(a)}", fields=fields, before=before)
    if len(engine) != len(sweep):
        extra = (engine if len(engine) > len(sweep) else sweep)[min(len(engine), len(sweep))]
        return Difference(
            what=f"{what} {min(len(engine), len(sweep)) + 1}: {_line(extra)}",
            fields={"number": (len(engine), len(sweep))},
        )
    return None


MONEY_FIELDS = frozenset(("gross_pnl", "fees", "funding", "slippage", "net_pnl", "r_multiple", "heat_before"))


def _same(name: str, a: object, b: object, unit: float) -> bool:
    if not isinstance(a, float) or not isinstance(b, float):
        return a == b
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if name == "equity":
        return abs(a - b) < 0.5 * unit
    limit = MONEY * max(1.0, abs(a)) if name in MONEY_FIELDS else EXACT * max(1e-9, abs(a))
    return abs(a - b) <= limit


def _line(row: dict[str, Any]) -> str:
    return " ".join(str(value) for value in list(row.values())[:4])


def _when(ns: int) -> str:
    return f"{np.datetime64(int(ns), 'ns')}"


def _engine_decision(one: Decision, missed: set[str]) -> dict[str, Any]:
    signal = one.signal
    return {
        "instrument": signal.instrument_id,
        "side": side_name(signal.side),
        "ts": _when(signal.ts_ns),
        "rule": _rule(one.rule),
        "score": int(signal.score),
        "entry": float(signal.entry),
        "stop": float(signal.stop),
        "tp1": float(signal.tp1),
        "tp2": float(signal.tp2),
        "quantity": float(one.quantity),
        "missed": signal.signal_id in missed,
        "equity": float(one.equity),
        "heat_before": float(one.heat_before),
    }


def _rule(rule: str) -> str:
    known = rule in RULES
    return rule if known or not rule.startswith("unknown_") else "unknown_number"


def _sweep_decision(one: Records, names: Sequence[str]) -> dict[str, Any]:
    numbers = {name: float(one[name]) for name in ("entry", "stop", "tp1", "tp2", "quantity", "equity", "heat_before")}
    return {
        "instrument": names[int(one["instrument"])],
        "side": side_name(int(one["side"])),
        "ts": _when(int(one["signal_ns"])),
        "rule": RULES[int(one["rule"])],
        "score": int(one["score"]),
        "missed": bool(one["missed"]),
        **numbers,
    }


PRICES = ("entry_px", "quantity", "stop_initial", "tp1", "tp2", "exit_px")
RESULTS = ("gross_pnl", "fees", "funding", "slippage", "net_pnl", "r_multiple")


def _engine_trade(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: _when(row[name]) for name in ("signal_ts", "entry_ts", "exit_ts")}
    numbers = {name: float(row[name]) for name in (*PRICES, *RESULTS)}
    return {
        "instrument": row["instrument_id"],
        "side": row["side"],
        **times,
        "exit_reason": row["exit_reason"],
        **numbers,
    }


def _sweep_trade(one: Records, names: Sequence[str]) -> dict[str, Any]:
    times = {f"{name}_ts": _when(int(one[f"{name}_ns"])) for name in ("signal", "entry", "exit")}
    numbers = {name: float(one[name]) for name in (*PRICES, *RESULTS)}
    return {
        "instrument": names[int(one["instrument"])],
        "side": side_name(int(one["side"])),
        **times,
        "exit_reason": REASONS[int(one["exit_reason"])],
        **numbers,
    }


def _days(simulation: Simulation, found: Outcome, every_day: bool, unit: float) -> Difference | None:
    """Return the first day at whose end the account differs."""
    rows = simulation.recorder.equity_rows
    stamps, values = np.array([row.ts_ns for row in rows], np.int64), np.array([row.equity for row in rows])
    days, engine = daily_closes(stamps, values, every_day)
    if len(engine) != len(found.equity):
        return Difference(what="days", fields={"number": (len(engine), len(found.equity))})
    apart = np.abs(engine - found.equity) >= 0.5 * unit
    if not apart.any():
        return None
    n = int(np.argmax(apart))
    day = str(np.datetime64(int(days[n]), "D"))
    return Difference(what=f"equity of {day}", fields={"equity": (float(engine[n]), float(found.equity[n]))})
