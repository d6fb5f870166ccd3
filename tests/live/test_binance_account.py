"""Our Binance client and the simulated exchange: what is read of market and account is what the venue has."""

import math
import time
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from adapters.binance.errors import VenueRefusedError
from adapters.binance.names import venue_name_of
from adapters.binance.usdm import BinanceUsdm
from catalog.candles import MINUTE_NS
from errors import ConfigError
from tests.live.usdm_account import Account
from tests.live.venue import SimulatedVenue

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def venue() -> Iterator[SimulatedVenue]:
    with SimulatedVenue("--prices", "seed:1", "--speed", "0") as found:
        yield found


@pytest.fixture
def account(venue: SimulatedVenue) -> Account:
    found = Account(venue)
    found.empty()
    return found


@pytest.fixture
def client(venue: SimulatedVenue) -> BinanceUsdm:
    return BinanceUsdm(venue.http, "sim-key", "sim-secret", permissions_url=venue.http)


def test_candles_of_days_come_in_pages_without_gap(venue: SimulatedVenue, client: BinanceUsdm) -> None:
    end_ms = venue.get("/clock")["market_ms"]
    whole = client.klines("BTCUSDT", "1m", end_ms - 2 * DAY_MS, end_ms)
    assert len(whole) in (2879, 2880)  # 2 days, the running minute left out
    assert np.all(np.diff(whole.ts_open_ns) == MINUTE_NS)
    assert whole.ts_open_ns[-1] // 1_000_000 + 60_000 <= end_ms
    assert np.all((whole.low <= whole.open) & (whole.open <= whole.high) & (whole.low > 0.0))
    small = client.klines("BTCUSDT", "1m", end_ms - DAY_MS // 24, end_ms, limit=7)
    assert np.array_equal(small.close, whole.close[-len(small) :])
    assert len(client.klines("BTCUSDT", "1m", end_ms, end_ms)) == 0


def test_interval_that_there_is_none_of_is_said(client: BinanceUsdm) -> None:
    with pytest.raises(ConfigError, match=r"interval must be one of 1m, .*, was '7m'"):
        client.klines("BTCUSDT", "7m", 0, DAY_MS)


def test_symbol_that_is_not_traded_is_refused(client: BinanceUsdm) -> None:
    with pytest.raises(VenueRefusedError) as found:
        client.klines("NOUSDT", "1m", 0, DAY_MS)
    assert found.value.code == -1121


def test_books_of_a_round_trip_are_those_of_the_venue(account: Account, client: BinanceUsdm) -> None:
    before = account.venue.totals()
    begun_ms = time.time_ns() // 1_000_000
    (wallet,) = client.balances()
    account.enter(2.0)
    account.venue.quote(110.0, 110.1, 1000)
    (held,) = client.positions()
    assert (held.symbol, held.quantity, held.entry_price) == ("BTCUSDT", 2, Decimal("100.1"))
    closed = client.market_close("BTCUSDT", "SELL", Decimal(2), "round-trip")
    assert (closed.filled, closed.average_price, closed.is_open) == (2, 110, False)
    after = account.venue.totals()
    fills = client.user_trades("BTCUSDT", begun_ms)
    assert sum(fill.realized_pnl for fill in fills) == after["realised"] - before["realised"] == Decimal("19.8")
    assert sum(fill.commission for fill in fills) == after["fees"] - before["fees"] > 0
    booked = client.income("COMMISSION", begun_ms)
    assert sum(one.income for one in booked) == before["fees"] - after["fees"]
    assert client.balances()[0].balance - wallet.balance == after["wallet"] - before["wallet"]


def test_close_never_opens(account: Account, client: BinanceUsdm) -> None:
    account.enter(1.5)
    assert client.market_close("BTCUSDT", "SELL", Decimal(4), "too-much").filled == Decimal("1.5")
    with pytest.raises(VenueRefusedError) as found:
        client.market_close("BTCUSDT", "SELL", Decimal(1), "nothing-left")
    assert found.value.code == -2022
    assert client.positions() == []


def test_orders_are_found_and_cancelled_by_their_names(account: Account, client: BinanceUsdm) -> None:
    account.enter()
    account.protect("t-SL1")
    account.limit("t-T11", "SELL", 1.0, 120.0, reduceOnly="true")
    stop, target = venue_name_of("t-SL1"), venue_name_of("t-T11")
    assert [order.client_order_id for order in client.open_orders("BTCUSDT")] == [target]
    assert [order.client_algo_id for order in client.open_algo_orders()] == [stop]
    found, waiting = client.order("BTCUSDT", target), client.algo_order(stop)
    assert found is not None
    assert waiting is not None
    assert (found.is_open, found.reduce_only, found.quantity, found.price) == (True, True, 1, 120)
    assert (waiting.is_open, waiting.trigger_price, waiting.quantity) == (True, 95, 2)
    client.cancel_order("BTCUSDT", target)
    client.cancel_algo_order(stop)
    assert client.open_orders() == client.open_algo_orders() == []
    with pytest.raises(VenueRefusedError) as error:
        client.cancel_order("BTCUSDT", target)
    assert error.value.code == -2011


def test_venue_tells_its_time_and_bounds(venue: SimulatedVenue, client: BinanceUsdm) -> None:
    assert math.isclose(client.server_time_ns(), time.time_ns(), abs_tol=2e9)
    instrument = client.exchange_info()["BTCUSDT"]
    assert instrument.tick > 0
    assert instrument.max_market_quantity > instrument.min_quantity > 0
    assert not client.is_hedge_mode()
