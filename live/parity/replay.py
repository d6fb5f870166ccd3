"""The back-test of what a live run saw: the same candles, markets, configuration and account."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np

from adapters.binance.usdm import BinanceUsdm
from catalog.candles import INTERVAL_NS, Candles
from catalog.definition import Definition
from catalog.load import Terms, load_candles
from catalog.store import Store
from configs.run import AccountConfig, RunConfig
from errors import DataError
from live.history import MS_NS, symbol_of
from live.parity.given import GivenSimulation
from live.parity.journal import Record, read_events, record_of
from live.parity.run import LiveRun
from memory.config import MemoryConfig
from monitoring.journal import Journal, iso_utc
from research.inputs import load_inputs
from research.simulation import Simulation
from risk.config_ledger import SharedLedgerConfig
from risk.messages import Market

FINE = "1m"
QUOTE = "USDT"
NOISE = 1e-12

type Fetch = Callable[[str, str, int, int], Candles]  # instrument, interval, first open ns, last close ns


def from_venue(client: BinanceUsdm) -> Fetch:
    """Return candles as the venue serves them."""
    return lambda name, interval, start_ns, end_ns: client.klines(
        symbol_of(name), interval, start_ns // MS_NS, end_ns // MS_NS
    )


def from_catalog(store: Store) -> Fetch:
    """Return candles of a catalog: the file that the venue replayed, loaded."""
    return store.candles


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What the back-test did by its own decisions, what given those of the live run, and bars that were others."""

    own: Record
    given: Record
    other_bars: list[str]


def replay(run: LiveRun, fetch: Fetch, folder: Path) -> Replayed:
    """Run the back-test twice: as it decides, and answering every signal as the live run did.

    Raises
    ------
    DataError
        There are no candles of the run's span.
    """
    store = Store(folder / "catalog", create=True)
    wrong: list[str] = []
    for name, (first_ns, _) in run.warm_ns.items():
        signal = fetch(name, run.config.timeframe.signal, first_ns, run.end_ns)
        wrong += _other_bars(run, name, signal)
        _load(store, run, name, run.config.timeframe.signal, signal)
        _load(store, run, name, FINE, fetch(name, FINE, run.start_ns, run.end_ns))
    inputs = msgspec.structs.replace(load_inputs(config_of(run, store.path)), markets=run.markets)
    given = run.record.decisions
    return Replayed(
        own=_simulate(folder / "own.jsonl", lambda journal: Simulation(inputs, journal)),
        given=_simulate(folder / "given.jsonl", lambda journal: GivenSimulation(inputs, journal, given)),
        other_bars=wrong,
    )


def _simulate(path: Path, make: Callable[[Journal], Simulation]) -> Record:
    with Journal(path) as journal:
        simulation = make(journal)
        try:
            simulation.run()
        finally:
            simulation.close()
    return record_of(read_events(path))


def config_of(run: LiveRun, catalog: Path) -> RunConfig:
    """Return the back-test's configuration: the live one, over the run's span, with its account."""
    live = run.config
    values = {name: getattr(live, name) for name in RunConfig.__struct_fields__}
    values |= {
        "catalog": str(catalog),
        "start": iso_utc(run.start_ns),
        "end": iso_utc(run.end_ns),
        "account": AccountConfig(starting_balance=run.equity),
        "memory": MemoryConfig(),
        "ledger": SharedLedgerConfig(),
    }
    return RunConfig(**values)


def _load(store: Store, run: LiveRun, name: str, interval: str, candles: Candles) -> None:
    if len(candles) == 0:
        raise DataError(
            f"{name}: no {interval} candles from {iso_utc(run.start_ns)[:16]} to {iso_utc(run.end_ns)[:16]}: "
            "is the venue still up? else name a catalog that holds what it replayed: --catalog DIR"
        )
    digest = hashlib.sha256(candles.close.tobytes()).hexdigest()
    terms = Terms(definition=_definition(name, run.markets[name]))
    load_candles(store, name, interval, candles, source="live run", sha256=digest, terms=terms)


def _definition(name: str, market: Market) -> Definition:
    return Definition(
        kind="perpetual",
        base=symbol_of(name).removesuffix(QUOTE),
        quote=QUOTE,
        tick=_text(market.tick),
        lot=_text(market.lot),
        min_qty=_text(market.min_quantity),
        min_notional=_text(market.min_notional),
        impact=market.impact,
        origin="venue",
    )


def _text(number: float) -> str:
    return f"{Decimal(repr(number)).normalize():f}"


def _same(now: float, live: float) -> bool:
    """Return whether two numbers are the same decimal: the engine's floats are off by a unit in the last place."""
    return abs(now - live) <= NOISE * abs(now)


def _other_bars(run: LiveRun, name: str, candles: Candles) -> list[str]:
    """Return the bars of the live run that are not what the candles say."""
    step_ns = INTERVAL_NS[run.config.timeframe.signal]
    row_of = {int(ns) + step_ns: row for row, ns in enumerate(candles.ts_open_ns.tolist())}
    found = []
    for (instrument_id, close_ns), live in sorted(run.bars.items()):
        if instrument_id != name or close_ns > run.end_ns:
            continue
        row = row_of.get(close_ns)
        columns = (candles.high, candles.low, candles.close, candles.volume)
        now = None if row is None else tuple(float(column[row]) for column in columns)
        if now is None or not all(map(_same, now, live)):
            shown = "none" if now is None else " ".join(f"{value:.12g}" for value in now)
            seen = " ".join(f"{value:.12g}" for value in live)
            found.append(f"{name} {np.datetime64(close_ns, 'ns')}: live {seen}, candles {shown}")
    return found
