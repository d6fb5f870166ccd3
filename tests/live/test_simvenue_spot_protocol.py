"""The spot door over real sockets: signatures, sessions, events, names, faults, a restart."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.live.binance_rest import Reply, RestClient
from tests.live.venue import SimulatedVenue

STILL = ("--market", "spot", "--prices", "seed:3", "--speed", "0", "--asset", "BTC=1")
STOP_LEG = {"belowType": "STOP_LOSS_LIMIT", "belowStopPrice": "49500", "belowPrice": "49400", "belowTimeInForce": "GTC"}
PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"sim-ed25519-secret").digest())


def stands_at_fifty(venue: SimulatedVenue) -> None:
    """Let the last trade and the quote be at 50,000."""
    venue.post("/price", symbol="BTCUSDT", price="50000.00")
    venue.quote(50_000.0, 50_000.01)


def order(client: RestClient, client_id: str, **more: Any) -> Reply:
    fixed = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    fixed |= {"price": "49000", "newClientOrderId": client_id}
    values = {name: value for name, value in (fixed | more).items() if value is not None}
    return client.signed("POST", "/api/v3/order", **values)


def bracket(client: RestClient, name: str, **more: Any) -> Reply:
    fixed = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.5", "aboveType": "LIMIT_MAKER", "abovePrice": "51000"}
    names = {"listClientOrderId": name, "aboveClientOrderId": f"{name}-T", "belowClientOrderId": f"{name}-S"}
    return client.signed("POST", "/api/v3/orderList/oco", **(fixed | STOP_LEG | names | more))


def signed(params: dict[str, Any], key: str, sign: Callable[[bytes], str]) -> dict[str, Any]:
    values = params | {"apiKey": key, "timestamp": time.time_ns() // 1_000_000}
    payload = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
    return values | {"signature": sign(payload.encode())}


def by_hmac(payload: bytes) -> str:
    return hmac.new(b"sim-secret", payload, hashlib.sha256).hexdigest()


def by_ed25519(payload: bytes) -> str:
    return base64.b64encode(PRIVATE.sign(payload)).decode()


def on_socket(venue: SimulatedVenue, run: Callable[[Callable[..., Awaitable[Any]]], Awaitable[None]]) -> None:
    """Run with a WebSocket API session: ``ask(method, params)`` answers, ``ask()`` returns the next event."""

    async def main() -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(venue.facts["ws_api"]) as socket:
            events: list[Any] = []

            async def ask(method: str = "", params: dict[str, Any] | None = None) -> Any:
                if not method and events:
                    return events.pop(0)
                if method:
                    await socket.send_json({"id": method, "method": method, "params": params or {}})
                while True:
                    message = await asyncio.wait_for(socket.receive_json(), 5)
                    if "event" not in message:
                        return message
                    if not method:
                        return message["event"]
                    events.append(message["event"])

            await run(ask)

    asyncio.run(main())


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedVenue]:
    with SimulatedVenue(*STILL) as venue:
        yield venue


@pytest.fixture
def venue(running: SimulatedVenue) -> Iterator[SimulatedVenue]:
    """Lend the venue to one test; what it leaves open is cancelled."""
    stands_at_fifty(running)
    yield running
    RestClient(running.http).signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")


def test_key_of_the_hmac_kind_cannot_log_on_but_can_subscribe_by_signature(venue: SimulatedVenue) -> None:
    async def run(ask: Callable[..., Awaitable[Any]]) -> None:
        refused = await ask("session.logon", signed({}, "sim-key", by_hmac))
        assert refused["status"] == 400
        assert (await ask("userDataStream.subscribe"))["status"] == 401
        heard = await ask("userDataStream.subscribe.signature", signed({}, "sim-key", by_hmac))
        assert heard["result"] == {"subscriptionId": 0}
        again = await ask("userDataStream.subscribe.signature", signed({}, "sim-key", by_hmac))
        assert again["error"]["code"] == -2035

    on_socket(venue, run)


def test_session_that_has_logged_on_needs_no_more_signatures(venue: SimulatedVenue) -> None:
    async def run(ask: Callable[..., Awaitable[Any]]) -> None:
        forged = signed({}, "sim-ed25519-key", lambda payload: by_ed25519(payload + b"x"))
        assert (await ask("session.logon", forged))["error"]["code"] == -1022
        assert (await ask("session.logon", signed({}, "sim-ed25519-key", by_ed25519)))["status"] == 200
        assert (await ask("openOrders.status"))["result"] == []
        assert (await ask("userDataStream.subscribe"))["status"] == 200

    on_socket(venue, run)


def test_events_tell_locks_lists_and_the_names_of_cancellations(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)

    async def run(ask: Callable[..., Awaitable[Any]]) -> None:
        await ask("userDataStream.subscribe.signature", signed({}, "sim-key", by_hmac))
        assert order(client, "mine").status == 200
        report, balances = await ask(), await ask()
        assert (report["e"], report["c"], report["C"], report["x"], report["w"]) == (
            "executionReport", "mine", "", "NEW", True,
        )  # fmt: skip
        assert {"a": "USDT", "f": "49510.00000000", "l": "490.00000000"} in balances["B"]
        assert client.signed("DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine").status == 200
        report = await ask()
        assert (report["x"], report["C"]) == ("CANCELED", "mine")
        assert report["c"] not in ("", "mine")
        await ask()
        assert bracket(client, "list").status == 200
        started = await ask()
        assert (started["e"], started["C"], started["l"]) == ("listStatus", "list", "EXEC_STARTED")
        stop = [event for event in [await ask() for _ in range(4)] if event.get("c") == "list-S"]
        assert [(event["x"], event["w"]) for event in stop] == [("NEW", False)]

    on_socket(venue, run)


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"price": "49000.001"}, -1013, "PRICE_FILTER"),
        ({"quantity": "0.0000001"}, -1013, "LOT_SIZE"),
        ({"quantity": "0.0001"}, -1013, "NOTIONAL"),
        ({"price": "1"}, -1013, "PERCENT_PRICE_BY_SIDE"),
        ({"quantity": "2"}, -2010, "insufficient balance"),
        ({"type": "LIMIT_MAKER", "price": "50100", "timeInForce": None}, -2010, "immediately match"),
        ({"type": "LIMIT_MAKER"}, -1106, "timeInForce"),
        ({"type": "STOP_LOSS_LIMIT", "stopPrice": "49900"}, -2010, "trigger immediately"),
        ({"type": "STOP_LOSS", "stopPrice": "51000"}, -2010, "not supported"),
        ({"newClientOrderId": "no spaces"}, -1100, "Illegal characters"),
        ({"symbol": "NOPEUSDT"}, -1121, "Invalid symbol"),
        ({"price": None}, -1102, "price"),
    ],
)
def test_wrong_order_is_refused_in_the_venues_words(
    venue: SimulatedVenue, more: dict[str, Any], code: int, message: str
) -> None:
    reply = order(RestClient(venue.http), "wrong", **more)
    assert (reply.status, reply.body["code"]) == (400, code)
    assert message in reply.body["msg"]
    assert venue.get("/orders?open=true") == []


def test_list_whose_answer_is_lost_is_found_by_its_name_and_was_placed_once(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    venue.post("/faults", kind="fail_after", method="POST", path="/api/v3/orderList/oco", body="html")
    assert bracket(client, "lost").status == 503
    found = client.signed("GET", "/api/v3/orderList", origClientOrderId="lost")
    assert (found.status, found.body["listOrderStatus"], len(found.body["orders"])) == (200, "EXECUTING", 2)
    received = venue.get("/received")
    assert (received["lost-T"], received["lost-S"]) == (1, 1)
    stops = venue.get("/positions")[0]["protection"]
    assert stops["stop_quantity"] == "0.5"


def test_cancel_replace_that_fails_to_cancel_places_nothing(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    asked = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    asked |= {"price": "48000", "cancelReplaceMode": "STOP_ON_FAILURE", "newClientOrderId": "next"}
    missing = client.signed("POST", "/api/v3/order/cancelReplace", cancelOrigClientOrderId="none", **asked)
    assert (missing.status, missing.body["code"]) == (400, -2022)
    assert missing.body["data"]["newOrderResult"] == "NOT_ATTEMPTED"
    order(client, "first")
    done = client.signed("POST", "/api/v3/order/cancelReplace", cancelOrigClientOrderId="first", **asked)
    assert (done.status, done.body["newOrderResult"]) == (200, "SUCCESS")
    assert [row["client_id"] for row in venue.get("/orders?open=true")] == ["next"]


def test_restart_keeps_orders_lists_locks_and_ledger(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "venue.json"))
    with SimulatedVenue(*STILL, *state) as venue:
        stands_at_fifty(venue)
        client = RestClient(venue.http)
        order(client, "rests")
        bracket(client, "list")
        before = venue.totals()
    with SimulatedVenue(*STILL, *state) as venue:
        assert venue.totals() == before
        client = RestClient(venue.http)
        rows = client.signed("GET", "/api/v3/openOrders").body
        assert [(row["clientOrderId"], row["isWorking"]) for row in rows] == [
            ("rests", True), ("list-T", True), ("list-S", False),
        ]  # fmt: skip
        venue.quote(49_450.0, 49_450.01)
        venue.post("/price", symbol="BTCUSDT", price="49480.00")
        states = {row["client_id"]: row["status"] for row in venue.get("/orders")}
        assert states == {"rests": "NEW", "list-T": "EXPIRED", "list-S": "FILLED"}
        assert venue.totals()["locked_BTC"] == 0
