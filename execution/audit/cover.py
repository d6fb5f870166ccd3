"""How much of a position the resting stops would close (Spec 5.1)."""

from collections.abc import Iterable
from decimal import Decimal

from execution.audit.picture import VenueOrder, VenuePosition

MAX_STOP_FRAC = Decimal("0.5")  # a stop further from the market than this protects nothing


def covers(order: VenueOrder, position: VenuePosition, max_stop_frac: Decimal = MAX_STOP_FRAC) -> bool:
    """Return whether an order is a stop of this position: it waits, only reduces, and is not absurdly far away.

    A stop that has triggered waits for nothing: it is a limit order, and may be left behind by the market (D15).
    """
    if order.instrument_id != position.instrument_id or order.side == position.side:
        return False
    if not (order.is_stop and order.is_exit and order.trigger_px > 0):
        return False
    market = position.mark_px or position.entry_px
    return position.side * (market - order.trigger_px) <= max_stop_frac * market


def uncovered(position: VenuePosition, orders: Iterable[VenueOrder], max_stop_frac: Decimal = MAX_STOP_FRAC) -> Decimal:
    """Return the quantity that no resting stop would close, never negative.

    >>> position = VenuePosition(instrument_id="X", quantity=Decimal(3), entry_px=Decimal(100), mark_px=Decimal(101))
    >>> stop = VenueOrder(instrument_id="X", venue_name="a", side=-1, quantity=Decimal(2), is_stop=True,
    ...                   trigger_px=Decimal(95), reduce_only=True)
    >>> uncovered(position, [stop])
    Decimal('1')
    """
    stops = [order for order in orders if covers(order, position, max_stop_frac)]
    if any(order.close_position for order in stops):
        return Decimal(0)
    held = sum((order.quantity for order in stops), Decimal(0))
    return max(Decimal(0), abs(position.quantity) - held)
