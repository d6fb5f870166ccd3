"""The engine's own Binance spot client, unmodified, goes through the scripted session; run by its test as a process.

It prints one JSON line: the steps that were reached, the engine's balances, and what the engine booked per fill.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from nautilus_trader.adapters.binance import (
    BinanceDataClientConfig,
    BinanceDataClientFactory,
    BinanceEnvironment,
    BinanceExecutionClientConfig,
    BinanceExecutionClientFactory,
    BinanceProductType,
    BinanceSpotMarketDataMode,
)
from nautilus_trader.common import Environment, LoggerConfig, LogLevel
from nautilus_trader.core import UUID4
from nautilus_trader.live import LiveExecutionEngineConfig, LiveNode, LiveRiskEngineConfig
from nautilus_trader.model import (
    AccountId,
    BarType,
    ContingencyType,
    Currency,
    InstrumentId,
    LimitOrder,
    StopLimitOrder,
    TimeInForce,
    TraderId,
    TriggerType,
    Venue,
)

from tests.live.engine_session import BUY, SELL, Session, Wanted

PAIR = InstrumentId.from_str("BTCUSDT.BINANCE")
ASSETS = ("USDT", "BTC")
PRIVATE_KEY = "MC4CAQAwBQYDK2VwBCIEIDrxME9rdt83tJMCDbJL0uePX3l12EM8rjwFqFVLchkC"  # of the venue's sim-ed25519-key


class SpotSession(Session):
    """Run the same script as for perpetuals, as far as a spot account knows its steps."""

    def __init__(self) -> None:
        super().__init__()
        self.balances: dict[str, str] = {}

    def script(self) -> Iterator[Wanted]:
        instrument = self.cache.instrument(PAIR)
        factory, size, price = self.order_factory, instrument.make_qty, instrument.make_price

        def event(kind: str, order: Any) -> Wanted:
            return lambda name, what: name == kind and what.client_order_id == order.client_order_id

        self.reached.append("instrument")
        self.request_bars(BarType.from_str(f"{PAIR}-15-MINUTE-LAST-EXTERNAL"), limit=100)
        yield lambda name, what: name == "history" and len(what) >= 99
        self.reached.append("history")
        self.subscribe_quotes(PAIR)
        self.subscribe_trades(PAIR)
        self.subscribe_bars(BarType.from_str(f"{PAIR}-1-MINUTE-LAST-EXTERNAL"))
        self.tell("/speed", speed=600.0)
        for kind in ("trade", "bar", "quote"):
            yield lambda name, _, kind=kind: name == kind  # type: ignore[misc]
            self.reached.append(kind)
        self.tell("/speed", speed=0)
        self.quote("50000.00", "50000.01")

        rests = factory.limit(PAIR, BUY, size(0.01), price(49000.0))
        self.submit_order(rests)
        yield event("accepted", rests)
        self.cancel_order(rests.client_order_id)
        yield event("canceled", rests)
        self.reached.append("limit rests, is cancelled")

        taker = factory.limit(PAIR, BUY, size(0.01), price(50100.0), post_only=True)
        self.submit_order(taker)
        yield event("rejected", taker)
        self.reached.append("post-only refused")

        market = factory.market(PAIR, BUY, size(0.1))
        self.submit_order(market)
        yield event("filled", market)
        self.reached.append("market fill")

        self.quote("50000.00", "50000.01", "0.04000")
        partly = factory.limit(PAIR, BUY, size(0.1), price(50000.01))
        self.submit_order(partly)
        yield event("filled", partly)
        self.quote("49999.00", "50000.01", "0.06000")
        yield event("filled", partly)
        self.reached.append("partial fill, then the rest")

        first = self.pair_of(size(0.0999), price(50500.0), price(49500.0), price(49400.0))
        second = self.pair_of(size(0.0999), price(51000.0), price(49500.0), price(49400.0))
        for legs in (first, second):
            self.submit_order_list(legs)
            for leg in legs:
                yield event("accepted", leg)
        self.reached.append("two lists rest")
        self.quote("50500.50", "50500.60")
        yield event("expired", first[1])
        yield event("filled", first[0])
        self.reached.append("first target filled, its stop expired")
        self.quote("49480.00", "49480.01")
        self.tell("/price", symbol="BTCUSDT", price="49490.00", quantity="0.001")
        yield event("expired", second[0])
        yield event("filled", second[1])
        self.reached.append("second stop triggered and filled, its target expired")
        soon = self.clock.utc_now() + timedelta(milliseconds=300)  # the balances come after the last execution
        self.clock.set_time_alert("settle", soon, lambda _: self.go("settled", None))
        yield lambda name, _: name == "settled"

    def pair_of(self, quantity: Any, target: Any, trigger: Any, limit: Any) -> list[Any]:
        """Return a target and a stop that cancel each other."""
        factory = self.order_factory
        names = [factory.generate_client_order_id(), factory.generate_client_order_id()]
        shared: dict[str, Any] = {
            "trader_id": self.trader_id,
            "strategy_id": self.strategy_id,
            "instrument_id": PAIR,
            "order_side": SELL,
            "quantity": quantity,
            "time_in_force": TimeInForce.GTC,
            "reduce_only": False,
            "quote_quantity": False,
            "ts_init": self.clock.timestamp_ns(),
            "contingency_type": ContingencyType.OCO,
            "order_list_id": factory.generate_order_list_id(),
            "linked_order_ids": names,
        }
        return [
            LimitOrder(client_order_id=names[0], price=target, post_only=True, init_id=UUID4(), **shared),
            StopLimitOrder(
                client_order_id=names[1],
                price=limit,
                trigger_price=trigger,
                trigger_type=TriggerType.LAST_PRICE,
                post_only=False,
                init_id=UUID4(),
                **shared,
            ),
        ]

    def end(self, how: str) -> None:
        account = self.portfolio.account(Venue("BINANCE"))
        for asset in ASSETS:
            total = account.balance_total(Currency.from_str(asset))
            self.balances[asset] = str(total.as_decimal() if total else 0)
        super().end(how)


def main(facts: dict[str, Any], key: str, secret: str) -> None:
    """Run the session against a venue and print what came of it."""
    keys: dict[str, Any] = {
        "api_key": key,
        "api_secret": secret,
        "product_type": BinanceProductType.SPOT,
        "environment": BinanceEnvironment.LIVE,
        "base_url_http": facts["http"],
        "base_url_ws": facts["ws"],
    }
    execution = BinanceExecutionClientConfig(
        account_id=AccountId("BINANCE-001"), base_url_ws_trading=facts["ws_api_sbe"], use_ws_trading=True, **keys
    )
    data = BinanceDataClientConfig(spot_market_data_mode=BinanceSpotMarketDataMode.Json, **keys)
    node = (
        LiveNode.builder("session", TraderId("TESTER-001"), Environment.LIVE)
        .with_delay_post_stop_secs(0)
        .with_logging(LoggerConfig(stdout_level=LogLevel.WARNING))
        .with_exec_engine_config(LiveExecutionEngineConfig(reconciliation_startup_delay_secs=0.0))
        # the engine's own risk check counts both legs of a list against what is free: the second list would be denied
        .with_risk_engine_config(LiveRiskEngineConfig(bypass=True))
        .add_data_client(None, BinanceDataClientFactory(), data)
        .add_exec_client(None, BinanceExecutionClientFactory(), execution)
        .build()
    )
    handle = node.handle()
    session = SpotSession()
    session.control, session.stop_node = facts["control"], handle.stop
    node.add_strategy(session)
    node.run()
    print("SESSION " + json.dumps({"reached": session.reached, "balances": session.balances, "fills": session.fills}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), "sim-ed25519-key", PRIVATE_KEY)
