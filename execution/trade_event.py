"""One transition of a trade, as a message on the bus."""

from typing import Any

from execution.trade import Trade
from risk.messages import TradeEvent


def trade_event(trade: Trade, ts_ns: int, kind: str, source: Any) -> TradeEvent:
    """Return one transition as a message; fills carry the venue's ids."""
    filled = source is not None and hasattr(source, "last_qty")
    return TradeEvent(
        ts_ns=ts_ns,
        kind=kind,
        trade_id=trade.plan.trade_id,
        signal_id=trade.plan.signal_id,
        instrument_id=trade.plan.instrument_id,
        side=trade.plan.side,
        entry=trade.entry_px,
        stop=trade.stop,
        quantity=trade.remaining,
        working=trade.working and not trade.is_over,
        strategy=trade.plan.strategy,
        price=float(source.last_px) if filled else 0.0,
        filled=float(source.last_qty) if filled else 0.0,
        order_id=str(source.client_order_id) if source is not None else "",
        venue_order_id=str(getattr(source, "venue_order_id", "") or "") if source is not None else "",
        limit_px=trade.limit_px if trade.working else 0.0,
        reason=trade.exit_reason or trade.halted_by,
    )
