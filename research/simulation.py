"""One simulated account on the engine: plugins and data put together and run."""

import math
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import ExecutionEngineConfig
from nautilus_trader.model import BarType, InstrumentId, StrategyId, Venue
from nautilus_trader.portfolio import PortfolioConfig
from nautilus_trader.risk import RiskEngineConfig
from nautilus_trader.trading import StrategyConfig

from catalog.bars import bar_type_name
from catalog.instruments import currency
from execution.desk import Desk, Message
from execution.fills import BarFillModel
from execution.funding import funding_schedule, funding_updates
from execution.quality import QualityMeter
from execution.schedule import NS, entry_schedule
from execution.trade_log import TradeLog
from memory.memory import Memory
from monitoring.guard import Fault
from monitoring.journal import Journal
from research.account import Account
from research.feed import Feed, chunks
from research.inputs import Inputs
from research.market_view import CandleView
from research.operator import SimulatedOperator
from research.recorder import Recorder
from research.run_data import Series, needs_path
from research.venues import add_venues, fill_bars, rollover_modules, venue_of
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.facts import trades_every_day
from risk.gate import RiskGate
from risk.ledger import ProcessLedger
from risk.messages import (
    ALERT_TOPIC,
    QUALITY_TOPIC,
    RESULT_TOPIC,
    TRADE_TOPIC,
    Alert,
    FillQuality,
    TradeEvent,
    TradeResult,
)
from risk.officer import Publish, RiskOfficer
from risk.rates import Rates
from risk.returns import HourlyReturns
from strategies.breakout.breakout import BreakoutRules
from strategies.signal_strategy import SignalStrategy

type Progress = Callable[[int], None]

TOPICS = {
    TradeEvent: TRADE_TOPIC,
    TradeResult: RESULT_TOPIC,
    FillQuality: QUALITY_TOPIC,
    Alert: ALERT_TOPIC,
}

STALE_MARGIN_NS = 2 * NS
TAIL_NS = 4  # the timers behind the last bar: decisions, end of data, last equity row
DAILY_MINS, BUFFER_MINS = 1440, 60
NO_RATE = "1000000/00:00:01"  # simulated time stands still within a bar: a rate per second says nothing


class Simulation:
    """Build the engine with our plugins; run it over the data; hold what it left.

    Parameters
    ----------
    inputs : Inputs
    journal : Journal
        Takes every event before the action it leads to.
    memory : Memory, optional
        Keeps what a restart would have to know; a back-test needs none.
    """

    def __init__(self, inputs: Inputs, journal: Journal, memory: Memory | None = None) -> None:
        self.inputs = inputs
        self.memory = memory or Memory()
        self.fault = Fault()
        self.interrupted = False
        self.path = needs_path(inputs.series, inputs.config.timeframe.signal_ns) or self._has_foreign_money()
        self.engine = BacktestEngine(
            BacktestEngineConfig(
                logging=LoggerConfig(bypass_logging=True),
                run_analysis=False,
                risk_engine=RiskEngineConfig(max_order_submit_rate=NO_RATE, max_order_modify_rate=NO_RATE),
                exec_engine=purging(),
                portfolio=PortfolioConfig(equity_curve=False),
            )
        )
        self.strategy = SignalStrategy(StrategyConfig(strategy_id=StrategyId("BREAKOUT-001"), log_events=False))
        self.gate, self.recorder, self.fills = RiskGate(), Recorder(), BarFillModel()
        venues = [Venue(name) for name in dict.fromkeys(venue_of(name) for name in inputs.instruments)]
        self.account = self._make_account(venues)
        self.log = TradeLog(rates=self.account.rates, carry=self.account.take_carry)
        self._add_venues(venues)
        self._add_plugins(journal)

    # --- building -----------------------------------------------------------------------------------------------------

    def _has_foreign_money(self) -> bool:
        """Return whether results must be converted: the engine does that with quotes."""
        return any(pair.quote != self.inputs.account for pair in self.inputs.pairs.values())

    def _bar_type(self, series: Series, interval: str) -> BarType:
        return BarType.from_str(bar_type_name(series.instrument_id, interval))

    def _make_account(self, venues: list[Venue]) -> Account:
        inputs = self.inputs
        return Account(
            self.strategy,
            currency=currency(inputs.account),
            starting_balance=inputs.config.account.starting_balance,
            venues=venues,
            instruments=inputs.instruments,
            fill_types={one.instrument_id: self._bar_type(one, one.fill_interval) for one in inputs.series},
            quoted=self.path,
            rates=lambda account: Rates(inputs.account, inputs.pairs, lambda name: account.last_price(name)[1]),
        )

    def _add_venues(self, venues: list[Venue]) -> None:
        inputs = self.inputs
        money = currency(inputs.account)
        self.fills.attach(
            bars=fill_bars(inputs.series, inputs.markets),
            costs=inputs.config.costs,
            now_ns=lambda: self.strategy.clock.timestamp_ns(),  # noqa: PLW0108 - there is no clock before the run
            fault=self.fault,
        )
        modules = rollover_modules(
            venues,
            config=inputs.config,
            currency=money,
            markets=inputs.markets,
            account=self.account,
            fault=self.fault,
        )
        add_venues(
            self.engine,
            venues,
            config=inputs.config,
            currency=money,
            fills=self.fills,
            modules=modules,
            bar_execution=not self.path,
        )
        for instrument in inputs.instruments.values():
            self.engine.add_instrument(instrument)

    def _add_plugins(self, journal: Journal) -> None:
        inputs, config, fault = self.inputs, self.inputs.config, self.fault
        self.book = RiskBook(
            asset_classes={name: market.asset_class for name, market in inputs.markets.items()},
            multipliers={name: market.multiplier for name, market in inputs.markets.items()},
            equity=self.account.equity,
            rate=self.account.rates.of_instrument,
            ledger=ProcessLedger(),
        )
        self.gate.attach(officer=lambda publish: self._officer(publish, journal), fault=fault)
        self.recorder.attach(balance=self.account.balance, book=self.book, journal=journal, fault=fault)
        self.strategy.attach(
            rules={one.instrument_id: self._rules(one) for one in inputs.series},
            bar_types=[self._bar_type(one, config.timeframe.signal) for one in inputs.series],
            exits=config.exits,
            timeframe=config.timeframe.signal,
            config_hash=config.hash,
            desk=self._desk,
            ends_ns={one.instrument_id: one.ends_ns for one in inputs.series},
            on_quiet_bar=self.recorder.record_quiet,
            fault=fault,
        )
        self.engine.add_actor(self.gate)
        self.engine.add_actor(self.recorder)
        self.engine.add_strategy(self.strategy)

    def _officer(self, publish: Publish, journal: Journal) -> RiskOfficer:
        inputs, risk = self.inputs, self.inputs.config.risk
        returns = HourlyReturns(list(inputs.markets), risk.correlation_days)
        every_day = trades_every_day(inputs.markets)
        return RiskOfficer(
            markets=inputs.markets,
            config=risk,
            book=self.book,
            board=BreakerBoard(risk, every_day=every_day, memory=self.memory),
            returns=returns,
            view=CandleView(inputs.series, returns),
            memory=self.memory,
            journal=journal,
            publish=publish,
            report=self.fault.trip,
            hand=SimulatedOperator() if risk.operator == "simulated" else None,
        )

    def _rules(self, series: Series) -> BreakoutRules:
        timeframe = self.inputs.config.timeframe
        rules = BreakoutRules(
            self.inputs.config.strategy,
            signal_ns=timeframe.signal_ns,
            htf_ns=timeframe.htf_ns,
            max_gap_ns=series.max_gap_ns,
        )
        rules.warm_up(series.warmup, timeframe.signal_ns)
        return rules

    def _desk(self, strategy: SignalStrategy) -> Desk:
        config = self.inputs.config
        bar_ns = {one.instrument_id: one.fill_ns for one in self.inputs.series}
        early_ns = -1 if self.path else 1  # gone before the next signal bar is weighed
        schedules = {name: entry_schedule(config.entry, fill_ns + early_ns) for name, fill_ns in bar_ns.items()}
        return Desk(
            strategy,
            instruments=self.inputs.instruments,
            markets=self.inputs.markets,
            entry=config.entry,
            exits=config.exits,
            venue=config.venue,
            schedules=schedules,
            stale_ns={name: self._stale_ns(fill_ns) for name, fill_ns in bar_ns.items()},
            publish=self._publish,
            last_price=self.account.last_price,
            passive_price=lambda _name, _side: math.nan,  # candles have no quotes
            log=self.log,
            quality=QualityMeter(
                self.inputs.markets,
                spread_frac=lambda _name: 2.0 * config.costs.slippage_frac,  # candles have none: the assumption is half
                met_price=self.fills.met_price,
            ),
            memory=self.memory,
            guarded=self.fault.guard,
        )

    def _stale_ns(self, fill_ns: int) -> int:
        """Return the age at which a price is from before a closure: bars walked have a price every third."""
        return (fill_ns // 3 if self.path else fill_ns) + STALE_MARGIN_NS

    def _publish(self, message: Message) -> None:
        self.strategy.publish_message(TOPICS[type(message)], message)

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, progress: Progress | None = None) -> None:
        """Run to the end, the first failure of a callback, or Ctrl-C (then ``interrupted`` is true).

        Raises
        ------
        Exception
            Whatever a callback raised, with its traceback.
        """
        feeds = [self._feed(one) for one in self.inputs.series]
        with interruptible(self):
            for end_ns, items in chunks(feeds):
                self.engine.add_data(items, validate=False)
                self.engine.run(end=end_ns + TAIL_NS, streaming=True)
                self.engine.clear_data()
                if self.fault.error is not None:
                    raise self.fault.error
                if progress is not None:
                    progress(end_ns)
                if self.interrupted:
                    break
            self.engine.end()
        if self.fault.error is not None:  # the alerts behind the last bar fire as the engine ends
            raise self.fault.error

    def close(self) -> None:
        """Let the engine go; what was recorded stays.

        The engine holds our plugins and they hold us, where Python's collector cannot see it: until this is called it
        keeps its memory, and one of the 255 guards that a process's log has.
        """
        self.engine.dispose()
        del self.engine

    def _feed(self, series: Series) -> Feed:
        name, config = series.instrument_id, self.inputs.config
        updates: list[Any] = []
        if name in self.inputs.funding and len(series.fill):
            first_ns, last_ns = int(series.fill.ts_open_ns[0]), int(series.fill.ts_open_ns[-1]) + series.fill_ns
            ts_ns, rate = self.inputs.funding[name]
            schedule = funding_schedule(ts_ns, rate, first_ns, last_ns, config.costs.funding_8h_frac)
            updates = funding_updates(InstrumentId.from_str(name), *schedule)
        return Feed(
            series=series,
            instrument=self.inputs.instruments[name],
            signal_interval=config.timeframe.signal,
            path=self.path,
            funding=updates,
        )


def purging() -> ExecutionEngineConfig:
    """Return an engine that forgets once a day what is over: it copies histories on every event."""
    return ExecutionEngineConfig(
        purge_closed_orders_interval_mins=DAILY_MINS,
        purge_closed_orders_buffer_mins=BUFFER_MINS,
        purge_closed_positions_interval_mins=DAILY_MINS,
        purge_closed_positions_buffer_mins=BUFFER_MINS,
        purge_account_events_interval_mins=DAILY_MINS,
        purge_account_events_lookback_mins=0,
    )


def simulate(inputs: Inputs) -> Simulation:
    """Return a finished simulation that leaves nothing on disk.

    Raises
    ------
    KeyboardInterrupt
        It was interrupted: half a run is compared with nothing.
    """
    with tempfile.TemporaryDirectory(prefix="tidebreak-") as folder, Journal(Path(folder) / "journal.jsonl") as journal:
        simulation = Simulation(inputs, journal)
        simulation.run()
    simulation.close()
    if simulation.interrupted:
        raise KeyboardInterrupt
    return simulation


@contextmanager
def interruptible(simulation: Simulation) -> Iterator[None]:
    """Turn Ctrl-C into a request to stop after the present chunk, so that what was done is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        simulation.interrupted = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
