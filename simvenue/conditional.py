"""The desk for conditional orders: accept, cancel, watch prices, release the child order, report its end."""

from decimal import Decimal
from typing import TYPE_CHECKING

from simvenue.algo import Algo, AlgoKind, AlgoRequest, AlgoStatus, Watch
from simvenue.orders import ZERO, Kind, Order, OrderRequest
from simvenue.refusal import Reason, Refused

if TYPE_CHECKING:
    from simvenue.perpetuals import Perpetuals


class ConditionalDesk:
    """Hold every conditional order of the account; no margin is bound before one is released."""

    def __init__(self, exchange: "Perpetuals") -> None:
        self._exchange = exchange
        self.algos: dict[int, Algo] = {}
        self.last_algo_id = 2_000_000_000

    def waiting(self, symbol: str = "") -> list[Algo]:
        """Return the conditional orders that wait, of one instrument or of all."""
        return [algo for algo in self.algos.values() if algo.waits and symbol in ("", algo.request.symbol)]

    def find(self, algo_id: int = 0, client_id: str = "") -> Algo:
        """Return a conditional order by the venue's id or, the newest, by the client's."""
        found = [
            algo
            for algo in self.algos.values()
            if (algo_id and algo.algo_id == algo_id) or (not algo_id and algo.request.client_id == client_id)
        ]
        if not found:
            raise Refused(Reason.UNKNOWN_ORDER, client_id or str(algo_id))
        return found[-1]

    def place(self, request: AlgoRequest) -> Algo:
        """Check and accept a conditional order; raise ``Refused`` when a rule is broken."""
        recorder = self._exchange.recorder
        recorder.order_received(request)
        try:
            self._check(request)
        except Refused as refused:
            recorder.order_refused(request, refused.reason.name)
            raise
        self.last_algo_id += 1
        now = recorder.now_ms()
        algo = Algo(algo_id=self.last_algo_id, request=request, created_ms=now, updated_ms=now)
        algo.active = request.kind is not AlgoKind.TRAILING_STOP_MARKET or request.trigger_price == 0
        self.algos[algo.algo_id] = algo
        self._tell(algo)
        return algo

    def cancel(self, algo: Algo) -> Algo:
        """Cancel a waiting conditional order; raise ``Refused`` when it is released or done."""
        if not algo.waits:
            raise Refused(Reason.UNKNOWN_ORDER, f"algo order {algo.algo_id} is {algo.status.value}")
        self._set(algo, AlgoStatus.CANCELED)
        return algo

    def on_price(self, symbol: str) -> None:
        """Release what the present prices release, oldest first."""
        for algo in self.waiting(symbol):
            price = self._watched(symbol, algo.request.watch)
            if algo.waits and price > 0 and algo.due(price):
                self._release(algo)

    def on_child(self, order: Order) -> None:
        """Note the progress of a released order."""
        algo = self.algos.get(order.algo_id)
        if algo is None or algo.child_id != order.order_id:
            return
        algo.executed, algo.average_price = order.executed, order.average_price
        if not order.is_open:
            self._set(algo, AlgoStatus.FINISHED)

    def _check(self, request: AlgoRequest) -> None:
        market = self._exchange.market(request.symbol)
        known = [algo for algo in self.waiting() if algo.request.client_id == request.client_id]
        if known:
            raise Refused(Reason.DUPLICATE_CLIENT_ID, request.client_id)
        trailing = request.kind is AlgoKind.TRAILING_STOP_MARKET
        if not trailing or request.trigger_price:
            market.instrument.check_price(request.trigger_price)
        if trailing and not Decimal("0.001") <= request.callback_frac <= Decimal("0.1"):
            raise Refused(Reason.BAD_VALUE, "callbackRate must be 0.1 to 10")
        if not request.close_position:
            market.instrument.check_quantity(request.quantity, market=request.kind.child is Kind.MARKET)
        elif any(a.request.close_position and a.request.side is request.side for a in self._like(request)):
            raise Refused(Reason.CLOSING_EXISTS)
        if request.kind.child is Kind.LIMIT:
            market.instrument.check_price(request.price)
        price = self._watched(request.symbol, request.watch)
        probe = Algo(algo_id=0, request=request, created_ms=0, updated_ms=0)
        if not trailing and price > 0 and probe.due(price):
            raise Refused(Reason.WOULD_TRIGGER)

    def _like(self, request: AlgoRequest) -> list[Algo]:
        return [a for a in self.waiting(request.symbol) if a.request.kind.takes_profit is request.kind.takes_profit]

    def _watched(self, symbol: str, watch: Watch) -> Decimal:
        if watch is Watch.MARK_PRICE:
            return self._exchange.mark_price(symbol)
        return self._exchange.markets[symbol].last_price

    def _release(self, algo: Algo) -> None:
        request, exchange = algo.request, self._exchange
        algo.triggered_ms = exchange.recorder.now_ms()
        self._set(algo, AlgoStatus.TRIGGERING)
        quantity = request.quantity
        if request.close_position:
            quantity = exchange.account.position(request.symbol).reducible(request.side)
        if request.close_position and quantity == 0:
            self._set(algo, AlgoStatus.EXPIRED, "no position to close")
            return
        child = OrderRequest(
            symbol=request.symbol,
            side=request.side,
            kind=request.kind.child,
            quantity=quantity,
            client_id=request.client_id,
            price=request.price if request.kind.child is Kind.LIMIT else ZERO,
            time_in_force=request.time_in_force,
            reduce_only=request.reduce_only,
            close_position=request.close_position,
            algo_id=algo.algo_id,
            original_type=request.kind.value,
            stop_price=request.trigger_price,
        )
        try:
            order = exchange.accept(child)
        except Refused as refused:
            self._set(algo, AlgoStatus.REJECTED, refused.detail)
            return
        algo.child_id = order.order_id
        self._set(algo, AlgoStatus.TRIGGERED)
        exchange.work(order)

    def _set(self, algo: Algo, status: AlgoStatus, note: str = "") -> None:
        algo.status, algo.note = status, note
        algo.updated_ms = self._exchange.recorder.now_ms()
        self._tell(algo)

    def _tell(self, algo: Algo) -> None:
        self._exchange.recorder.algo_changed(algo)
        for listener in self._exchange.listeners:
            listener.on_algo(algo)
