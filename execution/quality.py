"""How well orders that take what they get are filled (Spec 7.2, D28)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from execution.costs import expected_fill_slippage
from execution.trade import Leg, Trade
from risk.messages import FillQuality, Market

TAKERS = (Leg.STOP, Leg.BACKSTOP, Leg.MARKET)


class QualityMeter:
    """Compare what such an order paid with what was to be expected.

    Limits that rest at their price cannot slip: they are not measured, and do not interrupt a row of alerts.

    Parameters
    ----------
    markets : mapping of instrument id to Market
    spread_frac : callable
        Bid-ask spread of an instrument as a fraction of price; a back-test's slippage assumption stands for half of it.
    met_price : callable
        Price that an order met when it could first trade; NaN when nobody noted it. A stop meets the price at which it
        triggers, or, jumped, the first one beyond: the jump is not slippage, and is told by ALERT_STOP_UNFILLED.
    """

    def __init__(
        self,
        markets: Mapping[str, Market],
        *,
        spread_frac: Callable[[str], float],
        met_price: Callable[[str], float],
    ) -> None:
        self._markets = markets
        self._spread_frac = spread_frac
        self._met_price = met_price

    def measure(self, trade: Trade, leg: Leg, order: Any, hoped_px: float, ts_ns: int) -> FillQuality | None:
        """Return the quality of an order that is filled whole; None for one that cannot slip."""
        if leg not in TAKERS and not (leg is Leg.ENTRY and order.order_type.name == "MARKET"):
            return None
        order_id = str(order.client_order_id)
        met = self._met_price(order_id)
        reference = met if met > 0.0 else hoped_px
        if not reference > 0.0:
            return None
        side = trade.plan.side if leg is Leg.ENTRY else -trade.plan.side
        return FillQuality(
            ts_ns=ts_ns,
            order_id=order_id,
            instrument_id=trade.plan.instrument_id,
            expected_frac=self._expected(trade, float(order.filled_qty), reference),
            actual_frac=side * (float(order.avg_px) - reference) / reference,
        )

    def _expected(self, trade: Trade, quantity: float, price: float) -> float:
        market = self._markets[trade.plan.instrument_id]
        volume = trade.plan.average_daily_volume if market.real_volume else math.nan
        spread = self._spread_frac(trade.plan.instrument_id)
        return float(expected_fill_slippage(spread, quantity, volume, market.impact, market.tick, price))
