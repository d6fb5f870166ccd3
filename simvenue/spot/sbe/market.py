"""Market data, instruments and balances in SBE."""

import struct

from simvenue.spot.sbe import codes
from simvenue.spot.sbe.writer import EXPONENT, NULL, data8, group, mantissa, message, micros, text, wide
from simvenue.spot.shapes import Json

ORDER_TYPE_BITS = {"MARKET": 1, "LIMIT": 2, "STOP_LOSS_LIMIT": 8, "TAKE_PROFIT_LIMIT": 32, "LIMIT_MAKER": 64}
SELF_TRADE_BITS = 0b11100
EXPONENTS = struct.pack("<bb", EXPONENT, EXPONENT)


def ping(_: Json) -> bytes:
    return message(101, b"")


def time(row: Json) -> bytes:
    return message(102, struct.pack("<q", micros(row["serverTime"])))


def depth(row: Json) -> bytes:
    sides = (
        group(16, [struct.pack("<qq", mantissa(price), mantissa(size)) for price, size in row[side]])
        for side in ("bids", "asks")
    )
    return message(200, struct.pack("<q", row["lastUpdateId"]) + EXPONENTS, *sides)


def trades(rows: list[Json]) -> bytes:
    made = [
        struct.pack(
            "<qqqqqBB",
            row["id"],
            *(mantissa(row[name]) for name in ("price", "qty", "quoteQty")),
            micros(row["time"]),
            row["isBuyerMaker"],
            row["isBestMatch"],
        )
        for row in rows
    ]
    return message(201, EXPONENTS, group(42, made))


def klines(rows: list[list[str]]) -> bytes:
    return message(203, EXPONENTS, group(120, [_kline(row) for row in rows]))


def _kline(row: list[str]) -> bytes:
    prices = struct.pack("<qqqqq", micros(int(row[0])), *(mantissa(row[n]) for n in range(1, 5)))
    middle = wide(row[5]) + struct.pack("<q", micros(int(row[6]))) + wide(row[7])
    return prices + middle + struct.pack("<q", int(row[8])) + wide(row[9]) + wide(row[10])


def account(row: Json) -> bytes:
    rates = row["commissionRates"]
    block = struct.pack("<bqqqq", EXPONENT, *(mantissa(rates[name]) for name in ("maker", "taker", "buyer", "seller")))
    flags = ("canTrade", "canWithdraw", "canDeposit", "brokered", "requireSelfTradePrevention", "preventSor")
    block += bytes(row[name] for name in flags)
    block += struct.pack("<qBqq", micros(row["updateTime"]), 0, NULL, row["uid"])
    permissions = group(0, [text(name) for name in row["permissions"]])
    return message(400, block, group(17, [balance(each) for each in row["balances"]]), permissions, group(0, []))


def balance(row: Json) -> bytes:
    return struct.pack("<bqq", EXPONENT, mantissa(row["free"]), mantissa(row["locked"])) + text(row["asset"])


def exchange_info(row: Json) -> bytes:
    limits = [
        struct.pack(
            "<BBBq",
            codes.LIMIT_TYPE[each["rateLimitType"]],
            codes.INTERVAL[each["interval"]],
            each["intervalNum"],
            each["limit"],
        )
        for each in row["rateLimits"]
    ]
    symbols = group(19, [_symbol(each) for each in row["symbols"]])
    return message(103, b"", group(11, limits), group(0, []), symbols, group(0, []))


def _symbol(row: Json) -> bytes:
    types = sum(ORDER_TYPE_BITS[name] for name in row["orderTypes"])
    precisions = ("baseAssetPrecision", "quoteAssetPrecision", "baseCommissionPrecision", "quoteCommissionPrecision")
    flags = (
        "icebergAllowed",
        "ocoAllowed",
        "otoAllowed",
        "quoteOrderQtyMarketAllowed",
        "allowTrailingStop",
        "cancelReplaceAllowed",
        "amendAllowed",
        "isSpotTradingAllowed",
        "isMarginTradingAllowed",
    )
    block = bytes([0, *(row[name] for name in precisions)]) + struct.pack("<H", types)
    block += bytes(row[name] for name in flags) + bytes([codes.EXPIRE_MAKER, SELF_TRADE_BITS, 0])
    filters = group(0, [data8(raw) for raw in map(_filter, row["filters"]) if raw])
    permissions = group(0, [group(0, [text(name) for name in each]) for each in row["permissionSets"]])
    names = text(row["symbol"]) + text(row["baseAsset"]) + text(row["quoteAsset"])
    return block + filters + permissions + names


def _filter(row: Json) -> bytes:
    """Return a filter as a message of its own; empty for those that no client here reads."""
    layouts = {
        "PRICE_FILTER": (1, ("minPrice", "maxPrice", "tickSize")),
        "LOT_SIZE": (4, ("minQty", "maxQty", "stepSize")),
        "MARKET_LOT_SIZE": (8, ("minQty", "maxQty", "stepSize")),
    }
    if row["filterType"] not in layouts:
        return b""
    template, names = layouts[row["filterType"]]
    return message(template, struct.pack("<bqqq", EXPONENT, *(mantissa(row[name]) for name in names)))
