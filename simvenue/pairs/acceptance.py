"""Rules that a new spot order must meet before it may lock a balance."""

from decimal import Decimal
from typing import TYPE_CHECKING

from simvenue.orders import ZERO, Kind, Side
from simvenue.pairs.listing import MAX_NOTIONAL
from simvenue.pairs.orders import PairKind, PairRequest, releases
from simvenue.refusal import Reason, Refused

if TYPE_CHECKING:
    from simvenue.market import Market
    from simvenue.pairs.exchange import PairExchange

MAX_ORDERS = 200
MAX_CONDITIONAL = 5


def check(exchange: "PairExchange", request: PairRequest) -> None:
    """Raise ``Refused`` with the first rule that a single order breaks."""
    check_filters(exchange, request)
    check_counts(exchange, request.symbol, orders=1, conditional=int(request.pair_kind.is_conditional))
    check_balance(exchange, request)


def check_filters(exchange: "PairExchange", request: PairRequest) -> None:
    """Check an order by itself: steps, ranges, triggers, its name."""
    market = exchange.market(request.symbol)
    instrument = market.instrument
    if request.pair_kind is PairKind.MARKET:
        if not market.book.available(request.side, None):
            raise Refused(Reason.NO_MARKET, request.symbol)
        if request.quantity:
            instrument.check_quantity(request.quantity, market=True)
        else:
            instrument.check_quantity(for_amount(market, request), market=True)
        notional = request.quote_amount or cost(market, request)
    else:
        instrument.check_price(request.price)
        instrument.check_quantity(request.quantity, market=False)
        _check_percent(market, request.price)
        notional = request.price * request.quantity
    if request.pair_kind.is_conditional:
        instrument.check_price(request.stop_price)
        if releases(request.side, request.pair_kind, request.stop_price, market.last_price):
            raise Refused(Reason.WOULD_TRIGGER)
    if not instrument.min_notional <= notional <= MAX_NOTIONAL:
        raise Refused(Reason.MIN_NOTIONAL, f"{notional} < {instrument.min_notional}")
    if request.pair_kind is PairKind.LIMIT_MAKER and market.book.available(request.side, request.price):
        raise Refused(Reason.POST_ONLY)
    known = exchange.orders.get(exchange.by_client.get((request.symbol, request.client_id), 0))
    if known is not None and known.is_open:
        raise Refused(Reason.DUPLICATE_CLIENT_ID, request.client_id)


def check_counts(exchange: "PairExchange", symbol: str, *, orders: int, conditional: int) -> None:
    """Check how many orders would be open; those with a trigger have a limit of their own."""
    opened = exchange.open_orders(symbol)
    if len(opened) + orders > MAX_ORDERS:
        raise Refused(Reason.TOO_MANY)
    if conditional and sum(order.pair_kind.is_conditional for order in opened) + conditional > MAX_CONDITIONAL:
        raise Refused(Reason.TOO_MANY_CONDITIONAL)


def check_balance(exchange: "PairExchange", *legs: PairRequest) -> None:
    """Check that enough is free; the legs of a list share one lock, the larger of their needs."""
    market = exchange.market(legs[0].symbol)
    asset = exchange.pays_with(legs[0].symbol, legs[0].side)
    if max(_needs(market, leg) for leg in legs) > exchange.balances.free(asset):
        raise Refused(Reason.BALANCE)


def cost(market: "Market", request: PairRequest) -> Decimal:
    """Return what a market order would turn over at the present book, as far as the book goes."""
    left, total = request.quantity, ZERO
    for price, offered in market.book.asks if request.side is Side.BUY else market.book.bids:
        part = min(offered, left)
        left, total = left - part, total + part * price
    return total


def for_amount(market: "Market", request: PairRequest) -> Decimal:
    """Return the quantity that a quote amount buys or sells at the present book, on the step."""
    left, quantity = request.quote_amount, ZERO
    for price, offered in market.book.asks if request.side is Side.BUY else market.book.bids:
        part = min(offered, left / price)
        left, quantity = left - part * price, quantity + part
    return market.instrument.floor_quantity(quantity)


def _needs(market: "Market", request: PairRequest) -> Decimal:
    buys = request.side is Side.BUY
    if request.kind is Kind.LIMIT:
        return request.price * request.quantity if buys else request.quantity
    if buys:
        return request.quote_amount or cost(market, request)
    return request.quantity or for_amount(market, request)


def _check_percent(market: "Market", price: Decimal) -> None:
    last, instrument = market.last_price, market.instrument
    if price > last * instrument.percent_up:
        raise Refused(Reason.PRICE_PERCENT_HIGH)
    if price < last * instrument.percent_down:
        raise Refused(Reason.PRICE_PERCENT_LOW)
