"""REST answers about the account: balances, order counts, fees, rights of a key, the coins of the wallet."""

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.keys import READ
from simvenue.binance.params import Params
from simvenue.binance.wallet import coin, restrictions_of
from simvenue.spot.shapes import Json, amount
from simvenue.spot.venue import Endpoints, SpotVenue


def account(venue: SpotVenue, params: Params) -> Json:
    fees = venue.exchange.settlement.fees
    shown = held(venue)
    if params.flag("omitZeroBalances"):
        shown = [row for row in shown if float(row["free"]) or float(row["locked"])]
    maker, taker = amount(fees.maker_frac), amount(fees.taker_frac)
    return {
        "makerCommission": int(fees.maker_frac * 10_000),
        "takerCommission": int(fees.taker_frac * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {"maker": maker, "taker": taker, "buyer": "0.00000000", "seller": "0.00000000"},
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": venue.stamp_ms(),
        "accountType": "SPOT",
        "balances": shown,
        "permissions": ["SPOT"],
        "uid": 354_937_868,
    }


def held(venue: SpotVenue, assets: list[str] | None = None) -> list[Json]:
    """Return free and locked of some assets, or of all that can be traded."""
    exchange = venue.exchange
    if assets is None:
        assets = sorted({"USDT"} | {instrument.base for instrument in exchange.instruments.values()})
    balances = exchange.balances
    return [
        {"asset": name, "free": amount(balances.free(name)), "locked": amount(balances.locked(name))} for name in assets
    ]


def order_counts(venue: SpotVenue, params: Params) -> list[Json]:
    del params
    used = venue.limits.headers("", venue.now_ms())["X-MBX-ORDER-COUNT-10S"]
    limit = venue.limits.orders_per_ten_seconds
    return [{"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": limit, "count": int(used)}]


def commission(venue: SpotVenue, params: Params) -> Json:
    fees = venue.exchange.settlement.fees
    none = {"maker": "0.00000000", "taker": "0.00000000", "buyer": "0.00000000", "seller": "0.00000000"}
    return {
        "symbol": params.text("symbol"),
        "standardCommission": none | {"maker": amount(fees.maker_frac), "taker": amount(fees.taker_frac)},
        "specialCommission": none,
        "taxCommission": none,
        "discount": {
            "enabledForAccount": False,
            "enabledForSymbol": False,
            "discountAsset": "BNB",
            "discount": "0.75000000",
        },
    }


def trade_fee(venue: SpotVenue, params: Params) -> list[Json]:
    fees = venue.exchange.settlement.fees
    symbols = [params.values["symbol"]] if params.values.get("symbol") else list(venue.exchange.instruments)
    maker, taker = str(fees.maker_frac), str(fees.taker_frac)
    return [{"symbol": symbol, "makerCommission": maker, "takerCommission": taker} for symbol in symbols]


def coins(venue: SpotVenue, params: Params) -> list[Json]:
    """List the coins without networks: nothing is deposited or withdrawn here."""
    del params
    return [coin(row["asset"], row["free"], row["locked"]) for row in held(venue)]


def none(venue: SpotVenue, params: Params) -> list[Json]:
    """Answer with an empty list."""
    del venue, params
    return []


def restrictions(venue: SpotVenue, params: Params) -> Json:
    return restrictions_of(venue.keys.identify(params.text("_key"), READ), futures=False)


ENDPOINTS: Endpoints = {
    ("GET", "/api/v3/account"): Endpoint(account, 20, READ),
    ("GET", "/api/v3/rateLimit/order"): Endpoint(order_counts, 40, READ),
    ("GET", "/api/v3/account/commission"): Endpoint(commission, 20, READ),
    ("GET", "/sapi/v1/asset/tradeFee"): Endpoint(trade_fee, 1, READ),
    ("GET", "/sapi/v1/account/apiRestrictions"): Endpoint(restrictions, 1, READ),
    ("GET", "/sapi/v1/capital/config/getall"): Endpoint(coins, 10, READ),
    ("GET", "/sapi/v1/margin/allPairs"): Endpoint(none, 1, READ, signed=False),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Endpoint(none, 1, READ),
}
