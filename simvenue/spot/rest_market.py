"""REST answers about the market: no key needed."""

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.params import Params
from simvenue.klines import INTERVALS_MS, MINUTE_MS
from simvenue.market import Market
from simvenue.spot import market_shapes as shapes
from simvenue.spot.exchange_info import chosen, exchange_info
from simvenue.spot.shapes import Json, amount
from simvenue.spot.venue import Endpoints, SpotVenue

DAY_MS = 86_400_000
MOST = 1_000


def ping(venue: SpotVenue, params: Params) -> Json:
    del venue, params
    return {}


def time(venue: SpotVenue, params: Params) -> Json:
    del params
    return {"serverTime": venue.now_ms()}


def market(venue: SpotVenue, params: Params) -> Market:
    found = venue.exchange.markets.get(params.text("symbol"))
    if found is None:
        raise ApiError(-1121, "Invalid symbol.")
    return found


def depth(venue: SpotVenue, params: Params) -> Json:
    return shapes.partial_depth(market(venue, params), params.integer("limit", 100))


def klines(venue: SpotVenue, params: Params) -> list[list[object]]:
    book = venue.replay.klines[market(venue, params).instrument.symbol]
    name = params.text("interval")
    if name not in INTERVALS_MS:
        raise ApiError(-1120, "Invalid interval.")
    last = min(params.integer("endTime", 2**62), venue.replay.market_ms) + 1
    start = params.integer("startTime", 0)
    limit = min(params.integer("limit", 500), MOST)
    rows = book.candles(INTERVALS_MS[name], start, last, limit, newest=start == 0)
    return [shapes.kline_row(row) for row in rows]


def trades(venue: SpotVenue, params: Params) -> list[Json]:
    symbol = market(venue, params).instrument.symbol
    newest = venue.prints.newest(symbol, min(params.integer("limit", 500), MOST))
    return [shapes.trade_row(made) for made in newest]


def agg_trades(venue: SpotVenue, params: Params) -> list[Json]:
    symbol = market(venue, params).instrument.symbol
    start, end = params.integer("startTime", 0), params.integer("endTime", 2**62)
    return [
        shapes.agg_trade_row(made)
        for made in venue.prints.newest(symbol, min(params.integer("limit", 500), MOST))
        if made.trade_id >= params.integer("fromId", 0) and start <= made.time_ms <= end
    ]


def average_price(venue: SpotVenue, params: Params) -> Json:
    found = market(venue, params)
    return {"mins": 5, "price": amount(found.last_price), "closeTime": venue.replay.market_ms}


def ticker_price(venue: SpotVenue, params: Params) -> object:
    return _one_or_all(
        params,
        [{"symbol": name, "price": amount(venue.exchange.markets[name].last_price)} for name in chosen(venue, params)],
    )


def ticker_book(venue: SpotVenue, params: Params) -> object:
    rows: list[Json] = []
    for name in chosen(venue, params):
        (bid, bid_quantity), (ask, ask_quantity) = shapes.top(venue.exchange.markets[name])
        rows.append(
            {
                "symbol": name,
                "bidPrice": amount(bid),
                "bidQty": amount(bid_quantity),
                "askPrice": amount(ask),
                "askQty": amount(ask_quantity),
            }
        )
    return _one_or_all(params, rows)


def ticker_day(venue: SpotVenue, params: Params) -> object:
    return _one_or_all(params, [day(venue, venue.exchange.markets[name]) for name in chosen(venue, params)])


def day(venue: SpotVenue, found: Market) -> Json:
    now, book = venue.replay.market_ms, venue.replay.klines[found.instrument.symbol]
    step = max(MINUTE_MS, book.history.interval_ms)
    return shapes.day_row(found, book.candles(step, now - DAY_MS, now + 1, DAY_MS // step), now)


def _one_or_all(params: Params, rows: list[Json]) -> object:
    return rows[0] if params.values.get("symbol") else rows


ENDPOINTS: Endpoints = {
    ("GET", "/api/v3/ping"): Endpoint(ping),
    ("GET", "/api/v3/time"): Endpoint(time),
    ("GET", "/api/v3/exchangeInfo"): Endpoint(exchange_info, 20),
    ("GET", "/api/v3/depth"): Endpoint(depth, 5),
    ("GET", "/api/v3/klines"): Endpoint(klines, 2),
    ("GET", "/api/v3/uiKlines"): Endpoint(klines, 2),
    ("GET", "/api/v3/trades"): Endpoint(trades, 25),
    ("GET", "/api/v3/aggTrades"): Endpoint(agg_trades, 4),
    ("GET", "/api/v3/avgPrice"): Endpoint(average_price, 2),
    ("GET", "/api/v3/ticker/price"): Endpoint(ticker_price, 2),
    ("GET", "/api/v3/ticker/bookTicker"): Endpoint(ticker_book, 2),
    ("GET", "/api/v3/ticker/24hr"): Endpoint(ticker_day, 2),
}
