"""REST answers about conditional orders (the algo service, since December 2025)."""

from simvenue.algo import Algo, AlgoKind, AlgoRequest, Watch
from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ, TRADE
from simvenue.binance.params import Params
from simvenue.orders import ZERO, Side, TimeInForce
from simvenue.refusal import Refused
from simvenue.usdm.codes import from_refusal
from simvenue.usdm.rest_orders import MOST_ROWS, client_id, single_sided, span
from simvenue.usdm.shapes import Json, algo_row
from simvenue.usdm.venue import Endpoints, Venue

LIMITED = (AlgoKind.STOP, AlgoKind.TAKE_PROFIT)


def place(venue: Venue, params: Params) -> Json:
    if params.text("algoType") != "CONDITIONAL":
        raise ApiError(-1130, "Data sent for parameter 'algoType' is not valid.")
    single_sided(params)
    kind = params.choice("type", AlgoKind)
    closes, reduces = params.flag("closePosition"), params.flag("reduceOnly")
    if closes and (params.values.get("quantity") or reduces or kind in LIMITED):
        raise ApiError(
            -4136, "Target strategy invalid for orderType: closePosition needs a market kind and no quantity."
        )
    trailing = kind is AlgoKind.TRAILING_STOP_MARKET
    trigger = params.decimal("activatePrice", ZERO) if trailing else params.decimal("triggerPrice", None)
    request = AlgoRequest(
        symbol=params.text("symbol"),
        side=params.choice("side", Side),
        kind=kind,
        client_id=client_id(params, "clientAlgoId"),
        trigger_price=trigger,
        quantity=ZERO if closes else params.decimal("quantity", None),
        price=params.decimal("price", None) if kind in LIMITED else ZERO,
        time_in_force=params.choice("timeInForce", TimeInForce, TimeInForce.GTC),
        watch=params.choice("workingType", Watch, Watch.CONTRACT_PRICE),
        reduce_only=reduces,
        close_position=closes,
        price_protect=params.flag("priceProtect"),
        callback_frac=params.decimal("callbackRate", ZERO) / 100,
        good_till_ms=params.integer("goodTillDate", 0),
    )
    try:
        return row(venue, venue.exchange.conditional.place(request))
    except Refused as refused:
        raise from_refusal(refused) from refused


def row(venue: Venue, algo: Algo) -> Json:
    return algo_row(algo, venue.exchange.instruments[algo.request.symbol])


def found(venue: Venue, params: Params, *, query: bool) -> Algo:
    params.one_of("algoId", "clientAlgoId")
    try:
        return venue.exchange.conditional.find(params.integer("algoId", 0), params.text("clientAlgoId", "-"))
    except Refused as refused:
        raise from_refusal(refused, query=query) from refused


def query(venue: Venue, params: Params) -> Json:
    return row(venue, found(venue, params, query=True))


def cancel(venue: Venue, params: Params) -> Json:
    algo = found(venue, params, query=False)
    try:
        venue.exchange.conditional.cancel(algo)
    except Refused as refused:
        raise from_refusal(refused) from refused
    return {"algoId": algo.algo_id, "clientAlgoId": algo.request.client_id, "code": "200", "msg": "success"}


def cancel_all(venue: Venue, params: Params) -> Json:
    for algo in venue.exchange.conditional.waiting(params.text("symbol")):
        venue.exchange.conditional.cancel(algo)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(venue: Venue, params: Params) -> list[Json]:
    algo_id = params.integer("algoId", 0)
    waiting = venue.exchange.conditional.waiting(params.text("symbol", "-") if params.values.get("symbol") else "")
    return [row(venue, algo) for algo in waiting if algo_id in (0, algo.algo_id)]


def all_orders(venue: Venue, params: Params) -> list[Json]:
    symbol, algo_id = params.text("symbol"), params.integer("algoId", 0)
    start, end = span(params)
    known = [
        algo
        for algo in venue.exchange.conditional.algos.values()
        if algo.request.symbol == symbol and algo.algo_id >= algo_id and start <= algo.created_ms <= end
    ]
    return [row(venue, algo) for algo in known[-min(params.integer("limit", 500), MOST_ROWS) :]]


ENDPOINTS: Endpoints = {
    ("POST", "/fapi/v1/algoOrder"): Endpoint(place, 0, TRADE),
    ("DELETE", "/fapi/v1/algoOrder"): Endpoint(cancel, 1, TRADE),
    ("GET", "/fapi/v1/algoOrder"): Endpoint(query, 1, READ),
    ("DELETE", "/fapi/v1/algoOpenOrders"): Endpoint(cancel_all, 1, TRADE),
    ("GET", "/fapi/v1/openAlgoOrders"): Endpoint(open_orders, 1, READ),
    ("GET", "/fapi/v1/allAlgoOrders"): Endpoint(all_orders, 5, READ),
}
