"""What the engine believes when a run has ended, as plain values."""

from typing import Any

from nautilus_trader.live import LiveNode
from nautilus_trader.model import Currency, OrderFilled, Venue

USDT = Currency.from_str("USDT")


def report(node: LiveNode) -> dict[str, Any]:
    """Return orders (oldest first), fills, positions and balance of a node that has stopped."""
    orders = sorted(node.cache.orders(), key=lambda order: (order.ts_init, str(order.client_order_id)))
    account = node.cache.account_for_venue(Venue("BINANCE"))
    assert account is not None
    return {
        "orders": [_order(order) for order in orders],
        "fills": sorted(_fill(event) for order in orders for event in order.events() if _happened(event)),
        "positions": [_position(position) for position in node.cache.positions()],
        "balance": str(account.balance_total(USDT).as_decimal()),
    }


def _happened(event: Any) -> bool:
    """Return whether an event is a fill that was reported, not one that the engine inferred at its start."""
    return isinstance(event, OrderFilled) and not event.reconciliation


def _order(order: Any) -> dict[str, Any]:
    return {
        "id": str(order.client_order_id),
        "strategy": str(order.strategy_id),
        "venue_id": str(order.venue_order_id or ""),
        "side": order.side.name,
        "type": order.order_type.name,
        "quantity": str(order.quantity),
        "filled": str(order.filled_qty),
        "price": _text(order, "price"),
        "trigger": _text(order, "trigger_price"),
        "time_in_force": order.time_in_force.name,
        "reduce_only": order.is_reduce_only,
        "post_only": bool(getattr(order, "is_post_only", False)),
        "status": order.status.name,
        "events": [type(event).__name__.removeprefix("Order") for event in order.events()],
        "inferred": any(isinstance(event, OrderFilled) and event.reconciliation for event in order.events()),
        "reasons": [str(event.reason) for event in order.events() if getattr(event, "reason", None)],
        "due_post_only": [event.due_post_only for event in order.events() if hasattr(event, "due_post_only")],
    }


def _text(order: Any, name: str) -> str:
    value = getattr(order, name, None)
    return "" if value is None else str(value)


def _fill(event: OrderFilled) -> list[str]:
    fee = event.commission
    return [str(event.trade_id), str(event.last_px), str(event.last_qty), str(fee.as_decimal() if fee else 0)]


def _position(position: Any) -> dict[str, Any]:
    sign = "-" if position.side.name == "SHORT" else ""
    return {"id": str(position.id), "signed": f"{sign}{position.quantity}", "entry": str(position.avg_px_open)}
