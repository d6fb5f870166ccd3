"""An account with open positions and markets that move on their own, so that no rule ends the questions early."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from memory.memory import Memory
from monitoring.journal import Journal
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.config import CryptoLimits, RiskConfig
from risk.ledger import ProcessLedger
from risk.limits.entry import Spread
from risk.messages import Decision, Market, Signal, TradeEvent
from risk.officer import RiskOfficer
from risk.returns import HOUR_NS, HourlyReturns

START_NS = 1_704_067_200_000_000_000
BAR_NS = 900_000_000_000
EQUITY = 1_000_000.0
DAYS = 30
CONFIG = RiskConfig(
    risk_frac=0.003, max_positions=100, crypto=CryptoLimits(max_positions=100)
)  # every candidate is asked every rule: some fifteen fit under the heat cap, the others fail at the last question


class View:
    """Markets with quotes, all fresh."""

    def advance(self, ts_ns: int) -> None:
        """Do nothing: the returns are there."""

    def data_age_secs(self, _instrument_id: str, _ts_ns: int) -> float:
        """Return a second."""
        return 1.0

    def spread(self, _instrument_id: str, _ts_ns: int) -> Spread:
        """Return a usual spread."""
        return Spread(0.0001, 0.0001)

    def halted(self, _instrument_id: str) -> str:
        """Return nothing: entries are allowed."""
        return ""


class Setup(msgspec.Struct):
    """The gate under test and what it approved."""

    officer: RiskOfficer
    book: RiskBook
    returns: HourlyReturns
    names: list[str]
    approved: list[Decision]
    approved_last: int = 0


def build_officer(open_count: int, candidates: int, journal: Journal, memory: Memory) -> Setup:
    """Return an officer with ``open_count`` positions in other markets than the candidates'."""
    names = [f"C{n:03d}USDT.X" for n in range(candidates)] + [f"H{n:03d}USDT.X" for n in range(open_count)]
    book = RiskBook(
        asset_classes=dict.fromkeys(names, "crypto"),
        multipliers=dict.fromkeys(names, 1.0),
        equity=lambda: EQUITY,
        rate=lambda _name: 1.0,
        ledger=ProcessLedger(),
    )
    approved: list[Decision] = []

    def publish(_topic: str, message: object) -> None:
        if isinstance(message, Decision) and message.approved:
            approved.append(message)

    returns = _returns(names)
    officer = RiskOfficer(
        markets={name: _market(name) for name in names},
        config=CONFIG,
        book=book,
        board=BreakerBoard(CONFIG, every_day=True, memory=memory),
        returns=returns,
        view=View(),
        memory=memory,
        journal=journal,
        publish=publish,
        report=_raise,
    )
    for name in names[candidates:]:
        book.on_trade_event(_open_trade(name))
    return Setup(officer, book, returns, names, approved)


def close_all(setup: Setup) -> None:
    """Give every reservation back: the entries did not fill."""
    setup.approved_last = len(setup.approved)
    for decision in setup.approved:
        setup.book.give_back(decision.signal.signal_id)
    setup.approved.clear()


def push_closes(setup: Setup, ts_ns: int, draw: np.random.Generator) -> None:
    """Give every market its close of the hour that ends, as bars would have."""
    if ts_ns % HOUR_NS == 0:
        for name, move in zip(setup.names, draw.normal(0.0, 0.005, len(setup.names)), strict=True):
            setup.returns.push(name, ts_ns, 100.0 * math.exp(move))


def make_signals(count: int, ts_ns: int) -> list[Signal]:
    """Return signals of one bar close."""
    return [_signal(f"C{n:03d}USDT.X", ts_ns, 4 + n % 2) for n in range(count)]


def unruled(journal: Journal) -> Callable[[list[Any], int], None]:
    """Return what only makes and journals the messages."""

    def answer(signals: list[Signal], ts_ns: int) -> None:
        for signal in signals:
            journal.write(ts_ns, "signal_engine", signal.event, signal.instrument_id, signal)
        for signal in signals:
            decision = Decision(
                ts_ns=ts_ns, signal=signal, approved=True, rule="", limit=0.0, observed=0.0, quantity=1.0,
                risk_quote=1.0, heat_before=0.0, heat_after=1.0, equity=EQUITY,
            )  # fmt: skip
            details = msgspec.structs.asdict(decision) | {"signal": signal.signal_id}
            journal.write(ts_ns, "risk_engine", decision.event, signal.instrument_id, details)

    return answer


def _raise(error: Exception) -> None:
    raise error


def _market(name: str) -> Market:
    return Market(
        instrument_id=name, asset_class="crypto", tick=0.01, lot=0.001, min_quantity=0.0, min_notional=5.0,
        multiplier=1.0, allow_short=True, real_volume=True, continuous=True, impact=0.1,
    )  # fmt: skip


def _returns(names: list[str]) -> HourlyReturns:
    found = HourlyReturns(names, DAYS)
    draw = np.random.default_rng(7)
    walks = 100.0 * np.exp(np.cumsum(draw.normal(0.0, 0.005, (len(names), DAYS * 24 + 2)), axis=1))
    first_ns = START_NS - walks.shape[1] * HOUR_NS
    for name, walk in zip(names, walks, strict=True):
        for hour, close in enumerate(walk):
            found.push(name, first_ns + (hour + 1) * HOUR_NS, float(close))
    return found


def _open_trade(name: str) -> TradeEvent:
    return TradeEvent(
        ts_ns=START_NS, kind="ENTRY_FILLED", trade_id=f"t-{name}", signal_id=f"s-{name}", instrument_id=name, side=1,
        entry=100.0, stop=98.0, quantity=100.0, working=False, strategy="breakout",
    )  # fmt: skip


def _signal(name: str, ts_ns: int, score: int) -> Signal:
    return Signal(
        signal_id=f"breakout/{name}/{ts_ns}", config_hash="0" * 12, ts_ns=ts_ns, instrument_id=name,
        strategy="breakout", timeframe="15m", side=1, score=score, entry=100.0, stop=98.5, tp1=103.0, tp2=106.0,
        close=100.0, atr=1.0, atr_ratio=0.01, rsi=60.0, volume=10.0, volume_ma=5.0, donchian_upper=99.0,
        donchian_lower=90.0, htf_trend=1, bb_lower=95.0, bb_mid=98.0, bb_upper=101.0, atr_baseline=1.0,
        volume_24h=1e9, average_daily_volume=1e9,
    )  # fmt: skip
