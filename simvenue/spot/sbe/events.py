"""The account's events in SBE, as they come on a WebSocket API session that asked for it."""

import struct

from simvenue.spot.sbe import codes
from simvenue.spot.sbe.market import balance
from simvenue.spot.sbe.orders import NO_PEG, leg
from simvenue.spot.sbe.writer import (
    EXPONENT,
    NULL,
    NULL_16,
    NULL_32,
    NULL_BYTE,
    group,
    known,
    mantissa,
    message,
    micros,
    small_group,
    text,
)
from simvenue.spot.shapes import Json


def event(row: Json) -> bytes:
    """Return an event of the account as a message of its own, not wrapped as in JSON."""
    makers = {
        "executionReport": _execution_report,
        "outboundAccountPosition": _account_position,
        "balanceUpdate": _balance_update,
        "listStatus": _list_status,
        "eventStreamTerminated": _terminated,
    }
    return makers[row["e"]](row)


def _execution_report(row: Json) -> bytes:
    block = struct.pack("<qqbbb", micros(row["E"]), micros(row["T"]), EXPONENT, EXPONENT, EXPONENT)
    working = micros(row["W"]) if "W" in row else NULL
    block += struct.pack("<qqqq", micros(row["O"]), working, row["i"], known(row["g"]))
    block += struct.pack("<qqqqq", *(mantissa(row[name]) for name in ("q", "p", "Q", "F", "P")))
    block += bytes(
        [
            codes.ORDER_TYPE[row["o"]],
            codes.SIDE[row["S"]],
            codes.TIME_IN_FORCE[row["f"]],
            codes.EXECUTION[row["x"]],
            codes.STATUS[row["X"]],
        ]
    )
    block += struct.pack("<qq", known(row["t"]), row["I"])
    block += struct.pack("<qqqqqq", *(mantissa(row[name]) for name in ("z", "Z", "l", "L", "Y", "n")))
    block += bytes([row["w"], row["m"], row["M"], codes.AUTO_MATCH, codes.EXPIRE_MAKER])
    block += bytes([codes.PRINCIPAL, codes.EXCHANGE_FLOOR, 0])
    block += struct.pack("<qQqqq", NULL, 2**64 - 1, NULL, NULL, 0)  # allocation, trailing, trade group, prevented
    block += struct.pack("<qqqqqiqqH", NULL, NULL, NULL, NULL, NULL, NULL_32, NULL, NULL, NULL_16) + NO_PEG
    block += bytes([codes.EXPIRY.get(row.get("eR", ""), NULL_BYTE)])
    names = (row["s"], row["c"], row["C"], row["N"], "", "")
    return message(603, block, *(text(name) for name in names))


def _account_position(row: Json) -> bytes:
    block = struct.pack("<qqH", micros(row["E"]), micros(row["u"]), NULL_16)
    rows = [balance({"asset": each["a"], "free": each["f"], "locked": each["l"]}) for each in row["B"]]
    return message(607, block, group(17, rows))


def _balance_update(row: Json) -> bytes:
    block = struct.pack("<qqbqH", micros(row["E"]), micros(row["T"]), EXPONENT, mantissa(row["d"]), NULL_16)
    return message(601, block, text(row["a"]))


def _list_status(row: Json) -> bytes:
    block = struct.pack("<qqq", micros(row["E"]), micros(row["T"]), row["g"])
    block += bytes([codes.OCO, codes.LIST_STATUS[row["l"]], codes.LIST_ORDER_STATUS[row["L"]]])
    block += struct.pack("<H", NULL_16)
    legs = small_group(8, [leg(each["i"], each["s"], each["c"]) for each in row["O"]])
    return message(606, block, legs, text(row["s"]), text(row["C"]), text("NONE"))


def _terminated(row: Json) -> bytes:
    return message(602, struct.pack("<qH", micros(row["E"]), NULL_16))
