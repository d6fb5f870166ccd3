"""The whole spot door as one web application, and what a fault may do to it."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from simvenue.binance.http import cut
from simvenue.binance.sessions import Hub, Session
from simvenue.binance.sockets import StreamDoor
from simvenue.spot.endpoints import ENDPOINTS, METHODS
from simvenue.spot.market_streams import SpotMarketStreams
from simvenue.spot.rest_door import SpotRestDoor
from simvenue.spot.user_streams import SpotUserStreams
from simvenue.spot.venue import SpotVenue
from simvenue.spot.ws_api import SpotWsApiDoor

WS_API_PATH = "/ws-api/v3"


class SpotFront:
    """Own the doors; ``down`` makes all of them refuse for a while, as a venue does that restarts."""

    def __init__(self, venue: SpotVenue) -> None:
        self.venue = venue
        self.hub = Hub()
        self._ws_api = SpotWsApiDoor(venue, METHODS)
        self.market_streams = SpotMarketStreams(venue, self.hub)
        self.user_streams = SpotUserStreams(venue, self._ws_api.deliver)
        self._down_until = 0.0
        venue.exchange.listeners += [self.market_streams, self.user_streams]
        venue.replay.on_minute = self.market_streams.close_candles

    def application(self) -> web.Application:
        """Return the application that serves every path."""
        streams = StreamDoor(self.venue, self.hub)
        app = web.Application(middlewares=[self._gate])
        for path in ("/ws", "/ws/", "/ws/{name:.+}", "/stream", "/stream/"):
            app.router.add_get(path, streams.handle)
        app.router.add_get(WS_API_PATH, self._ws_api.handle)
        app.router.add_route("*", "/{path:.*}", SpotRestDoor(self.venue, ENDPOINTS).handle)
        return app

    def sessions(self, which: str) -> list[Session]:
        """Return the open sockets: ``user`` (those that hear the account), ``market``, ``api`` or ``all``."""
        user, api, market = self._ws_api.listening(), list(self._ws_api.sessions), list(self.hub.sessions)
        return {"user": user, "market": market, "api": api, "all": [*market, *api]}[which]

    def down(self, seconds: float) -> None:
        """Cut every connection and refuse new ones for a while; state is kept."""
        self._down_until = time.monotonic() + seconds
        for session in self.sessions("all"):
            session.cut()

    def expire_keys(self) -> None:
        """End every subscription to the account's events."""
        self._ws_api.end_subscriptions()

    def flush(self) -> None:
        """Publish what a step of the market has changed."""
        self.market_streams.flush()

    @web.middleware
    async def _gate(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if time.monotonic() < self._down_until:
            cut(request)
            return web.Response()
        return await handler(request)
