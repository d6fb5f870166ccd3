"""An exchange of spot pairs on a still market, with what it told its front door, for the tests of its rules."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from simvenue.fees import FeeSchedule
from simvenue.ledger import Ledger
from simvenue.orders import Execution, Fill, Side
from simvenue.pairs.balances import Balances
from simvenue.pairs.exchange import PairExchange
from simvenue.pairs.listing import pair
from simvenue.pairs.lists import ListRequest, OrderList
from simvenue.pairs.orders import PairKind, PairOrder, PairRequest
from simvenue.pairs.record import PairRecorder

D = Decimal
BTC = "BTCUSDT"
BUY, SELL = Side.BUY, Side.SELL


class Ear:
    """Write down what the exchange tells, one line per event."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_order(self, order: PairOrder, execution: Execution, fill: Fill | None) -> None:
        size = f" {fill.quantity.normalize()}@{fill.price.normalize():f}" if fill else ""
        self.heard.append(f"{order.client_id} {execution.value}{size}")

    def on_list(self, order_list: OrderList) -> None:
        self.heard.append(f"{order_list.client_id} {order_list.state.value}")

    def on_balances(self, assets: Sequence[str]) -> None:
        """Balances are read where they are kept."""

    def on_deposit(self, asset: str, amount: Decimal) -> None:
        """Balances are read where they are kept."""

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal, aggressor: Side) -> None:
        """Market data is tested elsewhere."""

    def on_book(self, symbol: str) -> None:
        """Market data is tested elsewhere."""


class PairDesk:
    """Trade BTCUSDT at 50,000 with 10,000 USDT and 1 BTC; fees are 0.1 %."""

    def __init__(self, usdt: int = 10_000, btc: int = 1) -> None:
        recorder = PairRecorder(Ledger(), lambda: 7, lambda: 7)
        fees = FeeSchedule(D("0.001"), D("0.001"))
        self.exchange = PairExchange([pair(BTC)], Balances(), recorder, fees)
        self.exchange.settlement.deposit(D(usdt))
        self.exchange.settlement.deposit(D(btc), "BTC")
        self.ear = Ear()
        self.exchange.listeners.append(self.ear)
        self.exchange.markets[BTC].last_price = D(50_000)
        self.quote("49999.99", 50_000)

    def quote(self, bid: Any, ask: Any, quantity: Any = 10) -> None:
        self.exchange.quote(BTC, [(D(bid), D(quantity))], [(D(ask), D(quantity))])

    def print(self, price: Any, quantity: Any = "0.001") -> None:
        self.exchange.trade(BTC, D(price), D(quantity), SELL)

    def request(self, name: str, side: Side, kind: PairKind, quantity: Any, price: Any = 0, **more: Any) -> PairRequest:
        return PairRequest(
            symbol=BTC,
            side=side,
            kind=kind.matched_as,
            pair_kind=kind,
            quantity=D(quantity),
            price=D(price),
            client_id=name,
            **more,
        )

    def place(self, name: str, side: Side, kind: PairKind, quantity: Any, price: Any = 0, **more: Any) -> PairOrder:
        return self.exchange.place(self.request(name, side, kind, quantity, price, **more))

    def limit(self, name: str, side: Side, quantity: Any, price: Any, **more: Any) -> PairOrder:
        return self.place(name, side, PairKind.LIMIT, quantity, price, **more)

    def bracket(
        self, name: str, quantity: Any, target: Any, trigger: Any, limit: Any, side: Side = SELL
    ) -> tuple[PairOrder, PairOrder]:
        """Place a list and return its target and its stop."""
        maker = self.request(f"{name}-T", side, PairKind.LIMIT_MAKER, quantity, target)
        stop = self.request(f"{name}-S", side, PairKind.STOP_LOSS_LIMIT, quantity, limit, stop_price=D(trigger))
        above, below = (maker, stop) if side is SELL else (stop, maker)
        made = self.exchange.lists.place(ListRequest(symbol=BTC, client_id=name, above=above, below=below))
        legs = {order.client_id: order for order in self.exchange.lists.legs(made)}
        return legs[f"{name}-T"], legs[f"{name}-S"]

    def held(self, asset: str) -> tuple[Decimal, Decimal]:
        """Return free and locked."""
        return self.exchange.balances.free(asset), self.exchange.balances.locked(asset)

    def said(self) -> list[str]:
        """Return what was told since the last call."""
        heard, self.ear.heard = self.ear.heard, []
        return heard
