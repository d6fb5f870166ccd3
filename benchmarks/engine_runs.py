"""The two runs that are compared: ours, and the engine with a strategy that does nothing, on the same bars."""

import gc
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import AccountType, Bar, BarType, Money, OmsType, StrategyId, Venue
from nautilus_trader.trading import Strategy, StrategyConfig

from catalog.bars import bar_type_name
from catalog.instruments import currency
from monitoring.journal import Journal
from research.feed import Feed, chunks
from research.inputs import Inputs
from research.run_data import Series
from research.simulation import Simulation
from research.venues import venue_of


class Timing(NamedTuple):
    """Wall and processor seconds of one run, and what it did."""

    wall_secs: float
    cpu_secs: float
    trades: int = 0
    signals: int = 0


class NoOp(Strategy):
    """Subscribe to the signal bars; do nothing with them."""

    def attach(self, bar_types: list[BarType]) -> None:
        """Hand over what the engine's constructor has no room for."""
        self._bar_types = bar_types
        self.seen = 0

    def on_start(self) -> None:
        for bar_type in self._bar_types:
            self.subscribe_bars(bar_type)

    def on_bar(self, _bar: Bar) -> None:
        self.seen += 1


def time_full(inputs: Inputs) -> Timing:
    """Time everything: rules, gate, lifecycle, desk, fills, records and the journal on disk."""
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal.jsonl") as journal:
        simulation = Simulation(inputs, journal)
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        simulation.run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        simulation.close()
    return Timing(wall, cpu, len(simulation.log.closed), len(simulation.recorder.signals))


def time_no_op(inputs: Inputs) -> Timing:
    """Time the same bars in the same chunks through an engine of which nothing is asked."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggerConfig(bypass_logging=True), run_analysis=False))
    money = currency(inputs.account)
    for name in dict.fromkeys(venue_of(one.instrument_id) for one in inputs.series):
        engine.add_venue(
            Venue(name),
            OmsType.NETTING,
            AccountType.MARGIN,
            [Money(inputs.config.account.starting_balance, money)],
            base_currency=money,
            default_leverage=Decimal(1),
            fee_model=MakerTakerFeeModel(Decimal(0), Decimal(0)),
        )
    for instrument in inputs.instruments.values():
        engine.add_instrument(instrument)
    signal = inputs.config.timeframe.signal
    strategy = NoOp(StrategyConfig(strategy_id=StrategyId("NOOP-001"), log_events=False))
    strategy.attach([BarType.from_str(bar_type_name(one.instrument_id, signal)) for one in inputs.series])
    engine.add_strategy(strategy)
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for end_ns, items in chunks(_feeds(inputs)):
        engine.add_data(items, validate=False)
        engine.run(end=end_ns + 3, streaming=True)
        engine.clear_data()
    engine.end()
    timing = Timing(time.perf_counter() - wall, time.process_time() - cpu)
    expected = sum(_complete(one) for one in inputs.series)
    if strategy.seen != expected:
        raise RuntimeError(f"the no-op strategy saw {strategy.seen} signal bars of {expected}: nothing is compared")
    engine.dispose()
    return timing


def time_feed(inputs: Inputs) -> float:
    """Return the seconds that making the engine's bars from columns takes; both runs pay them."""
    start = time.perf_counter()
    for _chunk in chunks(_feeds(inputs)):
        pass
    return time.perf_counter() - start


def _complete(series: Series) -> int:
    """Return how many signal bars close within the data; the last one may be cut."""
    last_ns = int(series.fill.ts_open_ns[-1]) + series.fill_ns
    return int((series.signal.ts_open_ns + series.signal_ns <= last_ns).sum())


def _feeds(inputs: Inputs) -> list[Feed]:
    return [
        Feed(
            series=one,
            instrument=inputs.instruments[one.instrument_id],
            signal_interval=inputs.config.timeframe.signal,
            path=False,
            funding=[],
        )
        for one in inputs.series
    ]
