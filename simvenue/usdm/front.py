"""The whole front door as one web application, and what a fault may do to it."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from simvenue.binance.http import RestDoor, cut
from simvenue.binance.sessions import Hub, Session
from simvenue.binance.sockets import ROUTES, StreamDoor
from simvenue.binance.ws_api import WsApiDoor
from simvenue.usdm.endpoints import ENDPOINTS, METHODS
from simvenue.usdm.market_streams import MarketStreams
from simvenue.usdm.user_streams import UserStreams
from simvenue.usdm.venue import Venue


class Front:
    """Own the doors; ``down`` makes all of them refuse for a while, as a venue does that restarts."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.hub = Hub()
        self.market_streams = MarketStreams(venue, self.hub)
        self.user_streams = UserStreams(venue, self.hub)
        self._ws_api = WsApiDoor(venue, METHODS)
        self._down_until = 0.0
        venue.exchange.listeners += [self.market_streams, self.user_streams]
        venue.replay.on_minute = self.market_streams.close_candles

    def application(self) -> web.Application:
        """Return the application that serves every path."""
        streams = StreamDoor(self.venue, self.hub)
        app = web.Application(middlewares=[self._gate])
        for route in ROUTES:
            for path in ("/ws", "/ws/", "/ws/{name:.+}", "/stream", "/stream/"):
                app.router.add_get(route + path, streams.handle)
        app.router.add_get("/ws-fapi/v1", self._ws_api.handle)
        app.router.add_route("*", "/{path:.*}", RestDoor(self.venue, ENDPOINTS).handle)
        return app

    def sessions(self, which: str) -> list[Session]:
        """Return the open sockets: ``user``, ``market``, ``api`` or ``all``."""
        user, api = self.hub.of_user(), list(self._ws_api.sessions)
        market = [session for session in self.hub.sessions if not session.listen_key]
        return {"user": user, "market": market, "api": api, "all": [*user, *market, *api]}[which]

    def down(self, seconds: float) -> None:
        """Cut every connection and refuse new ones for a while; state is kept."""
        self._down_until = time.monotonic() + seconds
        for session in self.sessions("all"):
            session.cut()

    def expire_keys(self) -> None:
        """End every listen key now."""
        self.user_streams.end_keys(self.venue.listen_keys.expire())

    def flush(self) -> None:
        """Publish what a step of the market has changed."""
        self.market_streams.flush()
        if overdue := self.venue.listen_keys.overdue(self.venue.now_ms()):
            self.user_streams.end_keys(overdue)

    @web.middleware
    async def _gate(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if time.monotonic() < self._down_until:
            cut(request)
            return web.Response()
        return await handler(request)
