"""One simulated account on the engine: venues, plugins and data put together and run (Spec 3.5.2)."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec
from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import (
    AccountType,
    BarType,
    BookType,
    Currency,
    InstrumentId,
    Money,
    OmsType,
    StrategyId,
    Venue,
)
from nautilus_trader.trading import StrategyConfig

from catalog.instruments import currency as currency_of
from catalog.instruments import is_perpetual
from configs.run import RunConfig
from errors import ConfigError
from execution.desk import Desk
from execution.fills import BarFillModel, FillBars
from execution.funding import RolloverModule, funding_schedule, funding_updates
from execution.schedule import entry_schedule
from execution.trade_log import TradeLog
from monitoring.guard import Fault
from monitoring.journal import Journal
from research.feed import Feed, chunks
from research.recorder import Recorder
from research.run_data import Series, needs_path
from risk.book import RiskBook
from risk.gate import RiskGate
from risk.ledger import Ledger
from risk.messages import ALERT_TOPIC, TRADE_TOPIC, Alert, Market, TradeEvent
from risk.rates import Pair, Rates
from strategies.breakout.breakout import BreakoutRules
from strategies.signal_strategy import SignalStrategy

type Progress = Callable[[int], None]


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a simulation is made of."""

    config: RunConfig
    series: Sequence[Series]
    instruments: dict[str, Any]
    markets: dict[str, Market]
    pairs: dict[str, Pair]
    account: str
    funding: dict[str, tuple[Any, Any]]


class Simulation:
    """Build the engine with our plugins; run it over the data; hold what it left.

    The engine keeps one account per venue. Every venue gets the whole starting balance, so that the engine's own margin
    check never binds before our limits; equity is the sum of the venues less the balances given twice.
    """

    def __init__(self, inputs: Inputs, journal: Journal) -> None:
        self.inputs = inputs
        self.fault = Fault()
        self.interrupted = False
        self._journal = journal
        self._config = inputs.config
        self._account = currency_of(inputs.account)
        self._path = needs_path(inputs.series, self._config.timeframe.signal_ns) or self._has_foreign_money()
        self._venues = [Venue(name) for name in dict.fromkeys(_venue_name(s.instrument_id) for s in inputs.series)]
        self._bar_types = {s.instrument_id: BarType.from_str(self._bar_type(s)) for s in inputs.series}
        self.engine = BacktestEngine(
            BacktestEngineConfig(logging=LoggerConfig(bypass_logging=True), run_analysis=False)
        )
        self.strategy = SignalStrategy(StrategyConfig(strategy_id=StrategyId("BREAKOUT-001"), log_events=False))
        self.gate = RiskGate()
        self.recorder = Recorder()
        self.rates = Rates(inputs.account, inputs.pairs, lambda instrument_id: self.last_price(instrument_id)[1])
        self.log = TradeLog(rate=self.rates.of_instrument, currency_rate=self.rates.of_currency, carry=self._carry)
        self._paid: dict[str, float] = {}
        self._add_venues()
        self._add_plugins()

    # --- numbers of the account ---------------------------------------------------------------------------------------

    def cash(self) -> float:
        """Return the cash of all venues, account currency.

        Taken as equity less unrealized result: the engine copies an account's whole history when it is asked for it.
        """
        portfolio = self.strategy.portfolio
        unrealized = [portfolio.unrealized_pnls(venue).get(self._account) for venue in self._venues]
        return self.equity() - sum(money.as_double() for money in unrealized if money is not None)

    def equity(self) -> float:
        """Return cash plus unrealized result of all venues, account currency; NaN when a venue has none."""
        portfolio = self.strategy.portfolio
        values = [portfolio.equity(venue).get(self._account) for venue in self._venues]
        given_twice = (len(self._venues) - 1) * self._config.account.starting_balance
        return sum(float("nan") if money is None else money.as_double() for money in values) - given_twice

    def last_price(self, instrument_id: str) -> tuple[int, float]:
        """Return time and value of an instrument's newest price; (0, NaN) when there is none."""
        cache = self.strategy.cache
        if self._path:
            quote = cache.quote(self.inputs.instruments[instrument_id].id)
            return (0, float("nan")) if quote is None else (quote.ts_event, float(quote.bid_price))
        bar = cache.bar(self._fill_types[instrument_id])
        return (0, float("nan")) if bar is None else (bar.ts_event, float(bar.close))

    def _carry(self, instrument_id: str) -> float:
        """Return funding and rollover paid so far on an instrument's present position, account currency."""
        rolled = self._paid.pop(instrument_id, 0.0)
        if not is_perpetual(self.inputs.instruments[instrument_id]):
            return rolled
        positions = self.strategy.cache.positions(instrument_id=self.inputs.instruments[instrument_id].id)
        newest = max(positions, key=lambda position: position.ts_opened, default=None)
        adjustments = newest.adjustments() if newest is not None else []
        received = sum(a.pnl_change.as_double() for a in adjustments if a.pnl_change is not None)
        return rolled - received * self.rates.of_instrument(instrument_id)

    # --- building -----------------------------------------------------------------------------------------------------

    def _has_foreign_money(self) -> bool:
        return any(pair.quote != self.inputs.account for pair in self.inputs.pairs.values())

    def _bar_type(self, series: Series) -> str:
        from catalog.bars import bar_type_name  # noqa: PLC0415

        return bar_type_name(series.instrument_id, self._config.timeframe.signal)

    def _add_venues(self) -> None:
        self.fills = BarFillModel()
        costs = self._config.costs
        bars = {}
        for s in self.inputs.series:
            volume = s.fill.volume if self.inputs.markets[s.instrument_id].real_volume else None
            bars[s.instrument_id] = FillBars(s.fill.ts_open_ns + s.fill_ns, s.fill.open, volume)
        self.fills.attach(bars=bars, costs=costs, now_ns=lambda: self.strategy.clock.timestamp_ns(), fault=self.fault)
        modules = self._modules()
        for venue in self._venues:
            self.engine.add_venue(
                venue,
                OmsType.NETTING,
                AccountType.MARGIN,
                [Money(self._config.account.starting_balance, self._account)],
                base_currency=self._account,
                default_leverage=Decimal(1),
                fill_model=self.fills,
                fee_model=MakerTakerFeeModel(_decimal(costs.maker_frac), _decimal(costs.taker_frac)),
                modules=modules.get(str(venue)),
                book_type=BookType.L1_MBP,
                bar_execution=not self._path,
                bar_adaptive_high_low_ordering=True,
                reject_stop_orders=False,  # a stop that the market is through already fills: it does not vanish
            )
        for instrument in self.inputs.instruments.values():
            self.engine.add_instrument(instrument)

    def _modules(self) -> dict[str, list[RolloverModule]]:
        """Return the rollover module of each venue that has something to roll over."""
        found: dict[str, list[RolloverModule]] = {}
        for venue in self._venues:
            names = [n for n, m in self.inputs.markets.items() if _venue_name(n) == str(venue)]
            fx = frozenset(n for n in names if self.inputs.markets[n].asset_class == "fx")
            shares = [n for n in names if self.inputs.markets[n].asset_class == "equity"]
            if not fx and not shares:
                continue
            rollover = self._config.costs.rollover_fx_daily_frac
            borrow = self._config.costs.borrow_equity_daily_frac
            module = RolloverModule()
            module.attach(
                long_daily_frac=dict.fromkeys(fx, rollover) | dict.fromkeys(shares, 0.0),
                short_daily_frac=dict.fromkeys(fx, rollover) | dict.fromkeys(shares, borrow),
                fx=fx,
                account=self._account,
                value=self._unit_value,
                on_paid=self._on_paid,
                fault=self.fault,
            )
            found[str(venue)] = [module]
        return found

    def _unit_value(self, instrument_id: str) -> float:
        return self.last_price(instrument_id)[1] * self.rates.of_instrument(instrument_id)

    def _on_paid(self, instrument_id: str, amount: float) -> None:
        self._paid[instrument_id] = self._paid.get(instrument_id, 0.0) + amount

    def _add_plugins(self) -> None:
        inputs, config = self.inputs, self._config
        ledger = Ledger()
        book = RiskBook(
            asset_classes={name: market.asset_class for name, market in inputs.markets.items()},
            multipliers={name: market.multiplier for name, market in inputs.markets.items()},
            equity=self.equity,
            rate=self.rates.of_instrument,
            ledger=ledger,
        )
        self._fill_types = {
            s.instrument_id: BarType.from_str(_fill_type(s)) for s in inputs.series
        }
        self.gate.attach(
            markets=inputs.markets, config=config.risk, book=book, ledger=ledger, journal=self._journal, fault=self.fault
        )
        self.recorder.attach(
            equity=self.equity, cash=self.cash, book=book, journal=self._journal, fault=self.fault
        )
        self.strategy.attach(
            rules={s.instrument_id: self._rules(s) for s in inputs.series},
            bar_types=self._bar_types,
            exits=config.exits,
            timeframe=config.timeframe.signal,
            config_hash=config.hash,
            desk=self._desk,
            ends_ns={s.instrument_id: s.ends_ns for s in inputs.series},
            fault=self.fault,
        )
        self.engine.add_actor(self.gate)
        self.engine.add_actor(self.recorder)
        self.engine.add_strategy(self.strategy)

    def _rules(self, series: Series) -> BreakoutRules:
        timeframe = self._config.timeframe
        rules = BreakoutRules(
            self._config.strategy,
            signal_ns=timeframe.signal_ns,
            htf_ns=timeframe.htf_ns,
            max_gap_ns=series.max_gap_ns,
        )
        rules.warm_up(series.warmup, timeframe.signal_ns)
        return rules

    def _desk(self, strategy: SignalStrategy) -> Desk:
        fill_ns = max(s.fill_ns for s in self.inputs.series)
        window_ns = fill_ns - 1 if self._path else fill_ns + 1
        return Desk(
            strategy,
            instruments=self.inputs.instruments,
            markets=self.inputs.markets,
            entry=self._config.entry,
            exits=self._config.exits,
            venue=self._config.venue,
            schedule=entry_schedule(self._config.entry, window_ns),
            stale_ns=fill_ns + 60_000_000_000,
            publish=self._publish,
            last_price=self.last_price,
            log=self.log,
            guarded=self._guarded,
        )

    def _publish(self, message: TradeEvent | Alert) -> None:
        self.strategy.publish_message(ALERT_TOPIC if isinstance(message, Alert) else TRADE_TOPIC, message)

    def _guarded(self, action: Callable[[], None]) -> None:
        if self.fault.tripped:
            return
        try:
            action()
        except Exception as error:  # noqa: BLE001 - a timer callback: the engine would swallow it
            self.fault.trip(error)

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, progress: Progress | None = None) -> None:
        """Run to the end, the first failure of a callback, or Ctrl-C.

        Raises
        ------
        Exception
            Whatever a callback raised, with its traceback.
        """
        feeds = [self._feed(s) for s in self.inputs.series]
        with interruptible(self):
            for end_ns, items in chunks(feeds):
                self.engine.add_data(items, validate=False)
                self.engine.run(end=end_ns + 3, streaming=True)
                self.engine.clear_data()
                if self.fault.error is not None:
                    raise self.fault.error
                if progress is not None:
                    progress(end_ns)
                if self.interrupted:
                    break
            self.engine.end()

    def _feed(self, series: Series) -> Feed:
        name = series.instrument_id
        updates: list[Any] = []
        if name in self.inputs.funding:
            close_ns = series.fill.ts_open_ns + series.fill_ns
            ts_ns, rate = self.inputs.funding[name]
            schedule = funding_schedule(
                ts_ns, rate, int(close_ns[0]), int(close_ns[-1]), self._config.costs.funding_8h_frac
            )
            updates = funding_updates(InstrumentId.from_str(name), *schedule)
        return Feed(
            series=series,
            instrument=self.inputs.instruments[name],
            signal_interval=self._config.timeframe.signal,
            path=self._path,
            funding=updates,
        )


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


def account_currency(config: RunConfig, pairs: dict[str, Pair]) -> str:
    """Return the account's currency: configured, else the one that all settle in, else USD.

    Raises
    ------
    ConfigError
        A result in some currency cannot be converted with the instruments of the run.
    """
    quotes = {pair.quote for pair in pairs.values()}
    account = config.account.currency or (quotes.pop() if len(quotes) == 1 else "USD")
    rates = Rates(account, pairs, lambda _name: 1.0)
    for name, pair in pairs.items():
        if not rates.has(pair.quote):
            raise ConfigError(
                f"instruments: {name} settles in {pair.quote}, the account is in {account}, and no instrument of the "
                f"run converts them; set account.currency or add {pair.quote}{account} to instruments"
            )
    return account


def _venue_name(instrument_id: str) -> str:
    return instrument_id.rpartition(".")[2]


def _fill_type(series: Series) -> str:
    from catalog.bars import bar_type_name  # noqa: PLC0415

    return bar_type_name(series.instrument_id, series.fill_interval)


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.10f}")


def account_of(currency: str) -> Currency:
    """Return the engine's currency of an account."""
    return currency_of(currency)
