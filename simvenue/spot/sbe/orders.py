"""Orders, cancellations and order lists in SBE."""

import struct

from simvenue.spot.sbe import codes
from simvenue.spot.sbe.writer import (
    EXPONENT,
    NULL,
    NULL_32,
    NULL_BYTE,
    data32,
    group,
    known,
    mantissa,
    message,
    micros,
    small_group,
    text,
    text16,
)
from simvenue.spot.shapes import Json

ORDER_BLOCK, FILL_BLOCK, PREVENTED_BLOCK, TRADE_BLOCK, REPORT_BLOCK = 163, 42, 40, 70, 135
EXPONENTS = (EXPONENT, EXPONENT)
NO_PEG = struct.pack("<BBBq", NULL_BYTE, NULL_BYTE, NULL_BYTE, NULL)


def order(row: Json) -> bytes:
    return message(304, _order_block(row), _names(row))


def orders(rows: list[Json]) -> bytes:
    return message(308, b"", group(ORDER_BLOCK, [_order_block(row) + _names(row) for row in rows]))


def placed(row: Json) -> bytes:
    """Return a new order, with its executions when the JSON answer has them, else its acknowledgement."""
    if "status" not in row:
        block = struct.pack("<qqq", row["orderId"], known(row["orderListId"]), micros(row["transactTime"]))
        return message(300, block, _names(row))
    block = struct.pack("<bbqqq", *EXPONENTS, row["orderId"], known(row["orderListId"]), micros(row["transactTime"]))
    block += _amounts(row) + struct.pack("<qqqq", _stop(row), NULL, NULL, _micros_or_null(row["workingTime"]))
    block += struct.pack("<qqi", NULL, NULL, NULL_32) + _capacity()
    block += struct.pack("<qqBq", NULL, 0, 0, mantissa(row["origQuoteOrderQty"])) + NO_PEG + bytes([NULL_BYTE])
    fills = group(FILL_BLOCK, [_fill(fill) for fill in row.get("fills", [])])
    return message(302, block, fills, group(PREVENTED_BLOCK, []), _names(row))


def cancelled(row: Json) -> bytes:
    """Return a cancelled order, or the whole list when it was a leg of one."""
    if "orderReports" in row:
        return cancelled_list(row)
    block = struct.pack("<bb", *EXPONENTS) + _report_block(row)
    return message(305, block, *_report_names(row))


def cancelled_list(row: Json) -> bytes:
    block = struct.pack("<q", row["orderListId"]) + _list_codes(row)
    block += struct.pack("<qbb", micros(row["transactionTime"]), *EXPONENTS)
    reports = [_report_block(report) + b"".join(_report_names(report)) for report in row["orderReports"]]
    legs = small_group(8, [leg(each["orderId"], each["symbol"], each["clientOrderId"]) for each in row["orders"]])
    names = text(row["listClientOrderId"]) + text(row["symbol"])
    return message(312, block, legs, small_group(REPORT_BLOCK, reports), names)


def cancelled_all(rows: list[Json]) -> bytes:
    answers = [cancelled(row) for row in rows]
    return message(306, b"", group(0, [struct.pack("<H", len(raw)) + raw for raw in answers]))


def replaced(row: Json) -> bytes:
    old, new = cancelled(row["cancelResponse"]), placed(row["newOrderResponse"])
    return message(307, bytes([0, 0]), struct.pack("<H", len(old)) + old, data32(new))


def trades(rows: list[Json]) -> bytes:
    return message(401, b"", group(TRADE_BLOCK, [_trade(row) for row in rows]))


def leg(order_id: int, symbol: str, client_id: str) -> bytes:
    return struct.pack("<q", order_id) + text(symbol) + text(client_id)


def error(code: int, explanation: str) -> bytes:
    return message(100, struct.pack("<hqq", code, NULL, NULL), text16(explanation), data32(b""))


def _order_block(row: Json) -> bytes:
    block = struct.pack("<bbqq", *EXPONENTS, row["orderId"], known(row["orderListId"])) + _amounts(row)
    block += struct.pack("<qqqq", _stop(row), NULL, NULL, NULL)
    block += struct.pack("<qqB", micros(row["time"]), micros(row["updateTime"]), row["isWorking"])
    block += struct.pack("<qq", _micros_or_null(row["workingTime"]), mantissa(row["origQuoteOrderQty"]))
    block += struct.pack("<qi", NULL, NULL_32) + _capacity() + struct.pack("<qqB", NULL, 0, 0)
    return block + NO_PEG + bytes([NULL_BYTE])


def _report_block(row: Json) -> bytes:
    block = struct.pack("<qqq", row["orderId"], known(row["orderListId"]), micros(row["transactTime"]))
    block += _amounts(row) + struct.pack("<qqqqqi", _stop(row), NULL, NULL, NULL, NULL, NULL_32) + _capacity()
    return block + struct.pack("<qBq", 0, 0, mantissa(row["origQuoteOrderQty"])) + NO_PEG


def _amounts(row: Json) -> bytes:
    """Return price, quantities and the four words; quote amounts carry the price's exponent."""
    numbers = (mantissa(row[name]) for name in ("price", "origQty", "executedQty", "cummulativeQuoteQty"))
    words = (
        codes.STATUS[row["status"]],
        codes.TIME_IN_FORCE[row["timeInForce"]],
        codes.ORDER_TYPE[row["type"]],
        codes.SIDE[row["side"]],
    )
    return struct.pack("<qqqqBBBB", *numbers, *words)


def _stop(row: Json) -> int:
    return mantissa(row.get("stopPrice", "0")) or NULL


def _micros_or_null(ms: int) -> int:
    return NULL if ms == -1 else micros(ms)


def _capacity() -> bytes:
    return bytes([codes.PRINCIPAL, codes.EXCHANGE_FLOOR, codes.EXPIRE_MAKER])


def _names(row: Json) -> bytes:
    return text(row["symbol"]) + text(row["clientOrderId"])


def _report_names(row: Json) -> tuple[bytes, bytes, bytes]:
    return text(row["symbol"]), text(row["origClientOrderId"]), text(row["clientOrderId"])


def _list_codes(row: Json) -> bytes:
    status, state = codes.LIST_STATUS[row["listStatusType"]], codes.LIST_ORDER_STATUS[row["listOrderStatus"]]
    return bytes([codes.OCO, status, state])


def _fill(fill: Json) -> bytes:
    numbers = (mantissa(fill[name]) for name in ("price", "qty", "commission"))
    block = struct.pack("<bBqqqqq", EXPONENT, codes.AUTO_MATCH, *numbers, fill["tradeId"], NULL)
    return block + text(fill["commissionAsset"])


def _trade(row: Json) -> bytes:
    block = struct.pack("<bbbqqq", *EXPONENTS, EXPONENT, row["id"], row["orderId"], known(row["orderListId"]))
    block += struct.pack("<qqqq", *(mantissa(row[name]) for name in ("price", "qty", "quoteQty", "commission")))
    block += struct.pack("<qBBB", micros(row["time"]), row["isBuyer"], row["isMaker"], row["isBestMatch"])
    return block + text(row["symbol"]) + text(row["commissionAsset"])
