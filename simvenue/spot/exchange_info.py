"""``exchangeInfo``: what the venue trades, in which steps, and its limits."""

import msgspec

from simvenue.binance.errors import ApiError
from simvenue.binance.params import Params
from simvenue.instrument import Instrument
from simvenue.pairs.acceptance import MAX_CONDITIONAL, MAX_ORDERS
from simvenue.pairs.listing import MAX_NOTIONAL
from simvenue.spot.shapes import SELF_TRADE, Json, amount
from simvenue.spot.venue import SpotVenue

ORDER_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]


def exchange_info(venue: SpotVenue, params: Params) -> Json:
    return {
        "timezone": "UTC",
        "serverTime": venue.now_ms(),
        "rateLimits": rate_limits(venue),
        "exchangeFilters": [],
        "symbols": [_symbol(venue.exchange.instruments[symbol]) for symbol in chosen(venue, params)],
    }


def chosen(venue: SpotVenue, params: Params) -> list[str]:
    """Return the symbols that a request names, one or a JSON list, or all."""
    names = list(venue.exchange.instruments)
    if params.values.get("symbol"):
        names = [params.text("symbol")]
    elif params.values.get("symbols"):
        try:
            names = msgspec.json.decode(params.text("symbols"), type=list[str])
        except msgspec.DecodeError as error:
            raise ApiError(-1100, "Illegal characters found in parameter 'symbols'.") from error
    if any(name not in venue.exchange.instruments for name in names):
        raise ApiError(-1121, "Invalid symbol.")
    return names


def rate_limits(venue: SpotVenue) -> list[Json]:
    limits = venue.limits
    return [
        {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": limit}
        for kind, interval, count, limit in (
            ("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute),
            ("ORDERS", "SECOND", 10, limits.orders_per_ten_seconds),
            ("ORDERS", "DAY", 1, 200_000),
        )
    ]


def _symbol(instrument: Instrument) -> Json:
    return {
        "symbol": instrument.symbol,
        "status": "TRADING",
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": False,
        "ocoAllowed": True,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(instrument),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": SELF_TRADE,
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def _filters(instrument: Instrument) -> list[Json]:
    up, down = f"{instrument.percent_up}", f"{instrument.percent_down}"
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": amount(instrument.min_price),
            "maxPrice": amount(instrument.max_price),
            "tickSize": amount(instrument.tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": amount(instrument.min_quantity),
            "maxQty": amount(instrument.max_quantity),
            "stepSize": amount(instrument.step),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": amount(instrument.max_market_quantity),
            "stepSize": "0.00000000",
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": up,
            "bidMultiplierDown": down,
            "askMultiplierUp": up,
            "askMultiplierDown": down,
            "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": amount(instrument.min_notional),
            "applyMinToMarket": True,
            "maxNotional": amount(MAX_NOTIONAL),
            "applyMaxToMarket": True,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MAX_ORDERS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MAX_CONDITIONAL},
    ]
