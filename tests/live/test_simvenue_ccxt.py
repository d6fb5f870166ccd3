"""Honesty: ccxt, unmodified but for its addresses, trades against the simulated exchange as against the real one."""

import asyncio
import itertools
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import ccxt
import ccxt.pro
import pytest

from tests.live.venue import SimulatedVenue

PERP = "BTC/USDT:USDT"


def rewritten(urls: Any, venue: SimulatedVenue) -> Any:
    """Point every address of a client at the simulated exchange."""
    if isinstance(urls, dict):
        return {name: rewritten(value, venue) for name, value in urls.items()}
    parts = urlsplit(urls)
    return venue.http.replace("http", "ws" if parts.scheme.startswith("ws") else "http", 1) + parts.path


def connected(venue: SimulatedVenue, **options: Any) -> Any:
    client = ccxt.pro.binanceusdm({"apiKey": "sim-key", "secret": "sim-secret"} | options)
    client.urls["api"] = rewritten(client.urls["api"], venue)
    return client


async def session(client: Any, venue: SimulatedVenue) -> None:
    assert list(await client.load_markets()) == [PERP]
    history = await client.fetch_ohlcv(PERP, "15m", limit=100)
    assert [after[0] - before[0] for before, after in itertools.pairwise(history)] == [900_000] * 99
    venue.quote(50_000.0, 50_000.1)
    await listening(client, venue)

    rests = await client.create_order(PERP, "limit", "buy", 0.01, 49_000.0)
    rests = await client.edit_order(rests["id"], PERP, "limit", "buy", 0.02, 49_100.0)
    assert (rests["price"], rests["amount"], rests["status"]) == (49_100.0, 0.02, "open")
    assert [order["id"] for order in await client.fetch_open_orders(PERP)] == [rests["id"]]
    assert (await client.cancel_order(rests["id"], PERP))["status"] == "canceled"
    with pytest.raises(ccxt.InvalidOrder, match="-5022"):
        await client.create_order(PERP, "limit", "buy", 0.01, 50_100.0, {"postOnly": True})
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(rests["id"], PERP)
    with pytest.raises(ccxt.ExchangeError, match="-2019"):  # its own class only for the real host name
        await client.create_order(PERP, "limit", "buy", 900, 49_000.0)

    market = await client.create_order(PERP, "market", "buy", 0.1, None, {"newOrderRespType": "RESULT"})
    assert (market["status"], market["filled"], market["average"]) == ("closed", 0.1, 50_000.1)
    venue.quote(50_000.0, 50_000.1, 0.04)
    partly = await client.create_order(PERP, "limit", "buy", 0.1, 50_000.1)
    assert (partly["status"], partly["filled"]) == ("open", 0.04)
    venue.quote(49_999.0, 50_000.1, 0.06)
    assert (await client.fetch_order(partly["id"], PERP))["status"] == "closed"

    reduces = {"reduceOnly": True}
    stop = await client.create_order(PERP, "limit", "sell", 0.2, 49_400.0, reduces | {"triggerPrice": 49_500.0})
    first = await client.create_order(PERP, "limit", "sell", 0.1, 50_500.0, reduces)
    second = await client.create_order(PERP, "limit", "sell", 0.1, 51_000.0, reduces)
    assert [o["id"] for o in await client.fetch_open_orders(PERP, params={"trigger": True})] == [stop["id"]]
    venue.quote(50_500.5, 50_500.6)
    assert (await client.fetch_order(first["id"], PERP))["status"] == "closed"
    assert [(p["contracts"], p["side"]) for p in await client.fetch_positions([PERP])] == [(0.1, "long")]
    venue.quote(50_000.0, 50_000.1)
    venue.post("/price", symbol="BTCUSDT", price="49450.0")
    assert (await client.fetch_order(second["id"], PERP))["status"] == "expired"
    assert await client.fetch_open_orders(PERP, params={"trigger": True}) == []
    assert await client.fetch_positions([PERP]) == []


async def listening(client: Any, venue: SimulatedVenue) -> None:
    """Hear every stream once, the account's included."""
    venue.post("/speed", speed=600)
    heard = await asyncio.wait_for(
        asyncio.gather(
            client.watch_trades(PERP),
            client.watch_ohlcv(PERP),
            client.watch_order_book(PERP),
            client.watch_ticker(PERP),
        ),
        15,
    )
    venue.post("/speed", speed=0)
    trades, candles, book, ticker = heard
    assert trades[0]["price"] > 0
    assert candles[0][4] > 0
    assert book["bids"][0][0] < book["asks"][0][0]
    assert ticker["last"] > 0
    venue.quote(50_000.0, 50_000.1)
    watching = asyncio.create_task(client.watch_orders(PERP))
    while not venue.get("/requests").get("POST /fapi/v1/listenKey"):
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    order = await client.create_order(PERP, "limit", "buy", 0.01, 49_000.0)
    assert [heard["id"] for heard in await asyncio.wait_for(watching, 5)] == [order["id"]]
    await client.cancel_order(order["id"], PERP)


async def books(client: Any, venue: SimulatedVenue) -> None:
    """Compare what the client reads of the account with the ledger."""
    totals = venue.totals()
    assert Decimal(str((await client.fetch_balance())["USDT"]["total"])) == totals["wallet"]
    trades = await client.fetch_my_trades(PERP)
    assert sum(Decimal(str(trade["fee"]["cost"])) for trade in trades) == totals["fees"]
    assert [trade["id"] for trade in trades] == [
        str(entry["details"]["trade_id"]) for entry in venue.get("/ledger?kind=fill")
    ]
    rows = await client.fapiPrivateGetIncome()
    assert sum(Decimal(row["income"]) for row in rows) == totals["wallet"]


def test_ccxt_passes_the_session_and_its_books_equal_the_ledger() -> None:
    async def run(venue: SimulatedVenue) -> None:
        client = connected(venue)
        try:
            await session(client, venue)
            await books(client, venue)
        finally:
            await client.close()

    with SimulatedVenue("--prices", "seed:3", "--speed", "0") as venue:
        asyncio.run(run(venue))
        totals = venue.totals()
        assert venue.position() == 0
        assert totals["wallet"] == 50_000 + totals["realised"] - totals["fees"]


def test_ccxt_takes_an_order_whose_answer_is_lost_for_unknown_and_finds_it_by_client_id() -> None:
    async def run(venue: SimulatedVenue) -> None:
        client = connected(venue)
        try:
            await client.load_markets()
            venue.quote(50_000.0, 50_000.1)
            venue.post("/faults", kind="fail_after", method="POST", path="/fapi/v1/order", body="html")
            with pytest.raises(ccxt.NetworkError):
                await client.create_order(PERP, "limit", "buy", 0.01, 49_000.0, {"newClientOrderId": "mine-1"})
            found = await client.fetch_order(None, PERP, {"origClientOrderId": "mine-1"})
            assert (found["clientOrderId"], found["status"]) == ("mine-1", "open")
        finally:
            await client.close()

    with SimulatedVenue("--prices", "seed:3", "--speed", "0") as venue:
        asyncio.run(run(venue))
        assert venue.get("/received") == {"mine-1": 1}
