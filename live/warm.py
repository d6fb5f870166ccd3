"""Load all machine code of a decision and of a trade before the node starts: a dry run on things that are thrown away.

numba reads compiled rules when they are called first. Live, that would be between a signal and its order, or between a
fill and its stop: two seconds, seen.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from configs.run import HOUR_NS, RunConfig
from execution.costs import expected_fill_slippage
from execution.exits import stop_distance, target_distance
from execution.lifecycle import advance, begin, protection
from execution.planning import plan_of
from execution.trade import (
    BarClosed,
    CloseDue,
    EntryEnded,
    EntryFilled,
    EntryTimeout,
    Event,
    ExitFilled,
    Leg,
    Plan,
    RepriceDue,
    Trade,
)
from execution.trade_event import trade_event
from memory.memory import Memory
from risk.board import BreakerBoard
from risk.book import RiskBook
from risk.ledger import ProcessLedger
from risk.limits.entry import Spread
from risk.messages import ApiCall, Decision, FillQuality, Market, Signal, TradeResult
from risk.officer import RiskOfficer
from risk.returns import HourlyReturns
from strategies.breakout.breakout import BreakoutRules

NAMES = ("A-PERP.DRY", "B-PERP.DRY")
PRICE, ATR, EQUITY = 100.0, 1.0, 50_000.0
START_NS = 1_704_067_200_000_000_000


class _Sink:
    """A journal and a market view of nothing."""

    def write(self, *_anything: Any) -> None:
        """Forget it."""

    def advance(self, _ts_ns: int) -> None:
        """Do nothing."""

    def data_age_secs(self, _instrument_id: str, _ts_ns: int) -> float:
        """Return a moment."""
        return 0.1

    def spread(self, _instrument_id: str, _ts_ns: int) -> Spread | None:
        """Return a narrow one."""
        return Spread(0.0001, 0.0001)

    def halted(self, _instrument_id: str) -> str:
        """Return that nothing is."""
        return ""


def warm(config: RunConfig | None = None) -> None:
    """Run a signal, its decision and its trade, both sides, on throw-away objects."""
    config = RunConfig(instruments=NAMES) if config is None else config
    _warm_rules(config)
    for side in (1, -1):
        officer, decisions = _officer(config)
        officer.on_signal(_signal(side))
        officer.on_bar_close(START_NS)
        for decision in decisions:
            _warm_trade(config, officer, decision)


def _warm_rules(config: RunConfig) -> None:
    frame = config.timeframe
    rules = BreakoutRules(config.strategy, signal_ns=frame.signal_ns, htf_ns=frame.htf_ns, max_gap_ns=24 * HOUR_NS)
    for number in range(2 + config.strategy.donchian_bars):
        rules.on_bar(START_NS + number * frame.signal_ns, PRICE + 1.0, PRICE - 1.0, PRICE, 1.0)
    stop_distance(PRICE, ATR, config.exits.stop_atr, config.exits.stop_floor_frac)
    target_distance(1.5 * ATR, ATR, config.exits.tp1_atr, config.exits.tp1_r)
    rules._explain(1)  # a signal, which the few bars above cannot give


def _officer(config: RunConfig) -> tuple[RiskOfficer, list[Decision]]:
    sink, memory = _Sink(), Memory()
    decisions: list[Decision] = []
    returns = HourlyReturns(list(NAMES), config.risk.correlation_days)
    draw = np.random.default_rng(0)
    for hour in range(config.risk.min_common_hours + 10):
        for name in NAMES:
            returns.push(name, START_NS - hour_ns(config, hour), PRICE * math.exp(0.01 * draw.standard_normal()))
    book = RiskBook(
        asset_classes=dict.fromkeys(NAMES, "crypto"),
        multipliers=dict.fromkeys(NAMES, 1.0),
        equity=lambda: EQUITY,
        rate=lambda _name: 1.0,
        ledger=ProcessLedger(),
    )
    officer = RiskOfficer(
        markets={name: _market(name) for name in NAMES},
        config=config.risk,
        book=book,
        board=BreakerBoard(config.risk, every_day=True, memory=memory),
        returns=returns,
        view=sink,
        memory=memory,
        journal=sink,
        publish=lambda _topic, message: decisions.append(message) if isinstance(message, Decision) else None,
        report=_raise,
    )
    return officer, decisions


def hour_ns(config: RunConfig, hour: int) -> int:
    """Return how long before the dry run an hour closed, oldest first."""
    return (config.risk.min_common_hours + 10 - hour) * HOUR_NS


def _raise(error: Exception) -> None:
    raise error


def _market(name: str) -> Market:
    return Market(
        instrument_id=name,
        asset_class="crypto",
        tick=0.1,
        lot=0.001,
        min_quantity=0.001,
        min_notional=5.0,
        multiplier=1.0,
        allow_short=True,
        real_volume=True,
        continuous=True,
    )


def _signal(side: int) -> Signal:
    numbers = dict.fromkeys(
        ("rsi", "volume", "volume_ma", "donchian_upper", "donchian_lower", "bb_lower", "bb_mid", "bb_upper"), 50.0
    )
    return Signal(
        signal_id=f"dry/{side}",
        config_hash="",
        ts_ns=START_NS,
        instrument_id=NAMES[0],
        strategy="dry",
        timeframe="15m",
        entry=PRICE,
        stop=PRICE - side * 1.5 * ATR,
        tp1=PRICE + side * 3.0 * ATR,
        tp2=PRICE + side * 6.0 * ATR,
        side=side,
        score=4,
        close=PRICE,
        atr=ATR,
        atr_ratio=ATR / PRICE,
        htf_trend=side,
        atr_baseline=ATR,
        volume_24h=1e9,
        average_daily_volume=1e9,
        **numbers,
    )


def _warm_trade(config: RunConfig, officer: RiskOfficer, decision: Decision) -> None:
    plan = plan_of(decision, _market(NAMES[0]), entry=config.entry, exits=config.exits, venue=config.venue)
    trade, _ = begin(plan)
    for event in _life(trade):
        trade, _ = advance(trade, event)
        protection(trade) if trade.remaining > 0.0 else ()
        officer.on_trade_event(trade_event(trade, event.ts_ns, "DRY", None))
    officer.on_result(
        TradeResult(
            ts_ns=START_NS,
            trade_id=plan.trade_id,
            signal_id=plan.signal_id,
            instrument_id=plan.instrument_id,
            gross=1.0,
            fees=0.1,
            funding=0.0,
            net=0.9,
            reason="",
        )
    )
    officer.on_quality(
        FillQuality(
            ts_ns=START_NS, order_id="dry", instrument_id=plan.instrument_id, expected_frac=0.01, actual_frac=0.001
        )
    )
    officer.on_api_call(ApiCall(ts_ns=START_NS, venue="dry", failed=False))
    expected_fill_slippage(0.0001, plan.quantity, plan.average_daily_volume, 0.1, plan.tick, PRICE)


def _result(plan: Plan) -> TradeResult:
    return TradeResult(
        ts_ns=START_NS,
        trade_id=plan.trade_id,
        signal_id=plan.signal_id,
        instrument_id=plan.instrument_id,
        gross=1.0,
        fees=0.1,
        funding=0.0,
        net=0.9,
        reason="",
    )


def _quality(plan: Plan) -> FillQuality:
    return FillQuality(
        ts_ns=START_NS, order_id="dry", instrument_id=plan.instrument_id, expected_frac=0.01, actual_frac=0.001
    )


def _life(trade: Trade) -> Iterable[Event]:
    """Yield what can happen to a trade: filled in two parts, first target, trail, market exit."""
    plan, half = trade.plan, round(trade.plan.quantity / 2.0, 3)
    yield RepriceDue(START_NS, PRICE)
    yield EntryFilled(START_NS, half, PRICE)
    yield EntryTimeout(START_NS)
    yield EntryFilled(START_NS, plan.quantity - half, PRICE)
    yield EntryEnded(START_NS)
    yield ExitFilled(START_NS, Leg.TP1, plan.quantity / 4.0, PRICE)
    yield ExitFilled(START_NS, Leg.TP1, plan.quantity / 4.0, PRICE)
    yield BarClosed(START_NS, PRICE + plan.side * 9.0 * ATR, ATR)
    yield CloseDue(START_NS, "MANUAL")
    yield ExitFilled(START_NS, Leg.MARKET, plan.quantity / 2.0, PRICE)
