"""What strategies, gate and desk say to each other: frozen values on the engine's message bus."""

from typing import Literal

import msgspec

from strategies.opinion import Opinion

type AssetClass = Literal["crypto", "fx", "equity", "future"]

SIGNAL_TOPIC = "signals.breakout"
NEAR_SIGNAL_TOPIC = "signals.unconfirmed"
APPROVED_TOPIC = "risk.approved"
REJECTED_TOPIC = "risk.rejected"
BREAKER_TOPIC = "risk.breaker"
COMMAND_TOPIC = "risk.command"
TRADE_TOPIC = "trades.event"
RESULT_TOPIC = "trades.result"
QUALITY_TOPIC = "trades.quality"
API_TOPIC = "venues.api_call"
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
    impact : float
        Impact factor of the slippage estimate: 0.1 large caps, 0.3 mid caps (Spec 7.2).
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
    impact: float = 0.3


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


class NearSignal(msgspec.Struct, frozen=True, kw_only=True):
    """SIGNAL_UNCONFIRMED: a breakout that is no signal, and what the rules saw. Only for the journal."""

    ts_ns: int
    instrument_id: str
    strategy: str
    side: int
    seen: dict[str, float]


class Check(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one rule looked at, and whether the entry may pass. A refusal is a value, not an exception."""

    rule: str
    passed: bool
    limit: float
    observed: float
    note: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """RISK_APPROVED or RISK_REJECTED: the answer to one signal (Spec 4.2.3). Money in account currency.

    ``checks`` are the rules that were asked, in order; the last one of a refusal is the one that said no.
    """

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
    checks: tuple[Check, ...] = ()

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
    strategy: str = ""
    limit_px: float = 0.0  # of an entry that works
    price: float = 0.0
    filled: float = 0.0
    order_id: str = ""
    venue_order_id: str = ""
    reason: str = ""


class TradeResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished trade earned, account currency: ``net = gross - fees - funding``; positive costs are paid."""

    ts_ns: int
    trade_id: str
    signal_id: str
    instrument_id: str
    gross: float
    fees: float
    funding: float
    net: float
    reason: str


class FillQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How an order that takes what it gets was filled (Spec 7.2): fractions of the price it met, positive is worse."""

    ts_ns: int
    order_id: str
    instrument_id: str
    expected_frac: float
    actual_frac: float


class ApiCall(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a venue, or none; ``banned``: the venue sent HTTP 418 (D27)."""

    ts_ns: int
    venue: str
    failed: bool
    banned: bool = False


class BreakerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A breaker warned, closed or opened (Spec 5.4, 5.5). ``operator`` and ``reason`` are those of a hand.

    ``ts_ns`` is when it took effect: a day's breaker opens at 00:00 UTC, also when that is noticed later.
    """

    ts_ns: int
    breaker: str
    kind: Literal["WARNING", "TRIPPED", "APPROVED", "OPENED", "RESET"]
    observed: float
    limit: float
    operator: str = ""
    reason: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What the risk officer tells every desk: no more entries; with ``close_positions`` everything ends at market."""

    ts_ns: int
    reason: str
    close_positions: bool


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should hear about."""

    ts_ns: int
    name: str
    severity: Literal["INFO", "WARNING", "CRITICAL"]
    instrument_id: str = ""
    details: str = ""
