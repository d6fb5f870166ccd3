"""A hand on the account of the simulated exchange: what tests enter, protect and empty."""

import time
from decimal import Decimal
from typing import Any

from adapters.binance.names import venue_name_of
from tests.live.binance_rest import RestClient
from tests.live.venue import SimulatedVenue


class Account:
    """Trade on a venue as the node would, with its names."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self.venue = venue
        self.client = RestClient(venue.http)

    def new_minute(self) -> None:
        """Put the venue's clock a minute ahead: what was asked before no longer counts against its rate limit."""
        self.client.skew_ms += 60_000
        self.venue.post("/clock", skew_ms=self.client.skew_ms)

    def held(self, symbol: str = "BTCUSDT") -> Decimal:
        """Return the position, 0 when there is none."""
        rows = [row for row in self.venue.get("/positions") if row["symbol"] == symbol]
        return Decimal(rows[0]["quantity"]) if rows else Decimal(0)

    def empty(self, *symbols: str) -> None:
        """Let nothing be open, and the venue behave."""
        self.venue.delete("/faults")
        for symbol in symbols or ("BTCUSDT",):
            self.venue.quote(100.0, 100.1, 1000, symbol)
            for path in ("allOpenOrders", "algoOpenOrders"):
                self.client.signed("DELETE", f"/fapi/v1/{path}", symbol=symbol)
            held = self.held(symbol)
            if held:
                self.order("SELL" if held > 0 else "BUY", abs(held), symbol, type="MARKET", reduceOnly="true")

    def order(self, side: str, quantity: Any, symbol: str = "BTCUSDT", **more: Any) -> None:
        name = more.pop("name", f"e{time.time_ns()}")
        values = {"symbol": symbol, "side": side, "quantity": quantity, "newClientOrderId": name} | more
        answer = self.client.signed("POST", "/fapi/v1/order", **values)
        assert answer.status == 200, answer.body

    def enter(self, quantity: float = 2.0, symbol: str = "BTCUSDT", side: str = "BUY") -> None:
        self.order(side, quantity, symbol, type="MARKET")

    def limit(self, name: str, side: str, quantity: float, price: float, symbol: str = "BTCUSDT", **more: Any) -> None:
        more |= {"name": venue_name_of(name), "type": "LIMIT", "timeInForce": "GTC", "price": price}
        self.order(side, quantity, symbol, **more)

    def protect(self, name: str, quantity: float = 2.0, symbol: str = "BTCUSDT", side: str = "SELL") -> None:
        """Let a stop rest five below (or above) the market."""
        answer = self.client.signed(
            "POST", "/fapi/v1/algoOrder", symbol=symbol, algoType="CONDITIONAL", side=side, type="STOP_MARKET",
            clientAlgoId=venue_name_of(name), triggerPrice=95 if side == "SELL" else 105, quantity=quantity,
            reduceOnly="true",
        )  # fmt: skip
        assert answer.status == 200, answer.body

    def stops(self) -> list[str]:
        """Return the names of the stops that wait."""
        return [row["request"]["client_id"] for row in self.venue.get("/algos?open=true")]

    def orders(self) -> list[str]:
        """Return the names of the orders that work."""
        return [row["client_id"] for row in self.venue.get("/orders?open=true")]
