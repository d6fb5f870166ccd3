"""Honesty, spot: ccxt, unmodified but for its addresses, trades against the simulated exchange."""

import asyncio
import itertools
from decimal import Decimal
from typing import Any

import ccxt
import ccxt.pro
import pytest

from tests.live.test_simvenue_ccxt import rewritten
from tests.live.venue import SimulatedVenue

PAIR = "BTC/USDT"


def connected(venue: SimulatedVenue) -> Any:
    client = ccxt.pro.binance(
        {"apiKey": "sim-key", "secret": "sim-secret", "options": {"fetchMarkets": {"types": ["spot"]}}}
    )
    client.urls["api"] = rewritten(client.urls["api"], venue)
    return client


async def session(client: Any, venue: SimulatedVenue) -> None:
    assert list(await client.load_markets()) == [PAIR]
    history = await client.fetch_ohlcv(PAIR, "15m", limit=100)
    assert [after[0] - before[0] for before, after in itertools.pairwise(history)] == [900_000] * 99
    venue.quote(50_000.0, 50_000.01)
    await listening(client, venue)

    rests = await client.create_order(PAIR, "limit", "buy", 0.01, 49_000.0)
    assert (await client.fetch_balance())["USDT"]["used"] == 490.0
    assert [order["id"] for order in await client.fetch_open_orders(PAIR)] == [rests["id"]]
    assert (await client.cancel_order(rests["id"], PAIR))["status"] == "canceled"
    assert (await client.fetch_balance())["USDT"]["used"] == 0.0
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        await client.create_order(PAIR, "limit", "buy", 0.01, 50_100.0, {"postOnly": True})
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(rests["id"], PAIR)
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_order(PAIR, "limit", "buy", 2, 49_000.0)
    with pytest.raises(ccxt.InsufficientFunds):  # there are no shorts
        await client.create_order(PAIR, "market", "sell", 0.5)

    market = await client.create_order(PAIR, "market", "buy", 0.1)
    assert (market["status"], market["filled"], market["average"]) == ("closed", 0.1, 50_000.01)
    assert (market["fee"]["currency"], market["fee"]["cost"]) == ("BTC", 0.0001)
    venue.quote(50_000.0, 50_000.01, 0.04)
    partly = await client.create_order(PAIR, "limit", "buy", 0.1, 50_000.01)
    assert (partly["status"], partly["filled"]) == ("open", 0.04)
    venue.quote(49_999.0, 50_000.01, 0.06)
    assert (await client.fetch_order(partly["id"], PAIR))["status"] == "closed"
    assert (await client.fetch_balance())["BTC"]["total"] == 0.1998
    await protected(client, venue)


async def protected(client: Any, venue: SimulatedVenue) -> None:
    """Protect what is held with two lists; one ends at its target, the other at its stop."""
    legs = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.09990", "aboveType": "LIMIT_MAKER"}
    legs |= {"belowType": "STOP_LOSS_LIMIT", "belowStopPrice": "49500", "belowPrice": "49400"}
    legs |= {"belowTimeInForce": "GTC"}
    first = await client.privatePostOrderListOco(legs | {"abovePrice": "50500"})
    second = await client.privatePostOrderListOco(legs | {"abovePrice": "51000"})
    assert [row["status"] for row in first["orderReports"]] == ["NEW", "NEW"]
    held = (await client.fetch_balance())["BTC"]
    assert (held["used"], held["free"]) == (0.1998, 0.0)
    with pytest.raises(ccxt.InsufficientFunds):  # what protects cannot be sold beside it
        await client.create_order(PAIR, "limit", "sell", 0.01, 52_000.0)

    venue.quote(50_500.5, 50_500.6)
    ended = {row["clientOrderId"]: row["orderId"] for row in first["orders"]}
    states = sorted([(await client.fetch_order(number, PAIR))["status"] for number in ended.values()])
    assert states == ["closed", "expired"]
    venue.quote(49_480.0, 49_480.01)
    venue.post("/price", symbol="BTCUSDT", price="49490.00")
    found = await client.privateGetOrderList({"orderListId": second["orderListId"]})
    assert found["listOrderStatus"] == "ALL_DONE"
    states = [(await client.fetch_order(row["orderId"], PAIR))["status"] for row in second["orders"]]
    assert sorted(states) == ["closed", "expired"]
    assert (await client.fetch_balance())["BTC"]["total"] == 0.0


async def listening(client: Any, venue: SimulatedVenue) -> None:
    """Hear every stream once, the account's included."""
    venue.post("/speed", speed=600)
    trades, candles, book, ticker = await asyncio.wait_for(
        asyncio.gather(
            client.watch_trades(PAIR),
            client.watch_ohlcv(PAIR),
            client.watch_order_book(PAIR),
            client.watch_ticker(PAIR),
        ),
        15,
    )
    venue.post("/speed", speed=0)
    assert trades[0]["price"] > 0
    assert candles[0][4] > 0
    assert book["bids"][0][0] < book["asks"][0][0]
    assert ticker["last"] > 0
    venue.quote(50_000.0, 50_000.01)
    watching = asyncio.create_task(client.watch_orders(PAIR))
    while not venue.get("/requests").get("WS userDataStream.subscribe.signature"):
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    order = await client.create_order(PAIR, "limit", "buy", 0.01, 49_000.0)
    assert [heard["id"] for heard in await asyncio.wait_for(watching, 5)] == [order["id"]]
    await client.cancel_order(order["id"], PAIR)


async def books(client: Any, venue: SimulatedVenue) -> None:
    """Compare what the client reads of the account with the ledger."""
    totals, held = venue.totals(), await client.fetch_balance()
    for asset in ("USDT", "BTC"):
        assert Decimal(str(held[asset]["total"])) == totals[f"total_{asset}"]
        assert Decimal(str(held[asset]["used"])) == totals[f"locked_{asset}"] == 0
    trades = await client.fetch_my_trades(PAIR)
    for asset in ("USDT", "BTC"):
        paid = sum(Decimal(str(trade["fee"]["cost"])) for trade in trades if trade["fee"]["currency"] == asset)
        assert paid == totals[f"fees_{asset}"]
    fills = venue.get("/ledger?kind=fill")
    assert [trade["id"] for trade in trades] == [str(entry["details"]["trade_id"]) for entry in fills]
    assert totals["total_USDT"] == 50_000 + sum(Decimal(entry["details"]["quote_change"]) for entry in fills)
    assert totals["total_BTC"] == sum(Decimal(entry["details"]["base_change"]) for entry in fills) == 0


def test_ccxt_passes_the_spot_session_and_its_books_equal_the_ledger() -> None:
    async def run(venue: SimulatedVenue) -> None:
        client = connected(venue)
        try:
            await session(client, venue)
            await books(client, venue)
        finally:
            await client.close()

    with SimulatedVenue("--market", "spot", "--prices", "seed:3", "--speed", "0") as venue:
        asyncio.run(run(venue))
        assert set(venue.get("/received").values()) == {1}
