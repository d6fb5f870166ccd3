"""REST answers about ordinary orders."""

import secrets
from typing import Any

import msgspec

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ, TRADE
from simvenue.binance.params import Params
from simvenue.orders import ZERO, Kind, Order, OrderRequest, Side, Status, TimeInForce
from simvenue.refusal import Refused
from simvenue.usdm.codes import from_refusal
from simvenue.usdm.shapes import Json, order_row, trade_row
from simvenue.usdm.venue import Endpoints, Venue

CONDITIONAL = {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
MOST_ROWS = 1_000


def place(venue: Venue, params: Params) -> Json:
    """Place an order; the answer knows of executions only when the result is asked for, not an acknowledgement."""
    kind = params.text("type")
    if kind in CONDITIONAL:
        raise ApiError(
            -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
        )
    single_sided(params)
    order_kind = params.choice("type", Kind)
    limit = order_kind is Kind.LIMIT
    request = OrderRequest(
        symbol=params.text("symbol"),
        side=params.choice("side", Side),
        kind=order_kind,
        quantity=params.decimal("quantity", None),
        client_id=client_id(params, "newClientOrderId"),
        price=params.decimal("price", None) if limit else ZERO,
        time_in_force=params.choice("timeInForce", TimeInForce) if limit else TimeInForce.GTC,
        reduce_only=params.flag("reduceOnly"),
        good_till_ms=params.integer("goodTillDate", 0),
    )
    venue.limits.charge_order(venue.now_ms())
    try:
        order = venue.exchange.place(request)
    except Refused as refused:
        raise from_refusal(refused) from refused
    if params.text("newOrderRespType", "ACK") == "ACK":
        order = msgspec.structs.replace(order, status=Status.NEW, executed=ZERO, executed_quote=ZERO)
    return row(venue, order)


def single_sided(params: Params) -> None:
    """Refuse hedge mode: the account is in one-way mode."""
    if params.text("positionSide", "BOTH") != "BOTH":
        raise ApiError(-4061, "Order's position side does not match user's setting.")


def client_id(params: Params, name: str) -> str:
    given = params.text(name, secrets.token_hex(11))
    if len(given) > 36 or not all(c.isalnum() or c in ".:/_-" for c in given):
        raise ApiError(-4015, "Client order id is not valid.")
    return given


def row(venue: Venue, order: Order) -> Json:
    return order_row(order, venue.exchange.instruments[order.symbol])


def found(venue: Venue, params: Params, *, query: bool) -> Order:
    params.one_of("orderId", "origClientOrderId")
    try:
        return venue.exchange.find(
            params.text("symbol"), params.integer("orderId", 0), params.text("origClientOrderId", "-")
        )
    except Refused as refused:
        raise from_refusal(refused, query=query) from refused


def query(venue: Venue, params: Params) -> Json:
    return row(venue, found(venue, params, query=True))


def query_open(venue: Venue, params: Params) -> Json:
    order = found(venue, params, query=True)
    if not order.is_open:
        raise ApiError(-2013, "Order does not exist.")
    return row(venue, order)


def cancel(venue: Venue, params: Params) -> Json:
    order = found(venue, params, query=False)
    venue.faults.fill_before_cancel(order)
    try:
        return row(venue, venue.exchange.cancel(order))
    except Refused as refused:
        raise from_refusal(refused) from refused


def modify(venue: Venue, params: Params) -> Json:
    order = found(venue, params, query=False)
    if params.choice("side", Side, order.side) is not order.side:
        raise ApiError(-1117, "Invalid side.")
    try:
        changed = venue.exchange.modify(
            order, params.decimal("price", order.price), params.decimal("quantity", order.quantity)
        )
    except Refused as refused:
        raise from_refusal(refused) from refused
    return row(venue, changed)


def cancel_all(venue: Venue, params: Params) -> Json:
    symbol = params.text("symbol")
    try:
        for order in venue.exchange.open_orders(symbol):
            venue.exchange.cancel(order)
    except Refused as refused:
        raise from_refusal(refused) from refused
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(venue: Venue, params: Params) -> list[Json]:
    try:
        orders = venue.exchange.open_orders(params.text("symbol", "")) if params.values.get("symbol") else None
    except Refused as refused:
        raise from_refusal(refused) from refused
    return [row(venue, order) for order in (venue.exchange.open_orders() if orders is None else orders)]


def all_orders(venue: Venue, params: Params) -> list[Json]:
    symbol, first = params.text("symbol"), params.integer("orderId", 0)
    start, end = span(params)
    orders = [
        order
        for order in venue.exchange.orders.values()
        if order.symbol == symbol and order.order_id >= first and start <= order.created_ms <= end
    ]
    limit = min(params.integer("limit", 500), MOST_ROWS)
    return [row(venue, order) for order in (orders[:limit] if first else orders[-limit:])]


def user_trades(venue: Venue, params: Params) -> list[Json]:
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
    return [trade_row(fill, venue.exchange.instruments[symbol]) for fill in chosen]


def span(params: Params) -> tuple[int, int]:
    """Return the first and last millisecond that a query asks for."""
    start, end = params.integer("startTime", 0), params.integer("endTime", 2**62)
    if start > end:
        raise ApiError(-4178, "startTime must not be after endTime.")
    return start, end


def batch(venue: Venue, params: Params) -> list[Json]:
    """Place up to five orders; each answers for itself."""
    return [_answer(venue, place, item) for item in _items(params, "batchOrders")]


def batch_modify(venue: Venue, params: Params) -> list[Json]:
    return [_answer(venue, modify, item) for item in _items(params, "batchOrders")]


def batch_cancel(venue: Venue, params: Params) -> list[Json]:
    symbol = params.text("symbol")
    ids: list[Any] = _list(params.text("orderIdList", "[]"))
    names: list[Any] = _list(params.text("origClientOrderIdList", "[]"))
    items = [{"symbol": symbol, "orderId": str(number)} for number in ids]
    items += [{"symbol": symbol, "origClientOrderId": str(name)} for name in names]
    return [_answer(venue, cancel, item) for item in items]


def _answer(venue: Venue, handler: Any, item: dict[str, str]) -> Json:
    try:
        made: Json = handler(venue, Params(item))
    except ApiError as error:
        return dict(error.body())
    return made


def _items(params: Params, name: str) -> list[dict[str, str]]:
    items = _list(params.text(name))
    if len(items) > 5 or not all(isinstance(item, dict) for item in items):
        raise ApiError(-4082, "Invalid number of batch place orders.")
    return [{key: _text(value) for key, value in item.items()} for item in items]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(text: str) -> list[Any]:
    try:
        return msgspec.json.decode(text, type=list)
    except msgspec.DecodeError as error:
        raise ApiError(-1130, "Data sent for a list parameter is not valid.") from error


ENDPOINTS: Endpoints = {
    ("POST", "/fapi/v1/order"): Endpoint(place, 0, TRADE),
    ("PUT", "/fapi/v1/order"): Endpoint(modify, 1, TRADE),
    ("GET", "/fapi/v1/order"): Endpoint(query, 1, READ),
    ("DELETE", "/fapi/v1/order"): Endpoint(cancel, 1, TRADE),
    ("GET", "/fapi/v1/openOrder"): Endpoint(query_open, 1, READ),
    ("GET", "/fapi/v1/openOrders"): Endpoint(open_orders, 1, READ),
    ("GET", "/fapi/v1/allOrders"): Endpoint(all_orders, 5, READ),
    ("DELETE", "/fapi/v1/allOpenOrders"): Endpoint(cancel_all, 1, TRADE),
    ("POST", "/fapi/v1/batchOrders"): Endpoint(batch, 5, TRADE),
    ("PUT", "/fapi/v1/batchOrders"): Endpoint(batch_modify, 5, TRADE),
    ("DELETE", "/fapi/v1/batchOrders"): Endpoint(batch_cancel, 1, TRADE),
    ("GET", "/fapi/v1/userTrades"): Endpoint(user_trades, 5, READ),
}
