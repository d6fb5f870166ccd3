"""The simulated exchange misbehaves on order: each fault over real sockets, seen from the client's side."""

import asyncio
import http.client
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest

from tests.live.binance_rest import RestClient
from tests.live.venue import SimulatedVenue

ORDER = "/fapi/v1/order"


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatedVenue]:
    with SimulatedVenue("--prices", "seed:1", "--speed", "0") as venue:
        yield venue


@pytest.fixture
def venue(shared: SimulatedVenue) -> SimulatedVenue:
    client = RestClient(shared.http)
    shared.delete("/faults")
    client.signed("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
    shared.quote(50_000.0, 50_000.1)
    return shared


def known(venue: SimulatedVenue, client_id: str) -> bool:
    """Tell whether the venue took an order."""
    return any(order["client_id"] == client_id for order in venue.get("/orders"))


def received(venue: SimulatedVenue, client_id: str) -> int:
    return int(venue.get("/received").get(client_id, 0))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("body", ["json", "html"])
@pytest.mark.parametrize("status", [502, 503])
def test_an_error_is_answered_before_or_after_the_order_is_taken(
    venue: SimulatedVenue, when: str, body: str, status: int
) -> None:
    name = f"f-{when}-{body}-{status}"
    venue.post("/faults", kind=f"fail_{when}", method="POST", path=ORDER, http_status=status, body=body, code=-1007)
    reply = RestClient(venue.http).limit("BUY", 0.01, 49_000, name)
    assert reply.status == status
    assert reply.body["code"] == -1007 if body == "json" else str(status) in reply.body
    assert known(venue, name) is (when == "after")
    assert RestClient(venue.http).limit("BUY", 0.01, 48_000, f"{name}-2").status == 200


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_connection_closes_without_an_answer(venue: SimulatedVenue, when: str) -> None:
    venue.post("/faults", kind=f"close_{when}", path=ORDER)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        RestClient(venue.http).limit("BUY", 0.01, 49_000, f"c-{when}")
    assert received(venue, f"c-{when}") == (when == "after")


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_answer_never_comes(venue: SimulatedVenue, when: str) -> None:
    venue.post("/faults", kind=f"hang_{when}", path=ORDER, hang_ms=400)
    with pytest.raises(TimeoutError):
        RestClient(venue.http, timeout_s=0.15).limit("BUY", 0.01, 49_000, f"h-{when}")
    assert known(venue, f"h-{when}") is (when == "after")


def test_limits_say_how_long_to_wait(venue: SimulatedVenue) -> None:
    for kind, status in (("rate_limit", 429), ("ban", 418)):
        venue.post("/faults", kind=kind, path=ORDER, retry_after_s=7)
        reply = RestClient(venue.http).limit("BUY", 0.01, 49_000, kind)
        assert (reply.status, reply.body["code"], reply.headers["Retry-After"]) == (status, -1003, "7")
        assert received(venue, kind) == 0


def test_a_fault_strikes_what_it_matches_from_the_nth_on_and_so_often(venue: SimulatedVenue) -> None:
    venue.post("/faults", kind="fail_before", method="GET", path="/fapi/v1/*", nth=2, count=2)
    client = RestClient(venue.http)
    assert [client.public("/fapi/v1/time").status for _ in range(5)] == [200, 503, 503, 200, 200]
    (fault,) = venue.get("/faults")
    assert (fault["seen"], fault["struck"]) == (3, 2)


def test_chance_is_replayed_by_its_seed(venue: SimulatedVenue) -> None:
    def run() -> list[int]:
        venue.delete("/faults")
        venue.post("/seed", seed=11)
        venue.post("/faults", kind="fail_before", path="/fapi/v1/time", probability=0.5, count=0)
        return [RestClient(venue.http).public("/fapi/v1/time").status for _ in range(20)]

    first = run()
    assert first == run()
    assert set(first) == {200, 503}


def test_an_order_fills_while_it_is_cancelled(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    client.limit("BUY", 0.01, 49_000, "racing")
    venue.post("/faults", kind="fill_on_cancel", client_id="racing")
    reply = client.signed("DELETE", ORDER, symbol="BTCUSDT", origClientOrderId="racing")
    assert (reply.status, reply.body["code"]) == (400, -2011)
    found = client.signed("GET", ORDER, symbol="BTCUSDT", origClientOrderId="racing").body
    assert (found["status"], found["avgPrice"]) == ("FILLED", "49000.00000")


def test_a_venue_that_is_down_refuses_everything_and_comes_back(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    client.limit("BUY", 0.01, 49_000, "stays")
    venue.post("/down", down_ms=300)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.public("/fapi/v1/time")
    venue.until(lambda: _answers(client), "the venue is back")
    assert client.signed("GET", ORDER, symbol="BTCUSDT", origClientOrderId="stays").body["status"] == "NEW"


def _answers(client: RestClient) -> bool:
    try:
        return client.public("/fapi/v1/ping").status == 200
    except (http.client.RemoteDisconnected, ConnectionError):
        return False


# Streams

type Heard = Callable[[float], Awaitable[list[str]]]


def listening(venue: SimulatedVenue, act: Callable[[aiohttp.ClientWebSocketResponse, Heard], Awaitable[None]]) -> None:
    """Run a test with a user data stream open; ``heard(seconds)`` returns the events of a span, type and status."""

    async def run() -> None:
        key = RestClient(venue.http).send("POST", "/fapi/v1/listenKey").body["listenKey"]
        address = venue.http.replace("http", "ws", 1)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{address}/private/ws/{key}", autoping=False) as socket,
        ):

            async def heard(seconds: float) -> list[str]:
                events, end = [], time.monotonic() + seconds
                while (left := end - time.monotonic()) > 0:
                    try:
                        message = await socket.receive(left)
                    except TimeoutError:
                        break
                    if message.type is aiohttp.WSMsgType.PONG:
                        events.append("pong")
                        continue
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        return [*events, "closed"]
                    events.append(_named(message.json()))
                return events

            await act(socket, heard)

    asyncio.run(run())


def _named(event: dict[str, Any]) -> str:
    match event["e"]:
        case "ORDER_TRADE_UPDATE":
            return f"{event['o']['c']} {event['o']['X']}"
        case "ACCOUNT_UPDATE":
            return f"account {event['a']['m']}"
        case name:
            return str(name)


def fill(venue: SimulatedVenue, client_id: str) -> None:
    RestClient(venue.http).market("BUY", 0.01, client_id)


WHOLE = ["a NEW", "account ORDER", "TRADE_LITE", "a FILLED"]


@pytest.mark.parametrize(
    ("kind", "event", "expected"),
    [
        ("drop_event", "ORDER_TRADE_UPDATE/FILLED", ["a NEW", "account ORDER", "TRADE_LITE"]),
        ("duplicate_event", "ORDER_TRADE_UPDATE/FILLED", [*WHOLE, "a FILLED"]),
        ("reorder_event", "ORDER_TRADE_UPDATE/NEW", ["account ORDER", "a NEW", "TRADE_LITE", "a FILLED"]),
        ("delay_event", "ACCOUNT_UPDATE", ["a NEW", "TRADE_LITE", "a FILLED", "account ORDER"]),
    ],
)
def test_events_of_the_account_get_lost_doubled_and_late(
    venue: SimulatedVenue, kind: str, event: str, expected: list[str]
) -> None:
    async def act(_: aiohttp.ClientWebSocketResponse, heard: Heard) -> None:
        await asyncio.to_thread(fill, venue, "a")
        assert await heard(0.15) == WHOLE
        venue.post("/faults", kind=kind, event=event, delay_ms=60)
        await asyncio.to_thread(fill, venue, "a")
        assert await heard(0.25) == expected
        await asyncio.to_thread(fill, venue, "a")
        assert await heard(0.15) == WHOLE

    listening(venue, act)


def test_a_stream_closes_or_goes_silent_and_the_venue_works_on(venue: SimulatedVenue) -> None:
    async def silent(socket: aiohttp.ClientWebSocketResponse, heard: Heard) -> None:
        await socket.ping()
        assert await heard(0.2) == ["pong"]
        assert venue.post("/sockets", which="user", how="half_open") == {"sockets": 1}
        await asyncio.to_thread(fill, venue, "unheard")
        await socket.ping()
        assert await heard(0.3) == []

    async def closed(_: aiohttp.ClientWebSocketResponse, heard: Heard) -> None:
        assert venue.post("/sockets", which="user", how="close") == {"sockets": 1}
        assert await heard(1.0) == ["closed"]

    listening(venue, silent)
    venue.until(lambda: venue.post("/sockets", which="user", how="close") == {"sockets": 0}, "the silent one is gone")
    listening(venue, closed)
    assert known(venue, "unheard")


def test_an_expired_listen_key_is_announced_and_its_stream_hears_nothing_more(venue: SimulatedVenue) -> None:
    async def act(_: aiohttp.ClientWebSocketResponse, heard: Heard) -> None:
        venue.post("/listen_key/expire")
        assert await heard(0.1) == ["listenKeyExpired"]
        await asyncio.to_thread(fill, venue, "unheard")
        assert await heard(0.2) == []

    listening(venue, act)
    reply = RestClient(venue.http).send("PUT", "/fapi/v1/listenKey")
    assert (reply.status, reply.body["code"]) == (400, -1125)


def test_a_stale_market_keeps_its_stream_open_and_says_nothing() -> None:
    async def run(venue: SimulatedVenue) -> None:
        address = venue.http.replace("http", "ws", 1)
        streams = "btcusdt@aggTrade/btcusdt@bookTicker/btcusdt@kline_1m/btcusdt@depth@100ms/btcusdt@markPrice@1s"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{address}/stream?streams={streams}") as socket,
        ):
            heard: set[str] = set()
            while heard != set(streams.split("/")):
                heard.add((await socket.receive_json(timeout=3))["stream"])
            venue.post("/stale", symbol="BTCUSDT", stale=True)
            await silence(socket)
            venue.post("/stale", symbol="BTCUSDT", stale=False)
            assert (await socket.receive_json(timeout=3))["stream"] in heard

    with SimulatedVenue("--prices", "seed:1", "--speed", "600") as venue:
        asyncio.run(run(venue))


async def silence(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Wait until nothing has come for longer than any stream's interval."""
    for _ in range(300):
        try:
            await socket.receive_json(timeout=1.1)
        except TimeoutError:
            return
    pytest.fail("the stream goes on")


def test_the_websocket_api_misbehaves_too(venue: SimulatedVenue) -> None:
    async def run() -> None:
        address = venue.facts["ws_api"]
        async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
            await socket.send_json(
                {"id": "1", "method": "order.place", "params": {"apiKey": "sim-key", "symbol": "BTCUSDT"}}
            )
            refused = await socket.receive_json(timeout=3)
            assert (refused["id"], refused["status"], refused["error"]["code"]) == ("1", 400, -1102)
            venue.post("/faults", kind="fail_before", path="ticker.price", http_status=503, code=-1008)
            await socket.send_json({"id": "2", "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
            assert (await socket.receive_json(timeout=3))["error"]["code"] == -1008
            venue.post("/faults", kind="hang_after", path="ticker.price", hang_ms=60_000)
            await socket.send_json({"id": "3", "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
            await socket.send_json({"id": "4", "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
            assert (await socket.receive_json(timeout=3))["id"] == "4"
            venue.post("/faults", kind="close_after", path="ticker.price")
            await socket.send_json({"id": "5", "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
            assert (await socket.receive(timeout=3)).type is not aiohttp.WSMsgType.TEXT

    asyncio.run(run())
