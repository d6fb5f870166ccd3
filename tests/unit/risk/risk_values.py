"""Plain numbers that the risk tests vary one at a time: a BTC perpetual at 100 with a stop at 98, equity 50 000."""

import math

import msgspec

from risk.book import Book, Held
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Decision, Market, Signal, TradeEvent
from risk.review import candidate_of, review

BTC = Market(
    instrument_id="BTC.X",
    asset_class="crypto",
    tick=0.01,
    lot=0.001,
    min_quantity=0.0,
    min_notional=0.0,
    multiplier=1.0,
    allow_short=True,
    real_volume=True,
    continuous=True,
)
AAPL = msgspec.structs.replace(
    BTC, instrument_id="AAPL.US", asset_class="equity", lot=1.0, allow_short=True, continuous=False
)
EURUSD = msgspec.structs.replace(
    BTC, instrument_id="EURUSD.FX", asset_class="fx", tick=0.00001, lot=1.0, real_volume=False, continuous=False
)
ES = msgspec.structs.replace(
    BTC, instrument_id="ES.CME", asset_class="future", tick=0.25, lot=1.0, multiplier=50.0, continuous=False
)
BY_CLASS = {"crypto": BTC, "fx": EURUSD, "equity": AAPL, "future": ES}


def make_signal(market=BTC, **changes) -> Signal:
    """Return a long signal: entry 100, stop 98, ATR at its baseline, a market that is deep enough for anything."""
    values = {
        "signal_id": f"breakout/{market.instrument_id}/1",
        "config_hash": "0" * 12,
        "ts_ns": 1,
        "instrument_id": market.instrument_id,
        "strategy": "breakout",
        "timeframe": "15m",
        "side": 1,
        "score": 5,
        "entry": 100.0,
        "stop": 98.0,
        "atr": 1.0,
        "close": 100.0,
        "atr_ratio": 0.01,
        "rsi": 60.0,
        "volume": 10.0,
        "volume_ma": 5.0,
        "donchian_upper": 99.0,
        "donchian_lower": 90.0,
        "htf_trend": 1,
        "bb_lower": 95.0,
        "bb_mid": 98.0,
        "bb_upper": 101.0,
        "atr_baseline": 1.0,
        "volume_24h": 1e9,
        "average_daily_volume": 1e9,
    }
    values |= changes
    distance = values["entry"] - values["stop"]
    targets = {"tp1": values["entry"] + 2.0 * distance, "tp2": values["entry"] + 4.0 * distance}
    return Signal(**targets | values)


def make_candidate(market=BTC, rate=1.0, **changes) -> Candidate:
    """Return an unsized candidate."""
    return candidate_of(make_signal(market, **changes), market, rate)


def make_book(*, positions=None, **changes) -> Book:
    """Return a book of 50 000; ``positions`` by instrument id, each of the breakout."""
    held = tuple(Held(name, kind, "breakout") for name, kind in (positions or {}).items())
    values = {"ts_ns": 1, "equity": 50_000.0, "open_risk": 0.0, "reserved_risk": 0.0, "positions": held}
    return Book(**values | changes)


def decide(market=BTC, *, book=None, config=None, rate=1.0, **changes) -> Decision:
    """Return the decision on one signal."""
    return review(make_candidate(market, rate, **changes), book or make_book(), config or RiskConfig())


def make_event(**changes) -> TradeEvent:
    """Return a long trade of 10 units at 100 with its stop at 98, entry order gone."""
    values = {
        "ts_ns": 2,
        "kind": "POSITION_OPENED",
        "trade_id": "t1",
        "signal_id": "breakout/BTC.X/1",
        "instrument_id": "BTC.X",
        "side": 1,
        "entry": 100.0,
        "stop": 98.0,
        "quantity": 10.0,
        "working": False,
        "strategy": "breakout",
    }
    return TradeEvent(**values | changes)


def nan_equal(one: float, other: float) -> bool:
    """Return whether two numbers are the same, NaN included."""
    return one == other or (math.isnan(one) and math.isnan(other))
