"""One live system: plugins and venue put together, run until it is told to stop (Spec 4.2, 9.4)."""

from collections.abc import Mapping
from typing import Any

from nautilus_trader.model import Bar, BarType, InstrumentId, StrategyId, Venue
from nautilus_trader.trading import StrategyConfig
from rich.console import Group

from adapters.binance.usdm import BinanceUsdm
from catalog.bars import bar_type_name
from catalog.candles import Candles
from catalog.instruments import currency
from catalog.resample import last_of_each
from configs.run import HOUR_NS
from errors import StateError, VenueError
from execution.desk import Desk, Message
from execution.quality import QualityMeter
from execution.schedule import NS, entry_schedule
from execution.trade_log import TradeLog
from execution.trade_memory import load_trades
from live.account import LiveAccount
from live.chronicle import Chronicle
from live.clock import MarketClock, Pace
from live.config import LiveConfig
from live.engine import build_node
from live.halts import Halts
from live.heartbeat import beat
from live.history import fetch_between, fetch_past, symbol_of
from live.keeper import Keeper
from live.lookouts import Lookouts
from live.met import MetPrices
from live.recorder.wire import attach_recorder
from live.reload.preparation import make_rules
from live.reload.reloads import Reloads
from live.resume import resume
from live.scribe import Scribe
from live.strategy import MILLI_NS, LiveStrategy
from live.view import LiveView
from memory.memory import Memory
from monitoring.guard import LiveFault
from monitoring.journal import Journal
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.facts import keep_facts
from risk.gate import RiskGate
from risk.ledger import ProcessLedger
from risk.messages import (
    ALERT_TOPIC,
    QUALITY_TOPIC,
    RESULT_TOPIC,
    TRADE_TOPIC,
    Alert,
    FillQuality,
    Market,
    TradeEvent,
    TradeResult,
)
from risk.officer import Publish, RiskOfficer
from risk.rates import Pair, Rates
from risk.returns import HourlyReturns
from strategies.breakout.breakout import BreakoutRules

TOPICS = {TradeEvent: TRADE_TOPIC, TradeResult: RESULT_TOPIC, FillQuality: QUALITY_TOPIC, Alert: ALERT_TOPIC}
BINANCE = Venue("BINANCE")
QUOTE = "USDT"
STALE_NS = 30 * NS


class LiveSystem:
    """Build the node with our plugins; take up what was open; run.

    Parameters
    ----------
    config : LiveConfig
    client : BinanceUsdm
        Our own way to the venue: history and the witness of a restart.
    inquirer : BinanceUsdm
        Another one, for the thread that looks orders up.
    markets : mapping by instrument id
    journal, memory
    pace : Pace
        Of the market's clock.
    key, secret : str
        For the engine's client.
    """

    def __init__(
        self,
        config: LiveConfig,
        *,
        client: BinanceUsdm,
        inquirer: BinanceUsdm,
        markets: Mapping[str, Market],
        journal: Journal,
        memory: Memory,
        pace: Pace,
        key: str,
        secret: str,
    ) -> None:
        self.config = config
        self.client = client
        self.markets = markets
        self.memory = memory
        self.journal = journal
        self.folder = config.state_path
        self.halts = Halts()
        self.met = MetPrices()
        self.halts.hold("start", "the system is starting")
        self.pace = pace
        self.fault = LiveFault(self._on_failure)
        self.state = "starting"
        self.strategy = LiveStrategy(self._strategy_config())
        self.clock = MarketClock(lambda: self.strategy.engine_clock, pace)
        self.chronicle = Chronicle(journal, self.clock)
        self.reloads = Reloads(self)
        self.gate, self.scribe, self.keeper = RiskGate(), Scribe(), Keeper()
        self.account = self._make_account()
        self.log = TradeLog(rates=self.account.rates, carry=self.account.take_carry)
        self.book = self._make_book()
        self.returns = HourlyReturns(list(markets), config.risk.correlation_days)
        self.view = LiveView(markets, self.returns, self.halts)
        self.picture: Group | None = None  # drawn by the node's thread, shown by another
        self.draws = False
        self.node = build_node(config.live, key, secret, self.folder)
        self.lookouts = Lookouts(self, inquirer)
        self._handle = self.node.handle()  # of this thread: the node itself must not be touched from another
        self._attach(pace)

    def _strategy_config(self) -> StrategyConfig:
        return StrategyConfig(
            strategy_id=StrategyId("BREAKOUT-001"),
            external_order_instrument_ids=[InstrumentId.from_str(name) for name in self.config.instruments],
            log_events=False,
        )

    # --- building -----------------------------------------------------------------------------------------------------

    def _make_account(self) -> LiveAccount:
        config = self.config
        ids = {name: InstrumentId.from_str(name) for name in config.instruments}
        pairs = {name: Pair(symbol_of(name).removesuffix(QUOTE), QUOTE) for name in config.instruments}
        return LiveAccount(
            self.strategy,
            currency=currency(QUOTE),
            venue=BINANCE,
            instruments=ids,
            rates=lambda price: Rates(QUOTE, pairs, price),
        )

    def _make_book(self) -> RiskBook:
        markets = self.markets
        return RiskBook(
            asset_classes={name: market.asset_class for name, market in markets.items()},
            multipliers={name: market.multiplier for name, market in markets.items()},
            equity=self.account.equity,
            rate=self.account.rates.of_instrument,
            ledger=ProcessLedger(),
        )

    def _attach(self, pace: Pace) -> None:
        config, section = self.config, self.config.live
        rules, warmed_ns = self._warm_rules()
        self.gate.attach(officer=self._officer, fault=self.fault)
        self.scribe.attach(journal=self.journal, balance=self.account.balance, fault=self.fault)
        self.keeper.attach(clock=self.clock, on_second=self._on_second, fault=self.fault)
        self.strategy.attach_live(
            market_clock=self.clock,
            view=self.view,
            warmed_ns=warmed_ns,
            signal_ns=config.timeframe.signal_ns,
            bar_grace_ns=section.bar_grace_millis * MILLI_NS,
            on_ready=self._on_ready,
            on_watch=self._on_watch,
            pace=pace,
            met=self.met,
            watch_ns=section.watch_millis * MILLI_NS,
            on_gap=self._lost_candles,
            on_taken=self._on_taken,
            on_sent=self.chronicle.on_sent,
            on_guess=self.lookouts.auditor.ask,
        )
        self.strategy.attach(
            rules=rules,
            bar_types=[BarType.from_str(bar_type_name(name, config.timeframe.signal)) for name in config.instruments],
            exits=config.exits,
            timeframe=config.timeframe.signal,
            config_hash=config.hash,
            desk=self._desk,
            ends_ns={},
            on_quiet_bar=lambda _ts_ns: None,
            fault=self.fault,
        )
        self.node.add_actor(self.gate)
        self.node.add_actor(self.scribe)
        self.node.add_actor(self.keeper)
        self.node.add_strategy(self.strategy)
        self.recording = attach_recorder(self)

    def _warm_rules(self) -> tuple[dict[str, BreakoutRules], dict[str, int]]:
        frame, now_ns = self.config.timeframe, self.clock.timestamp_ns()
        rules: dict[str, BreakoutRules] = {}
        warmed_ns: dict[str, int] = {}
        for name in self.config.instruments:
            past = fetch_past(self.client, self.config, name, now_ns)
            one = make_rules(self.config)
            one.warm_up(past.signal, frame.signal_ns)
            rules[name] = one
            self.chronicle.on_warm(name, past.signal, frame.signal_ns, self.markets[name])
            if len(past.signal):
                warmed_ns[name] = int(past.signal.ts_open_ns[-1]) + frame.signal_ns
            close_ns = past.hourly.ts_open_ns + HOUR_NS
            self.view.load_hours(name, *last_of_each(close_ns, past.hourly.close, HOUR_NS))
        return rules, warmed_ns

    def _officer(self, publish: Publish) -> RiskOfficer:
        config = self.config
        return RiskOfficer(
            markets=self.markets,
            config=config.risk,
            book=self.book,
            board=BreakerBoard(config.risk, every_day=True, memory=self.memory),
            returns=self.returns,
            view=self.view,
            memory=self.memory,
            journal=self.journal,
            publish=publish,
            report=self.fault.trip,
        )

    def _desk(self, strategy: Any) -> Desk:
        config, cache = self.config, strategy.cache
        schedule = entry_schedule(config.entry)
        return Desk(
            strategy,
            instruments={name: cache.instrument(InstrumentId.from_str(name)) for name in config.instruments},
            markets=self.markets,
            entry=config.entry,
            exits=config.exits,
            venue=config.venue,
            schedules=dict.fromkeys(config.instruments, schedule),
            stale_ns=dict.fromkeys(config.instruments, STALE_NS),
            publish=self._publish,
            last_price=self.account.last_price,
            passive_price=self.account.passive_price,
            log=self.log,
            quality=QualityMeter(self.markets, spread_frac=self.view.spread_frac, met_price=self.met.take),
            memory=self.memory,
            guarded=self.fault.guard,
        )

    def _publish(self, message: Message) -> None:
        if isinstance(message, TradeEvent):
            self.lookouts.orphans.note(message.instrument_id)
        self.strategy.publish_message(TOPICS[type(message)], message)

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run until ``stop`` or a signal; the heartbeat ends with it."""
        keep_facts(
            self.memory,
            self.config.risk,
            self.markets,
            ledger=self.config.ledger,
            currency=QUOTE,
            name=self.config.name,
        )
        self.reloads.begin()
        self._note("LIVE_STARTED", {"config": self.config.hash, "environment": self.config.live.environment})
        try:
            self.node.run()
        finally:
            self.state = "stopped"
            self._note("LIVE_STOPPED", {"halts": self.halts.all()})
            self._beat()

    def stop(self) -> None:
        """Stop from another thread; what is open keeps its stops."""
        self._handle.stop()

    def _on_ready(self) -> None:
        """Take up what was open before the first entry (Spec 9.4)."""
        try:
            kept = load_trades(self.memory)
            resume(self, kept, self.pace)
        except (VenueError, StateError) as error:
            self.halts.hold("reconcile", f"not reconciled with the venue: {error}")
            self.alert("RECONCILIATION_FAILED", "CRITICAL", str(error))
        self.halts.release("start")
        self.state = "running"
        self._beat()

    def _on_watch(self) -> None:
        self.lookouts.watch(self.config.instruments)

    def _on_second(self) -> None:
        try:
            self._look_around()
        finally:
            self._beat()  # what fails halts entries; the process lives all the same
        if self.draws:
            from live.screen import picture  # noqa: PLC0415 - only when somebody looks

            self.picture = picture(self)

    def _look_around(self) -> None:
        now_ns = self.clock.timestamp_ns()
        self.lookouts.auditor.look()
        self.gate.officer.observe(now_ns)
        self.reloads.look(now_ns)
        for name in self.config.instruments:
            self._look_at_age(name, now_ns)
        self.lookouts.sweep()

    def _look_at_age(self, name: str, now_ns: int) -> None:
        age_secs = self.view.data_age_secs(name, now_ns)
        if age_secs > self.config.risk.max_data_age_secs:
            if self.halts.hold("stale", f"no quote for more than {self.config.risk.max_data_age_secs:.0f} s", name):
                self.alert("ALERT_STALE_DATA", "WARNING", f"newest quote is {age_secs:.0f} s old", name)
        else:
            self.halts.release("stale", name)

    def _on_taken(self, name: str, close_ns: int, bar: Bar) -> None:
        self.chronicle.on_taken(name, close_ns, bar)
        self.reloads.on_taken(name, close_ns, bar)

    def market_client(self) -> BinanceUsdm:
        """Return another client of the venue's market data: one is for one thread."""
        return BinanceUsdm(self.config.live.http_address)

    def _lost_candles(self, name: str, after_ns: int, before_ns: int) -> Candles | None:
        try:
            found = fetch_between(self.client, self.config.timeframe.signal, name, after_ns, before_ns)
        except VenueError as error:
            if self.halts.hold("gap", f"bars were lost and cannot be had: {error}", name):
                self.alert("ALERT_STALE_DATA", "WARNING", f"bars lost since {after_ns}: {error}", name)
            return None
        self.halts.release("gap", name)
        self.reloads.on_candles(name, found)
        self._note("GAP_REPAIRED", {"bars": len(found), "after_ns": after_ns}, name)
        return found

    def _on_failure(self, error: BaseException) -> None:
        text = f"{type(error).__name__}: {error}"
        if self.halts.hold("failure", f"a callback failed: {text}"):
            self.alert("CALLBACK_FAILED", "CRITICAL", f"entries are halted, stops go on: {text}")

    # --- telling ------------------------------------------------------------------------------------------------------

    def alert(self, name: str, severity: Any, details: str, instrument_id: str = "") -> None:
        """Tell a person, over bus and journal."""
        now_ns = self.clock.timestamp_ns()
        alert = Alert(ts_ns=now_ns, name=name, severity=severity, instrument_id=instrument_id, details=details)
        self._publish(alert)

    def _note(self, event_type: str, details: Any, asset: str = "") -> None:
        self.journal.write(self.clock.timestamp_ns(), "live", event_type, asset, details)

    def _beat(self) -> None:
        beat(
            self.folder,
            market_ns=self.clock.timestamp_ns(),
            state=self.state,
            config_hash=self.config.hash,
            account=self.config.memory.account,
            halts=self.halts.all(),
        )
