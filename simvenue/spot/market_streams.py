"""Market data streams of the spot door: trades at once, quotes and books in steps, candles as they grow and close."""

import time
from collections.abc import Sequence
from decimal import Decimal

from simvenue.binance.sessions import Hub
from simvenue.klines import INTERVALS_MS
from simvenue.orders import Execution, Fill, Side
from simvenue.pairs.lists import OrderList
from simvenue.pairs.orders import PairOrder
from simvenue.spot import market_shapes as shapes
from simvenue.spot.rest_market import day
from simvenue.spot.venue import SpotVenue
from simvenue.usdm.market_shapes import kline_event

BOOK_S = 0.1
KLINE_S = 0.25
TICKER_S = 1.0
TICKERS = {"ticker": shapes.ticker_event, "miniTicker": shapes.mini_ticker_event}


class SpotMarketStreams:
    """Listen to the exchange and publish; ``flush`` is called after every step of the replay."""

    def __init__(self, venue: SpotVenue, hub: Hub) -> None:
        self._venue = venue
        self._hub = hub
        self._quoted: dict[str, object] = {}
        self._touched: set[str] = set()
        self._traded: set[str] = set()
        self._sent_id = {symbol: market.book.update_id for symbol, market in venue.exchange.markets.items()}
        self._due = {"book": 0.0, "kline": 0.0, "ticker": 0.0}
        self._closed_to = venue.replay.market_ms

    # What the exchange tells

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        venue, name = self._venue, symbol.lower()
        made = venue.prints.add(symbol, price, quantity, venue.replay.market_ms, buyer_is_maker=aggressor is Side.SELL)
        self._traded.add(symbol)
        self._hub.publish(f"{name}@trade", shapes.trade_event(symbol, made))
        self._hub.publish(f"{name}@aggTrade", shapes.agg_trade_event(symbol, made))

    def on_book(self, symbol: str) -> None:
        self._touched.add(symbol)

    def on_order(self, order: PairOrder, execution: Execution, fill: Fill | None) -> None:
        """The account's orders are no market data."""

    def on_list(self, order_list: OrderList) -> None:
        """Order lists are no market data."""

    def on_balances(self, assets: Sequence[str]) -> None:
        """The account is no market data."""

    def on_deposit(self, asset: str, amount: Decimal) -> None:
        """The account is no market data."""

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
            ("ticker", TICKER_S, self._tickers),
        ):
            if now >= self._due[name]:
                self._due[name] = now + gap
                publish()

    def close_candles(self, boundary_ms: int) -> None:
        """Publish the candles that end at a boundary."""
        for stream, symbol, interval in self._candle_streams():
            span = INTERVALS_MS[interval]
            first = -(-(self._closed_to + 1) // span) * span
            for end in range(first, boundary_ms + 1, span):
                self._kline(stream, symbol, interval, end - span, closed=True)
        self._closed_to = boundary_ms

    def _candle_streams(self) -> list[tuple[str, str, str]]:
        """Return (stream, symbol, interval) of every candle stream that somebody listens to."""
        found = []
        for stream in self._hub.wanted():
            name, _, channel = stream.partition("@")
            interval = channel.removeprefix("kline_")
            if channel.startswith("kline_") and interval in INTERVALS_MS and name.upper() in self._venue.replay.klines:
                found.append((stream, name.upper(), interval))
        return found

    def _quote(self, symbol: str) -> None:
        market = self._venue.exchange.markets[symbol]
        best = (market.book.best_bid, market.book.best_ask)
        if self._quoted.get(symbol) == best or not all(best):
            return
        self._quoted[symbol] = best
        self._hub.publish(f"{symbol.lower()}@bookTicker", shapes.book_ticker_event(market))

    def _books(self) -> None:
        wanted = self._hub.wanted()
        for symbol, market in self._venue.exchange.markets.items():
            if market.book.update_id == self._sent_id[symbol]:
                continue
            bids, asks = market.book.drain_changes()
            first, last = self._sent_id[symbol] + 1, market.book.update_id
            self._sent_id[symbol] = last
            prefix = f"{symbol.lower()}@depth"
            for stream in (stream for stream in wanted if stream.startswith(prefix)):
                count = stream.removeprefix(prefix).partition("@")[0]
                if count.isdigit():
                    self._hub.publish(stream, shapes.partial_depth(market, int(count)))
                else:
                    now = self._venue.replay.market_ms
                    self._hub.publish(stream, shapes.depth_event(symbol, first, last, bids, asks, now))

    def _klines(self) -> None:
        traded, self._traded = self._traded, set()
        now = self._venue.replay.market_ms
        for stream, symbol, interval in self._candle_streams():
            if symbol in traded:
                span = INTERVALS_MS[interval]
                self._kline(stream, symbol, interval, now // span * span, closed=False)

    def _kline(self, stream: str, symbol: str, interval: str, open_ms: int, *, closed: bool) -> None:
        venue = self._venue
        kline = venue.replay.klines[symbol].candle(INTERVALS_MS[interval], open_ms)
        if kline is not None:
            row, last_id = shapes.kline_row(kline), venue.prints.last_id(symbol)
            self._hub.publish(
                stream, kline_event(symbol, interval, row, last_id, venue.replay.market_ms, closed=closed)
            )

    def _tickers(self) -> None:
        venue, now = self._venue, self._venue.replay.market_ms
        for stream in self._hub.wanted():
            name, _, channel = stream.partition("@")
            symbol = name.upper()
            if channel in TICKERS and symbol in venue.exchange.markets and symbol not in venue.replay.stale:
                self._hub.publish(stream, TICKERS[channel](day(venue, venue.exchange.markets[symbol]), now))
