"""Binance USD-M perpetuals: what watchdog, doctor and a starting node ask and do."""

from collections.abc import Callable
from decimal import Decimal

from adapters.binance.candle_pages import candles_of, fetch_rows, parse_rows, weight_of
from adapters.binance.errors import VenueRefusedError
from adapters.binance.parsing import (
    AlgoOrder,
    Balance,
    Income,
    Instrument,
    KeyPermissions,
    Order,
    Position,
    Side,
    UserTrade,
    parse,
    parse_instruments,
)
from adapters.binance.rest import RateBudget, Rest
from adapters.binance.signing import Parameters
from catalog.candles import Candles
from risk.messages import ApiCall

LIVE_URL = "https://fapi.binance.com"
PERMISSIONS_URL = "https://api.binance.com"  # permissions of a key are told by another host
NO_SUCH_ORDER = -2013
ALL_SYMBOLS_WEIGHT = 40


class BinanceUsdm:
    """One account on Binance USD-M. Every call is one request, sent once; see ``adapters.binance.errors``.

    Parameters
    ----------
    url : str
        Of the futures API.
    key, secret : str
        Empty: only market data.
    timeout_secs : float
        For each request.
    permissions_url : str
        Where the permissions of a key are told.
    budget, on_call
        See ``Rest``.
    """

    def __init__(
        self,
        url: str = LIVE_URL,
        key: str = "",
        secret: str = "",
        timeout_secs: float = 5.0,
        *,
        permissions_url: str = PERMISSIONS_URL,
        budget: RateBudget | None = None,
        on_call: Callable[[ApiCall], None] | None = None,
    ) -> None:
        self._rest = Rest(url, key, secret, timeout_secs, budget=budget, on_call=on_call)
        self._account_rest = Rest(
            permissions_url, key, secret, timeout_secs, time_path="/api/v3/time", on_call=on_call
        )  # another host, another budget

    # --- the market ---

    def server_time_ns(self) -> int:
        """Return the venue's clock."""
        return self._rest.server_time_ns()

    def exchange_info(self) -> dict[str, Instrument]:
        """Return all contracts by symbol."""
        path = "/fapi/v1/exchangeInfo"
        return parse_instruments(f"GET {path}", self._rest.get(path, {}, 1))

    def klines(self, symbol: str, interval: str, start_ms: int, end_ms: int, limit: int = 1500) -> Candles:
        """Return the candles that open at ``start_ms`` or later and are complete by ``end_ms``, oldest first.

        Parameters
        ----------
        interval : str
            As in ``catalog.candles.INTERVAL_NS``.
        limit : int
            Candles in a page, at most 1500.
        """
        path = "/fapi/v1/klines"

        def fetch(first_ms: int, last_ms: int) -> list[list[int | str]]:
            asked: Parameters = {
                "symbol": symbol,
                "interval": interval,
                "startTime": first_ms,
                "endTime": last_ms,
                "limit": limit,
            }
            return parse_rows(f"GET {path}", self._rest.get(path, asked, weight_of(limit)))

        return candles_of(fetch_rows(fetch, interval, start_ms, end_ms))

    # --- the account ---

    def positions(self, *, urgent: bool = False) -> list[Position]:
        """Return the open positions."""
        found = self._read("/fapi/v3/positionRisk", {}, 5, list[Position], urgent=urgent)
        return [position for position in found if position.quantity]

    def open_orders(self, symbol: str = "", *, urgent: bool = False) -> list[Order]:
        """Return the open orders of the matching engine; all symbols cost forty times as much as one."""
        return self._read("/fapi/v1/openOrders", *_of(symbol), list[Order], urgent=urgent)

    def open_algo_orders(self, symbol: str = "", *, urgent: bool = False) -> list[AlgoOrder]:
        """Return the conditional orders that wait for their trigger."""
        return self._read("/fapi/v1/openAlgoOrders", *_of(symbol), list[AlgoOrder], urgent=urgent)

    def balances(self) -> list[Balance]:
        """Return what the account holds."""
        return self._read("/fapi/v3/balance", {}, 5, list[Balance])

    def is_hedge_mode(self) -> bool:
        """Return whether longs and shorts of a symbol are kept apart."""
        return self._read("/fapi/v1/positionSide/dual", {}, 30, dict[str, bool])["dualSidePosition"]

    def key_permissions(self) -> KeyPermissions:
        """Return what the key may do."""
        path = "/sapi/v1/account/apiRestrictions"
        return parse(f"GET {path}", self._account_rest.signed("GET", path, {}, 1), KeyPermissions)

    def user_trades(self, symbol: str, start_ms: int | None = None, end_ms: int | None = None) -> list[UserTrade]:
        """Return fills, oldest first, at most 1000 of at most seven days; by default the last ones."""
        asked: Parameters = {"symbol": symbol, "limit": 1000, **_span(start_ms, end_ms)}
        return self._read("/fapi/v1/userTrades", asked, 5, list[UserTrade])

    def income(
        self, income_type: str = "", start_ms: int | None = None, end_ms: int | None = None, page: int = 1
    ) -> list[Income]:
        """Return bookings of the account, oldest first, at most 1000 a page; by default of the last seven days."""
        kind: Parameters = {"incomeType": income_type} if income_type else {}
        asked: Parameters = {"limit": 1000, "page": page, **kind, **_span(start_ms, end_ms)}
        return self._read("/fapi/v1/income", asked, 30, list[Income])

    # --- orders ---

    def order(self, symbol: str, client_id: str, *, urgent: bool = False) -> Order | None:
        """Return an order, None when the venue does not know it."""
        try:
            return self._read(
                "/fapi/v1/order", {"symbol": symbol, "origClientOrderId": client_id}, 1, Order, urgent=urgent
            )
        except VenueRefusedError as error:
            if error.code == NO_SUCH_ORDER:
                return None
            raise

    def algo_order(self, client_id: str, *, urgent: bool = False) -> AlgoOrder | None:
        """Return a conditional order, None when the venue does not know it."""
        try:
            return self._read("/fapi/v1/algoOrder", {"clientAlgoId": client_id}, 1, AlgoOrder, urgent=urgent)
        except VenueRefusedError as error:
            if error.code == NO_SUCH_ORDER:
                return None
            raise

    def cancel_order(self, symbol: str, client_id: str) -> None:
        """Cancel an order; a refusal with -2011 says that there is nothing to cancel any more."""
        self._rest.signed(
            "DELETE", "/fapi/v1/order", {"symbol": symbol, "origClientOrderId": client_id}, 1, urgent=True
        )

    def cancel_algo_order(self, client_id: str) -> None:
        """Cancel a conditional order."""
        self._rest.signed("DELETE", "/fapi/v1/algoOrder", {"clientAlgoId": client_id}, 1, urgent=True)

    def market_close(self, symbol: str, side: Side, quantity: Decimal, client_id: str) -> Order:
        """Send a market order that can only make a position smaller; return it as the venue answers."""
        path = "/fapi/v1/order"
        asked: Parameters = {
            "symbol": symbol,
            "side": side,
            "type": "MARKET",
            "quantity": quantity,
            "reduceOnly": True,
            "newClientOrderId": client_id,
            "newOrderRespType": "RESULT",
        }
        return parse(f"POST {path}", self._rest.signed("POST", path, asked, 1, urgent=True), Order)

    def _read[T](self, path: str, asked: Parameters, weight: int, kind: type[T], *, urgent: bool = False) -> T:
        return parse(f"GET {path}", self._rest.signed("GET", path, asked, weight, urgent=urgent), kind)


def _of(symbol: str) -> tuple[Parameters, int]:
    return ({"symbol": symbol}, 1) if symbol else ({}, ALL_SYMBOLS_WEIGHT)


def _span(start_ms: int | None, end_ms: int | None) -> dict[str, int]:
    return {name: value for name, value in (("startTime", start_ms), ("endTime", end_ms)) if value is not None}
