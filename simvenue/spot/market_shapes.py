"""Candles, trades, quotes and books as Binance spot writes them, in REST answers and on streams."""

from decimal import Decimal

from simvenue.binance.prints import Print
from simvenue.book import Level
from simvenue.klines import Kline
from simvenue.market import Market
from simvenue.spot.shapes import Json, amount


def kline_row(kline: Kline) -> list[object]:
    return [
        kline.open_ms,
        *(f"{value:.8f}" for value in (kline.open, kline.high, kline.low, kline.close, kline.volume)),
        kline.close_ms,
        f"{kline.quote:.8f}",
        kline.trades,
        f"{kline.buy:.8f}",
        f"{kline.buy_quote:.8f}",
        "0",
    ]


def levels(rows: list[Level]) -> list[list[str]]:
    return [[amount(price), amount(quantity)] for price, quantity in rows]


def trade_row(made: Print) -> Json:
    return {
        "id": made.trade_id,
        "price": amount(made.price),
        "qty": amount(made.quantity),
        "quoteQty": amount(made.price * made.quantity),
        "time": made.time_ms,
        "isBuyerMaker": made.buyer_is_maker,
        "isBestMatch": True,
    }


def agg_trade_row(made: Print) -> Json:
    return {
        "a": made.trade_id,
        "p": amount(made.price),
        "q": amount(made.quantity),
        "f": made.trade_id,
        "l": made.trade_id,
        "T": made.time_ms,
        "m": made.buyer_is_maker,
        "M": True,
    }


def trade_event(symbol: str, made: Print) -> Json:
    return {
        "e": "trade",
        "E": made.time_ms,
        "s": symbol,
        "t": made.trade_id,
        "p": amount(made.price),
        "q": amount(made.quantity),
        "T": made.time_ms,
        "m": made.buyer_is_maker,
        "M": True,
    }


def agg_trade_event(symbol: str, made: Print) -> Json:
    return {"e": "aggTrade", "E": made.time_ms, "s": symbol} | agg_trade_row(made)


def top(market: Market) -> tuple[Level, Level]:
    nothing = (Decimal(0), Decimal(0))
    return market.book.best_bid or nothing, market.book.best_ask or nothing


def book_ticker_event(market: Market) -> Json:
    (bid, bid_quantity), (ask, ask_quantity) = top(market)
    return {
        "u": market.book.update_id,
        "s": market.instrument.symbol,
        "b": amount(bid),
        "B": amount(bid_quantity),
        "a": amount(ask),
        "A": amount(ask_quantity),
    }


def depth_event(symbol: str, first: int, last: int, bids: list[Level], asks: list[Level], time_ms: int) -> Json:
    return {
        "e": "depthUpdate",
        "E": time_ms,
        "s": symbol,
        "U": first,
        "u": last,
        "b": levels(bids),
        "a": levels(asks),
    }


def partial_depth(market: Market, count: int) -> Json:
    book = market.book
    return {"lastUpdateId": book.update_id, "bids": levels(book.bids[:count]), "asks": levels(book.asks[:count])}


def day_row(market: Market, klines: list[Kline], now_ms: int) -> Json:
    """Return the last 24 hours of a market."""
    last = market.last_price
    first = Decimal(repr(klines[0].open)) if klines else last
    volume, quote = sum(k.volume for k in klines), sum(k.quote for k in klines)
    (bid, bid_quantity), (ask, ask_quantity) = top(market)
    return {
        "symbol": market.instrument.symbol,
        "priceChange": amount(last - first),
        "priceChangePercent": f"{(last - first) / first * 100 if first else 0:.3f}",
        "weightedAvgPrice": f"{quote / volume if volume else float(last):.8f}",
        "prevClosePrice": amount(first),
        "lastPrice": amount(last),
        "lastQty": amount(market.last_quantity),
        "bidPrice": amount(bid),
        "bidQty": amount(bid_quantity),
        "askPrice": amount(ask),
        "askQty": amount(ask_quantity),
        "openPrice": amount(first),
        "highPrice": f"{max((k.high for k in klines), default=float(last)):.8f}",
        "lowPrice": f"{min((k.low for k in klines), default=float(last)):.8f}",
        "volume": f"{volume:.8f}",
        "quoteVolume": f"{quote:.8f}",
        "openTime": klines[0].open_ms if klines else now_ms,
        "closeTime": now_ms,
        "firstId": 1,
        "lastId": sum(k.trades for k in klines),
        "count": sum(k.trades for k in klines),
    }


SHORT = {
    "s": "symbol", "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "x": "prevClosePrice",
    "c": "lastPrice", "Q": "lastQty", "b": "bidPrice", "B": "bidQty", "a": "askPrice", "A": "askQty",
    "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume", "O": "openTime",
    "C": "closeTime", "F": "firstId", "L": "lastId", "n": "count",
}  # fmt: skip
MINI = ("s", "c", "o", "h", "l", "v", "q")


def ticker_event(row: Json, now_ms: int) -> Json:
    return {"e": "24hrTicker", "E": now_ms} | {short: row[name] for short, name in SHORT.items()}


def mini_ticker_event(row: Json, now_ms: int) -> Json:
    return {"e": "24hrMiniTicker", "E": now_ms} | {short: row[SHORT[short]] for short in MINI}
