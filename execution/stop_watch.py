"""Stops that triggered and did not fill, and stops that the market jumped (D15)."""

from collections.abc import Callable
from typing import Any

from nautilus_trader.model import OrderStatus

from execution.alarms import Alarms
from execution.schedule import NS
from execution.trade import Trade

type Act = Callable[[Trade, str], None]


class StopWatch:
    """Watch the stops of one desk, each by the plan of its trade.

    Parameters
    ----------
    find : callable
        A trade that is not over, by id; None when there is none.
    now_ns : callable
    alert : callable
        Says ALERT_STOP_UNFILLED with its details.
    close : callable
        Ends a trade at market.
    """

    def __init__(
        self,
        *,
        alarms: Alarms,
        find: Callable[[str], Trade | None],
        now_ns: Callable[[], int],
        alert: Act,
        close: Callable[[Trade], None],
    ) -> None:
        self._alarms = alarms
        self._find = find
        self._now_ns = now_ns
        self._alert = alert
        self._close = close
        self._jumped: set[str] = set()

    def on_triggered(self, trade_id: str) -> None:
        """Give a triggered stop-limit 15 s to fill."""
        trade = self._find(trade_id)
        if trade is not None and not self._alarms.is_set(trade_id, "unfilled"):
            at_ns = self._now_ns() + trade.plan.exits.stop_unfilled_secs * NS
            self._alarms.set(trade_id, "unfilled", at_ns, self._on_unfilled)

    def look(self, trade: Trade, order: Any, price: float) -> None:
        """Act on a stop-limit that has triggered and not filled: at once when far through its limit."""
        if order is None or order.status != OrderStatus.TRIGGERED:
            return
        limit = float(order.price)
        if trade.plan.side * (limit - price) > trade.plan.exits.stop_unfilled_frac * limit:
            self._on_unfilled(trade.plan.trade_id)
        else:
            self.on_triggered(trade.plan.trade_id)

    def watch(self, trade: Trade, price: float, *, rests: bool = True) -> None:
        """Look at the market instead of the order: live, not every venue tells that a stop has triggered.

        Beyond the limit of a stop-limit there is nothing that could fill it. Back within it, it fills by itself. A stop
        that is not known to rest is watched here: a breach closes at market (Spec 5.1).
        """
        trade_id, side, exits = trade.plan.trade_id, trade.plan.side, trade.plan.exits
        if not rests and side * (trade.stop - price) >= 0.0:
            self._alert(trade, f"stop at {trade.stop} does not rest at the venue and was reached")
            self._close(trade)
            return
        limit = trade.stop * (1.0 - side * exits.stop_limit_offset_frac)
        beyond = side * (limit - price)
        if beyond > exits.stop_unfilled_frac * limit:
            self._on_unfilled(trade_id)
        elif beyond > 0.0:
            self.on_triggered(trade_id)
        elif beyond <= 0.0:
            self._alarms.silence(trade_id, "unfilled")

    def on_filled(self, trade: Trade, price: float) -> None:
        """Say, once a trade, when a stop filled beyond what a stop-limit would have allowed: the market jumped it."""
        trade_id = trade.plan.trade_id
        beyond = trade.plan.side * (trade.stop - price) / trade.stop
        if beyond > trade.plan.exits.stop_limit_offset_frac * (1.0 + 1e-9) and trade_id not in self._jumped:
            self._jumped.add(trade_id)
            self._alert(trade, f"stop at {trade.stop} was jumped, closed at {price}")

    def forget(self, trade_id: str) -> None:
        """Forget a trade that is over."""
        self._jumped.discard(trade_id)

    def _on_unfilled(self, trade_id: str) -> None:
        trade = self._find(trade_id)
        if trade is not None and trade.remaining > 0.0:
            self._alert(trade, f"stop-limit at {trade.stop} was jumped")
            self._close(trade)
