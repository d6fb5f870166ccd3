"""The account's events as Binance spot writes them."""

from decimal import Decimal

from simvenue.orders import Execution, Fill
from simvenue.pairs.lists import OrderList
from simvenue.pairs.orders import PairOrder
from simvenue.spot.shapes import SELF_TRADE, Json, amount, list_row, time_in_force

NOTHING = "0.00000000"


def execution_report(order: PairOrder, execution: Execution, fill: Fill | None, now_ms: int, number: int) -> Json:
    """Return a report; a cancellation has a name of its own, the order's is then the original one (``C``)."""
    cancelled = execution is Execution.CANCELED and order.cancel_id
    report: Json = {
        "e": "executionReport",
        "E": now_ms,
        "s": order.symbol,
        "c": order.cancel_id if cancelled else order.client_id,
        "S": order.side.value,
        "o": order.pair_kind.value,
        "f": time_in_force(order),
        "q": amount(order.quantity),
        "p": amount(order.price),
        "P": amount(order.stop_price),
        "F": NOTHING,
        "g": order.list_id,
        "C": order.client_id if cancelled else "",
        "x": execution.value,
        "X": order.status.value,
        "r": "NONE",
        "i": order.order_id,
        "l": amount(fill.quantity) if fill else NOTHING,
        "z": amount(order.executed),
        "L": amount(fill.price) if fill else NOTHING,
        "n": amount(fill.fee) if fill else "0",
        "N": fill.fee_asset if fill else None,
        "T": order.updated_ms,
        "t": fill.trade_id if fill else -1,
        "I": number,
        "w": order.is_open and not order.waits,
        "m": fill.maker if fill else False,
        "M": fill is not None,
        "O": order.created_ms,
        "Z": amount(order.executed_quote),
        "Y": amount(fill.quote_quantity) if fill else NOTHING,
        "Q": amount(order.quote_amount),
        "V": SELF_TRADE,
    }
    if order.working_ms:
        report["W"] = order.working_ms
    if order.expiry:
        report["eR"] = order.expiry
    return report


def account_position(rows: list[Json], now_ms: int) -> Json:
    balances = [{"a": row["asset"], "f": row["free"], "l": row["locked"]} for row in rows]
    return {"e": "outboundAccountPosition", "E": now_ms, "u": now_ms, "B": balances}


def balance_update(asset: str, change: Decimal, now_ms: int) -> Json:
    return {"e": "balanceUpdate", "E": now_ms, "a": asset, "d": amount(change), "T": now_ms}


def list_status(found: OrderList, legs: list[PairOrder], now_ms: int) -> Json:
    row = list_row(found, legs)
    return {
        "e": "listStatus",
        "E": now_ms,
        "s": found.symbol,
        "g": found.list_id,
        "c": row["contingencyType"],
        "l": row["listStatusType"],
        "L": row["listOrderStatus"],
        "r": "NONE",
        "C": found.client_id,
        "T": found.updated_ms,
        "O": [{"s": leg.symbol, "i": leg.order_id, "c": leg.client_id} for leg in legs],
    }


def terminated(now_ms: int) -> Json:
    return {"e": "eventStreamTerminated", "E": now_ms}
