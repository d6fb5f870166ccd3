"""An account worked by a real officer, real trades and a real database, whose venue is a seeded script.

The script's event number ``n`` depends on the seed, on ``n`` and on what the account holds, and on nothing else: a
process that was killed and started again gets the event it had not finished once more, as a venue would tell it again.
"""

import os
import random
import signal
from multiprocessing.connection import Connection

from sqlalchemy import event

from execution.config import EntryConfig, ExitConfig, VenueConfig
from execution.lifecycle import advance, begin
from execution.planning import plan_of
from execution.trade import CloseDue, Drop, EntryEnded, EntryFilled, EntryHalted, ExitFilled, Leg, Phase, Trade
from execution.trade_event import trade_event
from execution.trade_log import Costs
from execution.trade_memory import keep, load_trades
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.breakers.state import to_values
from risk.config import RiskConfig
from risk.ledger import ProcessLedger
from risk.limits.entry import Spread
from risk.messages import COMMAND_TOPIC, Command, Decision, Market, Signal, TradeResult
from risk.officer import RiskOfficer, load_reservations
from risk.requests import REQUEST, Request
from risk.returns import HOUR_NS, HourlyReturns

START_NS = 1_704_067_200_000_000_000
STEP_NS = 3 * HOUR_NS
NAMES = {"BTC.X": "crypto", "ETH.X": "crypto", "LTC.X": "crypto", "EUR.FX": "fx", "JPY.FX": "fx", "IBM.US": "equity"}
MARKETS = {
    name: Market(
        instrument_id=name, asset_class=kind, tick=0.01, lot=0.01, min_quantity=0.0, min_notional=0.0,
        multiplier=1.0, allow_short=True, real_volume=False, continuous=True,
    )
    for name, kind in NAMES.items()
}  # fmt: skip


class Hours:
    """Markets that move on their own: the close of an hour is a number drawn for it."""

    def __init__(self) -> None:
        self.returns = HourlyReturns(list(MARKETS), 30)
        self._next = START_NS // HOUR_NS - 720

    def advance(self, ts_ns: int) -> None:
        while (self._next + 1) * HOUR_NS <= ts_ns:
            draw = random.Random(self._next)
            for name in MARKETS:
                self.returns.push(name, (self._next + 1) * HOUR_NS, 100.0 + draw.random())
            self._next += 1

    def data_age_secs(self, _name: str, _ts_ns: int) -> float:
        return 0.0

    def halted(self, _name: str) -> str:
        return ""

    def spread(self, _name: str, _ts_ns: int) -> Spread | None:
        return None


class Account:
    """One life of the process."""

    def __init__(self, config: MemoryConfig, seed: int) -> None:
        self.store = open_store(config)
        self.memory = Memory(self.store)
        self.seed = seed
        self.prices = dict.fromkeys(MARKETS, 100.0)
        self.n = int(self.memory.get("script", "cursor") or b"0")
        self.cash = float(self.memory.get("script", "cash") or b"50000")
        self.priced = 0
        self.move_prices()
        self.trades: dict[str, Trade] = {key: one.trade for key, one in load_trades(self.memory).items()}
        self.book = RiskBook(
            asset_classes=dict(NAMES), multipliers=dict.fromkeys(MARKETS, 1.0), equity=self.equity,
            rate=lambda _name: 1.0, ledger=ProcessLedger(),
        )  # fmt: skip
        risk, hours = RiskConfig(), Hours()
        self.officer = RiskOfficer(
            markets=MARKETS, config=risk, book=self.book,
            board=BreakerBoard(risk, every_day=True, memory=self.memory), returns=hours.returns, view=hours,
            memory=self.memory, journal=Quiet(), publish=self.publish, report=fail,
        )  # fmt: skip
        self.officer.restore([trade_event(one, self.now_ns, "RESTORED", None) for one in self.trades.values()])
        self.officer.recall(self.now_ns)

    @property
    def now_ns(self) -> int:
        return START_NS + self.n * STEP_NS

    def equity(self) -> float:
        return self.cash + sum(
            one.plan.side * (self.prices[one.plan.instrument_id] - one.entry_px) * one.remaining
            for one in self.trades.values()
        )

    def chance(self, n: int) -> random.Random:
        return random.Random(f"{self.seed}/{n}")

    def move_prices(self) -> None:
        """Bring prices up to those of the next event: a restart sees the market that the one before it saw."""
        while self.priced <= self.n:
            draw = random.Random(f"{self.seed}/prices/{self.priced}")
            for name in self.prices:
                self.prices[name] = min(max(self.prices[name] * (1.0 + draw.gauss(0.0, 0.02)), 50.0), 200.0)
            self.priced += 1

    # --- the bus ------------------------------------------------------------------------------------------------------

    def publish(self, topic: str, message: object) -> None:
        if isinstance(message, Decision) and message.approved:
            market = MARKETS[message.signal.instrument_id]
            plan = plan_of(message, market, entry=EntryConfig(), exits=ExitConfig(), venue=VenueConfig())
            self.step(begin(plan)[0], "ENTRY_WORKING")
        elif topic == COMMAND_TOPIC and isinstance(message, Command):
            for trade_id in sorted(self.trades):  # a command can end several
                self.event(trade_id, EntryHalted(self.now_ns, message.reason), "ENTRY_HALTED")
                if message.close_positions and trade_id in self.trades:
                    self.event(trade_id, CloseDue(self.now_ns, "SHUTDOWN"), "EXIT_DUE")

    def event(self, trade_id: str, event: object, kind: str) -> None:
        trade = self.trades[trade_id]
        after, intents = advance(trade, event)
        if after is not trade or intents:
            self.step(after, kind)
        if kind in ("ENTRY_HALTED", "EXIT_DUE") and trade_id in self.trades:
            self.obey(trade_id, intents)

    def obey(self, trade_id: str, intents: tuple[object, ...]) -> None:
        """Do at once what a venue is told: an entry that is dropped ends, a market exit fills."""
        if Drop(Leg.ENTRY) in intents:
            self.event(trade_id, EntryEnded(self.now_ns), "ENTRY_ENDED")
        trade = self.trades.get(trade_id)
        if trade is not None and trade.phase is Phase.CLOSING and trade.remaining > 0.0:
            price = self.prices[trade.plan.instrument_id]
            self.event(trade_id, ExitFilled(self.now_ns, Leg.MARKET, trade.remaining, price), "MARKET_FILLED")

    def step(self, trade: Trade, kind: str) -> None:
        self.trades[trade.plan.trade_id] = trade
        with self.memory.unit():
            keep(self.memory, trade, Costs())
            self.officer.on_trade_event(trade_event(trade, self.now_ns, kind, None))
            if trade.is_over:
                self.end(trade)

    def end(self, trade: Trade) -> None:
        del self.trades[trade.plan.trade_id]
        if trade.phase is Phase.MISSED:
            return
        net = trade.plan.side * (trade.exit_px - trade.entry_px) * trade.filled
        self.cash += net
        self.memory.put("script", "cash", self.cash)
        result = TradeResult(
            ts_ns=self.now_ns, trade_id=trade.plan.trade_id, signal_id=trade.plan.signal_id,
            instrument_id=trade.plan.instrument_id, gross=net, fees=0.0, funding=0.0, net=net, reason="STOP",
        )  # fmt: skip
        self.officer.on_result(result)

    # --- the script ---------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Take the next event; it counts as taken once all it led to is written."""
        chance = self.chance(self.n)
        self.move_prices()
        kind = chance.choice(["close", "close", "close", "fill", "fill", "part", "exit", "exit", "cancel", "hand"])
        if kind == "close":
            self.bar_close(chance)
        elif kind == "hand":
            self.ask(chance)
        elif self.trades:
            with self.memory.unit():  # one event of a venue: told once, or told again
                self.venue(kind, sorted(self.trades)[chance.randrange(len(self.trades))], chance)
                self.n += 1
                self.note()
            return
        self.n += 1
        self.note()

    def note(self) -> None:
        with self.memory.unit():
            self.memory.put("script", "cursor", self.n)

    def bar_close(self, chance: random.Random) -> None:
        for name in chance.sample(sorted(MARKETS), chance.randrange(4)):
            entry, side = self.prices[name], chance.choice([1, -1])
            away = entry * chance.uniform(0.01, 0.05)
            self.officer.on_signal(
                Signal(
                    signal_id=f"{name}/{self.n}", config_hash="", ts_ns=self.now_ns, instrument_id=name,
                    strategy="breakout", timeframe="15m", side=side, score=chance.choice([4, 5]), entry=entry,
                    stop=entry - side * away, tp1=entry + side * 2.0 * away, tp2=entry + side * 4.0 * away,
                    close=entry, atr=1.0, atr_baseline=1.0, atr_ratio=0.01, rsi=60.0, volume=1.0, volume_ma=1.0,
                    donchian_upper=0.0, donchian_lower=0.0, htf_trend=side, bb_lower=0.0, bb_mid=0.0, bb_upper=0.0,
                    volume_24h=1e9, average_daily_volume=1e9,
                )
            )  # fmt: skip
        self.officer.on_bar_close(self.now_ns)

    def ask(self, chance: random.Random) -> None:
        """An operator resets something, by way of the database; a second delivery overwrites the first."""
        name = chance.choice(["drawdown", "weekly_loss", "suspension", "kill_switch", "kill_switch"])
        action = chance.choice(["reset", "reset", "reset", "kill"])
        wish = Request(
            ts_ns=self.now_ns, action=action, close_positions=chance.random() < 0.5, operator="script",
            reason="test", breaker=name, peak=float(round(self.equity())),
        )  # fmt: skip
        with self.memory.unit():
            self.memory.put(REQUEST, f"{self.n:06d}", wish)
        self.officer.observe(self.now_ns)

    def venue(self, kind: str, trade_id: str, chance: random.Random) -> None:
        trade = self.trades[trade_id]
        if kind in ("fill", "part") and trade.working:
            left = trade.plan.quantity - trade.filled
            quantity = left if kind == "fill" else max(0.01, round(left * chance.random(), 2))
            self.event(trade_id, EntryFilled(self.now_ns, quantity, trade.limit_px), "ENTRY_FILLED")
            if kind == "fill" and trade_id in self.trades:
                self.event(trade_id, EntryEnded(self.now_ns), "ENTRY_ENDED")
        elif kind == "cancel" and trade.working:
            self.event(trade_id, EntryEnded(self.now_ns), "ENTRY_ENDED")
        elif kind == "exit" and trade.remaining > 0.0:
            leg = Leg.MARKET if trade.phase is Phase.CLOSING else chance.choice([Leg.STOP, Leg.TP1, Leg.TP2])
            away = trade.plan.side * (trade.plan.tp1_distance if leg in (Leg.TP1, Leg.TP2) else 0.0)
            price = trade.entry_px + away if away else trade.stop
            part = round(0.5 * trade.remaining, 2) if leg is Leg.TP1 else trade.remaining
            self.event(trade_id, ExitFilled(self.now_ns, leg, part, price), f"{leg.name}_FILLED")

    def digest(self) -> dict[str, object]:
        """Return everything that must be the same after a restart as without one."""
        passing = ("seen_ns", "equity", "day_moved")
        state = {name: value for name, value in to_values(self.officer.board.state).items() if name not in passing}
        return {
            "n": self.n,
            "cash": self.cash,
            "trades": {key: repr(one) for key, one in sorted(self.trades.items())},
            "kept": {key: repr(one.trade) for key, one in sorted(load_trades(self.memory).items())},
            "reservations": {key: tuple(one) for key, one in sorted(load_reservations(self.memory).items())},
            "held": {key: tuple(one) for key, one in sorted(self.book.reservations().items())},
            "heat": round(self.book.heat(), 9),
            "breakers": state,
            "waiting": sorted(self.memory.all(REQUEST)),
        }

    def close(self) -> None:
        self.memory.close()


class Quiet:
    def write(self, *_line: object) -> None:
        pass


def fail(error: Exception) -> None:
    raise error


def work(connection: Connection, config: MemoryConfig, seed: int, events: int) -> None:
    """Take events up to a number, telling each that is taken; at the end tell the digest."""
    account = Account(config, seed)
    connection.send("ready")
    connection.recv()
    while account.n < events:
        account.play()
        connection.send(account.n)
    connection.send(account.digest())
    account.close()


def die_at_commit(connection: Connection, config: MemoryConfig, seed: int, events: int, commit: int) -> None:
    """Take events and die as a commit is about to be made; else tell how many there were, and which tripped."""
    account = Account(config, seed)
    count, trips = 0, []

    def on_commit(_connection: object) -> None:
        nonlocal count
        count += 1
        if any(line[2] == "BREAKER_TRIPPED" for line in account.memory._lines):
            trips.append(count)
        if count == commit:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(account.store._session._database.writer, "commit", on_commit)
    while account.n < events:
        account.play()
    connection.send((count, trips))
    account.close()
