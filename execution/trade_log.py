"""What happened, collected for the trade list: fills, costs, stop path, missed entries. Decides nothing."""

from collections.abc import Callable
from typing import Any

import msgspec

from execution.trade import Leg, Trade
from risk.messages import TradeResult
from risk.rates import Rates


class Costs(msgspec.Struct):
    """Running costs of one trade, account currency; positive is paid."""

    fees: float = 0.0
    slippage: float = 0.0
    funding: float = 0.0
    gross: float = 0.0
    rate: float = 1.0

    @property
    def net(self) -> float:
        """Return what is left of the gross result."""
        return self.gross - self.fees - self.funding


class StopPoint(msgspec.Struct, frozen=True):
    """The stop of one trade from one moment on."""

    trade_id: str
    ts_ns: int
    stop: float


class Missed(msgspec.Struct, frozen=True):
    """An approved signal whose entry did not fill (D35)."""

    ts_ns: int
    signal_id: str
    trade_id: str
    instrument_id: str
    side: int
    limit_px: float
    quantity: float


class TradeLog:
    """Collect finished trades.

    Parameters
    ----------
    rates : Rates
        Conversion to the account currency.
    carry : callable
        Funding and rollover paid on the position of an instrument that just closed, account currency.
    """

    def __init__(self, *, rates: Rates, carry: Callable[[str], float]) -> None:
        self._rates = rates
        self._carry = carry
        self._costs: dict[str, Costs] = {}
        self._last_stop: dict[str, float] = {}
        self.closed: list[tuple[Trade, Costs]] = []
        self.missed: list[Missed] = []
        self.stops: list[StopPoint] = []

    def on_fill(self, trade: Trade, leg: Leg, event: Any, reference_px: float) -> None:
        """Book one fill: its fee, its slippage against the price hoped for, and what it earned against the entry."""
        costs = self._costs.setdefault(trade.plan.trade_id, Costs())
        rate = self._rates.of_instrument(trade.plan.instrument_id)
        quantity, price = float(event.last_qty), float(event.last_px)
        unit = quantity * trade.plan.multiplier * rate
        bought = trade.plan.side if leg is Leg.ENTRY else -trade.plan.side
        costs.slippage += bought * (price - reference_px) * unit
        costs.rate = rate
        if event.commission is not None:
            costs.fees += float(event.commission) * self._rates.of_currency(event.commission.currency.code)
        if leg is not Leg.ENTRY:
            costs.gross += trade.plan.side * (price - trade.entry_px) * unit

    def restore(self, trade: Trade, costs: Costs) -> None:
        """Take up a trade of an earlier life with what it has cost so far."""
        self._costs[trade.plan.trade_id] = costs

    def on_stop(self, trade: Trade, ts_ns: int) -> None:
        """Note the stop when it is new."""
        if trade.filled == 0.0:
            return
        trade_id = trade.plan.trade_id
        if self._last_stop.get(trade_id) != trade.stop:
            self._last_stop[trade_id] = trade.stop
            self.stops.append(StopPoint(trade_id, ts_ns, trade.stop))

    def costs_of(self, trade: Trade) -> Costs:
        """Return what a trade has cost so far."""
        return self._costs.get(trade.plan.trade_id, Costs())

    def on_closed(self, trade: Trade) -> TradeResult:
        """Take a finished trade; return what it earned."""
        costs = self._costs.pop(trade.plan.trade_id, Costs())
        self._last_stop.pop(trade.plan.trade_id, None)
        costs.funding = self._carry(trade.plan.instrument_id)
        self.closed.append((trade, costs))
        return TradeResult(
            ts_ns=trade.exit_ns,
            trade_id=trade.plan.trade_id,
            signal_id=trade.plan.signal_id,
            instrument_id=trade.plan.instrument_id,
            gross=costs.gross,
            fees=costs.fees,
            funding=costs.funding,
            net=costs.net,
            reason=trade.exit_reason,
        )

    def on_missed(self, trade: Trade, ts_ns: int) -> None:
        """Take an entry that ended without a fill."""
        plan = trade.plan
        self.missed.append(
            Missed(ts_ns, plan.signal_id, plan.trade_id, plan.instrument_id, plan.side, trade.limit_px, plan.quantity)
        )
