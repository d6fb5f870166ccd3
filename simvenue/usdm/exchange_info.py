"""``exchangeInfo``: what the venue trades, in which steps, and its limits."""

from simvenue.binance.params import Params
from simvenue.instrument import Instrument
from simvenue.usdm.shapes import Json, trimmed
from simvenue.usdm.venue import Venue

ORDER_TYPES = ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"]


def exchange_info(venue: Venue, params: Params) -> Json:
    del params
    return {
        "timezone": "UTC",
        "serverTime": venue.now_ms(),
        "futuresType": "U_MARGINED",
        "rateLimits": venue.limits.rows(),
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [_symbol(instrument) for instrument in venue.exchange.instruments.values()],
    }


def _symbol(instrument: Instrument) -> Json:
    return {
        "symbol": instrument.symbol,
        "pair": instrument.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.quote,
        "pricePrecision": instrument.price_decimals,
        "quantityPrecision": instrument.quantity_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": f"{instrument.liquidation_fee_frac:.6f}",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(instrument),
        "orderTypes": ORDER_TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
    }


def _filters(instrument: Instrument) -> list[Json]:
    step, least = trimmed(instrument.step), trimmed(instrument.min_quantity)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": trimmed(instrument.min_price),
            "maxPrice": trimmed(instrument.max_price),
            "tickSize": f"{instrument.tick}",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": least,
            "maxQty": trimmed(instrument.max_quantity),
            "stepSize": step,
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": least,
            "maxQty": trimmed(instrument.max_market_quantity),
            "stepSize": step,
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": trimmed(instrument.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": f"{instrument.percent_up:.4f}",
            "multiplierDown": f"{instrument.percent_down:.4f}",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]
