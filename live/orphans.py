"""Orders that rest at the venue although the engine takes them for gone, or their trade is over: cancelled there.

Seen: a cancel whose answer was lost is told as done by the engine after three look-ups that found nothing; the stop
still rested, and would have opened a new position.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nautilus_trader.model import ClientOrderId

from adapters.binance.names import WIRE_PREFIX
from adapters.binance.usdm import BinanceUsdm
from execution.orders import is_open, leg_of
from live.errands import Errands
from live.history import symbol_of

TIMES = 2  # seen open there and gone here
LINGER = 12  # looks after a trade has ended

type Tell = Callable[[str, str, str, str], None]  # name, severity, details, instrument


class Orphans:
    """Compare the venue's open orders with ours, for instruments that have a trade or had one a moment ago.

    Parameters
    ----------
    client : BinanceUsdm
        Used by the errands' thread alone.
    order : callable
        The engine's order of an id; None when it has none.
    trades : callable
        Trades that are not over, by id.
    """

    def __init__(
        self,
        client: BinanceUsdm,
        *,
        errands: Errands,
        order: Callable[[ClientOrderId], Any],
        trades: Callable[[], Mapping[str, str]],
        tell: Tell,
    ) -> None:
        self._client = client
        self._errands = errands
        self._order = order
        self._trades = trades
        self._tell = tell
        self._looks: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def note(self, name: str) -> None:
        """Take that an instrument has a trade, or had one: it may be over before the next look."""
        self._looks[name] = LINGER

    def look(self) -> None:
        """Ask what is open, for the instruments concerned."""
        for name in set(self._trades().values()):
            self.note(name)
        for name, left in list(self._looks.items()):
            self._looks[name] = left - 1
            if left <= 1:
                del self._looks[name]
            self._errands.send(partial(self._open_ids, name), partial(self._take, name))

    def _open_ids(self, name: str) -> list[tuple[str, bool]]:
        """Return the ids of our open orders and whether each is conditional; in the errands' thread."""
        symbol = symbol_of(name)
        plain = [(order.client_order_id, False) for order in self._client.open_orders(symbol)]
        return plain + [(order.client_algo_id, True) for order in self._client.open_algo_orders(symbol)]

    def _take(self, name: str, found: list[tuple[str, bool]] | None) -> None:
        if found is None:
            return
        trades, seen = self._trades(), {}
        for wire, conditional in found:
            order_id = wire.removeprefix(WIRE_PREFIX)
            link = leg_of(order_id)
            if not wire.startswith(WIRE_PREFIX) or link is None:
                continue
            if link[0] in trades and is_open(self._order(ClientOrderId(order_id))):
                continue
            seen[wire] = self._seen.get(wire, 0) + 1
            if seen[wire] >= TIMES:
                self._cancel(name, wire, conditional=conditional)
        self._seen = {wire: count for wire, count in self._seen.items() if symbol_of(name) not in wire} | seen

    def _cancel(self, name: str, wire: str, *, conditional: bool) -> None:
        self._tell("ORPHAN_ORDER", "WARNING", f"{wire} rests at the venue, nobody wants it: cancelled there", name)
        symbol = symbol_of(name)

        def cancel() -> None:
            if conditional:
                self._client.cancel_algo_order(wire)
            else:
                self._client.cancel_order(symbol, wire)

        self._errands.send(cancel, lambda _found: None)
