"""Write what happens to the ledger, stamped with both clocks."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from simvenue.algo import Algo, AlgoRequest
from simvenue.ledger import Entry, Ledger
from simvenue.orders import ZERO, Fill, Order, OrderRequest


class Recorder:
    """Turn the exchange's doings into ledger entries; the balance of an entry is the one after it."""

    def __init__(self, ledger: Ledger, now_ms: Callable[[], int], market_ms: Callable[[], int]) -> None:
        self.ledger = ledger
        self.now_ms = now_ms
        self.market_ms = market_ms
        self._balance = ZERO

    def order_received(self, request: OrderRequest | AlgoRequest) -> None:
        self._write("order_received", request.symbol, request.client_id, **_request(request))

    def order_refused(self, request: OrderRequest | AlgoRequest, reason: str) -> None:
        self._write("order_refused", request.symbol, request.client_id, reason=reason)

    def order_changed(self, kind: str, order: Order) -> None:
        self._write(
            kind,
            order.symbol,
            order.client_id,
            order_id=order.order_id,
            side=order.side.value,
            type=order.kind.value,
            status=order.status.value,
            price=str(order.price),
            quantity=str(order.quantity),
            executed=str(order.executed),
            reduce_only=order.reduce_only,
            note=order.note,
        )

    def algo_changed(self, algo: Algo) -> None:
        self._write(
            "algo_changed",
            algo.request.symbol,
            algo.request.client_id,
            algo_id=algo.algo_id,
            status=algo.status.value,
            order_id=algo.child_id,
            note=algo.note,
            **_request(algo.request),
        )

    def filled(self, fill: Fill, balance: Decimal, position: Decimal) -> None:
        self._balance = balance
        self._write(
            "fill",
            fill.symbol,
            fill.client_id,
            fill.realised - fill.fee,
            trade_id=fill.trade_id,
            order_id=fill.order_id,
            side=fill.side.value,
            price=str(fill.price),
            quantity=str(fill.quantity),
            fee=str(fill.fee),
            realised=str(fill.realised),
            maker=fill.maker,
            position=str(position),
        )

    def moved(self, kind: str, symbol: str, amount: Decimal, balance: Decimal, **details: Any) -> None:
        """Record a change of the wallet that is no execution."""
        self._balance = balance
        self._write(kind, symbol, "", amount, **details)

    def resume(self, balance: Decimal) -> None:
        """Go on with a balance that a former process left."""
        self._balance = balance

    def _write(self, kind: str, symbol: str, client_id: str, amount: Decimal = ZERO, /, **details: Any) -> None:
        self.ledger.append(
            Entry(
                sequence=self.ledger.next_sequence,
                kind=kind,
                time_ms=self.now_ms(),
                market_ms=self.market_ms(),
                symbol=symbol,
                client_id=client_id,
                amount=amount,
                balance=self._balance,
                details=details,
            )
        )


def _request(request: OrderRequest | AlgoRequest) -> dict[str, Any]:
    trigger = request.trigger_price if isinstance(request, AlgoRequest) else request.stop_price
    return {
        "side": request.side.value,
        "type": request.kind.value,
        "quantity": str(request.quantity),
        "price": str(request.price),
        "trigger_price": str(trigger),
        "reduce_only": request.reduce_only,
        "close_position": request.close_position,
    }
