"""Our Binance client on a real socket: what arrives at the venue, and what it makes of every kind of failure."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from adapters.binance.errors import NotSentError, VenueRefusedError, VenueUnknownError
from adapters.binance.usdm import BinanceUsdm
from errors import ConfigError
from risk.messages import ApiCall
from tests.live.loopback import Answer, Asked, Loopback

KEY, SECRET = "the-key", "the-secret"
ORDER = {
    "symbol": "BTCUSDT", "orderId": 7, "clientOrderId": "wd-1", "side": "SELL", "type": "MARKET", "status": "FILLED",
    "origQty": "0.5", "executedQty": "0.5", "avgPrice": "100.5", "price": "0", "reduceOnly": True,
}  # fmt: skip


class Venue:
    """Answers of a venue whose clock runs ``ahead_ms`` ahead; one answer per path."""

    def __init__(self) -> None:
        self.ahead_ms = 0
        self.answers: dict[str, Answer] = {}

    def respond(self, asked: Asked) -> Answer:
        if asked.path in ("/fapi/v1/time", "/api/v3/time"):
            return Answer(body=json.dumps({"serverTime": self.now_ms()}).encode())
        if "timestamp" in asked.query and abs(int(asked.query["timestamp"]) - self.now_ms()) > 1000:
            return Answer(400, b'{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}')
        return self.answers.get(asked.path, Answer(body=b"[]"))

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


@pytest.fixture
def venue() -> Venue:
    return Venue()


@pytest.fixture
def server(venue: Venue) -> Iterator[Loopback]:
    with Loopback(venue.respond) as found:
        yield found


def client(server: Loopback, timeout_secs: float = 5.0, calls: list[ApiCall] | None = None) -> BinanceUsdm:
    heard = calls.append if calls is not None else None
    return BinanceUsdm(server.url, KEY, SECRET, timeout_secs, permissions_url=server.url, on_call=heard)


def test_close_is_reduce_only_signed_and_sent_once(venue: Venue, server: Loopback) -> None:
    venue.answers["/fapi/v1/order"] = Answer(body=json.dumps(ORDER).encode())
    order = client(server).market_close("BTCUSDT", "SELL", Decimal("0.500"), "wd-1")
    assert (order.status, order.filled, order.average_price) == ("FILLED", Decimal("0.5"), Decimal("100.5"))
    (sent,) = [asked for asked in server.asked if asked.path == "/fapi/v1/order"]
    assert (sent.method, sent.key) == ("POST", KEY)
    query = dict(sent.query)
    signature = query.pop("signature")
    assert signature == hmac.new(SECRET.encode(), urlencode(query).encode(), hashlib.sha256).hexdigest()
    assert query["reduceOnly"] == "true"
    assert (query["type"], query["quantity"], query["newClientOrderId"]) == ("MARKET", "0.500", "wd-1")


@pytest.mark.parametrize("ahead_ms", [-90_000, 90_000])
def test_signed_requests_carry_the_venues_clock(venue: Venue, server: Loopback, ahead_ms: int) -> None:
    venue.ahead_ms = ahead_ms
    assert client(server).positions() == []


def test_clock_that_the_venue_moves_is_measured_again(venue: Venue, server: Loopback) -> None:
    found = client(server)
    assert found.positions() == []
    venue.ahead_ms = 30_000
    assert found.positions() == []
    assert server.paths().count("/fapi/v3/positionRisk") == 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(0),
        Answer(503, b"<html>busy</html>"),
        Answer(503, b'{"code":-1000,"msg":"Unknown error"}'),
        Answer(200, b"<html>a page of a gateway</html>"),
        Answer(200, json.dumps(ORDER).encode(), cut_after=20),
        Answer(429, b'{"code":-1003,"msg":"slow down"}', {"Retry-After": "3"}),
        Answer(418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "120"}),
    ],
    ids=["closed", "html", "json", "gateway", "cut", "busy", "banned"],
)
def test_order_whose_answer_is_lost_is_unknown_and_not_sent_again(
    venue: Venue, server: Loopback, answer: Answer
) -> None:
    venue.answers["/fapi/v1/order"] = answer
    calls: list[ApiCall] = []
    with pytest.raises(VenueUnknownError) as found:
        client(server, calls=calls).market_close("BTCUSDT", "SELL", Decimal(1), "wd-1")
    assert found.value.retry_after_secs == float(answer.headers.get("Retry-After", 0))
    assert server.paths().count("/fapi/v1/order") == 1
    assert calls[-1].failed == (answer.status != 200 or answer.cut_after is not None)
    assert calls[-1].banned == (answer.status == 418)


def test_venue_that_hangs_costs_one_time_out(venue: Venue, server: Loopback) -> None:
    release = threading.Event()
    venue.answers["/fapi/v1/order"] = Answer(before=lambda: release.wait(20))
    begun = time.monotonic()
    try:
        with pytest.raises(VenueUnknownError, match="timed out"):
            client(server, timeout_secs=0.3).market_close("BTCUSDT", "SELL", Decimal(1), "wd-1")
    finally:
        release.set()
    assert 0.3 <= time.monotonic() - begun < 3.0


def test_body_that_never_ends_costs_one_time_out(venue: Venue, server: Loopback) -> None:
    release = threading.Event()
    venue.answers["/fapi/v3/positionRisk"] = Answer(body=b"[" + b" " * 100, cut_after=5, release=release)
    try:
        with pytest.raises(VenueUnknownError, match="timed out"):
            client(server, timeout_secs=0.3).positions()
    finally:
        release.set()


def test_venue_that_is_not_there_was_sent_nothing() -> None:
    with pytest.raises(NotSentError, match="cannot reach"):
        BinanceUsdm("http://127.0.0.1:1", KEY, SECRET, 1.0).positions()


def test_order_was_not_sent_when_the_venue_does_not_tell_its_time(server: Loopback) -> None:
    server.first["/fapi/v1/time"] = [Answer(503, b"<html>busy</html>")]
    with pytest.raises(NotSentError, match="nothing was sent"):
        client(server).market_close("BTCUSDT", "SELL", Decimal(1), "wd-1")
    assert server.paths() == ["/fapi/v1/time"]


def test_order_that_the_venue_does_not_know_is_none_and_no_api_error(venue: Venue, server: Loopback) -> None:
    missing = Answer(400, b'{"code":-2013,"msg":"Order does not exist."}')
    venue.answers["/fapi/v1/order"] = venue.answers["/fapi/v1/algoOrder"] = missing
    calls: list[ApiCall] = []
    found = client(server, calls=calls)
    assert found.order("BTCUSDT", "wd-1") is None
    assert found.algo_order("wd-1") is None
    assert not any(call.failed for call in calls)


def test_refused_key_is_an_error_and_not_a_missing_order(venue: Venue, server: Loopback) -> None:
    venue.answers["/fapi/v1/order"] = Answer(401, b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions"}')
    with pytest.raises(VenueRefusedError, match="-2015 Invalid API-key"):
        client(server).order("BTCUSDT", "wd-1")


def test_permissions_of_a_key_are_read(venue: Venue, server: Loopback) -> None:
    told = {"ipRestrict": True, "enableReading": True, "enableFutures": True, "enableWithdrawals": True}
    venue.answers["/sapi/v1/account/apiRestrictions"] = Answer(body=json.dumps(told).encode())
    found = client(server).key_permissions()
    assert found.can_trade
    assert found.can_withdraw
    assert found.is_ip_restricted


def test_secret_is_in_no_error_and_no_representation(venue: Venue, server: Loopback) -> None:
    venue.answers["/fapi/v3/positionRisk"] = Answer(400, b'{"code":-1022,"msg":"Signature not valid."}')
    found = client(server)
    with pytest.raises(VenueRefusedError) as error:
        found.positions()
    shown = f"{error.value!r} {error.value} {found!r} {vars(found)!r}"
    assert SECRET not in shown
    assert "signature=" not in shown


@pytest.mark.parametrize("url", ["", "fapi.binance.com", "ftp://x", "ws://x"])
def test_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises(ConfigError, match="url must be"):
        BinanceUsdm(url)
