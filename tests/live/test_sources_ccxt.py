"""Real ccxt clients (binance, kraken) against a loopback exchange that has candles."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import Answer, Asked, Loopback, RecordingLoader

from catalog.sources import ccxt_rest
from errors import BotError, ConfigError, DataError, FatalError, RetryableError

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = 1_704_067_200_000  # 2024-01-01T00:00Z
STEP_MS = {"1m": 60_000, "1h": HOUR_MS, "1d": DAY_MS}

SPOT = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "baseAssetPrecision": 8,
    "quotePrecision": 8,
    "orderTypes": ["LIMIT"],
    "isSpotTradingAllowed": True,
    "isMarginTradingAllowed": False,
    "permissionSets": [["SPOT"]],
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.0", "tickSize": "0.01"},
        {"filterType": "LOT_SIZE", "minQty": "0.0001", "maxQty": "9000.0", "stepSize": "0.00001"},
        {"filterType": "NOTIONAL", "minNotional": "5.0"},
    ],
}
SWAP = SPOT | {
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "deliveryDate": 4133404800000,
    "onboardDate": 1569398400000,
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "quantityPrecision": 3,
}
INVERSE = SWAP | {
    "symbol": "BTCUSD_PERP",
    "pair": "BTCUSD",
    "quoteAsset": "USD",
    "marginAsset": "BTC",
    "contractSize": 100,
    "contractStatus": "TRADING",
}
MARKETS = {"/api/v3/exchangeInfo": SPOT, "/fapi/v1/exchangeInfo": SWAP, "/dapi/v1/exchangeInfo": INVERSE}


class Exchange:
    """An exchange with one candle per interval from ``listed_ms`` to ``end_ms``, in the words of Binance."""

    def __init__(self) -> None:
        self.listed_ms = START_MS
        self.end_ms = START_MS + 10 * DAY_MS
        self.page_rows = 1000
        self.window = False
        self.ignore_since = False

    def respond(self, asked: Asked) -> Answer:
        if asked.path.endswith("/exchangeInfo"):
            return _json({"symbols": [MARKETS[asked.path]]})
        if asked.path.endswith("/klines"):
            return _json(self.klines(asked))
        return Answer(404)

    def klines(self, asked: Asked) -> list[list[Any]]:
        step_ms = STEP_MS[asked.query["interval"]]
        since_ms = int(asked.query["startTime"])
        limit = min(int(asked.query["limit"]), self.page_rows)
        first_ms, last_ms = self.listed_ms, min(self.end_ms, int(time.time() * 1000))
        times = range(first_ms // step_ms * step_ms, last_ms, step_ms)
        if self.ignore_since:
            return [_kline(ms, step_ms) for ms in times[-limit:]]
        found = [ms for ms in times if ms >= since_ms]
        if self.window:
            found = [ms for ms in found if ms < since_ms + limit * step_ms]
        return [_kline(ms, step_ms) for ms in found[:limit]]


def _kline(ms: int, step_ms: int) -> list[Any]:
    price = str(100 + ms // step_ms % 50)
    return [ms, price, price, price, price, "2.5", ms + step_ms - 1, "250", 9, "1", "100", "0"]


def _json(content: Any) -> Answer:
    return Answer(body=json.dumps(content).encode(), headers={"Content-Type": "application/json"})


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def server(exchange: Exchange) -> Iterator[Loopback]:
    with Loopback(exchange.respond) as server:
        yield server


@pytest.fixture
def load(server: Loopback) -> Callable[..., RecordingLoader]:
    def load(options: str, loader: RecordingLoader | None = None) -> RecordingLoader:
        loader = loader or RecordingLoader()
        ccxt_rest.run(parse(server, options), loader)
        return loader

    return load


def parse(server: Loopback, options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    ccxt_rest.add_arguments(parser)
    shared = f"--exchange binance --symbols BTC/USDT --intervals 1h --start 2024-01-01 --base-url {server.url}"
    return parser.parse_args(f"{shared} {options}".split())


def asked_ms(server: Loopback, interval: str) -> list[int]:
    return [int(a.query["startTime"]) for a in server.asked if a.query.get("interval") == interval]


def test_ccxt_pages_through_the_span_and_hands_over_candles_and_metadata(server: Loopback, load: Any) -> None:
    loader = load("--end 2024-01-03")
    candles = loader.all_candles()
    assert candles.ts_open_ns.tolist() == [(START_MS + k * HOUR_MS) * 1_000_000 for k in range(72)]
    assert (candles.open[0], candles.volume[0]) == (100 + START_MS // HOUR_MS % 50, 2.5)
    instrument_id, interval, _, source, sha256 = loader.batches[0]
    assert (instrument_id, interval, source) == ("BTCUSDT.BINANCE", "1h", "ccxt binance BTC/USDT 1h")
    assert len(sha256) == 64
    assert loader.metadata == {
        "BTCUSDT.BINANCE": {
            "kind": "spot",
            "base": "BTC",
            "quote": "USDT",
            "tick": 0.01,
            "lot": 0.00001,
            "min_quantity": 0.0001,
            "min_notional": 5.0,
            "maker_fee": 0.001,
            "taker_fee": 0.001,
        }
    }


@pytest.mark.parametrize("exchange_id", ["binance", "binanceusdm"])
def test_ccxt_swap_is_a_perpetual_of_binance(load: Any, exchange_id: str) -> None:
    loader = load(f"--exchange {exchange_id} --symbols BTC/USDT:USDT --end 2024-01-01")
    assert [batch[0] for batch in loader.batches] == ["BTCUSDT-PERP.BINANCE"]
    assert loader.metadata["BTCUSDT-PERP.BINANCE"]["kind"] == "perpetual"


def test_ccxt_continues_while_pages_are_capped_and_hands_over_in_batches(
    exchange: Exchange, server: Loopback, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ccxt_rest, "BATCH_ROWS", 20)
    exchange.page_rows = 10
    loader = load("--end 2024-01-02")
    assert [len(batch[2]) for batch in loader.batches] == [20, 20, 8]
    assert len(set(asked_ms(server, "1h"))) == len(asked_ms(server, "1h")) == 5


def test_ccxt_continues_after_what_the_catalog_has(server: Loopback, load: Any, capsys: Any) -> None:
    stored = RecordingLoader(stored={("BTCUSDT.BINANCE", "1h"): (START_MS + 20 * HOUR_MS) * 1_000_000})
    load("--end 2024-01-01", stored)
    assert asked_ms(server, "1h") == [START_MS + 20 * HOUR_MS]
    assert len(stored.all_candles()) == 4
    assert "4 candles from 2024-01-01T20:00Z on, after what the catalog had" in capsys.readouterr().err


def test_ccxt_with_refetch_starts_at_start(server: Loopback, load: Any) -> None:
    stored = RecordingLoader(stored={("BTCUSDT.BINANCE", "1h"): (START_MS + 20 * HOUR_MS) * 1_000_000})
    load("--end 2024-01-01 --refetch", stored)
    assert asked_ms(server, "1h") == [START_MS]


def test_ccxt_with_all_stored_asks_for_nothing(server: Loopback, load: Any, capsys: Any) -> None:
    stored = RecordingLoader(stored={("BTCUSDT.BINANCE", "1h"): (START_MS + DAY_MS) * 1_000_000})
    assert load("--end 2024-01-01", stored).batches == []
    assert asked_ms(server, "1h") == []
    assert "nothing new, the catalog has it up to 2024-01-02T00:00Z" in capsys.readouterr().err


def test_ccxt_never_loads_the_candle_that_is_still_open(exchange: Exchange, load: Any) -> None:
    now_ms = int(time.time() * 1000)
    exchange.listed_ms = now_ms - 3 * DAY_MS
    exchange.end_ms = now_ms + DAY_MS
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(now_ms / 1000 - 86_400))
    closes_ns = load(f"--start {yesterday}").all_candles().ts_open_ns + HOUR_MS * 1_000_000
    finished_ms = (int(time.time() * 1000) - 5_000) // HOUR_MS * HOUR_MS
    assert finished_ms - HOUR_MS <= closes_ns[-1] // 1_000_000 <= finished_ms


@pytest.mark.parametrize("window", [True, False])
def test_ccxt_finds_a_late_listing_in_few_requests(
    exchange: Exchange, server: Loopback, load: Any, capsys: Any, window: bool
) -> None:
    exchange.window = window
    exchange.listed_ms = START_MS + 300 * DAY_MS + 5 * HOUR_MS
    exchange.end_ms = exchange.listed_ms + 30 * HOUR_MS
    loader = load("--intervals 1m --end 2024-12")
    opens = loader.all_candles().ts_open_ns
    assert (opens[0], len(opens)) == (exchange.listed_ms * 1_000_000, 1800)
    assert len(server.asked) < 20  # 432 without looking at days
    assert (
        "2024-10-27T05:00Z, later than --start: listed then, or binance keeps no older ones" in capsys.readouterr().err
    )


@pytest.mark.parametrize("until_hours", [20, 40])
def test_ccxt_steps_over_an_outage(exchange: Exchange, server: Loopback, load: Any, until_hours: int) -> None:
    exchange.window, exchange.page_rows = True, 1000
    hole = range(START_MS + 2 * HOUR_MS, START_MS + until_hours * HOUR_MS)
    whole = exchange.klines
    exchange.klines = lambda asked: [  # type: ignore[method-assign]
        row for row in whole(asked) if row[0] not in hole or asked.query["interval"] == "1d"
    ]
    loader = load("--intervals 1m --end 2024-01-03")
    assert len(loader.all_candles()) == (72 - until_hours + 2) * 60
    assert len(server.asked) < 15


def test_ccxt_ends_when_the_exchange_ignores_since(exchange: Exchange, server: Loopback, load: Any) -> None:
    exchange.ignore_since, exchange.page_rows = True, 24
    loader = load("--end 2024-01")
    assert loader.all_candles().ts_open_ns[0] == (START_MS + 9 * DAY_MS) * 1_000_000
    assert len(loader.all_candles()) == 24
    assert len(server.asked) < 10


@pytest.mark.parametrize("interval", ["1h", "1d"])
def test_ccxt_ends_when_there_is_nothing(exchange: Exchange, server: Loopback, load: Any, interval: str) -> None:
    exchange.end_ms = START_MS
    with pytest.raises(DataError, match=f"BTCUSDT.BINANCE {interval}: the exchange gave no candle from 2024-01-01"):
        load(f"--intervals {interval} --end 2024-12")
    assert len(server.asked) < 10


def test_ccxt_tries_again_when_the_network_fails(server: Loopback, load: Any) -> None:
    server.first["/api/v3/klines"] = [
        Answer(503, headers={"Retry-After": "0"}),
        Answer(429, headers={"Retry-After": "0"}),
    ]
    assert len(load("--end 2024-01-01").all_candles()) == 24
    assert server.paths().count("/api/v3/klines") == 3


def test_ccxt_hands_over_what_it_has_before_it_gives_up(exchange: Exchange, server: Loopback) -> None:
    exchange.page_rows = 10
    server.first["/api/v3/klines"] = [exchange.respond(_first_page()), Answer(503, headers={"Retry-After": "0"})]
    loader = RecordingLoader()
    with pytest.raises(RetryableError, match=r"binance: candles of BTC/USDT 1h: .*503.*after 1 attempts"):
        ccxt_rest.run(parse(server, "--end 2024-01-01 --retries 0"), loader)
    assert len(loader.all_candles()) == 10


def _first_page() -> Asked:
    return Asked("/api/v3/klines", {"interval": "1h", "startTime": str(START_MS), "limit": "10"}, None)


@pytest.mark.parametrize(
    ("answer", "error", "expected"),
    [
        (Answer(400, b'{"code":-1102,"msg":"Mandatory parameter."}'), FatalError, "Mandatory parameter"),
        (Answer(451, b"restricted\nlocation"), RetryableError, "451 .*restricted location, after 1 attempts"),
        (Answer(200, b"<html>\nhello</html>"), RetryableError, "answered .*<html>.* instead of JSON"),
        (Answer(200, b'{"rows": 1}'), DataError, "gave no candle"),
        (Answer(200, b'[["x"]]'), DataError, "gave no candle"),
        (Answer(429, headers={"Retry-After": "9999"}), RetryableError, "asks to wait 9999 s"),
    ],
)
def test_ccxt_answers_that_are_no_candles_end_with_one_line(
    server: Loopback, load: Any, answer: Answer, error: type[BotError], expected: str
) -> None:
    server.first["/api/v3/klines"] = [answer] * 9
    with pytest.raises(error, match=expected) as caught:
        load("--end 2024-01-01 --retries 0")
    assert "\n" not in str(caught.value)


def test_ccxt_with_nobody_listening_ends_with_one_line(server: Loopback) -> None:
    args = parse(server, "--retries 0")
    args.base_url = "http://127.0.0.1:9"
    with pytest.raises(RetryableError, match="binance: markets: ") as caught:
        ccxt_rest.run(args, RecordingLoader())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--exchange krakn", "--exchange must be one of ccxt's .* was 'krakn'; did you mean 'kraken'"),
        ("--symbols BTC/USDX", "--symbols must be markets of binance .* was 'BTC/USDX'; did you mean 'BTC/USDT'"),
        ("--symbols BTC/USD:BTC", "--symbols must be spot .*'BTC/USD:BTC' of binance is inverse perpetual"),
        ("--intervals 3d", "--intervals must be of 1m, .*, was '3d'"),
        ("--base-url localhost:80", "--base-url must start with http:// or https://"),
        ("--start 1.1.2024", "--start must be a day"),
        ("--retries 21", "--retries must be from 0 to 20, was 21"),
    ],
)
def test_ccxt_options_that_cannot_work_say_which_and_why(load: Any, options: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        load(options)


def test_ccxt_not_installed_says_how_to(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(ConfigError, match="uv pip install ccxt"):
        load("")


def test_ccxt_kraken_keeps_only_the_newest_and_says_so(capsys: Any) -> None:
    now_s = int(time.time())
    newest = [now_s // 3600 * 3600 - k * 3600 for k in reversed(range(720))]
    rows = [[at, "1", "2", "0.5", "1.5", "1.2", "3.4", 7] for at in newest]
    pair = {
        "altname": "XBTUSD",
        "wsname": "XBT/USD",
        "base": "XXBT",
        "quote": "ZUSD",
        "pair_decimals": 1,
        "lot_decimals": 8,
        "tick_size": "0.1",
        "ordermin": "0.0001",
        "costmin": "0.5",
        "status": "online",
        "leverage_buy": [],
        "fees": [[0, 0.4]],
        "fees_maker": [[0, 0.25]],
    }
    assets = {
        name: {"altname": alt, "decimals": 8, "status": "enabled"} for name, alt in [("XXBT", "XBT"), ("ZUSD", "USD")]
    }
    results = {
        "/0/public/AssetPairs": {"XXBTZUSD": pair},
        "/0/public/Assets": assets,
        "/0/public/OHLC": {"XXBTZUSD": rows, "last": newest[-2]},
    }
    with Loopback(lambda asked: _json({"error": [], "result": results[asked.path]})) as server:
        loader = RecordingLoader()
        ccxt_rest.run(parse(server, "--exchange kraken --symbols BTC/USD --start 2024-01-01"), loader)
        assert len(server.asked) < 6
    assert 718 <= len(loader.all_candles()) <= 719
    assert loader.metadata["BTCUSD.KRAKEN"] is not None
    assert loader.metadata["BTCUSD.KRAKEN"]["tick"] == 0.1
    assert "kraken keeps no older ones" in capsys.readouterr().err
