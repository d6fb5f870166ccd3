"""REST answers about order lists: one cancels the other, one leg above the market, one below."""

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ, TRADE
from simvenue.binance.params import Params
from simvenue.orders import ZERO, Kind, Side, TimeInForce
from simvenue.pairs.lists import ListRequest, OrderList
from simvenue.pairs.orders import PairKind, PairRequest
from simvenue.refusal import Refused
from simvenue.spot.codes import from_refusal
from simvenue.spot.rest_orders import MOST_ROWS, answered, client_id, order_kind, span, time_in_force
from simvenue.spot.shapes import Json, cancelled_row, list_row
from simvenue.spot.venue import Endpoints, SpotVenue

LEG_KINDS = {PairKind.LIMIT_MAKER, PairKind.STOP_LOSS_LIMIT, PairKind.TAKE_PROFIT_LIMIT}


def place(venue: SpotVenue, params: Params) -> Json:
    wanted = ListRequest(
        symbol=params.text("symbol"),
        client_id=client_id(params, "listClientOrderId"),
        above=_leg(params, "above"),
        below=_leg(params, "below"),
    )
    for _ in range(2):
        venue.limits.charge_order(venue.now_ms())
    lists = venue.exchange.lists
    try:
        made = lists.place(wanted)
    except Refused as refused:
        raise from_refusal(refused) from refused
    full = Params({"newOrderRespType": "RESULT"} | dict(params.values))
    legs = lists.legs(made)
    return list_row(made, legs, [answered(venue, leg, full) for leg in legs])


def _leg(params: Params, where: str) -> PairRequest:
    kind = order_kind(params, f"{where}Type")
    if kind not in LEG_KINDS:
        raise ApiError(-1116, "Invalid orderType.")
    timed = kind.is_conditional
    return PairRequest(
        symbol=params.text("symbol"),
        side=params.choice("side", Side),
        kind=Kind.LIMIT,
        pair_kind=kind,
        quantity=params.decimal("quantity", None),
        client_id=client_id(params, f"{where}ClientOrderId"),
        price=params.decimal(f"{where}Price", None),
        time_in_force=time_in_force(params, f"{where}TimeInForce") if timed else TimeInForce.GTC,
        stop_price=params.decimal(f"{where}StopPrice", None) if timed else ZERO,
    )


def query(venue: SpotVenue, params: Params) -> Json:
    params.one_of("orderListId", "origClientOrderId")
    return _row(venue, _found(venue, params, "origClientOrderId", query=True))


def cancel(venue: SpotVenue, params: Params) -> Json:
    params.one_of("orderListId", "listClientOrderId")
    found, lists = _found(venue, params, "listClientOrderId", query=False), venue.exchange.lists
    for leg in lists.legs(found):
        venue.faults.fill_before_cancel(leg)
    try:
        lists.cancel(found, client_id(params, "newClientOrderId"))
    except Refused as refused:
        raise from_refusal(refused) from refused
    legs = lists.legs(found)
    return list_row(found, legs, [cancelled_row(leg) for leg in legs])


def open_lists(venue: SpotVenue, params: Params) -> list[Json]:
    del params
    return [_row(venue, found) for found in venue.exchange.lists.running()]


def all_lists(venue: SpotVenue, params: Params) -> list[Json]:
    start, end = span(params)
    first = params.integer("fromId", 0)
    rows = [
        _row(venue, found)
        for found in venue.exchange.lists.lists.values()
        if found.list_id >= first and start <= found.created_ms <= end
    ]
    return rows[-min(params.integer("limit", 500), MOST_ROWS) :]


def _found(venue: SpotVenue, params: Params, name: str, *, query: bool) -> OrderList:
    try:
        return venue.exchange.lists.find(params.integer("orderListId", 0), params.text(name, "-"))
    except Refused as refused:
        if query:
            raise ApiError(-2013, "Order does not exist.") from refused
        raise from_refusal(refused) from refused


def _row(venue: SpotVenue, found: OrderList) -> Json:
    return list_row(found, venue.exchange.lists.legs(found))


ENDPOINTS: Endpoints = {
    ("POST", "/api/v3/orderList/oco"): Endpoint(place, 1, TRADE),
    ("GET", "/api/v3/orderList"): Endpoint(query, 4, READ),
    ("DELETE", "/api/v3/orderList"): Endpoint(cancel, 1, TRADE),
    ("GET", "/api/v3/openOrderList"): Endpoint(open_lists, 6, READ),
    ("GET", "/api/v3/allOrderList"): Endpoint(all_lists, 20, READ),
}
