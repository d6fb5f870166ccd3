"""The engine's own Binance client, unmodified, goes through the scripted session; run by its test as a process.

It prints one JSON line: the steps that were reached, the engine's balance, and what the engine booked per fill.
"""

import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from nautilus_trader.adapters.binance import (
    BinanceDataClientConfig,
    BinanceDataClientFactory,
    BinanceEnvironment,
    BinanceExecutionClientConfig,
    BinanceExecutionClientFactory,
    BinanceProductType,
)
from nautilus_trader.common import Environment, LoggerConfig, LogLevel
from nautilus_trader.live import LiveExecutionEngineConfig, LiveNode
from nautilus_trader.model import (
    AccountId,
    BarType,
    Currency,
    InstrumentId,
    OrderFilled,
    OrderSide,
    StrategyId,
    TraderId,
    Venue,
)
from nautilus_trader.trading import Strategy, StrategyConfig

PERP = InstrumentId.from_str("BTCUSDT-PERP.BINANCE")
BUY, SELL = OrderSide.BUY, OrderSide.SELL
USDT = Currency.from_str("USDT")

type Wanted = Callable[[str, Any], bool]


class Session(Strategy):
    """Run a script, a generator: it yields what it waits for and gets the event that fulfilled it."""

    control = ""
    stop_node: Callable[[], None]

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id=StrategyId("SESSION-001"), order_id_tag="001"))
        self.reached: list[str] = []
        self.fills: list[tuple[str, str, str, str]] = []
        self.balance = ""
        self._script = self.script()
        self._wanted: Wanted | None = None

    def tell(self, path: str, **body: Any) -> None:
        request = urllib.request.Request(f"{self.control}{path}", data=json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=5) as answer:
            answer.read()

    def quote(self, bid: str, ask: str, quantity: str = "10") -> None:
        self.tell("/book", symbol="BTCUSDT", bids=[[bid, quantity]], asks=[[ask, quantity]])

    def script(self) -> Iterator[Wanted]:
        instrument = self.cache.instrument(PERP)
        factory, size, price = self.order_factory, instrument.make_qty, instrument.make_price

        def event(kind: str, order: Any) -> Wanted:
            return lambda name, what: name == kind and what.client_order_id == order.client_order_id

        self.reached.append("instrument")
        self.request_bars(BarType.from_str(f"{PERP}-15-MINUTE-LAST-EXTERNAL"), limit=100)
        yield lambda name, what: name == "history" and len(what) >= 99
        self.reached.append("history")
        self.subscribe_quotes(PERP)
        self.subscribe_trades(PERP)
        self.subscribe_mark_prices(PERP)
        self.subscribe_bars(BarType.from_str(f"{PERP}-1-MINUTE-LAST-EXTERNAL"))
        self.tell("/speed", speed=600.0)
        for kind in ("trade", "bar", "mark", "quote"):
            yield lambda name, _, kind=kind: name == kind  # type: ignore[misc]
            self.reached.append(kind)
        self.tell("/speed", speed=0)
        self.quote("50000.0", "50000.1")

        rests = factory.limit(PERP, BUY, size(0.01), price(49000.0))
        self.submit_order(rests)
        yield event("accepted", rests)
        self.modify_order(rests.client_order_id, quantity=size(0.02), price=price(49100.0))
        yield event("updated", rests)
        self.cancel_order(rests.client_order_id)
        yield event("canceled", rests)
        self.reached.append("limit rests, is modified, is cancelled")

        taker = factory.limit(PERP, BUY, size(0.01), price(50100.0), post_only=True)
        self.submit_order(taker)
        yield event("rejected", taker)
        self.reached.append("post-only refused")

        market = factory.market(PERP, BUY, size(0.1))
        self.submit_order(market)
        yield event("filled", market)
        self.reached.append("market fill")

        self.quote("50000.0", "50000.1", "0.040")
        partly = factory.limit(PERP, BUY, size(0.1), price(50000.1))
        self.submit_order(partly)
        yield event("filled", partly)
        self.quote("49999.0", "50000.1", "0.060")
        yield event("filled", partly)
        self.reached.append("partial fill, then the rest")

        stop = factory.stop_limit(PERP, SELL, size(0.2), price(49400.0), price(49500.0), reduce_only=True)
        backstop = factory.stop_market(PERP, SELL, size(0.2), price(48000.0), reduce_only=True)
        self.submit_order(stop)
        yield event("accepted", stop)
        self.submit_order(backstop, params={"close_position": True})
        yield event("accepted", backstop)
        first = factory.limit(PERP, SELL, size(0.1), price(50500.0), reduce_only=True)
        second = factory.limit(PERP, SELL, size(0.1), price(51000.0), reduce_only=True)
        for target in (first, second):
            self.submit_order(target)
            yield event("accepted", target)
        self.reached.append("stop, backstop and targets rest")

        self.quote("50500.5", "50500.6")
        yield event("filled", first)
        self.reached.append("first target filled")
        self.quote("50000.0", "50000.1")
        self.tell("/price", symbol="BTCUSDT", price="49450.0", quantity="0.001")
        yield event("filled", stop)
        self.reached.append("stop triggered and filled")
        yield event("expired", second)
        self.reached.append("reduce-only target expired with the position")
        self.cancel_order(backstop.client_order_id)
        yield event("canceled", backstop)
        self.reached.append("backstop cancelled")

        self.quote("50000.0", "50000.1")
        short = factory.market(PERP, SELL, size(0.1))
        self.submit_order(short)
        yield event("filled", short)
        target = factory.limit(PERP, BUY, size(0.1), price(49800.0), reduce_only=True)
        self.submit_order(target)
        yield event("accepted", target)
        self.quote("49700.0", "49700.1")
        yield event("filled", target)
        self.reached.append("short closed at its target")

    def on_start(self) -> None:
        self.clock.set_time_alert(
            "give up", self.clock.utc_now() + timedelta(seconds=30), lambda _: self.end("out of time")
        )
        self.go("start", None)

    def go(self, name: str, what: Any) -> None:
        if self._wanted is not None and not self._wanted(name, what):
            return
        try:
            self._wanted = next(self._script)
        except StopIteration:
            self.end("done")

    def end(self, how: str) -> None:
        self._wanted = lambda _, __: False
        account = self.portfolio.account(Venue("BINANCE"))
        self.balance = str(account.balance_total(USDT).as_decimal())
        self.reached.append(how)
        self.stop_node()

    def on_historical_bars(self, bars: Any) -> None:
        self.go("history", bars)

    def on_bar(self, bar: Any) -> None:
        self.go("bar", bar)

    def on_quote(self, quote: Any) -> None:
        self.go("quote", quote)

    def on_trade(self, trade: Any) -> None:
        self.go("trade", trade)

    def on_mark_price(self, mark: Any) -> None:
        self.go("mark", mark)

    def on_order_accepted(self, event: Any) -> None:
        self.go("accepted", event)

    def on_order_updated(self, event: Any) -> None:
        self.go("updated", event)

    def on_order_canceled(self, event: Any) -> None:
        self.go("canceled", event)

    def on_order_rejected(self, event: Any) -> None:
        self.go("rejected", event)

    def on_order_expired(self, event: Any) -> None:
        self.go("expired", event)

    def on_order_filled(self, event: OrderFilled) -> None:
        commission = event.commission
        self.fills.append(
            (
                str(event.trade_id),
                str(event.last_px),
                str(event.last_qty),
                str(commission.as_decimal() if commission else 0),
            )
        )
        self.go("filled", event)


def main(facts: dict[str, Any], *, use_ws_trading: bool) -> None:
    """Run the session against a venue and print what came of it."""
    keys: dict[str, Any] = {
        "api_key": "sim-key",
        "api_secret": "sim-secret",
        "product_type": BinanceProductType.USD_M,
        "environment": BinanceEnvironment.LIVE,
        "base_url_http": facts["http"],
        "base_url_ws": facts["ws"],
    }
    execution = BinanceExecutionClientConfig(
        account_id=AccountId("BINANCE-001"),
        base_url_ws_trading=facts["ws_api"],
        use_ws_trading=use_ws_trading,
        **keys,
    )
    node = (
        LiveNode.builder("session", TraderId("TESTER-001"), Environment.LIVE)
        .with_delay_post_stop_secs(0)
        .with_logging(LoggerConfig(stdout_level=LogLevel.WARNING))
        .with_exec_engine_config(LiveExecutionEngineConfig(reconciliation_startup_delay_secs=0.0))
        .add_data_client(None, BinanceDataClientFactory(), BinanceDataClientConfig(**keys))
        .add_exec_client(None, BinanceExecutionClientFactory(), execution)
        .build()
    )
    handle = node.handle()
    session = Session()
    session.control, session.stop_node = facts["control"], handle.stop
    node.add_strategy(session)
    node.run()
    print("SESSION " + json.dumps({"reached": session.reached, "balance": session.balance, "fills": session.fills}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), use_ws_trading=sys.argv[2] == "ws")
