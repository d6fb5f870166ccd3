"""The control port as a web application."""

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from simvenue.control import look
from simvenue.control import requests as asked
from simvenue.control.act import Actions
from simvenue.faults import Fault
from simvenue.refusal import Refused
from simvenue.spot import look as spot_look
from simvenue.spot.front import SpotFront
from simvenue.spot.venue import SpotVenue
from simvenue.usdm.front import Front
from simvenue.usdm.venue import Venue

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
Show = Callable[[dict[str, str]], object]


def application(front: Front | SpotFront, save: Callable[[], None], stop: Callable[[], None]) -> web.Application:
    """Return the application that serves the control port."""
    venue, act = front.venue, Actions(front)
    app = web.Application()

    def get(path: str, show: Show) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            return _guarded(lambda: show(dict(request.query)))

        app.router.add_get(path, handle)

    def post[S: msgspec.Struct](path: str, kind: type[S], do: Callable[[S], object]) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read() or b"{}"
            return _guarded(lambda: do(msgspec.json.decode(body, type=kind, strict=False)))

        app.router.add_post(path, handle)

    get("/health", lambda _: {"ok": True})
    get("/clock", lambda _: look.clock(venue))
    get("/ledger", lambda query: look.ledger(venue, query))
    get("/received", lambda _: look.received(venue))
    get("/requests", lambda _: venue.requests)
    for path, show in (_spot_views(venue) if isinstance(venue, SpotVenue) else _margin_views(venue)).items():
        get(path, show)
    get("/faults", lambda _: venue.faults.faults)
    get("/streams", lambda _: sorted(front.hub.wanted()))

    post("/price", asked.Move, act.move)
    post("/book", asked.Quote, act.quote)
    post("/mark", asked.Mark, act.mark)
    post("/step", asked.Step, lambda step: {"ticks": act.step(step)} | look.clock(venue))
    post("/speed", asked.Speed, act.speed)
    post("/seed", asked.Seed, lambda seed: venue.faults.seed(seed.seed))
    post("/faults", Fault, venue.faults.arm)
    post("/stale", asked.Stale, act.stale)
    post("/clock", asked.Skew, act.skew)
    post("/sockets", asked.Break, lambda how: {"sockets": act.break_sockets(how)})
    post("/down", asked.Down, act.down)
    post("/deposit", asked.Amount, act.deposit)

    class Nothing(msgspec.Struct, forbid_unknown_fields=True):
        pass

    post("/listen_key/expire", Nothing, lambda _: act.expire_keys())
    post("/snapshot", Nothing, lambda _: save())
    post("/stop", Nothing, lambda _: stop())

    async def disarm(request: web.Request) -> web.StreamResponse:
        return _guarded(lambda: {"disarmed": venue.faults.clear(int(request.query.get("id", "0")))})

    app.router.add_delete("/faults", disarm)
    return app


def _margin_views(venue: Venue) -> dict[str, Show]:
    return {
        "/totals": lambda _: look.totals(venue),
        "/positions": lambda _: look.positions(venue),
        "/orders": lambda query: look.orders(venue, query),
        "/algos": lambda query: look.algos(venue, query),
        "/markets": lambda _: look.markets(venue),
    }


def _spot_views(venue: SpotVenue) -> dict[str, Show]:
    return {
        "/totals": lambda _: spot_look.totals(venue),
        "/positions": lambda _: spot_look.positions(venue),
        "/orders": lambda query: spot_look.orders(venue, query),
        "/algos": lambda query: spot_look.waiting(venue, query),
        "/lists": lambda _: list(venue.exchange.lists.lists.values()),
        "/markets": lambda _: spot_look.markets(venue),
    }


def _guarded(do: Callable[[], object]) -> web.StreamResponse:
    try:
        answer = do()
    except (ValueError, Refused, msgspec.DecodeError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.Response(
        body=msgspec.json.encode({"ok": True} if answer is None else answer), content_type="application/json"
    )
