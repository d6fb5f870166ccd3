"""One look: the node's sign of life, the venue's positions, what protects them, what may open new ones."""

import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from adapters.binance.parsing import AlgoOrder, Instrument, Order, Position
from adapters.binance.picture import account_picture
from adapters.binance.usdm import BinanceUsdm
from errors import VenueError
from execution.audit.cover import uncovered
from monitoring.watchdog.observation import Answer, Observation, SeenEntry, SeenPosition
from monitoring.watchdog.state import Phase, State

GUARDING_LOOKS = 6  # how much rarer all orders are looked at while the account is flat and the node away


class _Beat(msgspec.Struct):
    ts_ns: int


class Sight:
    """Look at node and venue.

    Parameters
    ----------
    full_look_ns : int
        Between two looks at the orders of all instruments.
    """

    def __init__(self, client: BinanceUsdm, heartbeat_file: Path, *, full_look_ns: int, max_stop_frac: float) -> None:
        self._client = client
        self._heartbeat_file = heartbeat_file
        self._full_look_ns = full_look_ns
        self._max_stop_frac = Decimal(repr(max_stop_frac))
        self._last_full_ns = 0
        self._last_phase = Phase.WATCHING
        self._instruments: dict[str, Instrument] = {}

    def look(self, state: State, answers: Sequence[Answer]) -> Observation:
        """Return what is seen now; ``answers`` are those that were heard before."""
        beat_ns = self._beat_ns()
        positions: list[Position] | None = None
        orders: tuple[list[Order], list[AlgoOrder]] | None = None
        trouble = ""
        is_full = self._is_full(state.phase)
        try:
            positions = self._client.positions(urgent=True)
            orders = self._all_orders() if is_full else self._orders_of(positions, state.phase)
            if is_full:
                self._last_full_ns, self._last_phase = time.monotonic_ns(), state.phase
        except VenueError as error:
            trouble = str(error)
        if positions is not None and orders is None and state.phase is not Phase.CLEARING:
            positions = None  # without the stops nothing can be said; a close needs the position alone
        return Observation(
            now_ns=time.time_ns(),
            beat_ns=beat_ns,
            positions=None if positions is None else tuple(self._seen(one, orders) for one in positions),
            entries=_entries(*orders) if orders is not None and is_full else None,
            answers=tuple(answers),
            trouble=trouble,
        )

    def _is_full(self, phase: Phase) -> bool:
        """Return whether the orders of all instruments are due: at once when a phase begins, then now and then."""
        if phase is Phase.WATCHING:
            self._last_phase = phase
            return False
        every_ns = self._full_look_ns * (GUARDING_LOOKS if phase is Phase.GUARDING else 1)
        return phase is not self._last_phase or time.monotonic_ns() - self._last_full_ns >= every_ns

    def _all_orders(self) -> tuple[list[Order], list[AlgoOrder]]:
        return self._client.open_orders(urgent=True), self._client.open_algo_orders(urgent=True)

    def _orders_of(self, positions: Sequence[Position], phase: Phase) -> tuple[list[Order], list[AlgoOrder]] | None:
        """Return the orders that may protect the positions; while clearing nobody needs to know."""
        if phase is Phase.CLEARING:
            return None
        orders: list[Order] = []
        algo_orders: list[AlgoOrder] = []
        for position in positions:
            algo_orders += self._client.open_algo_orders(position.symbol, urgent=True)
            orders += self._client.open_orders(position.symbol, urgent=True)
        return orders, algo_orders

    def _seen(self, position: Position, orders: tuple[list[Order], list[AlgoOrder]] | None) -> SeenPosition:
        bare = None
        if orders is not None:
            picture = account_picture([position], *orders)
            bare = uncovered(picture.positions[0], picture.orders, self._max_stop_frac)
        return SeenPosition(position.symbol, position.quantity, bare, self._max_close(position.symbol))

    def _max_close(self, symbol: str) -> Decimal:
        """Return the venue's largest market order; unknown is no bound: the venue then refuses, and it is told."""
        if symbol not in self._instruments:
            try:
                self._instruments = self._client.exchange_info()
            except VenueError:
                return Decimal(0)
        found = self._instruments.get(symbol)
        return found.max_market_quantity if found is not None else Decimal(0)

    def _beat_ns(self) -> int:
        try:
            return msgspec.json.decode(self._heartbeat_file.read_bytes(), type=_Beat).ts_ns
        except (OSError, msgspec.DecodeError):
            return 0  # no sign of life is what it is


def _entries(orders: Sequence[Order], algo_orders: Sequence[AlgoOrder]) -> tuple[SeenEntry, ...]:
    plain = [
        SeenEntry(order.symbol, order.client_order_id)
        for order in orders
        if not (order.reduce_only or order.close_position)
    ]
    conditional = [
        SeenEntry(order.symbol, order.client_algo_id, conditional=True)
        for order in algo_orders
        if not (order.reduce_only or order.close_position)
    ]
    return (*plain, *conditional)
