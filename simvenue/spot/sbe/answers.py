"""Which answer is written how in SBE, by path and by WebSocket API method."""

import struct
from collections.abc import Callable
from typing import Any

from simvenue.spot.sbe import market, orders
from simvenue.spot.sbe.writer import data32, message, small_group, text, text16
from simvenue.spot.shapes import Json

Encode = Callable[[Any], bytes]

BY_PATH: dict[tuple[str, str], Encode] = {
    ("GET", "/api/v3/ping"): market.ping,
    ("GET", "/api/v3/time"): market.time,
    ("GET", "/api/v3/exchangeInfo"): market.exchange_info,
    ("GET", "/api/v3/depth"): market.depth,
    ("GET", "/api/v3/trades"): market.trades,
    ("GET", "/api/v3/klines"): market.klines,
    ("GET", "/api/v3/account"): market.account,
    ("GET", "/api/v3/order"): orders.order,
    ("POST", "/api/v3/order"): orders.placed,
    ("DELETE", "/api/v3/order"): orders.cancelled,
    ("POST", "/api/v3/order/cancelReplace"): orders.replaced,
    ("GET", "/api/v3/openOrders"): orders.orders,
    ("DELETE", "/api/v3/openOrders"): orders.cancelled_all,
    ("GET", "/api/v3/allOrders"): orders.orders,
    ("GET", "/api/v3/myTrades"): orders.trades,
}


def _logged_on(row: Json) -> bytes:
    since, now = row["authorizedSince"] or row["serverTime"], row["serverTime"]
    block = struct.pack("<qqBqB", since * 1_000, row["connectedSince"] * 1_000, 0, now * 1_000, row["userDataStream"])
    return message(51, block, text16(row["apiKey"] or ""))


def _subscribed(row: Json) -> bytes:
    return message(503, struct.pack("<H", row["subscriptionId"]))


BY_METHOD: dict[str, Encode] = {
    "order.place": orders.placed,
    "order.cancel": orders.cancelled,
    "order.status": orders.order,
    "order.cancelReplace": orders.replaced,
    "openOrders.status": orders.orders,
    "openOrders.cancelAll": orders.cancelled_all,
    "session.logon": _logged_on,
    "userDataStream.subscribe": _subscribed,
    "userDataStream.subscribe.signature": _subscribed,
}


def envelope(method: str, answer: Json) -> bytes:
    """Return a WebSocket API answer: status, request id, and the result or the error as a message within."""
    status, encode = answer["status"], BY_METHOD.get(method)
    if "error" in answer:
        result = orders.error(answer["error"]["code"], answer["error"]["msg"])
    elif encode is None:
        status, result = 400, orders.error(-1000, f"The answer of {method} is not simulated in SBE.")
    else:
        result = encode(answer["result"])
    block = struct.pack("<BH", 0, status)
    return message(50, block, small_group(19, []), text(str(answer["id"] or "")), data32(result))
