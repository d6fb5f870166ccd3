"""Take up, after a restart, what was open: venue, engine and memory must agree before the first entry (Spec 9.4)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nautilus_trader.model import ClientOrderId, InstrumentId

from execution.orders import is_open, leg_of
from execution.trade import Leg, Trade
from execution.trade_event import trade_event
from execution.trade_memory import KeptTrade
from live.clock import Pace
from live.history import symbol_of
from live.restart import catch_up
from live.witness import orders_of

if TYPE_CHECKING:
    from live.system import LiveSystem

type Resting = list[tuple[ClientOrderId, Leg]]


def resume(system: "LiveSystem", kept: Mapping[str, KeptTrade], pace: Pace) -> None:
    """Bring kept trades up to the venue, give them to desk and officer, sweep what belongs to nobody.

    Raises
    ------
    VenueError
        The venue did not answer.
    """
    trades = {
        trade_id: catch_up(one, orders_of(system.client, symbol_of(one.trade.plan.instrument_id), one, pace))
        for trade_id, one in kept.items()
    }
    resting = _resting(system)
    now_ns = system.clock.timestamp_ns()
    events = [trade_event(one.trade, now_ns, "RESTORED", None) for one in trades.values() if not one.trade.is_over]
    system.gate.officer.restore(events)
    for trade_id, one in trades.items():
        system.strategy.desk.restore(one, resting.pop(trade_id, []))
    for orders in resting.values():
        _sweep(system, orders)
    _compare(system, {one.trade.plan.instrument_id: one.trade for one in trades.values()})
    system.gate.officer.recall(now_ns)


def _resting(system: "LiveSystem") -> dict[str, Resting]:
    """Return our open orders at the venue, as the engine has found them, by trade."""
    found: dict[str, Resting] = {}
    for name in system.config.instruments:
        for order in system.strategy.cache.orders_open(instrument_id=InstrumentId.from_str(name)):
            link = leg_of(str(order.client_order_id))
            if link is not None and is_open(order):
                found.setdefault(link[0], []).append((order.client_order_id, link[1]))
    for orders in found.values():
        orders.sort(key=lambda one: _count(one[0]))
    return found


def _count(order_id: Any) -> int:
    link = leg_of(str(order_id))
    return 0 if link is None else link[2]


def _sweep(system: "LiveSystem", orders: Resting) -> None:
    """Cancel orders of a trade that nobody knows: an exit without its position would open a new one."""
    for order_id, leg in orders:
        order = system.strategy.cache.order(order_id)
        system.alert("ORPHAN_ORDER", "WARNING", f"{order_id} ({leg.name}) is of no open trade: cancelled")
        if is_open(order):
            system.strategy.cancel_order(order_id)


def _compare(system: "LiveSystem", trades: Mapping[str, Trade]) -> None:
    """Halt the entries of an instrument whose position at the venue is not that of its trade."""
    held = {position.symbol: float(position.quantity) for position in system.client.positions()}
    for name in system.config.instruments:
        trade = trades.get(name)
        expected = 0.0 if trade is None else trade.plan.side * trade.remaining
        found = held.get(symbol_of(name), 0.0)
        if abs(found - expected) > 0.5 * system.markets[name].lot:
            text = f"the venue holds {found:g}, our trade {expected:g}: run scripts/doctor.py"
            system.halts.hold("position", text, name)
            system.alert("POSITION_DIFFERS", "CRITICAL", text, name)
