"""Candles, trades, quotes, books and marks as Binance writes them, in REST answers and on streams."""

from decimal import Decimal

from simvenue.binance.prints import Print
from simvenue.book import Level
from simvenue.instrument import Instrument
from simvenue.klines import Kline
from simvenue.market import Market
from simvenue.usdm.shapes import Json


def number(value: float, decimals: int) -> str:
    """Return a float as text with at least so many decimals, more when it has more."""
    text = f"{Decimal(repr(round(value, 8))):f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(decimals, '0')}".rstrip(".")


def kline_row(kline: Kline, instrument: Instrument) -> list[object]:
    price, size = instrument.price_decimals, instrument.quantity_decimals
    return [
        kline.open_ms,
        number(kline.open, price),
        number(kline.high, price),
        number(kline.low, price),
        number(kline.close, price),
        number(kline.volume, size),
        kline.close_ms,
        f"{kline.quote:.5f}",
        kline.trades,
        number(kline.buy, size),
        f"{kline.buy_quote:.5f}",
        "0",
    ]


def kline_event(symbol: str, interval: str, row: list[object], last_id: int, time_ms: int, *, closed: bool) -> Json:
    trades = row[8] if isinstance(row[8], int) else 0
    return {
        "e": "kline",
        "E": time_ms,
        "s": symbol,
        "k": {
            "t": row[0],
            "T": row[6],
            "s": symbol,
            "i": interval,
            "f": max(0, last_id - trades + 1),
            "L": last_id,
            "o": row[1],
            "c": row[4],
            "h": row[2],
            "l": row[3],
            "v": row[5],
            "n": trades,
            "x": closed,
            "q": row[7],
            "V": row[9],
            "Q": row[10],
            "B": "0",
        },
    }


def ticker_row(market: Market, klines: list[Kline], now_ms: int) -> Json:
    text, last = market.instrument, market.last_price
    first = Decimal(repr(klines[0].open)) if klines else last
    volume, quote = sum(k.volume for k in klines), sum(k.quote for k in klines)
    return {
        "symbol": text.symbol,
        "priceChange": text.price_text(last - first),
        "priceChangePercent": f"{(last - first) / first * 100 if first else 0:.3f}",
        "weightedAvgPrice": f"{quote / volume if volume else float(last):.2f}",
        "lastPrice": text.price_text(last),
        "lastQty": text.quantity_text(market.last_quantity),
        "openPrice": text.price_text(first),
        "highPrice": number(max((k.high for k in klines), default=float(last)), text.price_decimals),
        "lowPrice": number(min((k.low for k in klines), default=float(last)), text.price_decimals),
        "volume": f"{volume:.3f}",
        "quoteVolume": f"{quote:.2f}",
        "openTime": klines[0].open_ms if klines else now_ms,
        "closeTime": now_ms,
        "firstId": 1,
        "lastId": sum(k.trades for k in klines),
        "count": sum(k.trades for k in klines),
    }


def ticker_event(row: Json, now_ms: int) -> Json:
    names = {
        "s": "symbol", "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "c": "lastPrice",
        "Q": "lastQty", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume",
        "O": "openTime", "C": "closeTime", "F": "firstId", "L": "lastId", "n": "count",
    }  # fmt: skip
    return {"e": "24hrTicker", "E": now_ms} | {short: row[name] for short, name in names.items()}


def mini_ticker_event(row: Json, now_ms: int) -> Json:
    names = {
        "s": "symbol", "c": "lastPrice", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume",
        "q": "quoteVolume",
    }  # fmt: skip
    return {"e": "24hrMiniTicker", "E": now_ms} | {short: row[name] for short, name in names.items()}


def trade_event(made: Print, instrument: Instrument) -> Json:
    return {
        "e": "trade",
        "E": made.time_ms,
        "T": made.time_ms,
        "s": instrument.symbol,
        "t": made.trade_id,
        "p": instrument.price_text(made.price),
        "q": instrument.quantity_text(made.quantity),
        "X": "MARKET",
        "m": made.buyer_is_maker,
    }


def agg_trade_event(made: Print, instrument: Instrument) -> Json:
    return {
        "e": "aggTrade",
        "E": made.time_ms,
        "a": made.trade_id,
        "s": instrument.symbol,
        "p": instrument.price_text(made.price),
        "q": instrument.quantity_text(made.quantity),
        "f": made.trade_id,
        "l": made.trade_id,
        "T": made.time_ms,
        "m": made.buyer_is_maker,
    }


def book_ticker_event(market: Market, time_ms: int) -> Json:
    text, nothing = market.instrument, (Decimal(0), Decimal(0))
    bid, ask = market.book.best_bid or nothing, market.book.best_ask or nothing
    return {
        "e": "bookTicker",
        "u": market.book.update_id,
        "E": time_ms,
        "T": time_ms,
        "s": text.symbol,
        "b": text.price_text(bid[0]),
        "B": text.quantity_text(bid[1]),
        "a": text.price_text(ask[0]),
        "A": text.quantity_text(ask[1]),
    }


def depth_event(
    instrument: Instrument, first: int, last: int, before: int, bids: list[Level], asks: list[Level], time_ms: int
) -> Json:
    return {
        "e": "depthUpdate",
        "E": time_ms,
        "T": time_ms,
        "s": instrument.symbol,
        "U": first,
        "u": last,
        "pu": before,
        "b": [[instrument.price_text(p), instrument.quantity_text(q)] for p, q in bids],
        "a": [[instrument.price_text(p), instrument.quantity_text(q)] for p, q in asks],
    }


def mark_event(symbol: str, mark: Decimal, rate: Decimal, boundary_ms: int, time_ms: int) -> Json:
    text = f"{mark:.8f}"
    return {
        "e": "markPriceUpdate",
        "E": time_ms,
        "s": symbol,
        "p": text,
        "ap": text,
        "i": text,
        "P": text,
        "r": f"{rate:.8f}",
        "T": boundary_ms,
    }
