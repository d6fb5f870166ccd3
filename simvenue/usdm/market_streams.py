"""Market data streams: trades at once, quotes and books in steps, candles as they grow and when they close."""

import time
from decimal import Decimal

from simvenue.algo import Algo
from simvenue.binance.sessions import Hub
from simvenue.klines import INTERVALS_MS
from simvenue.market import Market
from simvenue.orders import Execution, Fill, Order, Side
from simvenue.usdm import market_shapes as shapes
from simvenue.usdm.rest_market import ticker_day
from simvenue.usdm.venue import Venue

BOOK_S = 0.1
KLINE_S = 0.25
MARK_S = 1.0


class MarketStreams:
    """Listen to the exchange and publish; ``flush`` is called after every step of the replay."""

    def __init__(self, venue: Venue, hub: Hub) -> None:
        self._venue = venue
        self._hub = hub
        self._quoted: dict[str, tuple[object, object]] = {}
        self._touched: set[str] = set()
        self._traded: set[str] = set()
        self._sent_id = {symbol: market.book.update_id for symbol, market in venue.exchange.markets.items()}
        self._due = {"book": 0.0, "kline": 0.0, "mark": 0.0}
        self._closed_to = venue.replay.market_ms

    # What the exchange tells

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        venue, instrument = self._venue, self._venue.exchange.instruments[symbol]
        made = venue.prints.add(symbol, price, quantity, venue.replay.market_ms, buyer_is_maker=aggressor is Side.SELL)
        self._traded.add(symbol)
        name = symbol.lower()
        self._hub.publish(f"{name}@trade", shapes.trade_event(made, instrument))
        self._hub.publish(f"{name}@aggTrade", shapes.agg_trade_event(made, instrument))

    def on_book(self, symbol: str) -> None:
        self._touched.add(symbol)

    def on_order(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        """The account's orders are no market data."""

    def on_algo(self, algo: Algo) -> None:
        """Conditional orders are no market data."""

    def on_account(self, cause: str, symbol: str, change: Decimal) -> None:
        """The account is no market data."""

    def on_settings(self, symbol: str, leverage: int) -> None:
        """Settings are no market data."""

    # What the clients hear

    def flush(self) -> None:
        """Publish what has changed and is due."""
        for symbol in self._touched:
            self._quote(symbol)
        self._touched.clear()
        now = time.monotonic()
        for name, gap, publish in (
            ("book", BOOK_S, self._books),
            ("kline", KLINE_S, self._klines),
            ("mark", MARK_S, self._marks),
        ):
            if now >= self._due[name]:
                self._due[name] = now + gap
                publish()

    def close_candles(self, boundary_ms: int) -> None:
        """Publish the candles that end at a boundary."""
        for stream in self._hub.wanted():
            name, _, channel = stream.partition("@")
            symbol, interval = name.upper(), channel.removeprefix("kline_")
            span = INTERVALS_MS.get(interval)
            if symbol not in self._venue.replay.klines or span is None or not channel.startswith("kline_"):
                continue
            first = -(-(self._closed_to + 1) // span) * span
            for end in range(first, boundary_ms + 1, span):
                self._kline(stream, symbol, interval, end - span, closed=True)
        self._closed_to = boundary_ms

    def _quote(self, symbol: str) -> None:
        market = self._venue.exchange.markets[symbol]
        top = (market.book.best_bid, market.book.best_ask)
        if self._quoted.get(symbol) == top or not all(top):
            return
        self._quoted[symbol] = top
        event = shapes.book_ticker_event(market, self._venue.replay.market_ms)
        self._hub.publish(f"{symbol.lower()}@bookTicker", event)
        self._hub.publish("!bookTicker", event)

    def _books(self) -> None:
        wanted = self._hub.wanted()
        for symbol, market in self._venue.exchange.markets.items():
            if market.book.update_id == self._sent_id[symbol]:
                continue
            bids, asks = market.book.drain_changes()
            before, last = self._sent_id[symbol], market.book.update_id
            self._sent_id[symbol] = last
            prefix = f"{symbol.lower()}@depth"
            for stream in (stream for stream in wanted if stream.startswith(prefix)):
                levels = stream.removeprefix(prefix).partition("@")[0]
                rows = (bids, asks)
                if levels.isdigit():
                    rows = (market.book.bids[: int(levels)], market.book.asks[: int(levels)])
                now = self._venue.replay.market_ms
                event = shapes.depth_event(market.instrument, before + 1, last, before, *rows, now)
                self._hub.publish(stream, event)

    def _klines(self) -> None:
        traded, self._traded = self._traded, set()
        now = self._venue.replay.market_ms
        for stream in self._hub.wanted():
            name, _, channel = stream.partition("@")
            interval = channel.removeprefix("kline_")
            if name.upper() in traded and channel.startswith("kline_") and interval in INTERVALS_MS:
                span = INTERVALS_MS[interval]
                self._kline(stream, name.upper(), interval, now // span * span, closed=False)

    def _kline(self, stream: str, symbol: str, interval: str, open_ms: int, *, closed: bool) -> None:
        venue = self._venue
        kline = venue.replay.klines[symbol].candle(INTERVALS_MS[interval], open_ms)
        if kline is None:
            return
        row = shapes.kline_row(kline, venue.exchange.instruments[symbol])
        event = shapes.kline_event(
            symbol, interval, row, venue.prints.last_id(symbol), venue.replay.market_ms, closed=closed
        )
        self._hub.publish(stream, event)

    def _marks(self) -> None:
        venue, now = self._venue, self._venue.replay.market_ms
        funding = venue.exchange.settlement.funding
        boundary = funding.next_boundary(now)
        rows = [
            shapes.mark_event(symbol, venue.exchange.mark_price(symbol), funding.rate_at(boundary), boundary, now)
            for symbol in venue.exchange.markets
            if symbol not in venue.replay.stale
        ]
        for row in rows:
            for suffix in ("", "@1s"):
                self._hub.publish(f"{row['s'].lower()}@markPrice{suffix}", row)
        for suffix in ("", "@1s"):
            self._hub.publish(f"!markPrice@arr{suffix}", rows)
        self._tickers(now)

    def _tickers(self, now: int) -> None:
        shapes_of = {"ticker": shapes.ticker_event, "miniTicker": shapes.mini_ticker_event}
        for stream in self._hub.wanted():
            name, _, channel = stream.partition("@")
            if name.removeprefix("!") in shapes_of and channel == "arr":
                rows = [shapes_of[name[1:]](ticker_day(self._venue, market), now) for market in self._markets()]
                self._hub.publish(stream, rows)
            elif channel in shapes_of and name.upper() in self._venue.exchange.markets:
                market = self._venue.exchange.markets[name.upper()]
                self._hub.publish(stream, shapes_of[channel](ticker_day(self._venue, market), now))

    def _markets(self) -> list[Market]:
        return [
            market for symbol, market in self._venue.exchange.markets.items() if symbol not in self._venue.replay.stale
        ]
