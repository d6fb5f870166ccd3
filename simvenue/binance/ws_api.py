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
        self.join(session, request)
        writer = asyncio.create_task(session.write())
        try:
            async for message in socket:
                await session.answer_ping(message)
                if message.type is WSMsgType.TEXT and not session.half_open:
                    task = asyncio.create_task(self._serve(session, request.remote or "", message.data))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        finally:
            self.leave(session)
            writer.cancel()
        return socket

    def join(self, session: Session, request: web.Request) -> None:
        """Take a session up; ``request`` is what opened it."""
        del request
        self.sessions.add(session)

    def leave(self, session: Session) -> None:
        """Forget a session."""
        self.sessions.discard(session)

    def reply(self, session: Session, method: str, answer: dict[str, Any]) -> None:
        """Send an answer to a request."""
        del method
        session.answer(answer)

    async def _serve(self, session: Session, address: str, text: str) -> None:
        try:
            asked = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            self.reply(
                session, "", {"id": None, "status": 400, "error": {"code": -1135, "msg": "Invalid JSON Request"}}
            )
            return
        head, method = {"id": asked.get("id")}, str(asked.get("method", ""))
        try:
            result = await self._result(session, address, method, asked)
        except ConnectionCut:
            session.cut()
            return
        except ApiError as error:
            self.reply(session, method, head | {"status": error.status, "error": error.body(), "rateLimits": []})
            return
        self.reply(session, method, head | {"status": 200, "result": result, "rateLimits": []})

    async def _result(self, session: Session, address: str, method: str, asked: Mapping[str, Any]) -> object:
        venue = self._venue
        venue.requests[f"WS {method}"] += 1
        endpoint = self._methods.get(method)
        if endpoint is None:
            raise ApiError(-1136, "Invalid method: not simulated.")
        values = {name: _text(value) for name, value in (asked.get("params") or {}).items()}
        fault = venue.faults.strike(REQUEST_KINDS, occasion("WS", method, values))

        def act() -> object:
            venue.limits.charge(address, endpoint.weight, venue.now_ms())
            if endpoint.permission:
                values["_key"] = self.authenticate(session, endpoint, values)
            return self.act(session, method, endpoint, values)

        return await carry_out(fault, act)

    def authenticate(self, session: Session, endpoint: Endpoint[V], values: Mapping[str, str]) -> str:
        """Return the name of the key that a request was signed with."""
        del session
        key = self._venue.keys.identify(values.get("apiKey", ""), endpoint.permission)
        if endpoint.signed:
            payload = "&".join(f"{n}={v}" for n, v in sorted(values.items()) if n != "signature")
            self._venue.keys.verify(key, payload, values.get("signature", ""), Params(values), self._venue.now_ms())
        return key.key

    def act(self, session: Session, method: str, endpoint: Endpoint[V], values: Mapping[str, str]) -> object:
        """Carry a request out."""
        del session, method
        return endpoint.handler(self._venue, Params(values))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
