"""Drive the exchange from market sources: every step in order of time, as fast as the market's clock says."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from simvenue.book import Level
from simvenue.depth import DepthModel
from simvenue.instrument import Instrument
from simvenue.klines import MINUTE_MS, KlineBook
from simvenue.market import Market
from simvenue.orders import Side
from simvenue.prices.tick import Source, Tick


class Tradable(Protocol):
    """An exchange that can be driven: perpetuals, or spot behind another front door."""

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Return what is traded, by symbol."""

    @property
    def markets(self) -> Mapping[str, Market]:
        """Return the markets, by symbol."""

    def quote(self, symbol: str, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """Put a new book in place."""

    def trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Let a trade of others print."""

    def pass_minute(self, market_ms: int) -> None:
        """Do what is due at a full minute of market time, such as funding."""


class Replay:
    """Feed ticks to the exchange; ``market_ms`` is the time of the market, it never goes back."""

    def __init__(
        self,
        exchange: Tradable,
        sources: list[Source],
        start_ms: int,
        depth: DepthModel,
        end_ms: int | None = None,
    ) -> None:
        self.exchange = exchange
        self.start_ms = start_ms
        self.end_ms = end_ms  # the market stands still from here on; the doors stay open
        self.market_ms = start_ms
        self.depth = depth
        self.stale: set[str] = set()
        self.shift: dict[str, Decimal] = {}  # added to every price, since a test moved the market
        self.klines = {source.symbol: KlineBook(source.history(start_ms)) for source in sources}
        self.on_minute: Callable[[int], None] = lambda _: None
        self._quoted: set[str] = set()  # instruments with recorded quotes: their trades move no quote
        self._stream: Iterator[Tick] = heapq.merge(
            *(source.ticks(start_ms) for source in sources), key=lambda tick: tick.ts_ms
        )
        self._next: Tick | None = next(self._stream, None)
        self.open_markets()

    @property
    def next_ms(self) -> int | None:
        """Return when the next step is due, None when the market has ended."""
        return self._next.ts_ms if self._next else None

    def open_markets(self) -> None:
        """Quote every instrument once, at its last known price, so that a client finds a book."""
        pending = dict(self.exchange.instruments)
        buffered: list[Tick] = []
        for symbol, book in self.klines.items():
            if len(book.history):
                self._open_at(symbol, Decimal(repr(float(book.history.close[-1]))))
                pending.pop(symbol)
        while pending and self._next is not None and len(buffered) < 100_000:
            tick = self._next
            if tick.symbol in pending and (price := tick.price or tick.bid) is not None:
                self._open_at(tick.symbol, price)
                pending.pop(tick.symbol)
            buffered.append(tick)
            self._next = next(self._stream, None)
        self._push_back(buffered)

    def until(self, target_ms: int, most: int = 1_000_000) -> int:
        """Take the steps that are due by a time, at most so many; return how many were taken."""
        target_ms = target_ms if self.end_ms is None else min(target_ms, self.end_ms)
        taken = 0
        while self._next is not None and self._next.ts_ms <= target_ms and taken < most:
            tick = self._next
            self._next = next(self._stream, None)
            self._advance(tick.ts_ms)
            self.apply(tick)
            taken += 1
        if self._next is None or self._next.ts_ms > target_ms:
            self._advance(target_ms)
        return taken

    def apply(self, tick: Tick) -> None:
        """Let one step happen."""
        if tick.symbol in self.stale:
            return
        exchange = self.exchange
        instrument = exchange.instruments[tick.symbol]
        tick = self._shifted(tick)
        bid, ask = tick.bid, tick.ask
        if bid is not None:
            self._quoted.add(tick.symbol)
        elif tick.price is not None and tick.symbol not in self._quoted:
            bid, ask = self._quote_around(instrument, instrument.round_price(tick.price), tick.aggressor)
        if bid is not None and ask is not None:
            bids, asks = (list(side) for side in self.depth.around(instrument, bid, ask))
            if tick.bid_quantity > 0 and tick.ask_quantity > 0:
                bids[0], asks[0] = (bid, tick.bid_quantity), (ask, tick.ask_quantity)
            exchange.quote(tick.symbol, bids, asks)
        if tick.price is not None and tick.quantity > 0:
            self.klines[tick.symbol].add(tick.ts_ms, tick.price, tick.quantity, tick.aggressor)
            exchange.trade(tick.symbol, tick.price, tick.quantity, tick.aggressor)

    def _quote_around(self, instrument: Instrument, price: Decimal, aggressor: Side) -> tuple[Decimal, Decimal]:
        """Return bid and ask after a trade: they move only when it was outside them."""
        book, gap = self.exchange.markets[instrument.symbol].book, instrument.tick * self.depth.spread_ticks
        if book.best_bid and book.best_ask and book.best_bid[0] <= price <= book.best_ask[0]:
            return book.best_bid[0], book.best_ask[0]
        return (price, price + gap) if aggressor is Side.SELL else (price - gap, price)

    def _shifted(self, tick: Tick) -> Tick:
        shift = self.shift.get(tick.symbol)
        if shift is None:
            return tick
        price, bid, ask = (None if value is None else value + shift for value in (tick.price, tick.bid, tick.ask))
        return replace(tick, price=price, bid=bid, ask=ask)

    def _advance(self, market_ms: int) -> None:
        boundary = (self.market_ms // MINUTE_MS + 1) * MINUTE_MS
        if market_ms >= boundary:
            self.market_ms = market_ms // MINUTE_MS * MINUTE_MS
            self.exchange.pass_minute(self.market_ms)
            self.on_minute(self.market_ms)
        self.market_ms = max(self.market_ms, market_ms)

    def _open_at(self, symbol: str, price: Decimal) -> None:
        instrument = self.exchange.instruments[symbol]
        price = instrument.round_price(price)
        gap = instrument.tick * self.depth.spread_ticks
        self.exchange.markets[symbol].last_price = price
        self.exchange.quote(symbol, *self.depth.around(instrument, price, price + gap))

    def _push_back(self, ticks: list[Tick]) -> None:
        if self._next is not None:
            ticks.append(self._next)
        rest = self._stream

        def again() -> Iterator[Tick]:
            yield from ticks
            yield from rest

        self._stream = again()
        self._next = next(self._stream, None)
