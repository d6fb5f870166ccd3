"""A venue account at one moment, in the venue's own exact numbers."""

from decimal import Decimal

import msgspec

from execution.leg import Leg


class VenuePosition(msgspec.Struct, frozen=True, kw_only=True):
    """An open position.

    Attributes
    ----------
    quantity : Decimal
        Base units, negative for a short; never 0.
    entry_px, mark_px : Decimal
        Quote units; ``mark_px`` 0 when the venue does not say.
    """

    instrument_id: str
    quantity: Decimal
    entry_px: Decimal
    mark_px: Decimal

    @property
    def side(self) -> int:
        """Return +1 for a long, -1 for a short."""
        return 1 if self.quantity > 0 else -1


class VenueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that may still fill.

    Attributes
    ----------
    venue_name : str
        Its client order id as the venue has it; with ``conditional`` what a cancel names.
    trade_id, leg, count : str, Leg or None, int
        Of our own orders; empty, None and 0 for anybody else's.
    side : int
        +1 buys, -1 sells.
    quantity : Decimal
        What may still fill; 0 with ``close_position``.
    trigger_px : Decimal
        Of a stop that waits for it, else 0.
    conditional : bool
        Kept by the venue apart from the matching engine.
    """

    instrument_id: str
    venue_name: str
    side: int
    quantity: Decimal
    trade_id: str = ""
    leg: Leg | None = None
    count: int = 0
    is_stop: bool = False
    trigger_px: Decimal = Decimal(0)
    reduce_only: bool = False
    close_position: bool = False
    conditional: bool = False

    @property
    def is_exit(self) -> bool:
        """Return whether it can only make a position smaller."""
        return self.reduce_only or self.close_position


class AccountPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is open. ``hedge_mode``: the venue keeps long and short of an instrument apart."""

    positions: tuple[VenuePosition, ...]
    orders: tuple[VenueOrder, ...]
    hedge_mode: bool = False

    def orders_of(self, instrument_id: str) -> tuple[VenueOrder, ...]:
        """Return the orders of one instrument."""
        return tuple(order for order in self.orders if order.instrument_id == instrument_id)
