"""Every endpoint of the front door, and the WebSocket API methods that share their answers."""

from simvenue.binance.endpoint import Endpoint
from simvenue.usdm import rest_account, rest_algo, rest_market, rest_orders, rest_settings, rest_wallet
from simvenue.usdm.venue import Endpoints, Venue

ENDPOINTS: Endpoints = (
    rest_market.ENDPOINTS
    | rest_orders.ENDPOINTS
    | rest_algo.ENDPOINTS
    | rest_account.ENDPOINTS
    | rest_settings.ENDPOINTS
    | rest_wallet.ENDPOINTS
)

_SAME = {
    "ping": ("GET", "/fapi/v1/ping"),
    "time": ("GET", "/fapi/v1/time"),
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v1/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "order.place": ("POST", "/fapi/v1/order"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
    "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
    "account.position": ("GET", "/fapi/v2/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "account.balance": ("GET", "/fapi/v2/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.status": ("GET", "/fapi/v2/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
METHODS: dict[str, Endpoint[Venue]] = {method: ENDPOINTS[where] for method, where in _SAME.items()}
