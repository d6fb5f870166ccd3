"""REST answers about the account's settings and fees: one-way mode, cross margin, single asset."""

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ, TRADE
from simvenue.binance.params import Params
from simvenue.refusal import Refused
from simvenue.usdm.codes import from_refusal
from simvenue.usdm.rest_account import MAX_NOTIONAL, chosen
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Endpoints, Venue


def set_leverage(venue: Venue, params: Params) -> Json:
    symbol, leverage = params.text("symbol"), params.integer("leverage")
    try:
        venue.exchange.set_leverage(symbol, leverage)
    except Refused as refused:
        error = from_refusal(refused)
        raise ApiError(-4028, f"Leverage {leverage} is not valid") if error.code == -1130 else error from refused
    return {"leverage": leverage, "maxNotionalValue": MAX_NOTIONAL, "symbol": symbol}


def set_margin_type(venue: Venue, params: Params) -> Json:
    symbol, wanted = _one(venue, params), params.text("marginType")
    if wanted not in ("ISOLATED", "CROSSED"):
        raise ApiError(-4050, "Cross or isolated margin type only.")
    if wanted == "CROSSED":
        raise ApiError(-4046, "No need to change margin type.")
    raise ApiError(-4047, f"{symbol}: isolated margin is not simulated; Margin type cannot be changed.")


def _one(venue: Venue, params: Params) -> str:
    params.text("symbol")
    return chosen(venue, params)[0]


def dual_side(venue: Venue, params: Params) -> Json:
    del venue, params
    return {"dualSidePosition": False}


def set_dual_side(venue: Venue, params: Params) -> Json:
    del venue
    if params.flag("dualSidePosition"):
        raise ApiError(-4067, "Position side cannot be changed: one-way mode only.")
    raise ApiError(-4059, "No need to change position side.")


def multi_assets(venue: Venue, params: Params) -> Json:
    del venue, params
    return {"multiAssetsMargin": False}


def set_multi_assets(venue: Venue, params: Params) -> Json:
    del venue
    if params.flag("multiAssetsMargin"):
        raise ApiError(-4168, "Unable to adjust to Multi-Assets mode: single-asset mode only.")
    raise ApiError(-4171, "No need to change multi-assets mode.")


def commission_rate(venue: Venue, params: Params) -> Json:
    fees = venue.exchange.settlement.fees
    return {
        "symbol": _one(venue, params),
        "makerCommissionRate": f"{fees.maker_frac}",
        "takerCommissionRate": f"{fees.taker_frac}",
        "rpiCommissionRate": "0",
    }


def leverage_bracket(venue: Venue, params: Params) -> list[Json]:
    return [
        {
            "symbol": symbol,
            "notionalCoef": 1.0,
            "brackets": [
                {
                    "bracket": 1,
                    "initialLeverage": venue.exchange.instruments[symbol].max_leverage,
                    "notionalCap": int(MAX_NOTIONAL),
                    "notionalFloor": 0,
                    "maintMarginRatio": float(venue.exchange.instruments[symbol].maintenance_frac),
                    "cum": 0.0,
                }
            ],
        }
        for symbol in chosen(venue, params)
    ]


def account_config(venue: Venue, params: Params) -> Json:
    del venue, params
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def symbol_config(venue: Venue, params: Params) -> list[Json]:
    return [
        {
            "symbol": symbol,
            "marginType": "CROSSED",
            "isAutoAddMargin": False,
            "leverage": venue.exchange.account.position(symbol).leverage,
            "maxNotionalValue": MAX_NOTIONAL,
        }
        for symbol in chosen(venue, params)
    ]


ENDPOINTS: Endpoints = {
    ("POST", "/fapi/v1/leverage"): Endpoint(set_leverage, 1, TRADE),
    ("POST", "/fapi/v1/marginType"): Endpoint(set_margin_type, 1, TRADE),
    ("GET", "/fapi/v1/positionSide/dual"): Endpoint(dual_side, 30, READ),
    ("POST", "/fapi/v1/positionSide/dual"): Endpoint(set_dual_side, 1, TRADE),
    ("GET", "/fapi/v1/multiAssetsMargin"): Endpoint(multi_assets, 30, READ),
    ("POST", "/fapi/v1/multiAssetsMargin"): Endpoint(set_multi_assets, 1, TRADE),
    ("GET", "/fapi/v1/commissionRate"): Endpoint(commission_rate, 20, READ),
    ("GET", "/fapi/v1/leverageBracket"): Endpoint(leverage_bracket, 1, READ),
    ("GET", "/fapi/v1/accountConfig"): Endpoint(account_config, 5, READ),
    ("GET", "/fapi/v1/symbolConfig"): Endpoint(symbol_config, 5, READ),
}
