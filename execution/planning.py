"""From an approved decision to the plan of a trade."""

from execution.config import EntryConfig, ExitConfig, VenueConfig
from execution.exits import round_outward
from execution.orders import trade_id_of
from execution.trade import Plan
from risk.messages import Decision, Market


def plan_of(decision: Decision, market: Market, *, entry: EntryConfig, exits: ExitConfig, venue: VenueConfig) -> Plan:
    """Return what the trade of an approved signal is going to do; distances are those of the signal (D12, D13)."""
    signal = decision.signal
    return Plan(
        trade_id=trade_id_of(signal.instrument_id, signal.strategy, signal.ts_ns),
        signal_id=signal.signal_id,
        signal_ns=signal.ts_ns,
        instrument_id=signal.instrument_id,
        strategy=signal.strategy,
        side=signal.side,
        quantity=decision.quantity,
        entry_px=round_outward(signal.entry, market.tick, signal.side),
        stop_distance=abs(signal.entry - signal.stop),
        tp1_distance=abs(signal.tp1 - signal.entry),
        tp2_distance=abs(signal.tp2 - signal.entry),
        tick=market.tick,
        lot=market.lot,
        min_quantity=market.min_quantity,
        min_notional=market.min_notional,
        multiplier=market.multiplier,
        exits=exits,
        entry_on_timeout=entry.on_timeout,
        backstop=venue.backstop and venue.stop_order == "stop_limit",
        average_daily_volume=signal.average_daily_volume,
    )
