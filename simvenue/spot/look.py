"""What the control port shows of a spot venue: balances instead of positions, the rest under the same names."""

from decimal import Decimal
from typing import Any

from simvenue.orders import ZERO, Side
from simvenue.pairs.orders import PairOrder
from simvenue.spot.venue import SpotVenue


def totals(venue: SpotVenue) -> dict[str, Any]:
    """Return the sums that a bot's own books must equal; fees, deposits and holdings per asset."""
    exchange = venue.exchange
    sums: dict[str, Decimal] = {}
    for fill in exchange.settlement.fills:
        name = f"fees_{fill.fee_asset}"
        sums[name] = sums.get(name, ZERO) + fill.fee
    for entry in exchange.recorder.ledger.query("deposit"):
        name = f"deposits_{entry.details['asset']}"
        sums[name] = sums.get(name, ZERO) + Decimal(entry.details["quantity"])
    for asset, total in exchange.balances.totals.items():
        sums |= {f"total_{asset}": total, f"locked_{asset}": exchange.balances.locked(asset)}
    counts = {
        "open_orders": len(exchange.open_orders()),
        "open_lists": len(exchange.lists.running()),
        "fills": len(exchange.settlement.fills),
    }
    return sums | counts


def positions(venue: SpotVenue) -> list[Any]:
    """Return what is owned of each base asset, and how much of it resting stops would sell."""
    exchange = venue.exchange
    rows: list[Any] = []
    for symbol, instrument in exchange.instruments.items():
        stops = [
            order
            for order in exchange.open_orders(symbol)
            if order.pair_kind.value == "STOP_LOSS_LIMIT" and order.side is Side.SELL
        ]
        rows.append(
            {
                "symbol": symbol,
                "quantity": exchange.balances.total(instrument.base),
                "free": exchange.balances.free(instrument.base),
                "locked": exchange.balances.locked(instrument.base),
                "protection": {
                    "stop_quantity": str(sum((stop.remaining for stop in stops), ZERO)),
                    "closes_all": False,
                },
            }
        )
    return rows


def orders(venue: SpotVenue, query: dict[str, str]) -> list[PairOrder]:
    only_open = query.get("open") == "true"
    return [
        order
        for order in venue.exchange.orders.values()
        if query.get("symbol", "") in ("", order.symbol) and (order.is_open or not only_open)
    ]


def waiting(venue: SpotVenue, query: dict[str, str]) -> list[PairOrder]:
    """Return the orders that wait for their price."""
    return [order for order in orders(venue, query) if order.waits]


def markets(venue: SpotVenue) -> dict[str, Any]:
    return {
        symbol: {"last": market.last_price, "bid": market.book.best_bid, "ask": market.book.best_ask}
        for symbol, market in venue.exchange.markets.items()
    }
