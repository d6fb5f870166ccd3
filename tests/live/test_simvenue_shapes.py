"""Each endpoint answers with the fields that the venue documents, and says what the others say."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from tests.live.binance_rest import RestClient
from tests.live.venue import SimulatedVenue

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def venue() -> Iterator[SimulatedVenue]:
    """Return a venue with a few minutes of trades, a long position, a target, a stop and a cancelled order."""
    prices = ("--prices", "BTCUSDT=seed:1", "--prices", "ETHUSDT=seed:2")
    with SimulatedVenue(*prices, "--speed", "0", "--from", "2024-03-01T07:58") as made:
        made.post("/step", ms=5 * 60_000)
        made.quote(50_000.0, 50_000.1)
        client = RestClient(made.http)
        client.market("BUY", 0.1, "in")
        client.limit("SELL", 0.1, 51_000, "tp", reduceOnly="true")
        client.limit("BUY", 0.01, 49_000, "gone")
        client.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="gone")
        client.stop("SELL", "sl", type="STOP", triggerPrice=49_000, price=48_900, quantity=0.1, reduceOnly="true")
        yield made


PUBLIC = {
    "/fapi/v1/trades?symbol=BTCUSDT&limit=2": {"id", "price", "qty", "quoteQty", "time", "isBuyerMaker"},
    "/fapi/v1/aggTrades?symbol=BTCUSDT&limit=2": {"a", "p", "q", "f", "l", "T", "m"},
    "/fapi/v1/ticker/price": {"symbol", "price", "time"},
    "/fapi/v2/ticker/price": {"symbol", "price", "time"},
    "/fapi/v1/ticker/bookTicker": {"symbol", "bidPrice", "bidQty", "askPrice", "askQty", "time", "lastUpdateId"},
    "/fapi/v1/ticker/24hr": {
        "symbol", "priceChange", "priceChangePercent", "weightedAvgPrice", "lastPrice", "lastQty", "openPrice",
        "highPrice", "lowPrice", "volume", "quoteVolume", "openTime", "closeTime", "firstId", "lastId", "count",
    },
    "/fapi/v1/premiumIndex": {
        "symbol", "markPrice", "indexPrice", "estimatedSettlePrice", "lastFundingRate", "interestRate",
        "nextFundingTime", "time",
    },
    "/fapi/v1/fundingRate?symbol=BTCUSDT&limit=3": {"symbol", "fundingRate", "fundingTime", "markPrice"},
}  # fmt: skip


@pytest.mark.parametrize("target", PUBLIC)
def test_market_answers_have_the_documented_fields(venue: SimulatedVenue, target: str) -> None:
    rows = RestClient(venue.http).send("GET", target).body
    assert rows
    assert all(set(row) == PUBLIC[target] for row in rows)


@pytest.mark.parametrize("name", ["price", "bookTicker", "24hr"])
def test_a_ticker_of_one_instrument_is_a_single_object(venue: SimulatedVenue, name: str) -> None:
    client = RestClient(venue.http)
    every = {row["symbol"]: row for row in client.public(f"/fapi/v1/ticker/{name}").body}
    assert set(every) == {"BTCUSDT", "ETHUSDT"}
    assert client.public(f"/fapi/v1/ticker/{name}", symbol="ETHUSDT").body == every["ETHUSDT"]
    assert client.public(f"/fapi/v1/ticker/{name}", symbol="NOPE").body["code"] == -1121


def test_market_answers_agree_with_each_other(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    trade = client.public("/fapi/v1/trades", symbol="BTCUSDT", limit=1).body[0]
    assert client.public("/fapi/v1/ticker/price", symbol="BTCUSDT").body["price"] == trade["price"] == "50000.10"
    since = client.public("/fapi/v1/aggTrades", symbol="BTCUSDT", fromId=trade["id"]).body
    assert [row["a"] for row in since] == [trade["id"]]
    depth = client.public("/fapi/v1/depth", symbol="BTCUSDT", limit=5).body
    book = client.public("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT").body
    assert [book["bidPrice"], book["bidQty"]] == depth["bids"][0]
    mark = client.public("/fapi/v1/premiumIndex", symbol="BTCUSDT").body
    assert (float(mark["markPrice"]), mark["nextFundingTime"] % (8 * HOUR_MS)) == (50_000.05, 0)
    times = [row["fundingTime"] for row in client.public("/fapi/v1/fundingRate", symbol="BTCUSDT", limit=3).body]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [8 * HOUR_MS] * 2
    assert times[-1] <= mark["time"]
    assert client.public("/fapi/v1/openInterest", symbol="BTCUSDT").body["symbol"] == "BTCUSDT"
    assert client.public("/fapi/v1/fundingInfo").body == []


def test_account_answers_agree_with_each_other(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    balance = client.signed("GET", "/fapi/v3/balance").body[0]
    account = client.signed("GET", "/fapi/v3/account").body
    (risk,) = client.signed("GET", "/fapi/v3/positionRisk").body
    every = client.signed("GET", "/fapi/v2/positionRisk").body
    assert [row["symbol"] for row in every] == ["BTCUSDT", "ETHUSDT"]
    assert (every[0], risk["positionAmt"], risk["entryPrice"]) == (risk, "0.100", "50000.10000000")
    held = next(row for row in account["positions"] if row["symbol"] == "BTCUSDT")
    assert (held["positionAmt"], held["unrealizedProfit"]) == (risk["positionAmt"], risk["unRealizedProfit"])
    assert balance["balance"] == account["totalWalletBalance"] == account["assets"][0]["walletBalance"]
    assert float(account["totalMarginBalance"]) == pytest.approx(float(balance["balance"]) - 0.005)
    assert float(account["availableBalance"]) == pytest.approx(
        float(account["totalMarginBalance"]) - float(account["totalInitialMargin"])
    )
    assert client.signed("GET", "/fapi/v2/account", symbol="NOPE").body["code"] == -1121


def test_orders_are_listed_by_state_id_and_time(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)

    def names(path: str, **params: Any) -> list[str]:
        return [row["clientOrderId"] for row in client.signed("GET", path, symbol="BTCUSDT", **params).body]

    assert names("/fapi/v1/allOrders") == ["in", "tp", "gone"]
    assert names("/fapi/v1/openOrders") == ["tp"]
    target = client.signed("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", origClientOrderId="tp").body
    assert names("/fapi/v1/allOrders", orderId=target["orderId"]) == ["tp", "gone"]
    assert names("/fapi/v1/allOrders", limit=1) == ["gone"]
    assert names("/fapi/v1/allOrders", endTime=1) == []
    assert client.signed("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", origClientOrderId="in").body["code"] == -2013
    assert client.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="never").body["code"] == -2013
    assert client.signed("GET", "/fapi/v1/order", symbol="BTCUSDT").body["code"] == -1102
    assert client.signed("GET", "/fapi/v1/allOrders", symbol="BTCUSDT", startTime=2, endTime=1).body["code"] == -4178
    (trade,) = client.signed("GET", "/fapi/v1/userTrades", symbol="BTCUSDT").body
    assert (trade["price"], trade["commission"], trade["maker"], trade["buyer"]) == (
        "50000.10",
        "2.50000500",
        False,
        True,
    )
    assert client.signed("GET", "/fapi/v1/userTrades", symbol="BTCUSDT", fromId=trade["id"] + 1).body == []
    assert client.signed("GET", "/fapi/v1/openOrders", symbol="NOPE").body["code"] == -1121


def test_orders_are_modified_singly_and_in_batches(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    client.limit("BUY", 0.01, 49_000, "moving")
    fixed = {"symbol": "BTCUSDT", "origClientOrderId": "moving", "side": "BUY", "quantity": "0.02"}
    assert client.signed("PUT", "/fapi/v1/order", **fixed, price="48900").body["price"] == "48900.00"
    assert client.signed("PUT", "/fapi/v1/order", **fixed, price="48900").body["code"] == -5027
    assert client.signed("PUT", "/fapi/v1/order", **(fixed | {"side": "SELL"}), price="48900").body["code"] == -1117
    text = str([fixed | {"price": "48800"}]).replace("'", '"')
    assert client.signed("PUT", "/fapi/v1/batchOrders", batchOrders=text).body[0]["price"] == "48800.00"
    assert client.signed("PUT", "/fapi/v1/batchOrders", batchOrders="[1]").body["code"] == -4082
    assert client.signed("PUT", "/fapi/v1/batchOrders", batchOrders="[").body["code"] == -1130
    client.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="moving")


def test_conditional_orders_have_the_documented_fields(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    trailing = client.stop(
        "SELL", "trail", type="TRAILING_STOP_MARKET", callbackRate="1.5", activatePrice=50_500, quantity=0.01
    ).body
    assert (trailing["callbackRate"], trailing["activatePrice"]) == ("1.5", "50500.00")
    every = client.signed("GET", "/fapi/v1/allAlgoOrders", symbol="BTCUSDT").body
    assert [row["clientAlgoId"] for row in every] == ["sl", "trail"]
    assert {"algoId", "orderType", "algoStatus", "actualOrderId", "triggerPrice", "reduceOnly"} <= set(every[0])
    assert client.stop("SELL", "x", type="STOP_MARKET", triggerPrice=1, quantity=1, algoType="VP").body["code"] == -1130
    assert client.signed("GET", "/fapi/v1/algoOrder", clientAlgoId="never").body["code"] == -2013
    assert client.signed("DELETE", "/fapi/v1/algoOrder").body["code"] == -1102


def test_settings_that_are_not_simulated_are_refused_and_the_rest_is_told(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)

    def code(path: str, **params: Any) -> int:
        return int(client.signed("POST", path, **params).body["code"])

    assert code("/fapi/v1/positionSide/dual", dualSidePosition="true") == -4067
    assert code("/fapi/v1/positionSide/dual", dualSidePosition="false") == -4059
    assert code("/fapi/v1/positionSide/dual", dualSidePosition="yes") == -1130
    assert code("/fapi/v1/multiAssetsMargin", multiAssetsMargin="true") == -4168
    assert code("/fapi/v1/multiAssetsMargin", multiAssetsMargin="false") == -4171
    assert code("/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4047
    assert code("/fapi/v1/marginType", symbol="BTCUSDT", marginType="ODD") == -4050
    assert code("/fapi/v1/leverage", symbol="NOPE", leverage=3) == -1121
    assert client.signed("GET", "/fapi/v1/multiAssetsMargin").body == {"multiAssetsMargin": False}
    assert client.signed("GET", "/fapi/v1/accountConfig").body["canWithdraw"] is False
    assert [row["leverage"] for row in client.signed("GET", "/fapi/v1/symbolConfig").body] == [20, 20]
    assert client.signed("GET", "/fapi/v1/leverageBracket", symbol="BTCUSDT").body[0]["brackets"][0]["bracket"] == 1
    key = client.send("POST", "/fapi/v1/listenKey").body
    assert client.send("PUT", "/fapi/v1/listenKey").body == key == client.send("POST", "/fapi/v1/listenKey").body
    assert client.send("DELETE", "/fapi/v1/listenKey").body == {}
    assert client.send("POST", "/fapi/v1/listenKey").body != key


def test_a_stream_session_is_commanded_as_documented(venue: SimulatedVenue) -> None:
    async def run() -> None:
        address = venue.http.replace("http", "ws", 1)
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}/market/ws") as socket:

            async def asked(method: str, *params: Any) -> Any:
                await socket.send_json({"method": method, "params": list(params), "id": 9})
                return await socket.receive_json(timeout=3)

            assert await asked("SUBSCRIBE", "btcusdt@trade", "ethusdt@trade") == {"result": None, "id": 9}
            assert await asked("UNSUBSCRIBE", "ethusdt@trade") == {"result": None, "id": 9}
            assert (await asked("LIST_SUBSCRIPTIONS"))["result"] == ["btcusdt@trade"]
            await asyncio.to_thread(lambda: venue.post("/price", symbol="ETHUSDT", price="3000"))
            await asyncio.to_thread(lambda: venue.post("/price", symbol="BTCUSDT", price="50000.1"))
            trade = await socket.receive_json(timeout=3)
            assert (trade["e"], trade["s"], trade["p"]) == ("trade", "BTCUSDT", "50000.10")
            assert await asked("SET_PROPERTY", "combined", True) == {"result": None, "id": 9}
            await asyncio.to_thread(lambda: venue.post("/price", symbol="BTCUSDT", price="50000.2"))
            assert (await socket.receive_json(timeout=3))["stream"] == "btcusdt@trade"
            assert (await asked("DANCE"))["error"]["code"] == 2
            await socket.send_str("{")
            assert (await socket.receive_json(timeout=3))["error"]["code"] == 3

    asyncio.run(run())
