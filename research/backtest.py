"""A back-test from configuration to report (Spec 3.5.2)."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from configs.dump import to_toml
from configs.run import RunConfig
from errors import ConfigError
from memory.memory import Memory
from monitoring.journal import Journal, iso_utc
from research import results
from research.identity import code_hash, trading_hash
from research.inputs import Inputs, load_inputs
from research.report import PriceSeries, write_report
from research.run_data import Series
from research.run_dir import RunDir, link_newest
from research.run_metrics import compute_metrics
from research.simulation import Progress, Simulation
from risk.breakers.catalogue import BY_NAME
from risk.facts import keep_facts, trades_every_day


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run is and what came out."""

    path: Path
    metrics: dict[str, Any]
    complete: bool


def run_backtest(config: RunConfig, out: Path, *, link: bool = False, progress: Progress | None = None) -> Outcome:
    """Run a back-test and write everything it leaves.

    Parameters
    ----------
    config : RunConfig
    out : Path
        Folder that holds runs; this one's is ``<config hash>-<start>`` in it.
    link : bool
        Also link the run's files directly into ``out``.
    progress : callable, optional
        Called with the time reached, nanoseconds.

    Raises
    ------
    BotError
        Configuration or data cannot be used.
    Exception
        Whatever a callback raised during the run; nothing is left behind then but the journal so far.
    """
    began = time.perf_counter()
    if config.ledger.backend != "process":
        raise ConfigError("ledger.backend: a back-test has its account for itself: process")
    inputs = load_inputs(config)
    code = code_hash()  # now: sources may be edited while it runs
    start_ns = min(int(one.fill.ts_open_ns[0]) for one in inputs.series)
    folder = RunDir(out, f"{config.hash}-{datetime.fromtimestamp(start_ns // 10**9, UTC):%Y%m%d}")
    try:
        with Journal(folder.path / "journal.jsonl") as journal, _memory(config, folder.path) as memory:
            simulation = Simulation(inputs, journal, memory)
            _run(simulation, journal, start_ns, progress)
        metrics = _write(simulation, folder.path, code, time.perf_counter() - began)
    except BaseException:
        folder.discard()
        raise
    path = folder.publish(complete=not simulation.interrupted)
    simulation.close()
    if link:
        link_newest(out, path)
    return Outcome(path=path, metrics=metrics, complete=not simulation.interrupted)


@contextmanager
def _memory(config: RunConfig, folder: Path) -> Iterator[Memory]:
    """Keep what a live system would keep, in the run's folder, when that is asked for: a back-test has no restart."""
    if config.memory.backend == "none":
        yield Memory()
        return
    from memory.store import open_store  # noqa: PLC0415 - a database takes a moment to import

    own = msgspec.structs.replace(config.memory, path=str(folder / "risk.sqlite"))
    if own.backend != "sqlite":
        raise ConfigError("memory.backend: a back-test keeps its memory in its own folder: sqlite or none")
    store = open_store(own)
    store.own()
    memory = Memory(store)
    try:
        yield memory
    finally:
        memory.close()


def _run(simulation: Simulation, journal: Journal, start_ns: int, progress: Progress | None) -> None:
    inputs = simulation.inputs
    journal.write(start_ns, "backtest", "RUN_STARTED", "", {"config": inputs.config, "currency": inputs.account})
    config = inputs.config
    keep_facts(
        simulation.memory,
        config.risk,
        inputs.markets,
        ledger=config.ledger,
        currency=inputs.account,
        name=config.name,
    )
    simulation.run(progress)
    end_ns = simulation.recorder.equity_rows[-1].ts_ns if simulation.recorder.equity_rows else start_ns
    details = {"complete": not simulation.interrupted, "equity": simulation.account.equity()}
    journal.write(end_ns, "backtest", "RUN_ENDED", "", details)


def _write(simulation: Simulation, path: Path, code: str, elapsed_secs: float) -> dict[str, Any]:
    config, log, recorder = simulation.inputs.config, simulation.log, simulation.recorder
    start_equity = config.account.starting_balance
    fills = {one.instrument_id: (one.fill, one.fill_ns) for one in simulation.inputs.series}
    trades = results.trade_rows(log.closed, fills)
    equity = results.equity_table(recorder.equity_rows, start_equity)
    results.write_table(path / "signals.parquet", results.SIGNALS, results.signal_rows(recorder.signals))
    results.write_table(path / "decisions.parquet", results.DECISIONS, results.decision_rows(recorder.decisions))
    results.write_table(path / "trades.parquet", results.TRADES, trades)
    results.write_table(path / "equity.parquet", results.EQUITY, equity)
    results.write_table(path / "stops.parquet", results.STOPS, results.stop_rows(log.stops))
    results.write_table(path / "missed.parquet", results.MISSED, results.missed_rows(log.missed))
    results.write_table(path / "breakers.parquet", results.BREAKERS, results.breaker_rows(recorder.breakers))
    (path / "config.toml").write_text(to_toml(config), encoding="utf-8")
    metrics = _metrics(simulation, trades, equity) | {"code_hash": code, "elapsed_secs": round(elapsed_secs, 3)}
    (path / "metrics.json").write_text(json.dumps(metrics, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    prices = {one.instrument_id: _prices(one, config) for one in simulation.inputs.series}
    write_report(path, prices=prices)
    return metrics


def _metrics(simulation: Simulation, trades: list[dict[str, Any]], equity: list[dict[str, Any]]) -> dict[str, Any]:
    import pandas as pd  # noqa: PLC0415

    inputs, config = simulation.inputs, simulation.inputs.config
    every_day = trades_every_day(inputs.markets)
    frames = [_frame(pd, rows, schema) for rows, schema in ((trades, results.TRADES), (equity, results.EQUITY))]
    computed = compute_metrics(frames[0], frames[1], config.account.starting_balance, 365 if every_day else 252)
    refused = Counter(decision.rule for decision in simulation.recorder.decisions if not decision.approved)
    return computed | {
        "complete": not simulation.interrupted,
        "run": f"{config.name} {config.hash}",
        "facts": _facts(inputs),
        "config_hash": config.hash,
        "trading_hash": trading_hash(config),
        "currency": inputs.account,
        "data": {one.instrument_id: _data_facts(one, config) for one in inputs.series},
        "counts": {
            "signals": len(simulation.recorder.signals),
            "approved": sum(decision.approved for decision in simulation.recorder.decisions),
            "missed_entries": len(simulation.log.missed),
            "trades": len(trades),
            "refused": dict(refused.most_common()),
            "alerts": dict(Counter(alert.name for alert in simulation.recorder.alerts)),
            "trips": dict(Counter(one.breaker for one in simulation.recorder.breakers if one.kind == "TRIPPED")),
        },
        "shut": _shut(simulation),
        "warnings": _warnings(inputs) + _halts(simulation),
    }


def _shut(simulation: Simulation) -> dict[str, str]:
    """Return the breakers that wait for a hand at the end of the run, and since when: nothing was entered since."""
    board = simulation.gate.officer.board
    last = {one.breaker: iso_utc(one.ts_ns)[:16] for one in simulation.recorder.breakers if one.kind == "TRIPPED"}
    closed = [check.rule for check in board.checks() if not check.passed]
    return {name: last[name] for name in closed if BY_NAME[name].opens != "by itself"}


def _halts(simulation: Simulation) -> list[str]:
    """Return what a reader must know of breakers that are off, or that ended the trading."""
    if not simulation.inputs.config.risk.breakers:
        return ["breakers were off (risk.breakers = false): research only, no live system runs like this"]
    return [
        f'{name}: tripped {since} and closed to the end: it waits for a hand (risk.operator = "simulated" gives it one)'
        for name, since in _shut(simulation).items()
    ]


def _facts(inputs: Inputs) -> dict[str, str]:
    """Return what a reader should know of how the run was made, in words."""
    config, costs = inputs.config, inputs.config.costs
    fills = ", ".join(dict.fromkeys(one.fill_interval for one in inputs.series))
    carry = {
        "crypto": f"real funding where known, else {costs.funding_8h_frac:.4%} per 8 h",
        "fx": f"rollover {costs.rollover_fx_daily_frac:.4%} a night",
        "equity": f"borrowing {costs.borrow_equity_daily_frac:.4%} a night for shorts",
    }
    classes = dict.fromkeys(market.asset_class for market in inputs.markets.values())
    return {
        "Profile": f"{config.profile}: {config.timeframe.signal} signals, {config.timeframe.htf} trend",
        "Fills": f"on {fills} bars, at most {costs.participation_frac:.0%} of a bar's volume",
        "Fees": f"{costs.maker_frac:.3%} maker, {costs.taker_frac:.3%} taker, per side",
        "Slippage": f"{costs.slippage_frac:.3%} on every market and stop fill",
        "Breakers": f"on, operator {config.risk.operator}" if config.risk.breakers else "off: research only",
        "Carry": "; ".join(carry[name] for name in classes if name in carry) or "none",
    }


def _frame(pd: Any, rows: list[dict[str, Any]], schema: Any) -> Any:
    frame = pd.DataFrame(rows, columns=list(schema))
    stamps = [name for name, kind in schema.items() if kind == results.STAMP]
    return frame.assign(**{name: pd.to_datetime(frame[name], unit="ns", utc=True) for name in stamps})


def _data_facts(series: Series, config: RunConfig) -> dict[str, Any]:
    first_ns, last_ns = int(series.fill.ts_open_ns[0]), int(series.fill.ts_open_ns[-1]) + series.fill_ns
    return {
        "first": f"{datetime.fromtimestamp(first_ns // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "last": f"{datetime.fromtimestamp(last_ns // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "signal_interval": config.timeframe.signal,
        "fill_interval": series.fill_interval,
        "signal_bars": len(series.signal),
        "fill_bars": len(series.fill),
        "holes": len(series.ends_ns) - 1,
        "sha256": series.fingerprint,
    }


def _warnings(inputs: Inputs) -> list[str]:
    found = []
    for one in inputs.series:
        if len(one.ends_ns) > 1:
            found.append(
                f"{one.instrument_id}: {len(one.ends_ns) - 1} holes in the data; no position was held across them and "
                "indicators started afresh after each"
            )
        info = inputs.instruments[one.instrument_id].info or {}
        if info.get("inferred"):
            found.append(f"{one.instrument_id}: tick, lot and class were inferred from its id and data")
    if inputs.config.venue.stop_order == "stop_limit":
        found.append(
            "stop-limits on bars: a bar that steps over trigger and limit counts as a jump, which is pessimistic; "
            "the default stop_market models a stop-limit and its time-out (D15)"
        )
    return found


def _prices(series: Series, config: RunConfig) -> PriceSeries:
    candles = series.signal
    return PriceSeries(
        ts_ns=candles.ts_open_ns + config.timeframe.signal_ns,
        open=candles.open,
        high=candles.high,
        low=candles.low,
        close=candles.close,
    )
