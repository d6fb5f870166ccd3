"""Market data streams of the simulated exchange: a book that can be rebuilt, candles that equal the recording."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.live.binance_rest import RestClient
from tests.live.venue import SimulatedVenue
from tests.unit.simvenue.test_prices import MINUTE_MS, START_MS, bars, written

QUARTER_MS = 15 * MINUTE_MS


def streaming(
    venue: SimulatedVenue, path: str, act: Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]
) -> None:
    async def run() -> None:
        address = venue.http.replace("http", "ws", 1)
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}{path}") as socket:
            await asyncio.wait_for(act(socket), 20)

    asyncio.run(run())


def test_a_book_is_rebuilt_from_a_snapshot_and_its_changes() -> None:
    async def act(socket: aiohttp.ClientWebSocketResponse) -> None:
        events: list[dict[str, Any]] = [(await socket.receive_json())["data"] for _ in range(3)]
        snapshot = await asyncio.to_thread(lambda: rest.public("/fapi/v1/depth", symbol="BTCUSDT", limit=1000).body)
        events += [(await socket.receive_json())["data"] for _ in range(10)]
        await asyncio.to_thread(lambda: venue.post("/speed", speed=0))
        while True:
            try:
                events.append((await socket.receive_json(timeout=0.5))["data"])
            except TimeoutError:
                break
        assert all(later["pu"] == earlier["u"] for earlier, later in itertools.pairwise(events))
        fresh = [event for event in events if event["u"] > snapshot["lastUpdateId"]]
        assert fresh[0]["U"] <= snapshot["lastUpdateId"] + 1
        book = {side: dict(snapshot[side]) for side in ("bids", "asks")}
        for event in fresh:
            for side, changes in (("bids", event["b"]), ("asks", event["a"])):
                book[side] |= dict(changes)
        last = await asyncio.to_thread(lambda: rest.public("/fapi/v1/depth", symbol="BTCUSDT", limit=1000).body)
        for side in ("bids", "asks"):
            assert {price: size for price, size in book[side].items() if float(size)} == dict(last[side])

    with SimulatedVenue("--prices", "seed:2", "--speed", "300") as venue:
        rest = RestClient(venue.http)
        streaming(venue, "/public/stream?streams=btcusdt@depth@100ms", act)


@pytest.mark.parametrize("interval", [pytest.param("15m", marks=pytest.mark.long), "1h"])
def test_every_candle_that_closes_is_published_as_it_was_recorded(tmp_path: Path, interval: str) -> None:
    rows = [(40_000.0 + n, 40_100.5 + n, 39_900.1 + n, 40_010.2 + n, 10.001 + n) for n in range(300)]
    path = written(tmp_path / "x.parquet", bars(*rows))
    span = {"15m": QUARTER_MS, "1h": 4 * QUARTER_MS}[interval]

    async def act(socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_json({"method": "SUBSCRIBE", "params": [f"btcusdt@kline_{interval}"], "id": 7})
        assert await socket.receive_json() == {"result": None, "id": 7}
        await asyncio.to_thread(lambda: venue.post("/speed", speed=500_000))
        closed: list[dict[str, Any]] = []
        while len(closed) < 40:
            event = await socket.receive_json()
            if event["k"]["x"]:
                closed.append(event["k"])
        assert [kline["t"] for kline in closed] == list(range(closed[0]["t"], closed[0]["t"] + 40 * span, span))
        expected = bars(*rows).aggregate(span)
        for kline in closed:
            row = expected.open_ms.tolist().index(kline["t"])
            values = tuple(float(getattr(expected, name)[row]) for name in ("open", "high", "low", "close", "volume"))
            assert tuple(float(kline[name]) for name in ("o", "h", "l", "c", "v")) == pytest.approx(values, abs=1e-8)
            assert kline["T"] == kline["t"] + span - 1

    start = START_MS + 100 * QUARTER_MS
    moment = f"2024-01-02T{(start - START_MS) // 3_600_000 - 24:02d}:00"
    with SimulatedVenue("--prices", str(path), "--speed", "0", "--from", moment) as venue:
        streaming(venue, "/ws", act)


def test_history_ends_where_the_stream_begins(tmp_path: Path) -> None:
    rows = [(40_000.0 + n, 40_100.5 + n, 39_900.1 + n, 40_010.2 + n, 10.001 + n) for n in range(200)]
    path = written(tmp_path / "x.parquet", bars(*rows))
    with SimulatedVenue("--prices", str(path), "--speed", "0", "--from", "2024-01-02") as venue:
        rest = RestClient(venue.http)
        asked = {"symbol": "BTCUSDT", "interval": "15m"}
        newest = rest.public("/fapi/v1/klines", **asked, limit=5).body
        assert [row[0] for row in newest] == [START_MS + (92 + n) * QUARTER_MS for n in range(5)]
        assert [float(row[4]) for row in newest] == [*(row[3] for row in rows[92:96]), rows[96][0]]
        spanned = rest.public("/fapi/v1/klines", **asked, startTime=START_MS, endTime=START_MS + 3 * QUARTER_MS).body
        assert [float(row[1]) for row in spanned] == [40_000.0, 40_001.0, 40_002.0, 40_003.0]
        venue.post("/step", ms=QUARTER_MS + 1)
        running = rest.public("/fapi/v1/klines", **asked, limit=2).body
        assert [float(row[4]) for row in running] == [rows[96][3], rows[97][0]]
        assert rest.public("/fapi/v1/klines", symbol="BTCUSDT", interval="7m").body["code"] == -1120
