"""What the control port shows: the truth about orders, positions, balances and time."""

from typing import Any

import msgspec

from simvenue.orders import Order
from simvenue.spot.venue import SpotVenue
from simvenue.usdm.venue import Venue


def clock(venue: Venue | SpotVenue) -> dict[str, Any]:
    return {
        "market_ms": venue.replay.market_ms,
        "target_ms": venue.market_clock.target_ms(),  # where the market should be by now: more than market_ms, it lags
        "start_ms": venue.replay.start_ms,
        "venue_ms": venue.now_ms(),
        "skew_ms": venue.clock.skew_ms,
        "speed": venue.market_clock.speed,
        "next_ms": venue.replay.next_ms,
    }


def ledger(venue: Venue | SpotVenue, query: dict[str, str]) -> list[Any]:
    names = ("kind", "symbol", "client_id")
    return list(
        venue.exchange.recorder.ledger.query(
            after=int(query.get("after", "0")), **{name: query.get(name, "") for name in names}
        )
    )


def totals(venue: Venue) -> dict[str, Any]:
    """Return the sums that a bot's own books must equal."""
    exchange = venue.exchange
    return exchange.recorder.ledger.totals() | {
        "wallet": exchange.account.wallet,
        "unrealised": exchange.margin.total(exchange.margin.unrealised),
        "available": exchange.margin.available,
        "open_orders": len(exchange.open_orders()),
        "waiting_algos": len(exchange.conditional.waiting()),
        "fills": len(exchange.settlement.fills),
    }


def received(venue: Venue | SpotVenue) -> dict[str, int]:
    """Return how often each client order id was sent."""
    return venue.exchange.recorder.ledger.received


def positions(venue: Venue) -> list[Any]:
    exchange = venue.exchange
    return [
        msgspec.to_builtins(position)
        | {"mark": str(exchange.mark_price(symbol)), "protection": _protection(venue, symbol)}
        for symbol, position in ((symbol, exchange.account.position(symbol)) for symbol in exchange.instruments)
    ]


def _protection(venue: Venue, symbol: str) -> dict[str, Any]:
    """Return the resting stops of a position: how much they would close, all of it when one closes everything."""
    exchange = venue.exchange
    side = "SELL" if exchange.account.position(symbol).quantity > 0 else "BUY"
    stops = [
        algo.request
        for algo in exchange.conditional.waiting(symbol)
        if algo.request.side.value == side and not algo.request.kind.takes_profit
    ]
    reducing = [request for request in stops if request.reduce_only or request.close_position]
    return {
        "stop_quantity": str(sum(request.quantity for request in reducing)),
        "closes_all": any(request.close_position for request in reducing),
    }


def orders(venue: Venue, query: dict[str, str]) -> list[Order]:
    chosen = venue.exchange.orders.values()
    only_open = query.get("open") == "true"
    return [o for o in chosen if query.get("symbol", "") in ("", o.symbol) and (o.is_open or not only_open)]


def algos(venue: Venue, query: dict[str, str]) -> list[Any]:
    chosen = venue.exchange.conditional.algos.values()
    only_open = query.get("open") == "true"
    return [
        algo
        for algo in chosen
        if query.get("symbol", "") in ("", algo.request.symbol) and (algo.waits or not only_open)
    ]


def markets(venue: Venue) -> dict[str, Any]:
    return {
        symbol: {
            "last": market.last_price,
            "bid": market.book.best_bid,
            "ask": market.book.best_ask,
            "mark": venue.exchange.mark_price(symbol),
        }
        for symbol, market in venue.exchange.markets.items()
    }
