"""The stream door: market data and user data over WebSockets, plain and combined, routed or not."""

import asyncio
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from simvenue.binance.gateway import Gateway
from simvenue.binance.sessions import Hub, Session

ROUTES = ("", "/public", "/market", "/private")


class StreamDoor:
    """Serve ``/ws``, ``/ws/<stream>`` and ``/stream?streams=``, below ``/public``, ``/market`` and ``/private`` too."""

    def __init__(self, venue: Gateway, hub: Hub) -> None:
        self._venue = venue
        self._hub = hub

    async def handle(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        session = Session(socket, request.transport, combined="/stream" in request.path)
        asked = [name for name in request.match_info.get("name", "").split("/") if name]
        asked += [name for name in request.query.get("streams", "").split("/") if name]
        asked += [key for key in (request.query.get("listenKey"),) if key]
        self._subscribe(session, asked)
        self._hub.join(session)
        writer = asyncio.create_task(session.write())
        try:
            await self._read(session)
        finally:
            self._hub.leave(session)
            writer.cancel()
        return socket

    async def _read(self, session: Session) -> None:
        while True:
            message = await session.socket.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return
            if message.type is WSMsgType.TEXT and not session.half_open:
                self._command(session, message.data)
            await session.answer_ping(message)

    def _command(self, session: Session, text: str) -> None:
        try:
            asked = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            session.answer({"error": {"code": 3, "msg": "Invalid JSON: expected value"}})
            return
        names = [str(name) for name in asked.get("params") or []]
        result: Any = None
        match asked.get("method"):
            case "SUBSCRIBE":
                self._subscribe(session, names)
            case "UNSUBSCRIBE":
                self._hub.unsubscribe(session, names)
            case "LIST_SUBSCRIPTIONS":
                result = sorted(session.streams)
            case "SET_PROPERTY":
                session.combined = "combined" in names and "true" in [name.lower() for name in names]
            case other:
                session.answer(
                    {"error": {"code": 2, "msg": f"Invalid request: unknown method {other}"}, "id": asked.get("id")}
                )
                return
        session.answer({"result": result, "id": asked.get("id")})

    def _subscribe(self, session: Session, names: list[str]) -> None:
        for name in names:
            if self._venue.listen_keys.active(name, self._venue.now_ms()):
                session.listen_key = name
            else:
                self._hub.subscribe(session, [name])
