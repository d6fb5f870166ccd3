"""A minimal signed client, written from the venue's documentation: what the tests ask the simulated exchange with."""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Reply:
    """Hold an answer; ``body`` is parsed when it is JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class RestClient:
    """Sign and send requests; ``skew_ms`` puts the client's clock ahead."""

    url: str
    key: str = "sim-key"
    secret: str = "sim-secret"
    skew_ms: int = 0
    window_ms: int = 5000
    timeout_s: float = 5.0
    extra: dict[str, str] = field(default_factory=dict)

    def signed(self, method: str, path: str, **params: Any) -> Reply:
        values = params | {"recvWindow": self.window_ms, "timestamp": time.time_ns() // 1_000_000 + self.skew_ms}
        text = urlencode(values)
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return self.send(method, f"{path}?{text}&signature={signature}")

    def public(self, path: str, **params: Any) -> Reply:
        return self.send("GET", f"{path}?{urlencode(params)}")

    def send(self, method: str, target: str) -> Reply:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=self.timeout_s)
        try:
            connection.request(method, target, headers={"X-MBX-APIKEY": self.key} | self.extra)
            answer = connection.getresponse()
            raw, kind = answer.read(), answer.headers.get_content_type()
            body = json.loads(raw) if kind == "application/json" else raw.decode()
            return Reply(answer.status, body, dict(answer.headers))
        finally:
            connection.close()

    def limit(self, side: str, quantity: float, price: float, client_id: str, **more: Any) -> Reply:
        """Place a limit order of BTCUSDT."""
        fixed = {"symbol": "BTCUSDT", "type": "LIMIT", "timeInForce": "GTC", "newClientOrderId": client_id}
        return self.signed(
            "POST", "/fapi/v1/order", **(fixed | {"side": side, "quantity": quantity, "price": price} | more)
        )

    def market(self, side: str, quantity: float, client_id: str, **more: Any) -> Reply:
        """Place a market order of BTCUSDT."""
        fixed = {"symbol": "BTCUSDT", "type": "MARKET", "newClientOrderId": client_id}
        return self.signed("POST", "/fapi/v1/order", **(fixed | {"side": side, "quantity": quantity} | more))

    def stop(self, side: str, client_id: str, **more: Any) -> Reply:
        """Place a conditional order of BTCUSDT."""
        fixed = {"symbol": "BTCUSDT", "algoType": "CONDITIONAL", "side": side, "clientAlgoId": client_id}
        return self.signed("POST", "/fapi/v1/algoOrder", **(fixed | more))
