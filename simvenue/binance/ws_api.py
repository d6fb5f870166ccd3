"""The WebSocket API: requests and answers over one socket, sharing handlers with REST."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.gateway import Gateway
from simvenue.binance.http import occasion
from simvenue.binance.misbehave import REQUEST_KINDS, ConnectionCut, carry_out
from simvenue.binance.params import Params
from simvenue.binance.sessions import Session


class WsApiDoor[V: Gateway]:
    """Serve WebSocket API sessions; each request is answered by its id, in any order."""

    def __init__(self, venue: V, methods: Mapping[str, Endpoint[V]]) -> None:
        self._venue = venue
        self._methods = methods
        self.sessions: set[Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        session = Session(socket, request.transport, combined=False)
        self.sessions.add(session)
        writer = asyncio.create_task(session.write())
        try:
            async for message in socket:
                await session.answer_ping(message)
                if message.type is WSMsgType.TEXT and not session.half_open:
                    task = asyncio.create_task(self._serve(session, request.remote or "", message.data))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        finally:
            self.sessions.discard(session)
            writer.cancel()
        return socket

    async def _serve(self, session: Session, address: str, text: str) -> None:
        try:
            asked = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            session.answer({"id": None, "status": 400, "error": {"code": -1135, "msg": "Invalid JSON Request"}})
            return
        head = {"id": asked.get("id")}
        try:
            result = await self._result(address, asked)
        except ConnectionCut:
            session.cut()
            return
        except ApiError as error:
            session.answer(head | {"status": error.status, "error": error.body(), "rateLimits": []})
            return
        session.answer(head | {"status": 200, "result": result, "rateLimits": []})

    async def _result(self, address: str, asked: Mapping[str, Any]) -> object:
        venue, method = self._venue, str(asked.get("method", ""))
        venue.requests[f"WS {method}"] += 1
        endpoint = self._methods.get(method)
        if endpoint is None:
            raise ApiError(-1136, "Invalid method: not simulated.")
        values = {name: _text(value) for name, value in (asked.get("params") or {}).items()}
        fault = venue.faults.strike(REQUEST_KINDS, occasion("WS", method, values))

        def act() -> object:
            venue.limits.charge(address, endpoint.weight, venue.now_ms())
            if endpoint.permission:
                key = venue.keys.identify(values.get("apiKey", ""), endpoint.permission)
                if endpoint.signed:
                    payload = "&".join(f"{n}={v}" for n, v in sorted(values.items()) if n != "signature")
                    signature = values.get("signature", "")
                    venue.keys.verify(key, payload, signature, Params(values), venue.now_ms())
                values["_key"] = key.key
            return endpoint.handler(venue, Params(values))

        return await carry_out(fault, act)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
