"""What strategies, gate and desk say to each other: frozen values on the engine's message bus."""

from typing import Literal

import msgspec

from strategies.opinion import Opinion

type AssetClass = Literal["crypto", "fx", "equity", "future"]

SIGNAL_TOPIC = "signals.breakout"
APPROVED_TOPIC = "risk.approved"
REJECTED_TOPIC = "risk.rejected"
TRADE_TOPIC = "trades.event"
ALERT_TOPIC = "alerts.execution"
BAR_CLOSE_TOPIC = "clock.bar_close"


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate must know of an instrument: venue rules, in account currency where it is money.

    Attributes
    ----------
    tick, lot : float
        Price and quantity increment, quote units and base units (contracts).
    min_quantity, min_notional : float
        Smallest order, base units and quote units; 0 when the venue has none.
    multiplier : float
        Quote units of one price unit per contract; 1 outside futures.
    real_volume : bool
        Whether bar volume is traded quantity. Tick counts limit nothing.
    continuous : bool
        Whether the market trades around the clock (24 h volume is then a sum of bars, else a mean session).
    """

    instrument_id: str
    asset_class: AssetClass
    tick: float
    lot: float
    min_quantity: float
    min_notional: float
    multiplier: float
    allow_short: bool
    real_volume: bool
    continuous: bool


class Signal(Opinion, frozen=True, kw_only=True):
    """SIGNAL_LONG or SIGNAL_SHORT at one bar close: an opinion with its plan, as it goes on the bus (Spec 4.2.2)."""

    signal_id: str
    config_hash: str
    ts_ns: int
    instrument_id: str
    strategy: str
    timeframe: str
    entry: float
    stop: float
    tp1: float
    tp2: float

    @property
    def event(self) -> str:
        """Return the event's name in the specification."""
        return "SIGNAL_LONG" if self.side > 0 else "SIGNAL_SHORT"


class Refusal(msgspec.Struct, frozen=True):
    """Why a rule says no: its name, the limit and what was observed. A value, not an exception."""

    rule: str
    limit: float
    observed: float


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """RISK_APPROVED or RISK_REJECTED: the answer to one signal (Spec 4.2.3). Money in account currency."""

    ts_ns: int
    signal: Signal
    approved: bool
    rule: str
    limit: float
    observed: float
    quantity: float
    risk_quote: float
    heat_before: float
    heat_after: float
    equity: float
    sized_by: str = ""

    @property
    def topic(self) -> str:
        """Return the bus topic of the answer."""
        return APPROVED_TOPIC if self.approved else REJECTED_TOPIC

    @property
    def event(self) -> str:
        """Return the event's name in the specification."""
        return "RISK_APPROVED" if self.approved else "RISK_REJECTED"


class TradeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One transition of one trade; ``stop`` and ``quantity`` are what is open after it."""

    ts_ns: int
    kind: str
    trade_id: str
    signal_id: str
    instrument_id: str
    side: int
    entry: float
    stop: float
    quantity: float
    working: bool
    price: float = 0.0
    filled: float = 0.0
    order_id: str = ""
    venue_order_id: str = ""
    reason: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should hear about."""

    ts_ns: int
    name: str
    severity: Literal["INFO", "WARNING", "CRITICAL"]
    instrument_id: str = ""
    details: str = ""
