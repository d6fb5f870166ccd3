"""The REST door: parse, limit, authenticate, carry out, answer."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.gateway import Gateway
from simvenue.binance.misbehave import REQUEST_KINDS, ConnectionCut, InjectedError, carry_out, injected_response
from simvenue.binance.params import Params
from simvenue.faults import Occasion

KEY_HEADER = "X-MBX-APIKEY"


class RestDoor[V: Gateway]:
    """Answer every REST request of the venue."""

    def __init__(self, venue: V, endpoints: Mapping[tuple[str, str], Endpoint[V]]) -> None:
        self._venue = venue
        self._endpoints = endpoints

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self._venue.requests[f"{request.method} {request.path}"] += 1
        endpoint = self._endpoints.get((request.method, request.path))
        if endpoint is None:
            return web.json_response(
                {"code": -5000, "msg": f"Path {request.path}, Method {request.method} is invalid"}, status=404
            )
        try:
            return await self._answer(request, endpoint)
        except ConnectionCut:
            cut(request)
            return web.Response()
        except InjectedError as error:
            return injected_response(error)
        except ApiError as error:
            return self._error(request, error)

    async def _answer(self, request: web.Request, endpoint: Endpoint[V]) -> web.StreamResponse:
        venue = self._venue
        address, now = request.remote or "", venue.now_ms()
        query, body = request.rel_url.raw_query_string, (await request.text())
        values = dict(parse_qsl(query, keep_blank_values=True)) | dict(parse_qsl(body, keep_blank_values=True))
        fault = venue.faults.strike(REQUEST_KINDS, occasion(request.method, request.path, values))

        def act() -> object:
            venue.limits.charge(address, endpoint.weight, now)
            if endpoint.permission:
                values["_key"] = self._authenticate(request, endpoint, query, body, values)
            return endpoint.handler(venue, Params(values))

        answer = await carry_out(fault, act)
        headers = venue.limits.headers(address, now)
        raw, kind = self.render(request, answer)
        return web.Response(body=raw, content_type=kind, headers=headers)

    def render(self, request: web.Request, answer: object) -> tuple[bytes, str]:
        """Return an answer as bytes, and their type."""
        del request
        return msgspec.json.encode(answer), "application/json"

    def _authenticate(
        self, request: web.Request, endpoint: Endpoint[V], query: str, body: str, values: Mapping[str, str]
    ) -> str:
        key = self._venue.keys.identify(request.headers.get(KEY_HEADER, ""), endpoint.permission)
        if endpoint.signed:
            params = Params(values)
            payload = _unsigned(query) + _unsigned(body)
            self._venue.keys.verify(key, payload, params.text("signature"), params, self._venue.now_ms())
        return key.key

    def _error(self, request: web.Request, error: ApiError) -> web.Response:
        address, now = request.remote or "", self._venue.now_ms()
        headers = self._venue.limits.headers(address, now)
        if error.status in (418, 429):
            headers["Retry-After"] = str(self._venue.limits.retry_after_s(error.status, address, now))
        return web.json_response(error.body(), status=error.status, headers=headers)


def _unsigned(text: str) -> str:
    """Return parameters as they were sent, without the signature."""
    return "&".join(part for part in text.split("&") if part and not part.startswith("signature="))


def occasion(method: str, path: str, values: Mapping[str, str]) -> Occasion:
    """Return what a fault may match of a request."""
    names = ("newClientOrderId", "origClientOrderId", "clientAlgoId")
    client_id = next((values[name] for name in names if values.get(name)), "")
    return Occasion(method=method, path=path, symbol=values.get("symbol", ""), client_id=client_id)


def cut(request: web.Request) -> None:
    """Close a request's connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
