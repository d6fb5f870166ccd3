"""REST answers about orders."""

import re
import secrets

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ, TRADE
from simvenue.binance.params import Params
from simvenue.orders import ZERO, Side, TimeInForce
from simvenue.pairs.orders import NO_LIST, PairKind, PairOrder, PairRequest
from simvenue.refusal import Refused
from simvenue.spot.codes import from_refusal
from simvenue.spot.shapes import Json, cancelled_row, list_row, order_row, placed_row, trade_row
from simvenue.spot.venue import Endpoints, SpotVenue

MOST_ROWS = 1_000
NAME = re.compile(r"[a-zA-Z0-9_-]{1,36}")
NOT_SUPPORTED = {"STOP_LOSS": "Stop loss", "TAKE_PROFIT": "Take profit"}


def place(venue: SpotVenue, params: Params) -> Json:
    """Place an order; a limit or market order is answered with its executions unless less is asked for."""
    wanted = request(params)
    venue.limits.charge_order(venue.now_ms())
    try:
        order = venue.exchange.place(wanted)
    except Refused as refused:
        raise from_refusal(refused) from refused
    return answered(venue, order, params)


def answered(venue: SpotVenue, order: PairOrder, params: Params) -> Json:
    """Return a new order in the form that was asked for."""
    whole = order.pair_kind in (PairKind.LIMIT, PairKind.MARKET)
    kind = params.text("newOrderRespType", "FULL" if whole else "ACK")
    fills = [fill for fill in venue.exchange.settlement.fills if fill.order_id == order.order_id]
    return placed_row(order, fills if kind == "FULL" else None, acknowledged=kind == "ACK")


def request(params: Params) -> PairRequest:
    """Return the order that a request asks for."""
    kind = order_kind(params, "type")
    limit = kind is not PairKind.MARKET
    timed = limit and kind is not PairKind.LIMIT_MAKER
    if not timed and params.values.get("timeInForce"):
        raise ApiError(-1106, "Parameter 'timeInForce' sent when not required.")
    amount = ZERO if limit or params.values.get("quantity") else params.decimal("quoteOrderQty", None)
    return PairRequest(
        symbol=params.text("symbol"),
        side=params.choice("side", Side),
        kind=kind.matched_as,
        pair_kind=kind,
        quantity=ZERO if amount else params.decimal("quantity", None),
        quote_amount=amount,
        client_id=client_id(params, "newClientOrderId"),
        price=params.decimal("price", None) if limit else ZERO,
        time_in_force=time_in_force(params, "timeInForce") if timed else TimeInForce.GTC,
        stop_price=params.decimal("stopPrice", None) if kind.is_conditional else ZERO,
    )


def order_kind(params: Params, name: str) -> PairKind:
    if (word := NOT_SUPPORTED.get(params.text(name))) is not None:
        raise ApiError(-2010, f"{word} orders are not supported for this symbol.")
    try:
        return PairKind(params.text(name))
    except ValueError as error:
        raise ApiError(-1116, "Invalid orderType.") from error


def time_in_force(params: Params, name: str) -> TimeInForce:
    value = params.text(name)
    if value not in ("GTC", "IOC", "FOK"):
        raise ApiError(-1115, "Invalid timeInForce.")
    return TimeInForce(value)


def client_id(params: Params, name: str) -> str:
    given = params.text(name, secrets.token_hex(11))
    if not NAME.fullmatch(given):
        raise ApiError(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[a-zA-Z0-9-_]{{1,36}}$'."
        )
    return given


def found(venue: SpotVenue, params: Params, *, query: bool, prefix: str = "") -> PairOrder:
    names = ("orderId", "origClientOrderId") if not prefix else ("cancelOrderId", "cancelOrigClientOrderId")
    params.one_of(*names)
    try:
        return venue.exchange.find(params.text("symbol"), params.integer(names[0], 0), params.text(names[1], "-"))
    except Refused as refused:
        raise from_refusal(refused, query=query) from refused


def query(venue: SpotVenue, params: Params) -> Json:
    return order_row(found(venue, params, query=True))


def cancel(venue: SpotVenue, params: Params) -> Json:
    """Cancel an order; the answer for a leg of a list is the whole list, which ends with it."""
    return cancel_order(venue, found(venue, params, query=False), client_id(params, "newClientOrderId"))


def cancel_order(venue: SpotVenue, order: PairOrder, cancel_id: str) -> Json:
    venue.faults.fill_before_cancel(order)
    exchange = venue.exchange
    try:
        exchange.cancel(order, cancel_id)
    except Refused as refused:
        raise from_refusal(refused) from refused
    if order.list_id == NO_LIST:
        return cancelled_row(order)
    whole = exchange.lists.lists[order.list_id]
    legs = exchange.lists.legs(whole)
    return list_row(whole, legs, [cancelled_row(leg) for leg in legs])


def cancel_all(venue: SpotVenue, params: Params) -> list[Json]:
    symbol = params.text("symbol")
    try:
        orders = venue.exchange.open_orders(symbol)
    except Refused as refused:
        raise from_refusal(refused) from refused
    if not orders:
        raise ApiError(-2011, "Unknown order sent.")
    return [cancel_order(venue, order, client_id(params, "-")) for order in orders if order.is_open]


class PartlyDoneError(ApiError):
    """Carry what a cancel-replace has done and what it has not."""

    def __init__(self, code: int, message: str, status: int, data: Json) -> None:
        super().__init__(code, message, status)
        self._data = data

    def body(self) -> Json:
        return super().body() | {"data": self._data}


def cancel_replace(venue: SpotVenue, params: Params) -> Json:
    """Cancel an order and place another; the new one is not tried when the cancel fails, unless that is allowed."""
    done: Json = {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}
    try:
        order = found(venue, params, query=False, prefix="cancel")
        done["cancelResponse"] = cancel_order(venue, order, client_id(params, "cancelNewClientOrderId"))
    except ApiError as error:
        done |= {"cancelResult": "FAILURE", "cancelResponse": error.body()}
        if params.text("cancelReplaceMode") == "STOP_ON_FAILURE":
            done |= {"newOrderResult": "NOT_ATTEMPTED", "newOrderResponse": None}
            raise PartlyDoneError(-2022, "Order cancel-replace failed.", 400, done) from error
    try:
        done["newOrderResponse"] = place(venue, params)
    except ApiError as error:
        done |= {"newOrderResult": "FAILURE", "newOrderResponse": error.body()}
        raise PartlyDoneError(-2021, "Order cancel-replace partially failed.", 409, done) from error
    if done["cancelResult"] == "FAILURE":
        raise PartlyDoneError(-2021, "Order cancel-replace partially failed.", 409, done)
    return done


def open_orders(venue: SpotVenue, params: Params) -> list[Json]:
    try:
        return [order_row(order) for order in venue.exchange.open_orders(params.values.get("symbol", ""))]
    except Refused as refused:
        raise from_refusal(refused) from refused


def all_orders(venue: SpotVenue, params: Params) -> list[Json]:
    symbol, first = params.text("symbol"), params.integer("orderId", 0)
    start, end = span(params)
    orders = [
        order
        for order in venue.exchange.orders.values()
        if order.symbol == symbol and order.order_id >= first and start <= order.created_ms <= end
    ]
    limit = min(params.integer("limit", 500), MOST_ROWS)
    return [order_row(order) for order in (orders[:limit] if first else orders[-limit:])]


def my_trades(venue: SpotVenue, params: Params) -> list[Json]:
    symbol, first, order_id = params.text("symbol"), params.integer("fromId", 0), params.integer("orderId", 0)
    start, end = span(params)
    fills = [
        fill
        for fill in venue.exchange.settlement.fills
        if fill.symbol == symbol
        and fill.trade_id >= first
        and order_id in (0, fill.order_id)
        and start <= fill.time_ms <= end
    ]
    limit = min(params.integer("limit", 500), MOST_ROWS)
    chosen = fills[:limit] if first or params.values.get("startTime") else fills[-limit:]
    return [trade_row(fill, venue.exchange.orders[fill.order_id]) for fill in chosen]


def span(params: Params) -> tuple[int, int]:
    """Return the first and last millisecond that a query asks for."""
    start, end = params.integer("startTime", 0), params.integer("endTime", 2**62)
    if start > end:
        raise ApiError(-1127, "Lookup interval is too big: startTime is after endTime.")
    return start, end


ENDPOINTS: Endpoints = {
    ("POST", "/api/v3/order"): Endpoint(place, 1, TRADE),
    ("GET", "/api/v3/order"): Endpoint(query, 4, READ),
    ("DELETE", "/api/v3/order"): Endpoint(cancel, 1, TRADE),
    ("POST", "/api/v3/order/cancelReplace"): Endpoint(cancel_replace, 1, TRADE),
    ("GET", "/api/v3/openOrders"): Endpoint(open_orders, 6, READ),
    ("DELETE", "/api/v3/openOrders"): Endpoint(cancel_all, 1, TRADE),
    ("GET", "/api/v3/allOrders"): Endpoint(all_orders, 20, READ),
    ("GET", "/api/v3/myTrades"): Endpoint(my_trades, 20, READ),
}
