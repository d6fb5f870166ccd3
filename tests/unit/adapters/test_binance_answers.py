"""What an answer of Binance means for who asked: done, not done, or not known."""

from decimal import Decimal

import pytest

from adapters.binance.answers import Raw, body_of, is_fault, retry_after_secs
from adapters.binance.candle_pages import candles_of, fetch_rows
from adapters.binance.errors import NotSentError, VenueRefusedError, VenueUnknownError
from adapters.binance.parsing import AlgoOrder, KeyPermissions, Order, Position, parse, parse_instruments
from adapters.binance.signing import query_of, signed

HTML = b"<html><body>503 Service Temporarily Unavailable</body></html>"


def answer(status: int, body: bytes = b"", **headers: str) -> Raw:
    return Raw(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def test_answer_of_two_hundred_is_the_body() -> None:
    assert body_of("GET /x", answer(200, b"[]")) == b"[]"


@pytest.mark.parametrize("code", [-2013, -2011, -2022, -1021, -4164])
def test_refusal_with_a_code_is_definitive(code: int) -> None:
    with pytest.raises(VenueRefusedError, match=r"POST /x: refused by the venue") as found:
        body_of("POST /x", answer(400, f'{{"code":{code},"msg":"no"}}'.encode()))
    assert (found.value.code, found.value.message) == (code, "no")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b'{"code":-1000,"msg":"Unknown error, please check your request or try again later."}'),
        (503, HTML),
        (502, b""),
        (504, HTML),
        (408, b'{"code":-1007,"msg":"Timeout waiting for response from backend server."}'),
        (400, b'{"code":-1007,"msg":"Send status unknown; execution status unknown."}'),
        (400, b'{"code":-1006,"msg":"Execution status unknown."}'),
        (403, HTML),  # a gateway: nobody knows what is behind it
        (302, b""),
        (429, b'{"code":-1003,"msg":"Too many requests."}'),
        (418, b'{"code":-1003,"msg":"Way too many requests."}'),
    ],
)
def test_everything_else_is_unknown_and_must_be_looked_up(status: int, body: bytes) -> None:
    with pytest.raises(VenueUnknownError) as found:
        body_of("POST /x", answer(status, body, retry_after="7"))
    assert found.value.status == status
    assert found.value.retry_after_secs == 7.0
    assert found.value.banned == (status == 418)
    assert is_fault(found.value)


@pytest.mark.parametrize("text", ["", "soon", "-3", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_after_that_is_no_number_of_seconds_says_nothing(text: str) -> None:
    assert retry_after_secs({"retry-after": text}) == 0.0


@pytest.mark.parametrize(
    ("code", "is_one"), [(-1021, True), (-1003, True), (-2013, False), (-2022, False), (-4164, False)]
)
def test_verdict_about_one_order_is_no_api_error(code: int, is_one: bool) -> None:
    assert is_fault(VenueRefusedError("x", code, "")) is is_one


def test_request_that_never_left_is_an_api_error() -> None:
    assert is_fault(NotSentError("cannot reach"))


def test_signature_is_the_one_of_the_venues_documentation() -> None:
    # The worked example that Binance publishes for HMAC keys of its API.
    query = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
    )
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    expected = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    assert signed(query, secret) == f"{query}&signature={expected}"


@pytest.mark.parametrize(("value", "text"), [(Decimal("1E-7"), "0.0000001"), (Decimal("1E+3"), "1000"), (True, "true")])
def test_values_are_written_as_the_venue_reads_them(value: Decimal | bool, text: str) -> None:
    assert query_of({"x": value}) == f"x={text}"


def test_money_is_read_to_the_last_digit() -> None:
    body = b"""[{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"-0.003","entryPrice":"0.1","markPrice":
        "30000.12345678901234567890","unRealizedProfit":"-0.00000001","notional":"1","updateTime":1720736417660}]"""
    (found,) = parse("x", body, list[Position])
    assert found.quantity == Decimal("-0.003")
    assert found.mark_price == Decimal("30000.12345678901234567890")
    assert found.unrealized_pnl == Decimal("-1E-8")


def test_conditional_order_is_read_as_documented() -> None:
    body = b"""{"algoId":2146760,"clientAlgoId":"6B2I9","algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":
        "BNBUSDT","side":"SELL","positionSide":"BOTH","timeInForce":"GTC","quantity":"0","algoStatus":"NEW",
        "actualOrderId":"","triggerPrice":"750.000","price":"0","closePosition":true,"reduceOnly":true}"""
    found = parse("x", body, AlgoOrder)
    assert found.is_open
    assert found.close_position
    assert found.trigger_price == 750


def test_answer_that_is_something_else_is_unknown() -> None:
    with pytest.raises(VenueUnknownError, match="unreadable"):
        parse("POST /fapi/v1/order", HTML, Order)
    with pytest.raises(VenueUnknownError, match="unreadable"):
        parse("POST /fapi/v1/order", b'{"orderId": 1}', Order)


def test_permissions_without_a_word_on_withdrawals_are_not_taken_as_harmless() -> None:
    with pytest.raises(VenueUnknownError, match="enableWithdrawals"):
        parse("x", b'{"enableReading":true,"enableFutures":true}', KeyPermissions)


def test_steps_and_bounds_of_orders_come_from_the_filters() -> None:
    body = b"""{"symbols":[{"symbol":"BTCUSDT","status":"TRADING","filters":[
        {"filterType":"PRICE_FILTER","minPrice":"1","maxPrice":"2","tickSize":"0.10"},
        {"filterType":"LOT_SIZE","stepSize":"0.001","maxQty":"1000","minQty":"0.001"},
        {"filterType":"MARKET_LOT_SIZE","stepSize":"0.001","maxQty":"120","minQty":"0.001"},
        {"filterType":"MIN_NOTIONAL","notional":"50"}]}]}"""
    found = parse_instruments("x", body)["BTCUSDT"]
    assert (found.tick, found.lot) == (Decimal("0.10"), Decimal("0.001"))
    assert (found.max_market_quantity, found.min_notional) == (120, 50)


MINUTE_MS = 60_000


def minutes(first: int, count: int) -> list[list[int | str]]:
    return [[(first + n) * MINUTE_MS, "1", "3", "0.5", "2", "10"] for n in range(count)]


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_pages_of_candles_join_without_gap_or_double(page: int) -> None:
    held = minutes(0, 10)

    def fetch(first_ms: int, last_ms: int) -> list[list[int | str]]:
        return [row for row in held if first_ms <= int(row[0]) <= last_ms][:page]

    found = fetch_rows(fetch, "1m", 2 * MINUTE_MS, 8 * MINUTE_MS)
    assert [row[0] for row in found] == [n * MINUTE_MS for n in range(2, 8)]


def test_candle_that_has_not_closed_yet_is_left_out() -> None:
    def fetch(first_ms: int, last_ms: int) -> list[list[int | str]]:
        return [row for row in minutes(0, 10) if first_ms <= int(row[0]) <= last_ms]

    found = candles_of(fetch_rows(fetch, "1m", 0, 5 * MINUTE_MS + 30_000))
    assert found.ts_open_ns.tolist() == [n * MINUTE_MS * 1_000_000 for n in range(5)]
    assert (found.open[0], found.high[0], found.low[0], found.close[0], found.volume[0]) == (1.0, 3.0, 0.5, 2.0, 10.0)


def test_no_candles_are_no_rows() -> None:
    assert len(candles_of(fetch_rows(lambda _first, _last: [], "1m", 0, MINUTE_MS))) == 0
