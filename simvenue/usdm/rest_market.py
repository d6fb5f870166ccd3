"""REST answers about the market: no key needed."""

from decimal import Decimal

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.params import Params
from simvenue.klines import INTERVALS_MS, MINUTE_MS, KlineBook
from simvenue.market import Market
from simvenue.usdm.exchange_info import exchange_info
from simvenue.usdm.market_shapes import kline_row, ticker_row
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Endpoints, Venue

DAY_MS = 86_400_000


def ping(venue: Venue, params: Params) -> Json:
    del venue, params
    return {}


def time(venue: Venue, params: Params) -> Json:
    del params
    return {"serverTime": venue.now_ms()}


def market(venue: Venue, params: Params) -> Market:
    found = venue.exchange.markets.get(params.text("symbol"))
    if found is None:
        raise ApiError(-1121, "Invalid symbol.")
    return found


def chosen(venue: Venue, params: Params) -> list[Market]:
    return [market(venue, params)] if params.values.get("symbol") else list(venue.exchange.markets.values())


def depth(venue: Venue, params: Params) -> Json:
    found = market(venue, params)
    limit, text = params.integer("limit", 500), found.instrument
    return {
        "lastUpdateId": found.book.update_id,
        "E": venue.replay.market_ms,
        "T": venue.replay.market_ms,
        "bids": [[text.price_text(p), text.quantity_text(q)] for p, q in found.book.bids[:limit]],
        "asks": [[text.price_text(p), text.quantity_text(q)] for p, q in found.book.asks[:limit]],
    }


def klines(venue: Venue, params: Params) -> list[list[object]]:
    found, interval_ms = market(venue, params), interval(params)
    book: KlineBook = venue.replay.klines[found.instrument.symbol]
    limit = min(params.integer("limit", 500), 1_500)
    last = min(params.integer("endTime", 2**62), venue.replay.market_ms) + 1
    start = params.integer("startTime", 0)
    rows = book.candles(interval_ms, start, last, limit, newest=start == 0)
    return [kline_row(row, found.instrument) for row in rows]


def interval(params: Params) -> int:
    value = params.text("interval")
    if value not in INTERVALS_MS:
        raise ApiError(-1120, "Invalid interval.")
    return INTERVALS_MS[value]


def trades(venue: Venue, params: Params) -> list[Json]:
    found = market(venue, params)
    text = found.instrument
    return [
        {
            "id": made.trade_id,
            "price": text.price_text(made.price),
            "qty": text.quantity_text(made.quantity),
            "quoteQty": f"{made.price * made.quantity:.2f}",
            "time": made.time_ms,
            "isBuyerMaker": made.buyer_is_maker,
        }
        for made in venue.prints.newest(text.symbol, min(params.integer("limit", 500), 1_000))
    ]


def agg_trades(venue: Venue, params: Params) -> list[Json]:
    found = market(venue, params)
    text = found.instrument
    start, end = params.integer("startTime", 0), params.integer("endTime", 2**62)
    return [
        {
            "a": made.trade_id,
            "p": text.price_text(made.price),
            "q": text.quantity_text(made.quantity),
            "f": made.trade_id,
            "l": made.trade_id,
            "T": made.time_ms,
            "m": made.buyer_is_maker,
        }
        for made in venue.prints.newest(text.symbol, min(params.integer("limit", 500), 1_000))
        if made.trade_id >= params.integer("fromId", 0) and start <= made.time_ms <= end
    ]


def premium_index(venue: Venue, params: Params) -> object:
    rows = [_premium(venue, found) for found in chosen(venue, params)]
    return rows[0] if params.values.get("symbol") else rows


def _premium(venue: Venue, found: Market) -> Json:
    symbol, now = found.instrument.symbol, venue.replay.market_ms
    mark, funding = f"{venue.exchange.mark_price(symbol):.8f}", venue.exchange.settlement.funding
    boundary = funding.next_boundary(now)
    return {
        "symbol": symbol,
        "markPrice": mark,
        "indexPrice": mark,
        "estimatedSettlePrice": mark,
        "lastFundingRate": f"{funding.rate_at(boundary):.8f}",
        "interestRate": "0.00010000",
        "nextFundingTime": boundary,
        "time": now,
    }


def funding_rate(venue: Venue, params: Params) -> list[Json]:
    funding, now = venue.exchange.settlement.funding, venue.replay.market_ms
    limit = min(params.integer("limit", 100), 1_000)
    last = min(params.integer("endTime", now), now) // funding.interval_ms
    first = max(-(-params.integer("startTime", 0) // funding.interval_ms), last - limit + 1)
    return [
        {
            "symbol": found.instrument.symbol,
            "fundingTime": n * funding.interval_ms,
            "fundingRate": f"{funding.rate_at(n * funding.interval_ms):.8f}",
            "markPrice": f"{venue.exchange.mark_price(found.instrument.symbol):.8f}",
        }
        for found in chosen(venue, params)
        for n in range(first, last + 1)
    ]


def funding_info(venue: Venue, params: Params) -> list[Json]:
    del venue, params
    return []


def ticker_price(venue: Venue, params: Params) -> object:
    rows = [
        {
            "symbol": found.instrument.symbol,
            "price": found.instrument.price_text(found.last_price),
            "time": venue.replay.market_ms,
        }
        for found in chosen(venue, params)
    ]
    return rows[0] if params.values.get("symbol") else rows


def ticker_book(venue: Venue, params: Params) -> object:
    rows = [_book_row(venue, found) for found in chosen(venue, params)]
    return rows[0] if params.values.get("symbol") else rows


def _book_row(venue: Venue, found: Market) -> Json:
    text, nothing = found.instrument, (Decimal(0), Decimal(0))
    bid, ask = found.book.best_bid or nothing, found.book.best_ask or nothing
    return {
        "lastUpdateId": found.book.update_id,
        "symbol": text.symbol,
        "bidPrice": text.price_text(bid[0]),
        "bidQty": text.quantity_text(bid[1]),
        "askPrice": text.price_text(ask[0]),
        "askQty": text.quantity_text(ask[1]),
        "time": venue.replay.market_ms,
    }


def ticker_day_rows(venue: Venue, params: Params) -> object:
    rows = [ticker_day(venue, found) for found in chosen(venue, params)]
    return rows[0] if params.values.get("symbol") else rows


def ticker_day(venue: Venue, found: Market) -> Json:
    """Return the last 24 hours of a market."""
    now, book = venue.replay.market_ms, venue.replay.klines[found.instrument.symbol]
    step = max(MINUTE_MS, book.history.interval_ms)
    return ticker_row(found, book.candles(step, now - DAY_MS, now + 1, DAY_MS // step), now)


def open_interest(venue: Venue, params: Params) -> Json:
    found = market(venue, params)
    return {"symbol": found.instrument.symbol, "openInterest": "10000.000", "time": venue.replay.market_ms}


ENDPOINTS: Endpoints = {
    ("GET", "/fapi/v1/ping"): Endpoint(ping),
    ("GET", "/fapi/v1/time"): Endpoint(time),
    ("GET", "/api/v3/time"): Endpoint(time),  # of the host that tells the rights of a key
    ("GET", "/fapi/v1/exchangeInfo"): Endpoint(exchange_info),
    ("GET", "/fapi/v1/depth"): Endpoint(depth, 10),
    ("GET", "/fapi/v1/klines"): Endpoint(klines, 5),
    ("GET", "/fapi/v1/trades"): Endpoint(trades, 5),
    ("GET", "/fapi/v1/aggTrades"): Endpoint(agg_trades, 20),
    ("GET", "/fapi/v1/premiumIndex"): Endpoint(premium_index),
    ("GET", "/fapi/v1/fundingRate"): Endpoint(funding_rate),
    ("GET", "/fapi/v1/fundingInfo"): Endpoint(funding_info),
    ("GET", "/fapi/v1/ticker/price"): Endpoint(ticker_price),
    ("GET", "/fapi/v2/ticker/price"): Endpoint(ticker_price),
    ("GET", "/fapi/v1/ticker/bookTicker"): Endpoint(ticker_book, 2),
    ("GET", "/fapi/v1/ticker/24hr"): Endpoint(ticker_day_rows),
    ("GET", "/fapi/v1/openInterest"): Endpoint(open_interest),
}
