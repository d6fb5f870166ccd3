"""Rules that a new or modified order must meet before it may touch the market."""

from decimal import Decimal
from typing import TYPE_CHECKING

from simvenue.orders import Kind, Order, OrderRequest, Side, TimeInForce
from simvenue.refusal import Reason, Refused

if TYPE_CHECKING:
    from simvenue.perpetuals import Perpetuals

MAX_OPEN_ORDERS = 200


def check(exchange: "Perpetuals", request: OrderRequest) -> None:
    """Raise ``Refused`` with the first rule that a new order breaks."""
    market = exchange.market(request.symbol)
    instrument = market.instrument
    instrument.check_quantity(request.quantity, market=request.kind is Kind.MARKET)
    best = market.book.best_ask if request.side is Side.BUY else market.book.best_bid
    if request.kind is Kind.LIMIT:
        instrument.check_price(request.price)
        _check_percent(exchange, request.symbol, request.side, request.price)
        price = request.price
    elif best is None:
        raise Refused(Reason.NO_MARKET, request.symbol)
    else:
        price = best[0]
    _check_unique(exchange, request)
    closing = request.reduce_only or request.close_position
    if closing and exchange.account.position(request.symbol).reducible(request.side) == 0:
        raise Refused(Reason.REDUCE_ONLY)
    if not closing and price * request.quantity < instrument.min_notional:
        raise Refused(Reason.MIN_NOTIONAL, f"{price * request.quantity} < {instrument.min_notional}")
    if exchange.margin.needed(request, price) > exchange.margin.available:
        raise Refused(Reason.MARGIN)
    if request.time_in_force is TimeInForce.GTX and best is not None and _takes(request.side, request.price, best[0]):
        raise Refused(Reason.POST_ONLY)
    if len(market.resting) >= MAX_OPEN_ORDERS:
        raise Refused(Reason.TOO_MANY)


def check_change(exchange: "Perpetuals", order: Order, price: Decimal, quantity: Decimal) -> None:
    """Raise ``Refused`` with the first rule that a modification breaks."""
    market = exchange.market(order.symbol)
    if not order.is_open:
        raise Refused(Reason.UNKNOWN_ORDER, f"order {order.order_id} is {order.status.value}")
    if order.kind is not Kind.LIMIT:
        raise Refused(Reason.BAD_VALUE, "only limit orders can be modified")
    market.instrument.check_price(price)
    market.instrument.check_quantity(quantity, market=False)
    _check_percent(exchange, order.symbol, order.side, price)
    if (price, quantity) == (order.price, order.quantity):
        raise Refused(Reason.NO_CHANGE)
    if not order.reduce_only and price * quantity < market.instrument.min_notional:
        raise Refused(Reason.MIN_NOTIONAL)


def loses_maker(exchange: "Perpetuals", order: Order, price: Decimal) -> bool:
    """Return whether a post-only order would take at a new price."""
    book = exchange.market(order.symbol).book
    best = book.best_ask if order.side is Side.BUY else book.best_bid
    return order.time_in_force is TimeInForce.GTX and best is not None and _takes(order.side, price, best[0])


def _check_percent(exchange: "Perpetuals", symbol: str, side: Side, price: Decimal) -> None:
    mark, instrument = exchange.mark_price(symbol), exchange.instruments[symbol]
    if mark <= 0:
        return
    if side is Side.BUY and price > mark * instrument.percent_up:
        raise Refused(Reason.PRICE_PERCENT_HIGH, f"{instrument.round_price(mark * instrument.percent_up)}")
    if side is Side.SELL and price < mark * instrument.percent_down:
        raise Refused(Reason.PRICE_PERCENT_LOW, f"{instrument.round_price(mark * instrument.percent_down)}")


def _check_unique(exchange: "Perpetuals", request: OrderRequest) -> None:
    known = exchange.orders.get(exchange.by_client.get((request.symbol, request.client_id), 0))
    if known is not None and known.is_open:
        raise Refused(Reason.DUPLICATE_CLIENT_ID, request.client_id)


def _takes(side: Side, price: Decimal, opposite: Decimal) -> bool:
    return price >= opposite if side is Side.BUY else price <= opposite
