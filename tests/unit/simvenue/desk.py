"""An exchange on a still market, with what it told its front door, for the tests of its rules."""

from decimal import Decimal
from typing import Any

from simvenue.account import Account
from simvenue.algo import Algo, AlgoKind, AlgoRequest
from simvenue.fees import FeeSchedule
from simvenue.funding import FundingSchedule
from simvenue.instrument import perpetual
from simvenue.ledger import Ledger
from simvenue.orders import Execution, Fill, Kind, Order, OrderRequest, Side, TimeInForce
from simvenue.perpetuals import Perpetuals
from simvenue.record import Recorder

D = Decimal
BTC = "BTCUSDT"


class Ear:
    """Write down what the exchange tells, one word or two per event."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_order(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        size = f" {fill.quantity.normalize()}@{fill.price.normalize():f}" if fill else ""
        self.heard.append(f"{order.client_id} {execution.value}{size}")

    def on_algo(self, algo: Algo) -> None:
        self.heard.append(f"{algo.request.client_id} algo {algo.status.value}")

    def on_account(self, cause: str, symbol: str, change: Decimal) -> None:
        if cause != "ORDER":
            self.heard.append(f"{cause} {change.normalize():f}")

    def on_settings(self, symbol: str, leverage: int) -> None:
        self.heard.append(f"leverage {leverage}")

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Market data is tested elsewhere."""

    def on_book(self, symbol: str) -> None:
        """Market data is tested elsewhere."""


class Desk:
    """Trade BTCUSDT at 100-something with 1,000 USDT; fees are 0.02 % and 0.05 %."""

    def __init__(self, wallet: int = 10_000, rate: str = "0.0001") -> None:
        self.now_ms = 0
        ledger = Ledger()
        recorder = Recorder(ledger, lambda: self.now_ms, lambda: self.now_ms)
        account = Account(wallet=D(0))
        funding = FundingSchedule(D(rate))
        self.exchange = Perpetuals([perpetual(BTC)], account, recorder, FeeSchedule(), funding)
        self.exchange.settlement.deposit(D(wallet))
        self.ear = Ear()
        self.exchange.listeners.append(self.ear)
        self.quote(50_000, "50000.1")

    @property
    def ledger(self) -> Ledger:
        return self.exchange.recorder.ledger

    @property
    def position(self) -> Decimal:
        return self.exchange.account.position(BTC).quantity

    @property
    def wallet(self) -> Decimal:
        return self.exchange.account.wallet

    def quote(self, bid: Any, ask: Any, quantity: Any = 10) -> None:
        self.exchange.quote(BTC, [(D(bid), D(quantity))], [(D(ask), D(quantity))])

    def ladder(self, bids: list[tuple[Any, Any]], asks: list[tuple[Any, Any]]) -> None:
        self.exchange.quote(BTC, [(D(p), D(q)) for p, q in bids], [(D(p), D(q)) for p, q in asks])

    def print(self, price: Any, quantity: Any, aggressor: Side) -> None:
        self.exchange.trade(BTC, D(price), D(quantity), aggressor)

    def limit(self, name: str, side: Side, quantity: Any, price: Any, **more: Any) -> Order:
        return self.exchange.place(
            OrderRequest(
                symbol=BTC, side=side, kind=Kind.LIMIT, quantity=D(quantity), price=D(price), client_id=name, **more
            )
        )

    def market(self, name: str, side: Side, quantity: Any, **more: Any) -> Order:
        return self.exchange.place(
            OrderRequest(symbol=BTC, side=side, kind=Kind.MARKET, quantity=D(quantity), client_id=name, **more)
        )

    def stop(self, name: str, side: Side, trigger: Any, **more: Any) -> Algo:
        fixed = {"symbol": BTC, "side": side, "client_id": name, "trigger_price": D(trigger)}
        return self.exchange.conditional.place(AlgoRequest(**(fixed | {"kind": AlgoKind.STOP_MARKET} | more)))

    def said(self) -> list[str]:
        """Return what was told since the last call."""
        heard, self.ear.heard = self.ear.heard, []
        return heard


IOC, FOK, GTX = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX
BUY, SELL = Side.BUY, Side.SELL
